"""Reading the trail of one record: its own entries, and its part of those that tell of many rows."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import orjson
from django.db import models

from yulan.kernel.trail import BLOCK, TrailBlock, TrailEntry


def timeline(obj: models.Model, limit: int = 100) -> list[dict[str, Any]]:
    """Give the bodies of a record's entries, newest first; of entries with many rows, this record's part."""
    label, key = obj._meta.label_lower, str(obj.pk)
    own = TrailEntry.objects.filter(model=label, object_id=key).order_by("-seq")[:limit]
    bodies = [orjson.loads(entry.body) for entry in own] + [part for _entry, part in parts_of(label, key)]
    return sorted(bodies, key=itemgetter("seq"), reverse=True)[:limit]


def parts_of(label: str, key: str, **conditions: Any) -> Iterator[tuple[TrailEntry, dict[str, Any]]]:
    """Give the entries of many rows that tell of a record, oldest first, each with that part of its body."""
    if not key.isdecimal():
        return
    seqs = TrailBlock.objects.filter(model=label, block=int(key) // BLOCK).values("seq")
    for entry in TrailEntry.objects.filter(seq__in=seqs, **conditions).order_by("seq"):
        body = orjson.loads(entry.body)
        fields, same = body.pop("fields"), body.pop("same", {})
        for row_id, before, after in body.pop("rows"):
            if str(row_id) == key:
                told = {"before": before and dict(zip(fields, before, strict=True))}
                yield entry, body | told | {"after": dict(zip(fields, after, strict=True)) | same}
