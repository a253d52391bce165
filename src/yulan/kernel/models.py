"""The kernel's tables."""

from yulan.kernel.feed import Cursor
from yulan.kernel.files import Attachment
from yulan.kernel.idempotency import IdempotencyKey
from yulan.kernel.notices import Notice
from yulan.kernel.search import SearchDoc, SearchModel
from yulan.kernel.secrets import Erasure, PersonKey
from yulan.kernel.trail import TableVersion, TrailBlock, TrailEntry, Unindexed
from yulan.kernel.workdays import Holiday

__all__ = [
    "Attachment",
    "Cursor",
    "Erasure",
    "Holiday",
    "IdempotencyKey",
    "Notice",
    "PersonKey",
    "SearchDoc",
    "SearchModel",
    "TableVersion",
    "TrailBlock",
    "TrailEntry",
    "Unindexed",
]
