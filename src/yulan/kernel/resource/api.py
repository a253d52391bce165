"""The JSON interface of every resource: list, one, create, change, move, trail, feed.

Unchanged answers are 304 by ETag; POST takes an Idempotency-Key; PATCH needs the version read (If-Match).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags

from yulan.kernel.access import Actor
from yulan.kernel.idempotency import Answer, fingerprint, once
from yulan.kernel.pages.policy import anyone, editors, readers
from yulan.kernel.pages.reader import actor_of
from yulan.kernel.pages.refusals import SignInFirst, problem
from yulan.kernel.records import Record
from yulan.kernel.resource.declare import Column, Resource, all_resources
from yulan.kernel.resource.details import find
from yulan.kernel.resource.exporting import columns_of
from yulan.kernel.resource.openapi import describe
from yulan.kernel.resource.query import BadQuery, Query, addressed
from yulan.kernel.resource.write import Invalid, create, edit, move
from yulan.kernel.text import _
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import TrailEntry, change_set, head

FEED_LIMIT = 500
FOR_ONE_READER = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie, Accept-Language"}
VERSION_IN_TAG = re.compile(r'(?:W/)?"?(\d{1,9})(?:-[0-9a-f]+)?"?')


def answer(content: Any, status: int = 200, **headers: str) -> HttpResponse:
    """Answer with JSON."""
    return _sent(orjson.dumps(content, default=str), status, **headers)


def _sent(body: bytes | str, status: int, **headers: str) -> HttpResponse:
    found = HttpResponse(body, status=status, content_type="application/json")
    for name, value in (FOR_ONE_READER | headers).items():
        found[name] = value
    return found


def _only(request: HttpRequest, *methods: str) -> HttpResponse | None:
    """Refuse any other method."""
    if request.method in methods:
        return None
    found = problem(request, 405, ())
    found["Allow"] = ", ".join(methods)
    return found


@readers
def collection(request: HttpRequest, resource: Resource) -> HttpResponse:
    """List (GET) or create (POST)."""
    if request.method == "POST":
        return _created(request, resource)
    if refused := _only(request, "GET", "HEAD", "POST"):
        return refused
    actor = actor_of(request)
    query = Query(resource, actor, request.GET)
    tag = _tag(request, actor, query.version)
    if _is_known(request, tag):
        return _unchanged(tag)
    return answer(_listed(query), ETag=tag)


@readers
def search(request: HttpRequest, resource: Resource) -> HttpResponse:
    """List (POST) by what must not stand in an address: the parameters of a list as a JSON object."""
    if not any(column.codec.private for column in resource.filtered):
        raise Http404
    if refused := _only(request, "POST"):
        return refused
    typed = {name: [str(value)] for name, value in _body(request).items() if value is not None}
    return answer(_listed(Query(resource, actor_of(request), addressed(resource, typed))))


def _listed(query: Query) -> dict[str, Any]:
    rows = list(_items(query, columns_of(query)))
    pages = max(1, -(-query.total // query.size))
    return {"count": query.total, "page": query.page, "pages": pages, "size": query.size, "results": rows}


def _tag(request: HttpRequest, actor: Actor, version: int) -> str:
    asked = f"{version}\n{request.get_full_path()}\n{actor.name}\n{actor.grants}"
    return f'"{hashlib.sha256(asked.encode()).hexdigest()[:32]}"'


def _tag_of(body: bytes) -> str:
    """Give the tag of one record as it is told: its version, and a digest, since it also tells of other records."""
    version = orjson.loads(body).get("version", 1)
    return f'"{version}-{hashlib.sha256(body).hexdigest()[:16]}"'


def _is_known(request: HttpRequest, tag: str) -> bool:
    """Say whether the reader has this answer; a compressed one comes back with a weak tag."""
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return "*" in known or tag in {one.removeprefix("W/") for one in known}


def _unchanged(tag: str) -> HttpResponse:
    found = HttpResponseNotModified()
    for name, value in (FOR_ONE_READER | {"ETag": tag}).items():
        found[name] = value
    return found


def _items(query: Query, columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    names = ["id", *(column.name for column in columns)]
    for ids, values, _beside in query.blocks(columns, query.paged()):
        made = [column.codec.plains(found) for column, found in zip(columns, values, strict=True)]
        yield from (dict(zip(names, row, strict=True)) for row in zip(ids, *made, strict=True))


def represent(resource: Resource, obj: Any, actor: Actor) -> dict[str, Any]:
    """Give one record as JSON values: what the actor may see of it."""
    whole = resource.shows_all_of(actor, obj)
    allowed = set(resource.public.split())
    found: dict[str, Any] = {"id": obj.pk} | ({"version": obj.version} if isinstance(obj, Record) else {})
    for column in {c.name: c for c in (*resource.listed, *resource.fields.values())}.values():
        if not (whole or column.name in allowed):
            continue
        value: Any = obj
        for step in column.path.split("__"):
            value = getattr(value, step, None)
        found[column.name] = column.codec.plain(value)
    return found


def _told(resource: Resource, obj: Any, actor: Actor) -> bytes:
    return orjson.dumps(represent(resource, obj, actor), default=str)


@readers
def item(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """One record: read (GET) or change (PATCH)."""
    if refused := _only(request, "GET", "HEAD", "PATCH"):
        return refused
    actor = actor_of(request)
    obj = find(resource, pk, actor)
    if request.method == "PATCH":
        return _changed(request, resource, obj, actor)
    body = _told(resource, obj, actor)
    tag = _tag_of(body)
    return _unchanged(tag) if _is_known(request, tag) else _sent(body, 200, ETag=tag)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        content = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadQuery("body", str(_("Not JSON: %(why)s") % {"why": error})) from None
    if not isinstance(content, dict):
        raise BadQuery("body", str(_("The body has to be a JSON object.")))
    for name, value in content.items():
        if isinstance(value, dict | list):
            raise Invalid({name: [str(_("A single value is needed."))]})
    return content


def _signed_in(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not actor.signed_in:
        raise SignInFirst
    return actor


def _once(request: HttpRequest, actor: Actor, act: Any) -> HttpResponse:
    """Do it in one change set; under an Idempotency-Key only the first time."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    with change_set(by=actor, channel="api"):
        if not key:
            done: Answer = act()
        else:
            done = once(key, actor.name, fingerprint(request.method or "", request.get_full_path(), request.body), act)
    found = _sent(done.body, done.status, ETag=_tag_of(done.body.encode()))
    if done.repeated:
        found["Idempotent-Replay"] = "true"
    return found


def _created(request: HttpRequest, resource: Resource) -> HttpResponse:
    actor = _signed_in(request)
    raw = _body(request)

    def act() -> Answer:
        obj = create(resource, raw, by=actor, channel="api")
        return Answer(201, _told(resource, obj, actor).decode())

    found = _once(request, actor, act)
    found["Location"] = f"/api/v1/{resource.name}/{orjson.loads(found.content)['id']}"
    return found


def _changed(request: HttpRequest, resource: Resource, obj: Any, actor: Actor) -> HttpResponse:
    if not actor.signed_in:
        raise SignInFirst
    raw = _body(request)
    version = _version_read(request, raw.pop("version", None))
    if version is None:
        return problem(request, 428, (str(_("Send the version you read: If-Match, or “version” in the body.")),))
    body = _told(resource, edit(resource, obj, raw, version=version, by=actor, channel="api"), actor)
    return _sent(body, 200, ETag=_tag_of(body))


def _version_read(request: HttpRequest, given: Any) -> int | None:
    """Give the version the caller has read: of the record's tag in If-Match, else of the body; 0 for another tag."""
    tag = request.META.get("HTTP_IF_MATCH", "").strip()
    if tag:
        found = VERSION_IN_TAG.fullmatch(tag)
        return int(found[1]) if found else 0
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool):
        raise Invalid({"version": [str(_("Not a whole number."))]})
    return given


@readers
def move_item(request: HttpRequest, resource: Resource, pk: int, name: str) -> HttpResponse:
    """Fire a move (POST): {"opinion": …, "version": …, and the inputs the move needs}."""
    if refused := _only(request, "POST"):
        return refused
    actor = _signed_in(request)
    obj = find(resource, pk, actor)
    raw = _body(request)
    opinion, version = raw.pop("opinion", None) or "", _version_read(request, raw.pop("version", None))
    if not isinstance(opinion, str):
        raise Invalid({"opinion": [str(_("Write text."))]})
    _demand_known(resource, name, raw)

    def act() -> Answer:
        moved = move(resource, obj, name, by=actor, opinion=opinion, data=raw, version=version, channel="api")
        return Answer(200, _told(resource, moved, actor).decode())

    return _once(request, actor, act)


def _demand_known(resource: Resource, name: str, raw: Mapping[str, Any]) -> None:
    """Raise Invalid when something is sent that a move does not ask for; what is no move is refused later."""
    moves = [move for move in (resource.lifecycle.moves if resource.lifecycle else ()) if move.name == name]
    strange = raw.keys() - {needed for move in moves for needed in move.needs}
    if moves and strange:
        raise Invalid({field: [str(_("There is no such field."))] for field in sorted(strange)})


@editors
def item_trail(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """The record's entries of the trail (GET), for those who see the whole record."""
    if refused := _only(request, "GET", "HEAD"):
        return refused
    actor = actor_of(request)
    obj = find(resource, pk, actor)
    if not resource.shows_all_of(actor, obj):
        raise Http404
    return answer({"results": [resource.told(body) for body in timeline(obj, FEED_LIMIT)]})


@anyone
def feed(request: HttpRequest) -> HttpResponse:
    """What happened, in the order of commits (GET): events after a sequence number, as far as the actor may see."""
    if refused := _only(request, "GET", "HEAD"):
        return refused
    actor = actor_of(request)
    after, limit = _whole(request, "after", 0), min(_whole(request, "limit", 100), FEED_LIMIT)
    entries = list(TrailEntry.objects.filter(seq__gt=after).order_by("seq")[: max(limit, 1)])
    last = entries[-1].seq if entries else after
    return answer({"after": after, "last": last, "head": head()[0], "results": list(_events(entries, actor))})


def _whole(request: HttpRequest, name: str, default: int) -> int:
    raw = request.GET.get(name, "")
    if not raw:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
        raise BadQuery(name, str(_("Not a whole number.")))
    return int(raw)


def _events(entries: list[TrailEntry], actor: Actor) -> Iterable[Mapping[str, Any]]:
    by_label = {resource.model._meta.label_lower: resource for resource in all_resources()}
    touched: dict[str, set[int]] = {}
    rows = {entry.seq: _touched(entry) for entry in entries}
    for entry in entries:
        touched.setdefault(entry.model, set()).update(rows[entry.seq])
    seen = {label: _visible(by_label.get(label), ids, actor) for label, ids in touched.items()}
    for entry in entries:
        ids = [key for key in rows[entry.seq] if key in seen[entry.model]]
        if ids:
            name = by_label[entry.model].name
            yield {"seq": entry.seq, "set": entry.set_id, "at": entry.at, "event": f"{name}.{entry.action}", "ids": ids}


def _touched(entry: TrailEntry) -> list[int]:
    if entry.object_id:
        return [int(entry.object_id)] if entry.object_id.isdigit() else []
    return [row[0] for row in orjson.loads(entry.body)["rows"]]


def _visible(resource: Resource | None, ids: set[int], actor: Actor) -> set[int]:
    if resource is None or not resource.opens_to(actor):
        return set()
    found: set[int] = set()
    wanted = sorted(ids)
    for start in range(0, len(wanted), 900):
        part = resource.visible_to(actor).filter(pk__in=wanted[start : start + 900])
        found.update(part.values_list("pk", flat=True))
    return found


@anyone
def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document (GET)."""
    return _only(request, "GET", "HEAD") or answer(describe())
