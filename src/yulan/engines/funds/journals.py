"""The ledger as a journal for other programs: beancount (bean-check) and hledger, with balance assertions.

Each account becomes Equity:Appropriation:LINE, Assets:Treasury:LINE, …, Expenses:Verified:LINE. Amounts are in CNY with
two decimals. Asserted are the balances of the accounts that moved in a year at its end and, from the balances that the
database keeps, of all accounts at the end: the reader's program adds up the entries and must come to the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Protocol

from django.db.models import Max, Min, QuerySet, Sum

from yulan.engines.funds.models import Balance, Entry
from yulan.kernel.money import yuan

PLACES = {
    "appropriation": "Equity:Appropriation",
    "treasury": "Assets:Treasury",
    "allocated": "Assets:Allocated",
    "transit": "Assets:Transit",
    "special": "Assets:Special",
    "requested": "Assets:Requested",
    "held": "Assets:Held",
    "carried": "Assets:Carried",
    "payee": "Expenses:Paid",
    "verified": "Expenses:Verified",
    "recovered": "Assets:Recovered",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is written: accounts by their journal names, `amount` in fen."""

    seq: int
    date: date
    source: str
    target: str
    amount: int
    kind: str
    memo: str
    payee: str
    project: str
    doc_no: str


class Style(Protocol):
    """How one program writes a journal."""

    def head(self) -> str:
        """Give what stands at the top."""
        ...

    def account(self, name: str, since: date) -> str:
        """Declare an account."""
        ...

    def entry(self, line: Line) -> str:
        """Write an entry."""
        ...

    def assertion(self, name: str, on: date, amount: int) -> str:
        """Demand a balance at the end of a day."""
        ...


class Beancount:
    """https://beancount.github.io/docs/beancount_language_syntax.html."""

    def head(self) -> str:
        """Title, currency, and no tolerance: a fen is a fen."""
        options = {"title": "Yulan ledger", "operating_currency": "CNY", "tolerance_multiplier": "0"}
        return "".join(f'option "{name}" "{value}"\n' for name, value in options.items()) + "\n"

    def account(self, name: str, since: date) -> str:
        """Open directive."""
        return f"{since} open {name} CNY\n"

    def entry(self, line: Line) -> str:
        """Transaction with its voucher number, kind, project and document number as metadata."""
        facts = {"kind": line.kind, "project": line.project, "doc_no": line.doc_no}
        told = "".join(f"  {name}: {self._text(value)}\n" for name, value in facts.items() if value)
        return (
            f"\n{line.date} * {self._text(line.payee)} {self._text(line.memo)}\n  seq: {line.seq}\n{told}"
            f"  {line.source}  -{yuan(line.amount)} CNY\n  {line.target}  {yuan(line.amount)} CNY\n"
        )

    def assertion(self, name: str, on: date, amount: int) -> str:
        """Balance directive: beancount checks at the beginning of its day."""
        return f"{on + timedelta(1)} balance {name}  {yuan(amount)} ~ 0 CNY\n"

    def _text(self, text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Hledger:
    """https://hledger.org/hledger.html#journal."""

    _MARKS = str.maketrans(";|,", "；｜，")

    def head(self) -> str:
        """Commodity."""
        return "; Yulan ledger\ncommodity 1000.00 CNY\n\n"

    def account(self, name: str, since: date) -> str:
        """Account directive."""
        return f"account {name}\n"

    def entry(self, line: Line) -> str:
        """Transaction; what is a mark to hledger (; | ,) is written full-width in texts."""
        facts = {"kind": line.kind, "project": line.project, "doc_no": line.doc_no}
        told = ", ".join(f"{name}:{value.translate(self._MARKS)}" for name, value in facts.items() if value)
        payee, memo = line.payee.translate(self._MARKS), line.memo.translate(self._MARKS)
        return (
            f"\n{line.date} * ({line.seq}) {payee} | {memo}  ; {told}\n"
            f"    {line.source}  -{yuan(line.amount)} CNY\n    {line.target}  {yuan(line.amount)} CNY\n"
        )

    def assertion(self, name: str, on: date, amount: int) -> str:
        """Zero posting with a balance assertion."""
        return f"\n{on} * | Balance\n    {name}  0.00 CNY = {yuan(amount)} CNY\n"


FORMATS: dict[str, Style] = {"beancount": Beancount(), "hledger": Hledger()}


def export_journal(format: str, *, project: str | None = None, until: date | None = None) -> Iterator[str]:
    """Give the ledger, or one project's part of it, up to a day, as the lines of a journal.

    `format` is "beancount" or "hledger"; ValueError for another.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}: use one of {', '.join(FORMATS)}")
    style = FORMATS[format]
    entries = Entry.objects.all() if project is None else Entry.objects.filter(project=project)
    if until is not None:
        entries = entries.filter(date__lte=until)
    return _journal(style, entries, is_whole=project is None and until is None)


def _journal(style: Style, entries: QuerySet[Entry], *, is_whole: bool) -> Iterator[str]:
    yield style.head()
    span = entries.aggregate(first=Min("date"), last=Max("date"))
    if span["first"] is None:
        return
    names = _names(entries)
    for name in sorted(names.values()):
        yield style.account(name, span["first"])
    yield from _years(style, entries, names, span["last"].year)
    for code, amount in _kept() if is_whole else _ends(entries):
        yield style.assertion(names[code], span["last"], amount)


def _names(entries: QuerySet[Entry]) -> dict[str, str]:
    """Give each account a name that both programs take: letters, digits and hyphens, no two alike."""
    codes = set(entries.values_list("source__code", flat=True).distinct())
    codes |= set(entries.values_list("target__code", flat=True).distinct())
    found: dict[str, str] = {}
    taken: set[str] = set()
    for code in sorted(codes):
        kind, _colon, line = code.partition(":")
        plain = re.sub(r"[^A-Za-z0-9-]+", "-", line).strip("-").upper() or "LINE"
        name = f"{PLACES[kind]}:{plain}"
        while name in taken:
            name += "-X"
        taken.add(name)
        found[code] = name
    return found


def _years(style: Style, entries: QuerySet[Entry], names: dict[str, str], last: int) -> Iterator[str]:
    """Give the entries by date, and after each year but the last what its accounts then hold."""
    held = dict.fromkeys(names.values(), 0)
    for year, lines in groupby(_lines(entries, names), key=lambda line: line.date.year):
        moved: set[str] = set()
        for line in lines:
            yield style.entry(line)
            held[line.source] -= line.amount
            held[line.target] += line.amount
            moved |= {line.source, line.target}
        if year < last:
            for name in sorted(moved):
                yield style.assertion(name, date(year, 12, 31), held[name])


def _lines(entries: QuerySet[Entry], names: dict[str, str]) -> Iterator[Line]:
    columns = ["seal__seq", "date", "source_id", "target_id", *("amount", "kind", "memo", "payee", "project", "doc_no")]
    rows = entries.order_by("date", "seal__seq").values_list(*columns)
    for seq, day, source, target, *told in rows.iterator(chunk_size=2000):
        yield Line(seq, day, names[source], names[target], *told)


def _kept() -> list[tuple[str, int]]:
    """Give what each account holds by the balances the database keeps."""
    summed = Balance.objects.values_list("account_id").annotate(Sum("amount")).order_by("account_id")
    return [(code, int(amount)) for code, amount in summed]


def _ends(entries: QuerySet[Entry]) -> list[tuple[str, int]]:
    """Give what each account holds by a part of the entries."""
    ends: dict[str, int] = {}
    for side, sign in (("source_id", -1), ("target_id", 1)):
        for code, amount in entries.values_list(side).annotate(Sum("amount")).order_by():
            ends[code] = ends.get(code, 0) + sign * int(amount)
    return sorted(ends.items())
