"""The base of every table whose rows people work on."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from django.db import models
from django.utils import timezone


class Record(models.Model):
    """A row with an optimistic lock. Written only through `trail.change_set`; attributes are never assigned."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


BOOKKEEPING = frozenset(("version", "created_at", "changed_at"))


@cache
def recorded_fields(model: type[models.Model]) -> tuple[str, ...]:
    """Name the columns that the trail keeps: all but the bookkeeping ones and those whose field says `untold`.

    What must be forgettable cannot stand in a chain that forgets nothing.
    """
    fields = (field for field in model._meta.concrete_fields if not getattr(field, "untold", False))
    return tuple(field.attname for field in fields if field.attname not in BOOKKEEPING)


def snapshot(obj: models.Model, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Give column values as the trail keeps them."""
    return {name: getattr(obj, name) for name in names or recorded_fields(type(obj))}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def canonical(value: object) -> str:
    """Write JSON in the one form that is hashed: sorted keys, no spaces, UTF-8; decimals as strings."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
