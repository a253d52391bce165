"""A request sent twice happens once: its answer is kept under the caller's key, in the transaction of the work."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models, transaction
from django.utils import timezone

_KEY_LENGTH = 100


class IdempotencyKey(models.Model):
    """The answer to one keyed request of one actor. `status` is empty only inside the transaction at work."""

    key = models.CharField(max_length=_KEY_LENGTH)
    actor = models.CharField(max_length=150)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    response = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        """Give the key."""
        return self.key


class BadKey(ValueError):
    """The key is not 1 to 100 visible ASCII characters: answer 400, nothing is done."""


class KeyReused(Exception):
    """The same key came with another request: answer 422, nothing is done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told: an HTTP status and a body; `repeated` when it is an earlier one."""

    status: int
    body: str
    repeated: bool = False


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Give the SHA-256 (hexadecimal) by which two requests are the same one; `path` with its query."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def once(key: str, actor: str, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    """Run `act` and keep its answer, or give the answer kept from the first time.

    Called inside the transaction that `act` writes in (`change_set`), so that work and answer are kept or lost
    together; an exception keeps neither and the key may be tried again. Of two at once the second waits for the
    first: on PostgreSQL at the unique index, on SQLite at BEGIN IMMEDIATE. Raises KeyReused, BadKey.
    """
    if not (0 < len(key) <= _KEY_LENGTH and key.isascii() and key.isprintable()):
        raise BadKey(f"an idempotency key is 1 to {_KEY_LENGTH} visible ASCII characters")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("once() belongs inside the transaction of the work")
    if not _claim(key, actor, fingerprint):
        return _kept(key, actor, fingerprint)
    answer = act()
    IdempotencyKey.objects.filter(actor=actor, key=key).update(status=answer.status, response=answer.body)
    return answer


def _claim(key: str, actor: str, fingerprint: str) -> bool:
    at = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_idempotencykey (key, actor, fingerprint, response, at) "
            "VALUES (%s, %s, %s, '', %s) ON CONFLICT (actor, key) DO NOTHING",
            [key, actor, fingerprint, at],
        )
        return bool(cursor.rowcount)


def _kept(key: str, actor: str, fingerprint: str) -> Answer:
    row = IdempotencyKey.objects.get(actor=actor, key=key)
    if row.fingerprint != fingerprint:
        raise KeyReused(f"the key {key} was used for another request; take a new one")
    if row.status is None:
        raise transaction.TransactionManagementError(f"the key {key} is at work in this very transaction")
    return Answer(row.status, row.response, repeated=True)


def forget_keys(before: datetime) -> int:
    """Drop answers kept before a moment; give how many. A later repeat of those would be done again."""
    return IdempotencyKey.objects.filter(at__lt=before).delete()[0]
