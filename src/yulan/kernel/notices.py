"""Notices: what a person is told of inside the site, read or not yet.

Two things are told: that a record was moved by another (returned, approved, paid), with the opinion given, to those who
made it, sent it on or moved it last; and that it now waits, to those whose usual next move it is. Unread is at most the
newest about a record. What a loader or a workbook has brought in bulk is no news, and who has lost sight of a record is
told of it no more.
"""

import functools
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.core.cache import cache
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from yulan.kernel.access import Actor
from yulan.kernel.resource.declare import Resource, all_resources
from yulan.kernel.timeline import parts_of
from yulan.kernel.trail import TrailEntry

YOURS, WAITING = "yours", "waiting"
KEPT = 20
"""Seconds for which another process may still show an old count of what is unread."""
Holding = Callable[[tuple[str, ...]], Iterable[Actor]]
"""Gives everybody who holds one of some roles."""


class Notice(models.Model):
    """Somebody is told of an entry of the trail: it is about a record of theirs, or the record now waits for them."""

    recipient = models.CharField(max_length=150)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=[(YOURS, YOURS), (WAITING, WAITING)])
    model = models.CharField(max_length=80)
    object_id = models.CharField(max_length=40)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["recipient", "seq"], name="notice_once")]
        indexes = [
            models.Index(fields=["recipient", "read_at"], name="notice_unread"),
            models.Index(fields=["model", "object_id", "kind"], name="notice_object"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.seq}"


def tell(entries: Sequence[TrailEntry]) -> None:
    """Write the notices of some entries: a subscriber of the feed."""
    by_label = {one.model._meta.label_lower: one for one in all_resources() if one.lifecycle}
    news = [entry for entry in entries if entry.object_id and _is_news(by_label.get(entry.model), entry)]
    bodies = {
        entry.seq: orjson.loads(entry.body)
        for entry in TrailEntry.objects.filter(seq__in=[entry.seq for entry in news])
    }
    holding: Holding = functools.cache(import_string(settings.YULAN_ACTORS_HOLDING))
    for label in {entry.model for entry in news}:
        own = [entry for entry in news if entry.model == label and bodies[entry.seq]["channel"] != "loader"]
        _tell_of(by_label[label], own, bodies, holding)


def _is_news(resource: Resource | None, entry: TrailEntry) -> bool:
    if resource is None or resource.lifecycle is None:
        return False
    return entry.action == "create" or resource.lifecycle.named(entry.action) is not None


def _tell_of(resource: Resource, entries: Sequence[TrailEntry], bodies: Mapping[int, Any], holding: Holding) -> None:
    """Tell of entries about records of one type."""
    ids = {entry.object_id for entry in entries}
    there = resource.model._default_manager.filter(pk__in=ids).select_related(*resource.joins)
    objects = {str(obj.pk): obj for obj in there}
    for entry in entries:
        obj = objects.get(entry.object_id)
        if obj is None:
            continue
        found = dict.fromkeys(_waiting(resource, obj, bodies[entry.seq], holding), WAITING)
        found |= dict.fromkeys(_makers(resource, entry), YOURS)
        found.pop(entry.actor, None)
        _settle(entry, found)
        Notice.objects.bulk_create((_notice(name, entry, kind) for name, kind in found.items()), ignore_conflicts=True)
        _count_anew(found)


def _notice(recipient: str, entry: TrailEntry, kind: str) -> Notice:
    about = {"seq": entry.seq, "model": entry.model, "object_id": entry.object_id, "at": entry.at}
    return Notice(recipient=recipient, kind=kind, **about)


def _settle(entry: TrailEntry, told: Collection[str]) -> None:
    """Take older notices about the record as read: that it waited, and those of whoever is told anew or has acted."""
    older = Notice.objects.filter(model=entry.model, object_id=entry.object_id, seq__lt=entry.seq, read_at=None)
    older = older.filter(Q(kind=WAITING) | Q(recipient__in=[*told, entry.actor]))
    if names := list(older.values_list("recipient", flat=True)):
        older.update(read_at=entry.at)
        _count_anew(names)


def _waiting(resource: Resource, obj: Any, body: Mapping[str, Any], holding: Holding) -> list[str]:
    """Name those whose move the record waits for, if it is still where the entry has brought it."""
    assert resource.lifecycle
    field = resource.lifecycle.field
    state = getattr(obj, field)
    ways = resource.lifecycle.from_state(state)
    if body["after"].get(field) != state or not ways or resource.lifecycle.states[state].clock == "off":
        return []
    roles = ways[0].roles  # the usual next move is listed first
    return [actor.name for actor in holding(roles) if resource.covers(actor, obj, roles)]


def _makers(resource: Resource, entry: TrailEntry) -> Collection[str]:
    """Name those with an account who made the record, sent it on while its fields were open, or moved it last."""
    lifecycle = resource.lifecycle
    if entry.action == "create" or lifecycle is None:
        return ()
    about = {"model": entry.model, "object_id": entry.object_id, "seq__lt": entry.seq}
    sent = (move.name for move in lifecycle.moves if any(lifecycle.states[state].open for state in move.sources))
    made = TrailEntry.objects.filter(**about, action__in=["create", *sent])
    among = parts_of(entry.model, entry.object_id, seq__lt=entry.seq, action="create")
    last = TrailEntry.objects.filter(**about, action__in={move.name for move in lifecycle.moves}).order_by("-seq")[:1]
    actors = {name for rows in (made, last) for name in rows.values_list("actor", flat=True)}
    actors |= {maker.actor for maker, _part in among}
    known: Callable[[Collection[str]], dict[str, str]] = import_string(settings.YULAN_ACTOR_NAMES)
    return known(actors).keys()


def _key(recipient: str) -> str:
    return f"unread:{hashlib.sha256(recipient.encode()).hexdigest()}"


def _count_anew(recipients: Iterable[str]) -> None:
    """Drop what is kept of counts: at once, and when what changes them is committed, for who has counted meanwhile."""
    kept = [_key(name) for name in recipients]
    cache.delete_many(kept)
    transaction.on_commit(functools.partial(cache.delete_many, kept))


def unread(actor: Actor) -> int:
    """Count what the actor has not read; kept for a while, since every page asks."""
    count = Notice.objects.filter(recipient=actor.name, read_at=None).count
    return int(cache.get_or_set(_key(actor.name), count, KEPT) or 0)


def mark_read(actor: Actor, notices: "models.QuerySet[Notice]") -> None:
    """Note that the actor has read these notices, as far as they are theirs."""
    notices.filter(recipient=actor.name, read_at=None).update(read_at=timezone.now())
    _count_anew([actor.name])


def forget_notices(before: datetime) -> int:
    """Drop notices read before a moment; give how many."""
    return Notice.objects.filter(read_at__lt=before).delete()[0]
