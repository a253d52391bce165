"""Forms: create, edit with optimistic lock (a conflict shows both versions), moves, bulk moves, files, look-ups."""

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from yulan.kernel import files
from yulan.kernel.access import Refused
from yulan.kernel.firing import may_fire
from yulan.kernel.idempotency import Answer, fingerprint, once
from yulan.kernel.lifecycle import Firing, Move
from yulan.kernel.pages.policy import editors, readers, signed_in
from yulan.kernel.pages.reader import actor_of, people, view_of
from yulan.kernel.period import today
from yulan.kernel.resource.codec import Codec, View
from yulan.kernel.resource.declare import Column, Resource, is_required
from yulan.kernel.resource.details import attached_to, files_of, find
from yulan.kernel.resource.fields import Reference
from yulan.kernel.resource.lists import lookup_url
from yulan.kernel.resource.query import Query
from yulan.kernel.resource.write import ROW, Invalid, create, demand_edit, edit, may_create, move
from yulan.kernel.text import _
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import Stale, change_set

BULK_LIMIT = 1000
OPINIONS = 5


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def create_page(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Show and take the form of a new record."""
    actor = actor_of(request)
    verdict = may_create(resource, actor)
    if not verdict:
        raise Refused(*verdict.reasons)
    names = resource.writable(actor)
    errors: Mapping[str, list[str]] = {}
    if request.method == "POST":
        raw = {name: request.POST.get(name) for name in names}
        try:
            obj = create(resource, raw, by=actor)
        except Invalid as error:
            errors = error.errors
        else:
            messages.success(request, _("Saved."))
            return redirect(resource.url(obj.pk))
    given = request.POST if request.method == "POST" else request.GET
    page = {
        "title": _("New %(kind)s") % {"kind": resource.one},
        "groups": _form_groups(resource, names, _starting(resource, names, given), errors),
        "errors": _summary(resource, errors),
        "cancel_url": resource.url(),
        "submit_label": _("Save"),
    }
    return render(request, "yulan/edit.html", {"page": page}, status=422 if errors else 200)


def _starting(resource: Resource, names: Sequence[str], given: QueryDict) -> dict[str, str]:
    """Give what stands in a new form: what was sent, else the defaults."""
    found = {}
    for name in names:
        field: Any = resource.model._meta.get_field(name)
        default = field.get_default() if field.has_default() else None
        found[name] = given.get(name, "" if default is None else form_text(resource.fields[name], default))
    return found


def form_text(column: Column, value: Any) -> str:
    """Give a stored value as it stands in an input."""
    if value is None:
        return ""
    if isinstance(column.codec, Reference):
        return str(column.codec.target._default_manager.values_list(column.codec.key, flat=True).get(pk=value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    plain = column.codec.plain(value)
    return "" if plain is None else str(plain)


@editors
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """Show and take the form of a record."""
    actor = actor_of(request)
    obj = find(resource, pk, actor)
    demand_edit(resource, obj, actor)
    names = resource.writable(actor)
    errors: Mapping[str, list[str]] = {}
    conflict = None
    given = {name: form_text(resource.fields[name], _stored(obj, name)) for name in names}
    version = obj.version
    if request.method == "POST":
        stored = given
        given = {name: _chosen(request.POST, name, stored[name]) for name in names}
        version = _version(request.POST)
        try:
            changed = {name: value for name, value in given.items() if value != stored[name]}
            edit(resource, obj, changed, version=version, by=actor)
        except Invalid as error:
            errors = error.errors
        except Stale:
            conflict = _conflict(resource, obj, given, stored)
            version = obj.version
        else:
            messages.success(request, _("Saved."))
            return redirect(resource.url(pk))
    page = {
        "title": str(obj),
        "groups": _form_groups(resource, names, given, errors),
        "errors": _summary(resource, errors),
        "version": version,
        "cancel_url": resource.url(pk),
        "submit_label": _("Save"),
        "conflict": conflict,
    }
    return render(request, "yulan/edit.html", {"page": page}, status=409 if conflict else 422 if errors else 200)


def _stored(obj: Any, name: str) -> Any:
    return getattr(obj, obj._meta.get_field(name).attname)


def _chosen(post: QueryDict, name: str, stored: str) -> str:
    """Give the sent value; on the conflict page the reader may have taken the other version."""
    return stored if post.get(f"keep_{name}") == "theirs" else post.get(name, stored)


def _version(post: QueryDict) -> int:
    raw = post.get("version", "")
    return int(raw) if raw.isascii() and raw.isdigit() else 0


def _conflict(resource: Resource, obj: Any, mine: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, Any]:
    last = next(iter(timeline(obj, 1)), {"actor": "", "at": obj.changed_at})
    return {
        "by": people([last["actor"]]).get(last["actor"], last["actor"]),
        "at": last["at"],
        "fields": [
            {"name": name, "label": resource.fields[name].label, "mine": mine[name], "theirs": theirs[name]}
            for name in mine
            if mine[name] != theirs[name]
        ],
    }


def _form_groups(
    resource: Resource, names: Sequence[str], given: Mapping[str, str], errors: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    declared = resource.groups or {_("Details"): " ".join(resource.fields)}
    rest, found = list(names), []
    for title, listed in declared.items():
        inside = [name for name in listed.split() if name in rest]
        rest = [name for name in rest if name not in inside]
        if inside:
            found.append({"title": title, "fields": [_input(resource.fields[n], given[n], errors) for n in inside]})
    if rest:
        found.append({"title": _("Further"), "fields": [_input(resource.fields[n], given[n], errors) for n in rest]})
    return found


def _input(column: Column, value: str, errors: Mapping[str, list[str]]) -> dict[str, Any]:
    field: Any = column.codec.field
    kind = {"moment": "text"}.get(column.codec.kind, column.codec.kind)
    if type(column.codec) is Codec and isinstance(field, models.TextField):
        kind = "textarea"
    options = column.codec.options()
    return {
        "name": column.name,
        "label": column.label,
        "kind": kind,
        "private": column.codec.private,
        "value": value,
        "display": _in_words(column.codec, value),
        "required": is_required(field),
        "help": field.help_text,
        "errors": errors.get(column.name, []),
        "options": [{"value": v, "label": w, "selected": v == value} for v, w in options or ()],
        "unit": _("CNY") if kind == "money" else "",
        "lookup_url": lookup_url(column.codec),
        "maxlength": field.max_length,
    }


def _in_words(codec: Codec, value: str) -> str:
    """Give what the code in an input stands for; "" where it names nothing."""
    if isinstance(codec, Reference):
        return codec.called([value]).get(value, "") if value else ""
    try:
        return codec.show(codec.parse(value), View(get_language() or "")) if codec.kind == "region" and value else ""
    except ValueError:
        return ""


def _summary(resource: Resource, errors: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """Give the faults of a form, each with the field it is of."""
    found = []
    for name, texts in errors.items():
        known = name in resource.fields or name in resource.inputs
        label = resource.input(name).label if known else _("Opinion") if name == "opinion" else ""
        for text in texts:
            told = _("%(field)s: %(fault)s") % {"field": label, "fault": text} if label else text
            found.append({"text": told, "field": "" if name == ROW else name})
    return found


@editors
@require_http_methods(["GET", "HEAD", "POST"])
def move_page(request: HttpRequest, resource: Resource, pk: int, name: str) -> HttpResponse:
    """Confirm and fire a move; a repeated POST of the same form happens once."""
    actor = actor_of(request)
    obj = find(resource, pk, actor)
    if resource.lifecycle is None:
        raise Refused(str(_("This kind of record has no moves.")), status=409)
    chosen = resource.lifecycle.find(name, getattr(obj, resource.lifecycle.field))
    errors: Mapping[str, list[str]] = {}
    status = 200
    if request.method == "POST":
        try:
            _fire_once(request, resource, obj, name)
        except Invalid as error:
            errors, status = error.errors, 422
        except Refused as error:
            if chosen is None or error.status != 409:
                raise
            errors, status = {ROW: list(error.reasons)}, 409
        else:
            messages.success(request, _("Done."))
            return redirect(resource.url(pk))
    if chosen is None:
        move(resource, obj, name, by=actor)  # refuses, with the reason
        raise AssertionError
    firing = Firing(actor, today())
    verdict = may_fire(resource.lifecycle, obj, chosen, firing, resource.covers, inputs=False)
    page = _move_page(request, resource, obj, chosen, verdict.reasons, errors if verdict else {})
    return render(request, "yulan/move.html", {"page": page}, status=status)


def _fire_once(request: HttpRequest, resource: Resource, obj: Any, name: str) -> None:
    actor = actor_of(request)
    key = request.POST.get("idempotency_key") or secrets.token_hex(16)
    sent = {k: str(v) for k, v in request.POST.items() if k != "csrfmiddlewaretoken"}
    mark = fingerprint("POST", request.path, orjson.dumps(sent, option=orjson.OPT_SORT_KEYS))

    def act() -> Answer:
        opinion, version = request.POST.get("opinion", ""), _version(request.POST) or None
        move(resource, obj, name, by=actor, opinion=opinion, data=request.POST.dict(), version=version)
        return Answer(200, "")

    with change_set(by=actor, channel="page", reason=request.POST.get("opinion", "")):
        once(key, actor.name, mark, act)


def _move_page(
    request: HttpRequest,
    resource: Resource,
    obj: Any,
    chosen: Move,
    reasons: Sequence[str],
    errors: Mapping[str, list[str]],
) -> dict[str, Any]:
    assert resource.lifecycle
    states = resource.lifecycle.states
    view = view_of(request)
    inputs = []
    for name in chosen.needs:
        column = resource.input(name)
        value = request.POST.get(name, _offered(resource, obj, column))
        inputs.append(_input(column, value, errors))
    return {
        "title": _("%(move)s: %(record)s") % {"move": chosen.label, "record": obj},
        "move": {
            "label": chosen.label,
            "from": states[getattr(obj, resource.lifecycle.field)].label,
            "to": states[chosen.target].label,
            "danger": chosen.danger,
        },
        "reasons": reasons,
        "errors": _summary(resource, errors),
        "fields": [*inputs, _opinion(request, chosen)],
        "summary": [
            {"label": c.heading(view), "text": c.codec.show(getattr(obj, c.name, None), view)}
            for c in resource.listed
            if c.stored and "." not in c.name and not c.link
        ]
        + [{"label": c.heading(view), "text": c.codec.show(value, view)} for c, value in resource.brief(obj)],
        "files": files_of(resource, obj),
        "opinions": _opinions(resource, obj),
        "key": request.POST.get("idempotency_key") or secrets.token_hex(16),
        "version": obj.version,
        "cancel_url": resource.url(obj.pk),
    }


def _opinions(resource: Resource, obj: Any) -> list[dict[str, Any]]:
    """Give what was said at the earlier moves of a record, latest first."""
    assert resource.lifecycle
    said = [body for body in timeline(obj) if body["reason"] and resource.lifecycle.named(body["action"])][:OPINIONS]
    who = people({body["actor"] for body in said}) if said else {}
    return [
        {
            "action": getattr(resource.lifecycle.named(body["action"]), "label", ""),
            "actor": who.get(body["actor"], body["actor"]),
            "at": body["at"],
            "reason": body["reason"],
        }
        for body in said
    ]


def _offered(resource: Resource, obj: Any, column: Column) -> str:
    """Give what stands in an input of a move before anything is typed: today for a date, else what is stored."""
    if column.codec.kind == "date":
        return today().isoformat()
    return form_text(column, _stored(obj, column.name)) if column.name in resource.fields else ""


def _opinion(request: HttpRequest, chosen: Move) -> dict[str, Any]:
    return {
        "name": "opinion",
        "label": _("Opinion"),
        "kind": "textarea",
        "value": request.POST.get("opinion", ""),
        "required": chosen.opinion,
        "errors": [],
    }


@editors
@require_http_methods(["POST"])
def bulk_page(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Fire one move on the chosen rows, or on all that match: all or none, in one change set."""
    actor = actor_of(request)
    name = request.POST.get("move", "")
    query = Query(resource, actor, QueryDict(request.POST.get("query", "")))
    rows = query.rows if request.POST.get("all") else resource.visible_to(actor).filter(pk__in=_chosen_ids(request))
    objects = list(rows.order_by("pk")[: BULK_LIMIT + 1])
    if not objects:
        raise Refused(str(_("Choose at least one row.")), status=409)
    if len(objects) > BULK_LIMIT:
        raise Refused(_("At most %(n)s rows at once.") % {"n": BULK_LIMIT}, status=409)
    refusals: list[tuple[Any, Refused]] = []
    with change_set(by=actor, channel="page"):
        for obj in objects:
            try:
                move(resource, obj, name, by=actor)
            except Refused as error:
                refusals.append((obj, error))
        if refusals:
            reasons = [f"{obj}: {reason}" for obj, error in refusals for reason in error.reasons]
            raise Refused(*reasons[:20], status=max(error.status for _obj, error in refusals))
    messages.success(request, _("Done for %(n)s records.") % {"n": len(objects)})
    return redirect(resource.url())


def _chosen_ids(request: HttpRequest) -> list[int]:
    return [int(raw) for raw in request.POST.getlist("ids") if raw.isascii() and raw.isdigit() and len(raw) < 19]


@editors
@require_http_methods(["POST"])
def upload_page(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """Attach files to a record."""
    actor = actor_of(request)
    obj = find(resource, pk, actor)
    demand_edit(resource, obj, actor)
    try:
        with change_set(by=actor, channel="page"):
            for sent in request.FILES.getlist("file"):
                files.attach(obj, sent, by=actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect(resource.url(pk))


@readers
def file_page(request: HttpRequest, resource: Resource, pk: int, file_id: int) -> HttpResponseBase:
    """Serve a file of a record to those who see the whole record, or to all if it is public."""
    actor = actor_of(request)
    obj = find(resource, pk, actor)
    found = attached_to(obj).filter(pk=file_id).first()
    if found is None or not (found.public or resource.shows_all_of(actor, obj)):
        raise Http404
    return files.serve(found)


@readers
def lookup_page(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Give up to twenty records whose key or text matches, for inputs that name a record."""
    params = QueryDict(mutable=True)
    params["q"] = request.GET.get("q", "")
    query = Query(resource, actor_of(request), params)
    listed = [column.in_words() for column in resource.listed]
    columns = resource.visible_columns(query.actor, [resource.column(resource.key), *listed])
    view = view_of(request)
    options = []
    for _ids, values, beside in query.blocks(columns, query.rows.order_by(*query.ordering)[:20]):
        shown = [c.codec.shows(v, view, more) for c, v, more in zip(columns, values, beside, strict=True)]
        for key, *rest in zip(*shown, strict=True):
            options.append({"value": key, "label": " · ".join(dict.fromkeys(rest[:3]))})
    return render(request, "yulan/lookup.html", {"options": options})
