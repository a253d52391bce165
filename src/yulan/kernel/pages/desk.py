"""Pages over all resources: search, to-do, one entry of the trail, language."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
from django.conf import settings
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import check_for_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yulan.kernel import keys
from yulan.kernel.access import Actor
from yulan.kernel.deadlines import Deadline, deadlines_of
from yulan.kernel.lifecycle import Move
from yulan.kernel.money import UNIT_LABELS
from yulan.kernel.pages.display import way_back
from yulan.kernel.pages.policy import anyone, signed_in
from yulan.kernel.pages.reader import actor_of, people, view_of
from yulan.kernel.pinyin import readings
from yulan.kernel.resource.codec import View
from yulan.kernel.resource.declare import Resource, all_resources, resource_of
from yulan.kernel.resource.query import Query, addressed, finder, plain_words
from yulan.kernel.secrets import personal_kind
from yulan.kernel.text import _
from yulan.kernel.trail import TrailEntry, head

PER_GROUP = 8
PER_QUEUE = 10
RANKED = 60
"""Records of a kind that are looked at for what to show first."""


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request: HttpRequest) -> HttpResponse:
    """Search every visible resource; as a fragment for the palette. A personal number is found when it is sent."""
    sent = request.POST if request.method == "POST" else request.GET
    actor, q = actor_of(request), sent.get("q", "").strip()[:200]
    if request.method != "POST":
        plain_words(q)
    groups = _groups(actor, q) if q else []
    page = {"title": _("Search"), "q": q, "groups": groups, "also": _also(q)}
    fragment = sent.get("format") == "fragment"
    name = "yulan/search_fragment.html" if fragment else "yulan/search.html"
    return render(request, name, {"page": page})


def _also(q: str) -> list[str]:
    """Give the same question in other words of the trade; nothing is added to what was asked."""
    same = (words for words in settings.YULAN_SYNONYMS if any(word in q for word in words))
    found = {q.replace(word, other) for words in same for word in words if word in q for other in words}
    return sorted(found - {q})


def _groups(actor: Actor, q: str) -> list[dict[str, Any]]:
    """Give the records found, kind by kind: where names begin with the words first, then what is found rarely."""
    found = [group for resource in _daily_first() if (group := _group(resource, actor, q))]
    return sorted(found, key=lambda group: group["rank"])


def _daily_first() -> list[Resource]:
    """Give the record types, those of the upper floors first: work is done there on what stands below."""
    resources = all_resources()
    rooms = list(dict.fromkeys(type(resource).__module__ for resource in resources))
    return sorted(resources, key=lambda resource: -rooms.index(type(resource).__module__))


def _group(resource: Resource, actor: Actor, q: str) -> dict[str, Any] | None:
    if not (resource.search and resource.opens_to(actor)):
        return None
    if personal_kind(q) and not (finder(resource, q) and actor.has(resource.readers)):
        return None
    params = addressed(resource, {"q": [q]})
    rows = Query(resource, actor, params).rows.order_by(*resource.ordering)
    objects = rows.select_related(*resource.joins)[:RANKED] if resource.joins else rows[:RANKED]
    ranked = [(_rank(str(obj), q), obj) for obj in objects]
    if not ranked:
        return None
    ranked.sort(key=lambda pair: pair[0])
    shown = [
        {"title": str(obj), "sub": getattr(obj, resource.key, ""), "url": resource.url(obj.pk)}
        for _place, obj in ranked[:PER_GROUP]
    ]
    more = f"{resource.url()}?{params.urlencode()}"
    return {"label": resource.title, "rows": shown, "more_url": more, "rank": (ranked[0][0], len(ranked))}


def _rank(title: str, q: str) -> int:
    """Give 0 when a title, or its pinyin, begins with what was asked, 1 when one of its words does, else 2."""
    words, asked = title.lower().split(), q.lower()
    begins = [any(text.startswith(asked) for text in (word, *readings(word).split())) for word in words]
    return 0 if begins[:1] == [True] else 1 if any(begins) else 2


@signed_in
@require_safe
def todo_page(request: HttpRequest) -> HttpResponse:
    """Show what waits for the acting person: records whose next move is theirs, nearest deadline first."""
    actor = actor_of(request)
    queues = [queue for resource in all_resources() for queue in _queues(resource, actor, view_of(request))]
    queues.sort(key=lambda queue: queue["due"])
    return render(request, "yulan/todo.html", {"page": {"title": _("To-do"), "queues": queues}})


def _queues(resource: Resource, actor: Actor, view: View) -> Iterator[dict[str, Any]]:
    lifecycle = resource.lifecycle
    if lifecycle is None or not actor.has(resource.readers):
        return
    for name, state in lifecycle.states.items():
        ways = lifecycle.from_state(name)
        if state.clock == "off" or not (ways and actor.has(ways[0].roles)):
            continue  # the usual next move, listed first, is somebody else's
        moves = [move for move in ways if actor.has(move.roles) and not move.danger]
        rows = resource.visible_to(actor).filter(_reach(resource, actor, moves), **{lifecycle.field: name})
        clocks = [F(limit.since).asc(nulls_last=True) for limit in lifecycle.limits if limit.state == name][:1]
        first = list(rows.order_by(*clocks, "changed_at")[:PER_QUEUE])
        if first:
            labels = " / ".join(str(move.label) for move in moves)
            deadlines = deadlines_of(lifecycle, first)
            known = [found for found in deadlines if found]
            yield {
                "title": f"{resource.title} · {state.label}: {labels}",
                "count": rows.count(),
                "more_url": f"{resource.url()}?{lifecycle.field}={name}",
                "rules": dict.fromkeys((str(found.source), found.unverified) for found in known),
                "due": min((found.due for found in known), default=date.max),
                "rows": [_waiting(resource, *pair, view) for pair in zip(first, deadlines, strict=True)],
            }


def _reach(resource: Resource, actor: Actor, moves: list[Move]) -> Q:
    return resource.reach(actor, {role for move in moves for role in move.roles})


def _waiting(resource: Resource, obj: Any, deadline: Deadline | None, view: View) -> dict[str, Any]:
    title, key = str(obj), str(getattr(obj, resource.key, ""))
    known = [key if key != title else "", _amount(resource, obj, view)]
    shown = {"title": title, "url": resource.url(obj.pk), "sub": " · ".join(filter(None, known))}
    return shown | ({"due": deadline.text, "tone": deadline.tone} if deadline else {})


def _amount(resource: Resource, obj: Any, view: View) -> str:
    """Give the first amount among the columns of the record's list, with its unit."""
    amounts = (column for name in resource.columns.split() if (column := resource.column(name)).codec.kind == "money")
    found = next(
        ((column, value) for column in amounts if (value := getattr(obj, column.name, None)) is not None), None
    )
    return f"{found[0].codec.show(found[1], view)} {UNIT_LABELS[view.unit]}" if found else ""


@anyone
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """List the help pages of the record types that the reader may open."""
    actor = actor_of(request)
    rows = [
        {"title": resource.title, "url": resource.url() + "help", "about": resource.about}
        for resource in all_resources()
        if resource.opens_to(actor)
    ]
    return render(request, "yulan/help_index.html", {"page": {"title": _("Help"), "rows": rows}})


@anyone
@require_safe
def trail_page(request: HttpRequest, seq: int) -> HttpResponse:
    """Show one entry of the trail, with what is needed to check it; to those who see the record it is about."""
    actor = actor_of(request)
    entry = TrailEntry.objects.filter(pk=seq).first()
    resource = _resource_of(entry)
    if entry is None or resource is None or not _sees(resource, entry, actor):
        raise Http404
    before = TrailEntry.objects.filter(pk=seq - 1).values_list("hash", flat=True).first()
    body = orjson.loads(entry.body)
    told = resource.told(body)
    page = {
        "title": _("Entry %(n)s of the trail") % {"n": seq},
        "entry": entry,
        "actor": people([entry.actor]).get(entry.actor, entry.actor),
        "previous": before or "0" * 64,
        "body": orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()[:200_000],
        "withheld": told != body,
        "record_url": resource.url(entry.object_id) if entry.object_id else resource.url(),
        "public_key": keys.public_key(),
    }
    return render(request, "yulan/trail.html", {"page": page})


def _resource_of(entry: TrailEntry | None) -> Resource | None:
    from django.apps import apps

    return resource_of(apps.get_model(entry.model)) if entry else None


def _sees(resource: Resource, entry: TrailEntry, actor: Actor) -> bool:
    if not entry.object_id:
        return actor.unlimited or any(resource.scope.rows(g) == Q() for g in actor.grants_as(resource.readers))
    obj = resource.visible_to(actor).filter(pk=entry.object_id).first()
    return obj is not None and resource.shows_all_of(actor, obj)


@anyone
@require_safe
def trail_head(request: HttpRequest) -> HttpResponse:
    """Give the head of the trail and the public key: whoever keeps a copy can prove a later cut."""
    seq, digest = head()
    content = {"seq": seq, "head": digest, "public_key": keys.public_key()}
    return HttpResponse(orjson.dumps(content), content_type="application/json")


@anyone
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the reader's language and go back."""
    lang, answer = request.POST.get("language", ""), HttpResponseRedirect(way_back(request) or "/")
    if check_for_language(lang):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            lang,
            max_age=365 * 86400,
            samesite="Lax",
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            secure=settings.LANGUAGE_COOKIE_SECURE or False,
        )
    return answer
