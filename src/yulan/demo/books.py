"""Funds, budget lines and the ledger of ten years, posted through the ledger's own door; disbursements beside it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby

from yulan.demo.journeys import SCENES
from yulan.demo.money import BOOKED_YEAR, ORDER, Tranche, demo_no, postings_of
from yulan.demo.places import AREA, AREAS, NINTH, Area
from yulan.demo.rows import moment
from yulan.demo.sketches import Sketch
from yulan.engines.funds.ledger import close_books, open_accounts, post_many
from yulan.engines.funds.models import BudgetLine, Disbursement, Fund
from yulan.engines.funds.rules import Posting
from yulan.kernel.access import Actor
from yulan.kernel.money import fen
from yulan.kernel.trail import change_set
from yulan.registry.parties.models import Organisation

RESERVE = 108
"""Approved budget in per cent of what projects ask of a line, from 2006 on; before, it was given out to the last."""
TEN_THOUSAND = 1_000_000
CLOSED_UNTIL = date(2008, 12, 31)
GIVERS = {
    "budget": "finance-2",
    "allocate": "officer",
    "instruct": "finance",
    "hold": "finance",
    "recall": "finance",
    "recover": "finance",
}
"""Whose task on the giver's side a kind of entry is."""
Part = tuple[int, str, str]
"""Plan year, fund (MUN, POOL or a district), area."""


def open_funds(sketches: Iterable[Sketch], offices: Mapping[str, Organisation], *, by: Actor) -> dict[str, BudgetLine]:
    """Open every fund and line that a project asks of, with its budget; give the lines by code."""
    asked: dict[Part, int] = defaultdict(int)
    sources: dict[tuple[int, str], str] = {}
    for one in sketches:
        asked[one.year, one.fund, one.area.code] += one.aid
        sources[one.year, one.fund] = one.source
    for scene in SCENES:
        asked[scene.issued.year, scene.fund, scene.area] += fen(scene.aid)
    with change_set(by=by, reason="年度预算（演示）", channel="import") as cs:
        funds = {part: _fund(*part, source, offices) for part, source in sorted(sources.items())}
        cs.insert_many(Fund, [*funds.values()])
        lines = [
            _line(funds[year, fund], AREA[area], amount, offices)
            for (year, fund, area), amount in sorted(asked.items())
        ]
        cs.insert_many(BudgetLine, lines)
        open_accounts(lines, by=by)
    return {line.code: line for line in lines}


def _fund(year: int, fund: str, source: str, offices: Mapping[str, Organisation]) -> Fund:
    names = {"MUN": "对口支援专项资金（市级财政）", "POOL": "对口支援统筹资金（区级统筹）"}
    owner = offices["SH-FIN" if fund in names else f"SH-{fund}"]
    name = names.get(fund) or f"{owner.name_zh.removesuffix('合作交流办')}对口支援资金"
    giver = {"MUN": "the city", "POOL": "the districts, pooled"}.get(fund) or owner.name_en.rpartition(" of ")[2]
    opened = moment(date(year, 1, 15))
    return Fund(
        code=f"F{year}-{fund}", name_zh=f"{year}年{name}",
        name_en=f"Paired-assistance fund of {giver}, {year}", owner=owner, year=year, source=source,
        subject="219" if year >= 2007 else "", created_at=opened, changed_at=opened,
    )  # fmt: skip


def _line(fund: Fund, area: Area, asked: int, offices: Mapping[str, Organisation]) -> BudgetLine:
    amount = asked if fund.year in NINTH else -(-asked * RESERVE // 100 // TEN_THOUSAND) * TEN_THOUSAND
    on = date(fund.year, 1, 20)
    return BudgetLine(
        fund=fund, code=f"L{fund.code[1:]}-{area.code}", region=area.region, amount=amount, approved_on=on,
        programme="relief" if area.block == "YN" else "support", recipient=offices[area.treasury],
        doc_no=demo_no("预", fund.year, 1 + AREAS.index(area)), created_at=moment(on), changed_at=moment(on),
    )  # fmt: skip


def keep_books(
    sketches: Iterable[Sketch],
    tranches: Mapping[str, list[Tranche]],
    lines: Mapping[str, BudgetLine],
    cast: Mapping[str, Actor],
) -> int:
    """Post ten years of entries year by year, each by whose task it was; give how many. Books of old years close."""
    postings = [_budget(line) for line in lines.values()]
    held = _disbursements(sketches, tranches, lines, cast)
    areas = {one.code: one.area for one in sketches}
    for one in sketches:
        for posting in postings_of(one, tranches[one.code]) if one.is_issued else ():
            number = posting.key.removeprefix(f"{one.code}-")[:2] if posting.kind != "allocate" else "01"
            postings.append(replace(posting, disbursement=held.get(f"{one.code}-{number}")))
    postings.sort(key=lambda p: (_sitting(p, areas), p.on, p.key))
    for (_year, _kind, who), batch in groupby(postings, key=lambda p: _sitting(p, areas)):
        post_many(list(batch), by=cast[who])
    close_books(CLOSED_UNTIL, by=cast["finance-2"])
    return len(postings)


def _budget(line: BudgetLine) -> Posting:
    key = f"budget:{line.code}:{line.version}"
    return Posting("budget", line.code, line.amount, line.approved_on, key, memo=line.fund.name_zh, doc_no=line.doc_no)


def _sitting(posting: Posting, areas: Mapping[str, Area]) -> tuple[int, int, str]:
    """Give the year, kind and hand of an entry: what is posted together."""
    hand = _hand(posting.kind, areas[posting.project].slug if posting.project else "")
    return posting.on.year, ORDER.index(posting.kind), hand


def _hand(kind: str, slug: str) -> str:
    """Name whose task a kind of entry is."""
    if kind in GIVERS:
        return GIVERS[kind]
    role = {"request": "recipient", "verify": "field"}.get(kind, "finance")
    return f"{role}-{slug}"


def _disbursements(
    sketches: Iterable[Sketch],
    tranches: Mapping[str, list[Tranche]],
    lines: Mapping[str, BudgetLine],
    cast: Mapping[str, Actor],
) -> dict[str, int]:
    """Keep the tranches of recent years, and of older ones with open money, as disbursements; give code → id."""
    made = []
    for one in sketches:
        rows = tranches.get(one.code, [])
        if rows and (one.year >= BOOKED_YEAR or not all(row.is_settled for row in rows)):
            made += [_disbursement(one, row, lines[one.line]) for row in rows]
    with change_set(by=cast["officer"], reason="拨付台账（演示）", channel="import") as cs:
        return {row.code: row.pk for row in cs.insert_many(Disbursement, made)}


def _disbursement(one: Sketch, row: Tranche, line: BudgetLine) -> Disbursement:
    stamps = dict(_stamps(one, row))
    moved = max(row.days.values(), default=one.days["issued"])
    return Disbursement(
        code=f"{one.code}-{row.number:02}", project=one.code, tranche=row.number, line=line, amount=row.amount,
        status=row.reached, payee=row.payee, doc_no=row.doc_no, invoice_no=row.invoice_no,
        contract_no=row.contract_no, moved_on=moved, created_at=moment(one.days["issued"]), changed_at=moment(moved),
        **stamps,
    )  # fmt: skip


def _stamps(one: Sketch, row: Tranche) -> Iterator[tuple[str, str]]:
    yield from (("made_by", "officer"), ("allocated_by", "officer"))
    if row.days:
        yield "approved_by", "head"
    names = {"instruct": "instructed_by", "receive": "received_by", "request": "requested_by", "pay": "paid_by"}
    for kind, stamp in {**names, "verify": "verified_by"}.items():
        if kind in row.days:
            yield stamp, _hand(kind, one.area.slug)
