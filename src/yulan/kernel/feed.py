"""Handing the feed to those who listen to it: every entry of the trail, in the order of commits, at least once.

The trail is the outbox: an event is an entry written in the transaction of the work. An app names who listens:

    subscribers = ("yulan.kernel.notices.tell",)        # in its AppConfig

A subscriber is called with entries after the last one it has taken, and how far it is is kept in the transaction of
what it writes. Where it fails nothing is kept, and the same entries come again; its writes must bear that.
"""

import logging
from collections.abc import Callable, Iterator, Sequence

from django.apps import apps
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from yulan.kernel.trail import TrailEntry, catch_up, head

log = logging.getLogger(__name__)
AT_ONCE = 500
SAFE = ("GET", "HEAD", "OPTIONS")
Subscriber = Callable[[Sequence[TrailEntry]], None]
"""Takes entries in order; their bodies, which may be long, are fetched when asked for."""


class Cursor(models.Model):
    """The last entry that a subscriber has taken."""

    subscriber = models.CharField(max_length=150, primary_key=True)
    seq = models.BigIntegerField(default=0)

    class Meta:
        app_label = "kernel"

    def __str__(self) -> str:
        return f"{self.subscriber} {self.seq}"


def subscribers() -> Iterator[str]:
    """Give the path of every subscriber that an app names."""
    for config in apps.get_app_configs():
        yield from getattr(config, "subscribers", ())


def deliver() -> None:
    """Hand each subscriber what was committed since; one that fails is logged and tried again the next time."""
    for path in subscribers():
        try:
            while _hand_some(path):
                pass
        except Exception:
            log.exception("%s could not take the feed", path)


def _hand_some(path: str) -> bool:
    """Hand over the next entries under the cursor's lock; say whether there may be more."""
    if Cursor.objects.filter(subscriber=path, seq=head()[0]).exists():
        return False
    with transaction.atomic():
        Cursor.objects.bulk_create([Cursor(subscriber=path)], ignore_conflicts=True)
        cursor = Cursor.objects.select_for_update().get(subscriber=path)
        entries = list(TrailEntry.objects.filter(seq__gt=cursor.seq).defer("body").order_by("seq")[:AT_ONCE])
        if entries:
            take: Subscriber = import_string(path)
            take(entries)
            Cursor.objects.filter(subscriber=path).update(seq=entries[-1].seq)
    return len(entries) == AT_ONCE


class Delivering:
    """Middleware: what a request has committed is delivered, and indexed, when it has been answered for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; deliver after one that may have written."""
        answer = self.get_response(request)
        if request.method not in SAFE:
            deliver()
            catch_up()
        return answer
