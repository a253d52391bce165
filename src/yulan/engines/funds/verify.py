"""What `yulan verify` checks of the ledger: each rule a function that gives the faults it finds."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.db import connection

from yulan.engines.funds.disbursement import MONEY_AT
from yulan.engines.funds.ledger import NAMES, sealed_text
from yulan.engines.funds.models import Entry, Seal
from yulan.kernel.trail import GENESIS, TrailEntry, link

MOST = 20
"""Faults of one kind that are told; the first ones say enough."""


def verify_ledger() -> list[str]:
    """Check all of the ledger; give the faults, none when it is whole."""
    return [fault for rule in RULES for fault in _first(rule())]


def _first(faults: Iterator[str]) -> Iterator[str]:
    for _count in range(MOST):
        fault = next(faults, None)
        if fault is None:
            return
        yield fault


def seals_fit() -> Iterator[str]:
    """Every entry is sealed once, the numbers have no gap, every hash follows from the entry and the one before."""
    previous, expected = GENESIS, 1
    names = [f"entry__{name}" for name in NAMES]
    rows = Seal.objects.order_by("seq").values_list("seq", "hash", "entry_id", *names)
    for seq, digest, key, *row in rows.iterator(chunk_size=2000):
        if seq != expected:
            yield f"ledger {expected}: missing; the next is {seq}"
        if link(previous, sealed_text(seq, key, tuple(row))) != digest:
            yield f"ledger {seq}: the hash does not fit"
        previous, expected = digest, seq + 1
    for key in Entry.objects.filter(seal=None).values_list("key", flat=True)[:MOST]:
        yield f"ledger: the entry {key} has no seal"


def trail_agrees() -> Iterator[str]:
    """The signed trail holds every seal, as it is."""
    kept: dict[int, str] = {}
    posted = TrailEntry.objects.filter(model="funds.entry", action="post").order_by("seq")
    for text in posted.values_list("body", flat=True).iterator(chunk_size=500):
        body = orjson.loads(text)
        if "rows" in body:
            kept.update(after for _key, _before, after in body["rows"])
        else:
            kept[body["after"]["seq"]] = body["after"]["hash"]
    for seq, digest in Seal.objects.order_by("seq").values_list("seq", "hash").iterator(chunk_size=2000):
        if kept.pop(seq, None) != digest:
            yield f"ledger {seq}: the trail holds no such seal"
    for seq in sorted(kept):
        yield f"ledger {seq}: the trail holds its seal, the ledger does not"


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


_SUMS = """
SELECT code, project, SUM(change) AS amount
  FROM (SELECT a.code, CASE WHEN a.by_project THEN e.project ELSE '' END AS project, -e.amount AS change
          FROM funds_entry e JOIN funds_account a ON a.code = e.source
         UNION ALL
        SELECT a.code, CASE WHEN a.by_project THEN e.project ELSE '' END, e.amount
          FROM funds_entry e JOIN funds_account a ON a.code = e.target) moved
 GROUP BY code, project
"""
_HELD = "SELECT account_id, project, amount FROM funds_balance"
_LOOSE = (
    "SELECT account_id FROM funds_balance b JOIN funds_account a ON a.code = b.account_id WHERE a.limited <> b.limited"
)


def balances_agree() -> Iterator[str]:
    """Every balance is the sum of its entries, in both directions, and kept under its account's limit."""
    sums = {(code, project): int(amount) for code, project, amount in _rows(_SUMS)}
    held = {(code, project): amount for code, project, amount in _rows(_HELD)}
    for place in sorted(sums.keys() | held.keys()):
        said, kept = sums.get(place, 0), held.get(place, 0)
        if said != kept:
            yield f"ledger: {' '.join(place).strip()} holds {kept} fen, its entries say {said}"
    for (code,) in _rows(_LOOSE):
        yield f"ledger: the balance of {code} is not limited as its account is"


def books_balance() -> Iterator[str]:
    """The trial balance is zero (FR12), and nothing but a source is below it."""
    ((total,),) = _rows("SELECT COALESCE(SUM(amount), 0) FROM funds_balance")
    if total:
        yield f"ledger: the trial balance is off by {total} fen"
    below = (
        "SELECT account_id, project, amount FROM funds_balance b JOIN funds_account a ON a.code = b.account_id "
        "WHERE a.limited AND amount < 0 ORDER BY 1, 2"
    )
    for code, project, amount in _rows(below):
        yield f"ledger: {code} {project} is at {amount} fen"


_MONEY = f"""
SELECT a.kind, l.code, m.project, SUM(m.change)
  FROM (SELECT source AS code, project, -amount AS change FROM funds_entry WHERE disbursement_id IS NOT NULL
         UNION ALL
        SELECT target, project, amount FROM funds_entry WHERE disbursement_id IS NOT NULL) m
  JOIN funds_account a ON a.code = m.code JOIN funds_budgetline l ON l.id = a.line_id
 WHERE a.kind IN ({", ".join(f"'{kind}'" for kind in sorted(set(MONEY_AT.values())))})
 GROUP BY a.kind, l.code, m.project HAVING SUM(m.change) <> 0
"""
_STATES = """
SELECT d.status, l.code, d.project, SUM(d.amount)
  FROM funds_disbursement d JOIN funds_budgetline l ON l.id = d.line_id GROUP BY 1, 2, 3
"""


def disbursements_agree() -> Iterator[str]:
    """The money of disbursements lies where their states say, by project and line."""
    ledger = {(kind, line, project): int(amount) for kind, line, project, amount in _rows(_MONEY)}
    states: dict[tuple[str, str, str], int] = {}
    for status, line, project, amount in _rows(_STATES):
        if kind := MONEY_AT.get(status):
            place = (kind, line, project)
            states[place] = states.get(place, 0) + int(amount)
    for place in sorted(ledger.keys() | states.keys()):
        said, kept = states.get(place, 0), ledger.get(place, 0)
        if said != kept:
            yield f"ledger: {' '.join(place)}: disbursements say {said} fen, their entries {kept}"


def dates_are_open() -> Iterator[str]:
    """No entry was booked on a day after the books of that day were closed."""
    late = "SELECT e.key FROM funds_entry e JOIN funds_closing c ON e.date <= c.until AND e.at > c.at ORDER BY 1"
    for (key,) in _rows(late):
        yield f"ledger: the entry {key} was booked into closed books"


RULES: tuple[Callable[[], Iterator[str]], ...] = (
    seals_fit,
    trail_agrees,
    balances_agree,
    books_balance,
    disbursements_agree,
    dates_are_open,
)
