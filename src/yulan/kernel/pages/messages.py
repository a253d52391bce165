"""Messages: the notices of the acting person, newest first, those not yet read marked."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from yulan.kernel.access import Actor
from yulan.kernel.feed import deliver
from yulan.kernel.notices import WAITING, Notice, mark_read
from yulan.kernel.pages.policy import signed_in
from yulan.kernel.pages.reader import actor_of, people
from yulan.kernel.resource.declare import Resource, resource_of
from yulan.kernel.text import _
from yulan.kernel.trail import TrailEntry

SHOWN = 100


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def messages_page(request: HttpRequest) -> HttpResponse:
    """Show the messages; a POST marks those up to `upto`, the newest that was shown, as read."""
    actor = actor_of(request)
    if request.method == "POST":
        upto = request.POST.get("upto", "")
        mark_read(actor, Notice.objects.filter(seq__lte=int(upto) if upto.isascii() and upto.isdigit() else 0))
        return redirect("/messages")
    deliver()
    notices = list(Notice.objects.filter(recipient=actor.name).order_by("-seq")[:SHOWN])
    rows = list(_rows(notices, actor))
    queues = [
        {"title": title, "rows": found}
        for title, new in ((_("Unread"), True), (_("Already read"), False))
        if (found := [row for row in rows if row["new"] == new])
    ]
    page = {
        "title": _("Messages"),
        "subtitle": _("What became of records you have worked on, and what waits for you"),
        "queues": queues,
        "upto": notices[0].seq if any(row["new"] for row in rows) else 0,
    }
    return render(request, "yulan/messages.html", {"page": page})


@signed_in
@require_safe
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the record of a message, which is then read."""
    actor = actor_of(request)
    mine = Notice.objects.filter(pk=pk, recipient=actor.name)
    notice = mine.first()
    resource = _resource(notice.model) if notice else None
    if notice is None or resource is None:
        raise Http404
    mark_read(actor, mine)
    return redirect(resource.url(notice.object_id))


def _resource(label: str) -> Resource | None:
    return resource_of(apps.get_model(label))


def _rows(notices: Sequence[Notice], actor: Actor) -> Iterable[dict[str, Any]]:
    """Give the notices about records that the actor still sees as a whole, in words."""
    entries = TrailEntry.objects.in_bulk([notice.seq for notice in notices])
    called = people({entry.actor for entry in entries.values()})
    objects: dict[str, dict[str, Any]] = {}
    for label in {notice.model for notice in notices}:
        ids = [notice.object_id for notice in notices if notice.model == label]
        resource = _resource(label)
        seen = resource.visible_to(actor).filter(pk__in=ids).select_related(*resource.joins) if resource else ()
        objects[label] = {str(obj.pk): obj for obj in seen if resource and resource.shows_all_of(actor, obj)}
    for notice in notices:
        obj, entry = objects[notice.model].get(notice.object_id), entries.get(notice.seq)
        if obj is not None and entry is not None:
            yield _row(notice, entry, obj, called.get(entry.actor, entry.actor))


def _row(notice: Notice, entry: TrailEntry, obj: Any, who: str) -> dict[str, Any]:
    resource = _resource(notice.model)
    lifecycle = resource.lifecycle if resource else None
    assert lifecycle
    body = orjson.loads(entry.body)
    move = lifecycle.named(entry.action)
    state = lifecycle.states.get(body["after"].get(lifecycle.field, ""))
    done = str(move.label) if move else str(_("created"))
    if notice.kind == WAITING and state:
        ways = lifecycle.from_state(state.name)
        title = _("%(record)s: waits for you (%(move)s)") % {"record": obj, "move": ways[0].label if ways else ""}
    else:
        title = _("%(record)s: %(state)s") % {"record": obj, "state": state.label if state else done}
    said = " · ".join(filter(None, (who, done, body["reason"])))
    return {
        "title": title,
        "url": f"/messages/{notice.pk}",
        "sub": said,
        "at": notice.at,
        "tone": state.tone if state else "",
        "new": notice.read_at is None,
    }
