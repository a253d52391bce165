r"""The trail: who changed what, when, in which change set, from what to what, and why.

`change_set` is the only way to write Records. All entries of one set are appended at its end, under one lock,
so that the sequence is the order of commits and has no gaps: the feed of events is a reading of the trail.

Every entry is a canonical JSON text (`body`) and hash = SHA-256(previous hash + newline + body), the first
previous hash being 64 zeros. The last entry of a set carries an Ed25519 signature of its head.

Export format (JSON lines, UTF-8), checked by tools/verify_trail.py without this package:
  {"kind": "yulan-trail", "version": 1, "public_key": hex}
  {"seq": 1, "body": "<text>", "hash": hex, "signature": hex or ""}          one line per entry, in order
  {"kind": "end", "first": n, "last": n, "head": hex, "at": ISO time, "signature": hex}
A head's signature is over "yulan-head\n<seq>\n<hash>", the end's over "yulan-end\n<first>\n<last>\n<head>\n<at>".
A body holds at least seq, set (the seq of its set's first entry), at, actor, channel, reason, model, action, and
either object, key, before, after or, for many rows at once, fields and rows: [[id, before or null, after]], and same:
{field: value} for the fields that are equal in all rows after.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.utils import timezone

from yulan.kernel import bulk, keys
from yulan.kernel.access import Actor
from yulan.kernel.append_only import Ordinal
from yulan.kernel.records import Record, canonical, recorded_fields, snapshot

GENESIS = "0" * 64
BATCH = 2000
"""Rows told of in one entry."""
MANY = 200
"""Rows of one entry above which the search index takes them later."""
BLOCK = 64
"""Ids that share one line of the look-up from records to entries of many rows, which mostly come in a run."""
PART = 2
"""Entries written at a time: of many rows each takes a megabyte or two."""
CHAIN_LOCK = 0x79756C616E  # "yulan": the one advisory lock of the trail on PostgreSQL

R = TypeVar("R", bound=Record)


class TrailEntry(models.Model):
    """One entry. `body` is what was hashed; the other columns repeat it for look-ups and are checked against it."""

    seq = Ordinal(primary_key=True)
    set_id = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    model = models.CharField(max_length=80)
    object_id = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    body = models.TextField()
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=128, blank=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["model", "object_id"], name="trail_object")]

    def __str__(self) -> str:
        return f"{self.seq} {self.model} {self.action}"


class TrailBlock(models.Model):
    """Which entries of many rows may tell of a record: those that touched its block of BLOCK neighbouring ids."""

    seq = models.BigIntegerField()
    model = models.CharField(max_length=80)
    block = models.BigIntegerField()

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["model", "block"], name="trail_block")]

    def __str__(self) -> str:
        return f"{self.seq} {self.model} {self.block}"


class Unindexed(models.Model):
    """Rows written many at a time that the search index has not taken yet: `ids` as a JSON list."""

    model = models.CharField(max_length=80)
    ids = models.TextField()

    class Meta:
        app_label = "kernel"

    def __str__(self) -> str:
        return f"{self.model} {self.ids[:40]}"


class TableVersion(models.Model):
    """The last trail entry that touched a table: what caches, ETags and counts are keyed by."""

    model = models.CharField(max_length=80, primary_key=True)
    seq = models.BigIntegerField()

    class Meta:
        app_label = "kernel"

    def __str__(self) -> str:
        return f"{self.model} {self.seq}"


class Stale(Exception):
    """The record was changed by someone else since it was read."""


@dataclass
class _Pending:
    model: type[models.Model]
    action: str
    object_id: str
    content: dict[str, Any] | Callable[[Any], dict[str, Any]]
    touched: Sequence[int] = ()


@dataclass
class ChangeSet:
    """Collects what is written; appended to the trail when the outermost set ends."""

    by: Actor
    reason: str = ""
    channel: str = "service"
    id: int | None = None
    _pending: list[_Pending] = field(default_factory=list)

    def create(self, obj: R, *, action: str = "create") -> R:
        """Validate and insert a record. Raises ValidationError."""
        obj.full_clean()
        obj.save(force_insert=True)
        self._add(obj, action, None, snapshot(obj))
        return obj

    def update(self, obj: R, *, action: str = "edit", **changes: Any) -> R:
        """Validate and write the named attributes if the record is as it was read; else raise Stale.

        Writes nothing when nothing differs, unless `action` says that something happened.
        """
        names = [_attname(obj, name) for name in changes]
        before = snapshot(obj, names)
        for name, value in changes.items():
            setattr(obj, name, value)
        obj.clean_fields(exclude=[f.name for f in obj._meta.concrete_fields if f.attname not in names])
        obj.clean()
        obj.validate_unique()
        obj.validate_constraints()
        after = snapshot(obj, names)
        changed = [name for name in names if before[name] != after[name]]
        if not changed and action == "edit":
            return obj
        self._write(obj, names)
        told = [name for name in changed if name in recorded_fields(type(obj))]
        self._add(obj, action, {n: before[n] for n in told}, {n: after[n] for n in told})
        return obj

    def _write(self, obj: Record, names: Sequence[str]) -> None:
        now = timezone.now()
        values = {name: getattr(obj, name) for name in names}
        rows = type(obj)._default_manager.filter(pk=obj.pk, version=obj.version)
        if not rows.update(**values, version=obj.version + 1, changed_at=now):
            raise Stale(str(obj))
        obj.version += 1
        obj.changed_at = now

    def remove(self, obj: Record) -> None:
        """Delete a record; the trail keeps what it was."""
        before = snapshot(obj)
        key = obj.pk
        obj.delete()
        obj.pk = key
        self._add(obj, "remove", before, None)

    def note(self, obj: models.Model, action: str, after: dict[str, Any] | None = None) -> None:
        """Record that something happened to a record without changing it (a look at a clear value, a refusal)."""
        self._add(obj, action, None, after or {})

    def note_at_end(
        self, model: type[models.Model], ids: Sequence[int], action: str, content: Callable[[Any], dict[str, Any]]
    ) -> None:
        """Record what happened to rows, in words made when the set ends and under the lock of the chain.

        For rooms that keep a chain of their own in the order of commits, as the ledger does; `content` gets a cursor,
        may write to its tables, and gives the body's part: object, key, before, after of one row, or fields and rows
        of many.
        """
        one = str(ids[0]) if len(ids) == 1 else ""
        self._pending.append(_Pending(model, action, one, content, () if one else ids))

    def insert_many(self, model: type[R], objects: Sequence[R], *, action: str = "create") -> Sequence[R]:
        """Insert validated objects; their ids are filled in."""
        names = [f.attname for f in model._meta.concrete_fields if f.attname != "id"]
        rows = [tuple(getattr(obj, name) for name in names) for obj in objects]
        for obj, key in zip(objects, self.insert_rows(model, names, rows, action=action), strict=True):
            obj.pk = key
            obj._state.adding = False
        return objects

    def insert_rows(
        self,
        model: type[models.Model],
        names: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        same: Mapping[str, Any] | None = None,
        action: str = "create",
    ) -> Sequence[int]:
        """Insert validated rows of column values, and of `same`, which are equal in all rows; give their ids."""
        ids = bulk.next_ids(model, len(rows))
        bulk.insert_rows(model, ["id", *names], [(key, *row) for key, row in zip(ids, rows, strict=True)], same)
        recorded = set(recorded_fields(model))
        kept = [i for i, name in enumerate(names) if name in recorded]
        fields = [names[i] for i in kept]
        if len(kept) == len(names):
            packed = [[key, None, row] for key, row in zip(ids, rows, strict=True)]
        else:
            packed = [[key, None, [row[i] for i in kept]] for key, row in zip(ids, rows, strict=True)]
        alike = {name: value for name, value in (same or {}).items() if name in recorded}
        self._add_batches(model, action, {"fields": fields} | ({"same": alike} if alike else {}), packed)
        return ids

    def update_rows(
        self,
        model: type[models.Model],
        names: Sequence[str],
        changes: Sequence[tuple[int, int, Sequence[Any], Sequence[Any]]],
        *,
        action: str = "edit",
    ) -> None:
        """Write validated rows: (id, version, values before, values after) each. Raises Stale when one moved."""
        done = bulk.update_rows(
            model, names, [after for _, _, _, after in changes], [c[:2] for c in changes], timezone.now()
        )
        if done != len(changes):
            raise Stale(model._meta.label)
        packed = [[key, list(before), list(after)] for key, _, before, after in changes]
        self._add_batches(model, action, {"fields": list(names)}, packed)

    def _add_batches(
        self, model: type[models.Model], action: str, common: dict[str, Any], packed: list[list[Any]]
    ) -> None:
        for start in range(0, len(packed), BATCH):
            part = packed[start : start + BATCH]
            content = common | {"rows": orjson.Fragment(canonical(part))}
            self._pending.append(_Pending(model, action, "", content, [row[0] for row in part]))

    def _add(self, obj: models.Model, action: str, before: object, after: object) -> None:
        content = {"object": str(obj.pk), "key": str(obj), "before": before, "after": after}
        self._pending.append(_Pending(type(obj), action, str(obj.pk), content))

    def flush(self) -> None:
        """Append what is pending to the trail, under the lock of the chain."""
        if not self._pending:
            return
        lock_chain()
        with connections[
            DEFAULT_DB_ALIAS
        ].cursor() as cursor:  # one for all of it, as every entry of the ledger ends here
            seq = self._append(cursor)
            _mark_versions(cursor, {item.model._meta.label_lower for item in self._pending}, seq)
        _index(self._pending)
        self._pending = []

    def _append(self, cursor: Any) -> int:
        """Write the entries; give the number of the last."""
        seq, previous = _head(cursor)
        self.id, at = seq + 1, timezone.now()
        kept_at = cursor.db.ops.adapt_datetimefield_value(at)
        common = {
            "set": self.id,
            "at": at,
            "actor": self.by.name,
            "channel": self.channel,
            "reason": self.reason,
        }
        rows: list[list[Any]] = []
        for item in self._pending:
            if len(rows) == PART:
                bulk.run(cursor, _INSERT, rows)
                rows = []
            seq += 1
            label = item.model._meta.label_lower
            content = item.content(cursor) if callable(item.content) else item.content
            body = canonical({**common, **content, "seq": seq, "model": label, "action": item.action})
            item.content = {}
            previous = link(previous, body)
            rows.append([seq, self.id, kept_at, self.by.name, label, item.object_id, item.action, body, previous, ""])
            blocks = [(seq, label, block) for block in sorted({key // BLOCK for key in item.touched})]
            bulk.insert_rows(TrailBlock, ("seq", "model", "block"), blocks)
        rows[-1][-1] = keys.sign(head_text(seq, previous))
        bulk.run(cursor, _INSERT, rows)
        return seq


def _attname(obj: models.Model, name: str) -> str:
    return str(obj._meta.get_field(name).attname)  # type: ignore[union-attr]


_COLUMNS = ("seq", "set_id", "at", "actor", "model", "object_id", "action", "body", "hash", "signature")
_INSERT = f"INSERT INTO kernel_trailentry ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
_current: ContextVar[ChangeSet | None] = ContextVar("change_set", default=None)
_writer = threading.RLock()


@contextmanager
def _writing() -> Iterator[None]:
    """Queue the threads of this process before SQLite does: its busy-wait starves them."""
    database = connections[DEFAULT_DB_ALIAS]  # once: `connection` looks it up at each use
    if database.vendor == "sqlite" and not database.in_atomic_block:
        with _writer, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield


@contextmanager
def change_set(*, by: Actor, reason: str = "", channel: str = "service") -> Iterator[ChangeSet]:
    """Open a change set: one transaction, one stretch of the trail. An inner set joins the outer one."""
    outer = _current.get()
    if outer is not None:
        mark = len(outer._pending)
        try:
            with transaction.atomic():
                yield outer
        except BaseException:
            del outer._pending[mark:]
            raise
        return
    with _writing():
        opened = ChangeSet(by, reason, channel)
        token = _current.set(opened)
        try:
            yield opened
            opened.flush()
        finally:
            _current.reset(token)


def in_change_set() -> bool:
    """Say whether a change set is open here."""
    return _current.get() is not None


def lock_chain() -> None:
    """Take the lock of the chain until the transaction ends (SQLite holds its own since BEGIN IMMEDIATE)."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def head() -> tuple[int, str]:
    """Give the sequence number and hash of the last entry; (0, GENESIS) before the first."""
    with connection.cursor() as cursor:
        return _head(cursor)


def _head(cursor: Any) -> tuple[int, str]:
    cursor.execute("SELECT seq, hash FROM kernel_trailentry ORDER BY seq DESC LIMIT 1")
    row = cursor.fetchone()
    return (row[0], row[1]) if row else (0, GENESIS)


def link(previous: str, body: str) -> str:
    """Give the hash of an entry."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def head_text(seq: int, digest: str) -> str:
    """Give the text that a head's signature is over."""
    return f"yulan-head\n{seq}\n{digest}"


def _mark_versions(cursor: Any, labels: set[str], seq: int) -> None:
    bulk.run(
        cursor,
        "INSERT INTO kernel_tableversion (model, seq) VALUES (%s, %s) "
        "ON CONFLICT (model) DO UPDATE SET seq = excluded.seq",
        [(label, seq) for label in sorted(labels)],
    )


def version_of(*models_: type[models.Model]) -> int:
    """Give the last trail entry that touched any of these tables (0: none)."""
    labels = [model._meta.label_lower for model in models_]
    marks = ", ".join(["%s"] * len(labels))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(seq) FROM kernel_tableversion WHERE model IN ({marks})", labels)
        row = cursor.fetchone()
    return row[0] or 0


Indexer = Callable[[Sequence[Any]], None]
_indexers: dict[type[models.Model], Indexer] = {}


def index_with(model: type[models.Model], indexer: Indexer) -> None:
    """Have `indexer` called with the ids of a model's touched rows: before a set ends, or by `catch_up`."""
    _indexers[model] = indexer


def _index(pending: Sequence[_Pending]) -> None:
    """Index what was touched; of MANY rows it is left for later, so that an import does not hold the lock for it."""
    touched: dict[type[models.Model], list[Any]] = {}
    for item in pending:
        if item.model not in _indexers:
            continue
        if len(item.touched) > MANY:
            label = item.model._meta.label_lower
            bulk.insert_rows(Unindexed, ("model", "ids"), [(label, orjson.dumps(item.touched).decode())])
        else:
            touched.setdefault(item.model, []).extend(item.touched or [item.object_id])
    for model, ids in touched.items():
        _indexers[model](ids)


def catch_up() -> None:
    """Index what was left for later, part by part: to be called before the index is asked."""
    while Unindexed.objects.exists() and _index_part():
        pass


def _index_part() -> bool:
    """Index the oldest part under the chain's lock: nobody changes its rows meanwhile. False when none is left."""
    with _writing():
        lock_chain()
        part = Unindexed.objects.order_by("pk").first()
        if part:
            _indexers[apps.get_model(part.model)](orjson.loads(part.ids))
            part.delete()
    return part is not None
