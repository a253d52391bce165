"""The money of every project, both sides: what was booked when, by whom, and how far each tranche has come. Pure.

A tranche is sent before the works need it and paid when they have come as far as it reaches; the anomalies of
`anomalies` are bent here. What lies after HORIZON has not happened.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from yulan.demo.places import HORIZON, SEED
from yulan.demo.sketches import Sketch
from yulan.engines.funds.rules import Posting

ORDER = ("budget", "allocate", "instruct", "receive", "hold", "recall", "carry", "recover", "request", "pay", "verify")
"""Kinds of entries in the order in which a year's are booked: the money is always there."""
REACHED = {
    "instruct": "INSTRUCTED", "receive": "RECEIVED", "hold": "HELD", "recall": "RECALLED", "carry": "CARRIED",
    "recover": "RECOVERED",
    "request": "REQUESTED", "pay": "PAID", "verify": "VERIFIED",
}  # fmt: skip
"""Kind of the last entry of a tranche → its state."""
BOOKED_YEAR = 2008
"""From this plan year on, tranches are kept as disbursements; before, only where money is still open."""


@dataclass(slots=True)
class Tranche:
    """A part of a project's money: its entries by kind, and the papers of its use."""

    number: int
    amount: int
    days: dict[str, date]
    payee: str = ""
    doc_no: str = ""
    invoice_no: str = ""
    contract_no: str = ""

    @property
    def last(self) -> str:
        """The kind of the last entry; "" when the money is only allocated."""
        return max(self.days, key=lambda kind: (self.days[kind], ORDER.index(kind)), default="")

    @property
    def reached(self) -> str:
        """The state of its disbursement on HORIZON."""
        return REACHED.get(self.last, "ALLOCATED")

    @property
    def is_settled(self) -> bool:
        """True when nothing of it is on the way."""
        return self.last in ("verify", "recall", "recover")


def demo_no(kind: str, year: int, number: int) -> str:
    """Write a document number that no office has: 演示拨〔2009〕12号."""
    return f"演示{kind}〔{year}〕{number}号"


def tranches_of(sketches: tuple[Sketch, ...], builders: list[str]) -> dict[str, list[Tranche]]:
    """Give the tranches of every issued project, by its code."""
    rng, orders, invoices = Random(SEED + 1), count(1), count(1)  # noqa: S311
    found: dict[str, list[Tranche]] = {}
    for sketch in sketches:
        if not sketch.is_issued:
            continue
        found[sketch.code] = rows = list(_tranches(rng, sketch))
        for row in rows:
            if "instruct" in row.days:
                row.doc_no = demo_no("拨", row.days["instruct"].year, next(orders))
            if "request" in row.days:
                row.payee = f"{rng.choice(builders)}（演示）"
                row.invoice_no = f"演示票{next(invoices):08}"
                row.contract_no = f"{sketch.code}-HT{row.number:02}"
        if sketch.plant == "personal_payee":
            rows[0].payee = "云某个人账户（演示）"
    _double_invoices(sketches, found)
    return found


def _double_invoices(sketches: tuple[Sketch, ...], found: dict[str, list[Tranche]]) -> None:
    """Let every second project of the planted ones show the invoice of the one before."""
    bent = [found[one.code][0] for one in sketches if one.plant == "same_invoice"]
    for first, second in zip(bent[::2], bent[1::2], strict=True):
        second.invoice_no, second.payee = first.invoice_no, first.payee


def _tranches(rng: Random, one: Sketch) -> Iterator[Tranche]:
    """Draw the tranches; the rest that was not sent by HORIZON stays together as the last one."""
    left, number = one.aid, 0
    for part, share in enumerate(one.shares):
        last = part == len(one.shares) - 1
        amount = left if last else one.aid * share // 100 // 100_000 * 100_000
        days = {kind: day for kind, day in _steps(rng, one, part).items() if day <= HORIZON}
        number += 1
        if not days:
            break
        left -= amount
        made = Tranche(number, amount, days)
        if last and one.surplus:
            rest = _cut_surplus(made, one.surplus)
            yield Tranche(number + 1, rest, _gone_back(one, days))
        yield made
    if left:
        yield Tranche(number, left, {})


def _cut_surplus(made: Tranche, percent: int) -> int:
    """Take the surplus off a tranche; give how much."""
    surplus = made.amount * percent // 100 // 100_000 * 100_000
    made.amount -= surplus
    return surplus


def _gone_back(one: Sketch, days: dict[str, date]) -> dict[str, date]:
    """Give the way of a surplus: carried over for two budget years, then recovered."""
    kept = {kind: days[kind] for kind in ("instruct", "receive")}
    return kept | {"carry": date(days["receive"].year, 12, 31), "recover": date(one.year + 2, 3, 1)}


def _steps(rng: Random, one: Sketch, part: int) -> dict[str, date]:
    """Draw the days of one tranche on its usual way; what an anomaly or an early end leaves of it."""
    days = _usual(rng, one, part)
    last = part == len(one.shares) - 1
    if one.plant in ("idle", "idle_two"):
        return {kind: days[kind] for kind in ("instruct", "receive")} if part == 0 else {}
    if one.plant == "transit" and part == 1:
        return {"instruct": HORIZON - timedelta(rng.randint(75, 140))}
    if one.slow and part == 1:
        return {"instruct": HORIZON - timedelta(one.slow)}
    if one.plant == "late_receipt" and part == 1:
        delay = timedelta(rng.randint(70, 100))
        return {kind: day + delay * (kind != "instruct") for kind, day in days.items()}
    if one.plant == "carried" and last:
        return {"instruct": days["instruct"], "receive": days["receive"], "carry": date(one.year, 12, 31)}
    if "terminated" in one.days:
        end = one.days["terminated"]
        return {kind: days[kind] for kind in ("instruct", "receive")} | {
            "hold": end + timedelta(3),
            "recall": end + timedelta(20),
        }
    stop = one.days.get("suspended")
    if stop is None:
        return days
    if "request" not in days and part == 0 and one.lag % 2:
        days["hold"] = stop + timedelta(4)
    return days if days["instruct"] <= stop else {}


def _usual(rng: Random, one: Sketch, part: int) -> dict[str, date]:
    """Draw the days on which a tranche is sent, received, asked for, paid and verified."""
    if "started" not in one.days:
        return {"instruct": one.days["sent"], "receive": one.days["arrived"]}
    start, need = one.days["started"], one.need(part)
    days = {"instruct": one.days["sent"], "receive": one.days["arrived"]}
    if part:
        days["instruct"] = max(days["receive"], need - timedelta(rng.randint(30, 42)))
        days["receive"] = days["instruct"] + timedelta(rng.randint(5, 15))
    days["request"] = need + timedelta(rng.randint(3, 10))
    if one.plant == "paid_ahead":
        days = {kind: min(day, start + timedelta(12 + 4 * part)) for kind, day in days.items()}
        days["request"] = start + timedelta(25 + part)
    if one.days.get("suspended", need) < need:
        del days["request"]
        return days
    days["pay"] = days["request"] + timedelta(rng.randint(4, 14))
    days["verify"] = days["pay"] + timedelta(rng.randint(12, 35))
    return days


def postings_of(one: Sketch, tranches: list[Tranche]) -> Iterator[Posting]:
    """Give the entries of one project; the budget of its line is booked apart."""
    issued = one.days["issued"]
    doc_no = issue_no(one)
    yield Posting("allocate", one.line, one.aid, issued, f"issue:{one.code}", one.code, one.name, doc_no)
    for row in tranches:
        for kind, day in row.days.items():
            used = kind in ("request", "pay", "verify")
            yield Posting(
                kind, one.line, row.amount, day, f"{one.code}-{row.number:02}:{kind}", one.code,
                f"{one.name} 第{row.number}批", row.doc_no, row.payee if used else "",
            )  # fmt: skip


def issue_no(one: Sketch) -> str:
    """Give the number of the document by which a project's plan was issued: one for an area, year and month."""
    issued = one.days["issued"]
    return demo_no("", issued.year, issued.month * 10 + sum(map(ord, one.area.code)) % 10)
