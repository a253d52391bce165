"""The kernel's tables."""

from yulan.kernel.files import Attachment
from yulan.kernel.idempotency import IdempotencyKey
from yulan.kernel.search import SearchDoc, SearchModel
from yulan.kernel.secrets import Erasure, PersonKey
from yulan.kernel.trail import TableVersion, TrailEntry, TrailTouch
from yulan.kernel.workdays import Holiday

__all__ = [
    "Attachment",
    "Erasure",
    "Holiday",
    "IdempotencyKey",
    "PersonKey",
    "SearchDoc",
    "SearchModel",
    "TableVersion",
    "TrailEntry",
    "TrailTouch",
]
