"""What higher floors read of the ledger: chains, flows, in transit, statements, the trial balance. Amounts in fen.

Two calibres of a year: `chains` goes by the budget year of the fund (plan year), `flows` by the booking date (payment
year). They differ wherever money is carried over; a published figure says which it is (requirements §4.14).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import ExtractMonth, ExtractYear

from yulan.engines.funds.models import Balance, BudgetLine, Entry
from yulan.engines.funds.rules import Chain
from yulan.kernel.money import MoneyField
from yulan.kernel.period import Period, today

Called = Callable[[Collection[str]], Mapping[str, tuple[str, str]]]
_callers: list[Called] = []


def call_projects_with(caller: Called) -> None:
    """Let a higher floor say what projects are called and where their pages are: codes → {code: (name, address)}."""
    _callers.append(caller)


def projects_called(codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Give code → (name, address of the page) of the projects that a higher floor knows."""
    return {code: found for caller in _callers for code, found in caller(codes).items()}


BY_LINE = {
    "line": "line__code",
    "region": "line__region",
    "programme": "line__programme",
    "fund": "line__fund__code",
    "year": "line__fund__year",
    "source": "line__fund__source",
    "owner": "line__fund__owner__code",
}
"""What can be grouped and filtered by, besides "project" → its path from an account."""

BOOKS = {
    "giver": ("treasury", "allocated"),
    "recipient": ("special", "requested", "held", "carried"),
}
"""The two cash books: kinds of account that are one pot of money to their holder."""


def _path(name: str, account: str) -> str:
    return "project" if name == "project" else f"{account}__{BY_LINE[name]}"


def _filtered(rows: QuerySet[Any], account: str, only: dict[str, Any]) -> QuerySet[Any]:
    """Keep rows whose groups are as asked: one value, or any of a collection."""
    for name, value in only.items():
        path = _path(name, account)
        many = isinstance(value, Collection) and not isinstance(value, str)
        rows = rows.filter(**{f"{path}__in" if many else path: list(value) if many else value})
    return rows


def chains(*by: str, **only: Any) -> dict[tuple[Any, ...], Chain]:
    """Give how far money has come, by "project" or what BY_LINE names, in one query.

    chains("region", "year") → {("542300", 2005): Chain}; chains("project", project=codes); chains(year=2005) → {(): …}.
    """
    rows = _filtered(Balance.objects.all(), "account", only)
    groups = [_path(name, "account") for name in by]
    summed = rows.values_list(*groups, "account__kind").annotate(Sum("amount")).order_by()
    found: dict[tuple[Any, ...], dict[str, int]] = {}
    for *place, kind, amount in summed:
        found.setdefault(tuple(place), {})[kind] = int(amount)
    return {place: Chain(balances) for place, balances in found.items()}


def chain_of(project: str) -> Chain:
    """Give how far one project's money has come; an empty chain when it has none."""
    return chains(project=project).get((), Chain({}))


def flows(kind: str, *by: str, period: Period | None = None, **only: Any) -> dict[tuple[Any, ...], int]:
    """Give what was booked as `kind`, less its reversals, by groups of `chains` and "booked" (year), "month".

    flows("pay", "region", "booked") → {("542300", 2005): fen}: where the money went, by region and year of payment.
    """
    rows = _filtered(Entry.objects.filter(Q(kind=kind) | Q(reverse_of__kind=kind)), "source", only)
    if period:
        rows = rows.filter(date__range=(period.start, period.end))
    rows = rows.annotate(booked=ExtractYear("date"), month=ExtractMonth("date"))
    groups = [name if name in ("booked", "month") else _path(name, "source") for name in by]
    signed = Case(When(kind="reverse", then=-F("amount")), default=F("amount"), output_field=MoneyField(signed=True))
    if not by:
        return {(): int(rows.aggregate(total=Sum(signed))["total"] or 0)}
    summed = rows.values_list(*groups).annotate(total=Sum(signed)).order_by()
    return {tuple(place): int(amount) for *place, amount in summed}


def trial_balance() -> dict[str, int]:
    """Give what lies on each kind of account; all together are 0 (FR12)."""
    summed = Balance.objects.values_list("account__kind").annotate(Sum("amount")).order_by("account__kind")
    return {kind: int(amount) for kind, amount in summed}


@dataclass(frozen=True, slots=True)
class InTransit:
    """Money that left the giver and has not arrived: the unmatched list. `age` in days; `amount` still open."""

    entry: int
    sent_on: date
    age: int
    project: str
    line: str
    region: str
    doc_no: str
    disbursement: int | None
    amount: int


_IN_TRANSIT = """
WITH moves AS (
  SELECT e.id, e.kind, e.date, e.project, e.amount, e.doc_no, e.disbursement_id, l.code AS line, l.region,
         CASE WHEN e.target = a.code THEN e.amount ELSE -e.amount END AS change,
         COALESCE(e.disbursement_id, 0) AS part
    FROM funds_account a
    JOIN funds_budgetline l ON l.id = a.line_id
    JOIN funds_entry e ON e.source = a.code OR e.target = a.code
   WHERE a.kind = 'transit' AND e.date <= %s {narrowed}),
missing AS (
  SELECT line, project, part, SUM(change) AS amount FROM moves GROUP BY line, project, part HAVING SUM(change) > 0),
sent AS (
  SELECT m.*, SUM(m.amount) OVER (PARTITION BY m.line, m.project, m.part ORDER BY m.date DESC, m.id DESC) AS so_far
    FROM moves m
   WHERE m.kind = 'instruct' AND NOT EXISTS (SELECT 1 FROM funds_entry r WHERE r.reverse_of_id = m.id AND r.date <= %s))
SELECT s.id, s.date, s.project, s.line, s.region, s.doc_no, s.disbursement_id,
       CASE WHEN s.so_far <= n.amount THEN s.amount ELSE s.amount - (s.so_far - n.amount) END
  FROM sent s JOIN missing n ON n.line = s.line AND n.project = s.project AND n.part = s.part
 WHERE s.so_far - s.amount < n.amount
 ORDER BY s.date, s.id
"""
_NOW = (
    "AND EXISTS (SELECT 1 FROM funds_balance b WHERE b.account_id = a.code AND b.project = e.project AND b.amount > 0)"
)


def in_transit(on: date | None = None) -> list[InTransit]:
    """Give what was in transit at the end of a day (default: now), oldest first, in one query.

    A receipt is matched with its own disbursement's transfer; without one, with the oldest of its line and project.
    """
    end = on or today()
    day = connection.ops.adapt_datefield_value(end)
    sql = _IN_TRANSIT.format(narrowed="" if end < today() else _NOW)
    with connection.cursor() as cursor:
        cursor.execute(sql, [day, day])
        rows = cursor.fetchall()
    return [
        InTransit(key, sent, (end - sent).days, project, line, region, doc_no, part, int(amount))
        for key, sent, project, line, region, doc_no, part, amount in map(_dated, rows)
    ]


def _dated(row: Sequence[Any]) -> Sequence[Any]:
    """SQLite gives a date of a raw query as text."""
    return row if isinstance(row[1], date) else (row[0], date.fromisoformat(row[1]), *row[2:])


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A row of the cash book (F8 资金台账): 日期, 凭证号, 摘要, 项目, 预算科目, 来源, 收, 支, 余额."""

    entry: int | None
    date: date
    number: int | None
    memo: str
    project: str
    subject: str
    source: str
    received: int
    spent: int
    balance: int


def statement(
    book: str, lines: Collection[BudgetLine], *, project: str = "", period: Period | None = None
) -> Iterator[StatementRow]:
    """Give the cash book of a side ("giver", "recipient") over budget lines, by date and voucher number.

    Moves inside the book (a request, a hold) are no cash and do not show. With a period the first row carries the
    balance forward.
    """
    kinds, lines = BOOKS[book], list(lines)
    taken = Q(target__kind__in=kinds, target__line__in=lines)
    given = Q(source__kind__in=kinds, source__line__in=lines)
    rows = Entry.objects.filter((taken & ~given) | (given & ~taken))
    rows = rows.annotate(change=Case(When(taken, then=F("amount")), default=-F("amount")))
    if project:
        rows = rows.filter(project=project)
    balance = 0
    if period:
        balance = int(rows.filter(date__lt=period.start).aggregate(total=Sum("change"))["total"] or 0)
        yield StatementRow(None, period.start, None, "", project, "", "", 0, 0, balance)
        rows = rows.filter(date__range=(period.start, period.end))
    columns = ["pk", "date", "seal__seq", "memo", "project"]
    columns += ["source__line__fund__subject", "source__line__fund__source", "change"]
    told = rows.order_by("date", "seal__seq").values_list(*columns).iterator(chunk_size=2000)
    for entry, day, number, memo, name, subject, source, change in told:
        balance += change
        received, spent = max(change, 0), max(-change, 0)
        yield StatementRow(entry, day, number, memo, name, subject, source, received, spent, balance)
