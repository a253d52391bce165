"""Posting: the only way into the ledger. One statement writes an entry; the database moves the balances with it.

Safe under concurrency: an amount that is not there is refused by the database whoever comes second. The same key
with the same content gives back the first entry, whatever became of the first answer; with another content KeyReused.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections
from django.db.models import Max
from django.utils import timezone

from yulan.engines.funds.models import Account, Balance, BudgetLine, Closing, Entry, Seal
from yulan.engines.funds.rules import ACCOUNT_KINDS, Posting, account, faults, only_left
from yulan.kernel import bulk
from yulan.kernel.access import Actor, Refused
from yulan.kernel.idempotency import KeyReused
from yulan.kernel.period import today
from yulan.kernel.records import canonical
from yulan.kernel.text import _
from yulan.kernel.trail import BATCH, GENESIS, ChangeSet, change_set, link

NAMES = (
    "kind", "date", "source_id", "target_id", "project", "amount", "memo", "doc_no", "payee", "key",
    "reverse_of_id", "disbursement_id", "by", "at",
)  # fmt: skip
"""What an entry holds besides its id, in the order of the rows below and of the sealed text."""

_COLUMNS = ", ".join(f'"{Entry._meta.get_field(name).column}"' for name in NAMES)  # type: ignore[union-attr]
_INSERT = (
    f"INSERT INTO funds_entry ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(NAMES))}) "
    "ON CONFLICT (key) DO NOTHING RETURNING id"
)
Row = tuple[Any, ...]


class Short(Refused):
    """An account does not hold the amount; `left` is what it holds, in fen."""

    def __init__(self, left: int) -> None:
        super().__init__(only_left(left), status=409)
        self.left = left


def post(posting: Posting, *, by: Actor) -> Entry:
    """Post one entry. Raises Short, KeyReused, and Refused with every other reason."""
    demand(posting)
    with change_set(by=by, channel="ledger") as cs:
        return enter(cs, row_of(posting, by, timezone.now()))


def post_many(postings: Sequence[Posting], *, by: Actor) -> list[int]:
    """Post all or none; give their ids. Later entries may spend what earlier ones of the batch bring."""
    day = today()
    wrong = [f"{p.key}: {fault}" for p in postings for fault in faults(p, day)]
    if wrong:
        raise Refused(*wrong[:20], status=422)
    with change_set(by=by, channel="ledger") as cs:
        at = timezone.now()
        rows = [row_of(posting, by, at) for posting in postings]
        known = dict(_known([row[_KEY] for row in rows]))
        fresh = []
        for row in rows:
            first = known.setdefault(row[_KEY], (0, row))[1]
            if first is row:
                fresh.append(row)
            else:
                _demand_same(first, row)
        known.update((row[_KEY], (key, row)) for key, row in enter_many(cs, fresh))
        return [known[row[_KEY]][0] for row in rows]


def open_accounts(lines: Sequence[BudgetLine], *, by: Actor) -> None:
    """Give every budget line its accounts, one of each kind, where it has none."""
    with change_set(by=by, channel="ledger") as cs:
        opened = set(Account.objects.filter(line__in=lines).values_list("code", flat=True))
        rows = [
            (account(kind.name, line.code), kind.name, line.pk, kind.limited, kind.by_project)
            for line in lines
            for kind in ACCOUNT_KINDS.values()
            if account(kind.name, line.code) not in opened
        ]
        cs.insert_rows(Account, ("code", "kind", "line_id", "limited", "by_project"), rows)


def close_books(until: date, *, by: Actor) -> None:
    """Close all books up to and including a day. Nothing reopens them: what was wrong is reversed later."""
    if until >= today():
        raise Refused(str(_("Only days that have passed can be closed.")), status=409)
    with change_set(by=by, channel="ledger") as cs:
        _wait_for_postings()
        last = Closing.objects.values_list("until", flat=True).first()
        if last and until <= last:
            raise Refused(_closed(last), status=409)
        cs.insert_rows(Closing, ("until", "by", "at"), [(until, by.name, timezone.now())], action="close")


def _wait_for_postings() -> None:
    """Let what is being posted finish and nothing new begin until the closing is committed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE funds_entry IN SHARE ROW EXCLUSIVE MODE")


# Rows

_KEY, _SOURCE, _PROJECT = NAMES.index("key"), NAMES.index("source_id"), NAMES.index("project")
_SAME = slice(0, NAMES.index("by"))


def row_of(posting: Posting, by: Actor, at: datetime) -> Row:
    """Give the row of a posting, in the order of NAMES."""
    p = posting
    return (
        p.kind, p.on, p.source, p.target, p.project, p.amount, p.memo, p.doc_no, p.payee, p.key,
        None, p.disbursement, by.name, at,
    )  # fmt: skip


def mirror_of(entry: Entry, by: Actor, at: datetime, on: date, memo: str) -> Row:
    """Give the row of the entry that reverses another."""
    return (
        "reverse", on, entry.target_id, entry.source_id, entry.project, entry.amount, memo, entry.doc_no, entry.payee,
        f"reverse:{entry.pk}", entry.pk, entry.disbursement_id, by.name, at,
    )  # fmt: skip


def demand(posting: Posting) -> None:
    """Raise Refused with everything that is wrong with a posting by itself."""
    wrong = list(faults(posting, today()))
    if wrong:
        raise Refused(*wrong, status=422)


def enter(cs: ChangeSet, row: Row) -> Entry:
    """Write one row within a change set, or find the one already there under its key."""
    database = connections[DEFAULT_DB_ALIAS]  # once: `connection` looks it up at each use
    values = list(row)
    values[1] = database.ops.adapt_datefield_value(row[1])
    values[-1] = database.ops.adapt_datetimefield_value(row[-1])
    with database.cursor() as cursor:
        try:
            cursor.execute(_INSERT, values)
        except IntegrityError as error:
            raise _refusal(error, row) from error
        new = cursor.fetchone()
    if new is None:
        return _repeated(row)
    cs.note_at_end(Entry, new, "post", partial(_seal, [(new[0], row)]))
    return Entry.from_db(database.alias, ("id", *NAMES), (new[0], *row))


def enter_many(cs: ChangeSet, rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """Write rows whose keys are new; give each with its id."""
    ids = bulk.next_ids(Entry, len(rows))
    entered = list(zip(ids, rows, strict=True))
    try:
        bulk.insert_rows(Entry, ("id", *NAMES), [(key, *row) for key, row in entered])
    except IntegrityError as error:
        raise _refusal(error, rows[_entered(ids)]) from error
    for start in range(0, len(entered), BATCH):
        part = entered[start : start + BATCH]
        cs.note_at_end(Entry, [key for key, _row in part], "post", partial(_seal, part))
    return entered


def _entered(ids: Sequence[int]) -> int:
    """Count the rows of a batch that SQLite had taken when it refused the next; PostgreSQL takes all or none."""
    if connection.vendor == "postgresql":
        return 0
    last: int = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    return max(0, last - ids[0] + 1)


def sealed_text(seq: int, key: int, row: Row) -> str:
    """Give the canonical text of an entry that its seal is over."""
    text = dict(zip(NAMES, row, strict=True))
    return canonical({"seq": seq, "id": key, **text})


def _seal(entered: Sequence[tuple[int, Row]], cursor: Any) -> dict[str, Any]:
    """Number and chain entries, last thing before the commit; give what the trail keeps of it."""
    cursor.execute("SELECT seq, hash FROM funds_seal ORDER BY seq DESC LIMIT 1")
    seq, digest = cursor.fetchone() or (0, GENESIS)
    seals = []
    for key, row in entered:
        seq += 1
        digest = link(digest, sealed_text(seq, key, row))
        seals.append((seq, key, digest))
    if len(seals) == 1:
        cursor.execute("INSERT INTO funds_seal (seq, entry_id, hash) VALUES (%s, %s, %s)", seals[0])
        after = {"seq": seq, "hash": digest}
        return {"object": str(entered[0][0]), "key": entered[0][1][_KEY], "before": None, "after": after}
    bulk.insert_rows(Seal, ("seq", "entry_id", "hash"), seals)
    return {"fields": ["seq", "hash"], "rows": [[key, None, [seq, digest]] for seq, key, digest in seals]}


# What stands in the way


def _known(keys: Sequence[str]) -> Iterator[tuple[str, tuple[int, Row]]]:
    for start in range(0, len(keys), 900):
        found = Entry.objects.filter(key__in=keys[start : start + 900]).values_list("id", *NAMES)
        yield from ((row[1 + _KEY], (row[0], row[1:])) for row in found)


def _repeated(row: Row) -> Entry:
    first = Entry.objects.get(key=row[_KEY])
    _demand_same(tuple(getattr(first, name) for name in NAMES), row)
    return first


def _demand_same(first: Row, row: Row) -> None:
    if first[_SAME] != row[_SAME]:
        raise KeyReused(str(_("The key %(key)s was used for another entry; take a new one.") % {"key": row[_KEY]}))


def _closed(until: date) -> str:
    return str(_("The books are closed until %(day)s.") % {"day": until})


def _refusal(error: IntegrityError, row: Row) -> Exception:
    """Turn what the database says into the reason a person reads."""
    said = str(error)
    if "funds_balance_covered" in said:
        return Short(_left(said, row))
    if "funds_books_closed" in said:
        return Refused(str(_("The books of that day are closed.")), status=409)
    if "funds_account_unknown" in said:
        return Refused(str(_("The budget line has no accounts yet: open them first.")), status=409)
    return error


def _left(said: str, row: Row) -> int:
    """Find what the account holds: PostgreSQL says it, SQLite can still be asked."""
    told = re.search(r"left (-?\d+)", said)
    if told:
        return int(told[1])
    by_project = ACCOUNT_KINDS[row[_SOURCE].partition(":")[0]].by_project
    pot = Balance.objects.filter(account__code=row[_SOURCE], project=row[_PROJECT] if by_project else "")
    return pot.values_list("amount", flat=True).first() or 0
