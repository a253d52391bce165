"""Proving that nobody changed the record: the trail's chain and signatures, then what each room checks of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.apps import apps
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from yulan.kernel import keys
from yulan.kernel.records import canonical
from yulan.kernel.trail import GENESIS, TrailEntry, head_text, link

Verifier = Callable[[], list[str]]
_REPEATED = ("seq", "actor", "model", "action")


def verify_trail() -> list[str]:
    """Walk the whole chain; give the faults found, none when it is whole."""
    faults: list[str] = []
    previous, expected, last = GENESIS, 1, None
    for entry in TrailEntry.objects.order_by("seq").iterator(chunk_size=2000):
        faults += _faults_of(entry, expected, previous)
        if last is not None and last.set_id != entry.set_id and not _is_head_signed(last):
            faults.append(f"trail {last.seq}: the head of its change set is not signed")
        previous, expected, last = entry.hash, entry.seq + 1, entry
        if len(faults) > 20:
            return faults
    if last is not None and not _is_head_signed(last):
        faults.append(f"trail {last.seq}: the last head is not signed")
    return faults + _truncation(last)


def _faults_of(entry: TrailEntry, expected: int, previous: str) -> Iterator[str] | list[str]:
    found = []
    if entry.seq != expected:
        found.append(f"trail {expected}: missing; the next is {entry.seq}")
    if link(previous, entry.body) != entry.hash:
        found.append(f"trail {entry.seq}: the hash does not fit")
    try:
        body = orjson.loads(entry.body)
    except orjson.JSONDecodeError:
        return [*found, f"trail {entry.seq}: the body is not JSON"]
    if any(body.get(name) != getattr(entry, name) for name in _REPEATED) or body.get("set") != entry.set_id:
        found.append(f"trail {entry.seq}: the columns differ from the body")
    if body.get("object", "") != entry.object_id:
        found.append(f"trail {entry.seq}: the object differs from the body")
    return found


def _is_head_signed(entry: TrailEntry) -> bool:
    return keys.is_signed(head_text(entry.seq, entry.hash), entry.signature)


def _truncation(last: TrailEntry | None) -> list[str]:
    """Compare with the tables' own marks: a trail cut at its end leaves them ahead."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM kernel_tableversion")
        mark = cursor.fetchone()[0]
    end = last.seq if last else 0
    return [f"trail {end + 1}: cut off; tables were written up to {mark}"] if mark > end else []


def verify_all() -> dict[str, list[str]]:
    """Run every verifier that an app declares; give the faults by verifier."""
    found: dict[str, list[str]] = {}
    for config in apps.get_app_configs():
        for path in getattr(config, "verifiers", ()):
            verifier: Verifier = import_string(path)
            found[path.rpartition(".")[2].removeprefix("verify_")] = verifier()
    return found


def export_trail() -> Iterator[str]:
    """Give the trail as JSON lines, ready for the independent verifier; the format stands in `trail`."""
    yield canonical({"kind": "yulan-trail", "version": 1, "public_key": keys.public_key()}) + "\n"
    first, seq, digest = 0, 0, GENESIS
    for entry in TrailEntry.objects.order_by("seq").iterator(chunk_size=2000):
        first, seq, digest = first or entry.seq, entry.seq, entry.hash
        line: dict[str, Any] = {"seq": seq, "body": entry.body, "hash": digest, "signature": entry.signature}
        yield canonical(line) + "\n"
    at = timezone.now().isoformat()
    signature = keys.sign(f"yulan-end\n{first}\n{seq}\n{digest}\n{at}")
    end = {"kind": "end", "first": first, "last": seq, "head": digest, "at": at, "signature": signature}
    yield canonical(end) + "\n"
