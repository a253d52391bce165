"""The page of one record: groups of fields, ribbon, moves with the reasons why not, related rows, files, timeline."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from yulan.kernel.access import Actor
from yulan.kernel.deadlines import deadlines_of
from yulan.kernel.files import Attachment
from yulan.kernel.firing import may_fire
from yulan.kernel.lifecycle import Firing, Move
from yulan.kernel.pages.policy import readers
from yulan.kernel.pages.reader import actor_of, people, view_of
from yulan.kernel.period import today
from yulan.kernel.resource.codec import View
from yulan.kernel.resource.declare import Column, Resource, all_resources, resource_of
from yulan.kernel.resource.fields import Reference
from yulan.kernel.resource.lists import drawn
from yulan.kernel.resource.query import Query
from yulan.kernel.resource.ribbon import Ribbon, ribbon
from yulan.kernel.resource.write import may_edit
from yulan.kernel.text import _
from yulan.kernel.timeline import timeline

ACTIONS = {
    "create": _("created"),
    "edit": _("changed"),
    "remove": _("removed"),
    "reveal": _("clear value read"),
    "attach": _("file added"),
    "publish": _("file published"),
    "withdraw": _("file withdrawn"),
    "post": _("booked"),
    "erase": _("personal data erased"),
    "close": _("closed"),
    "reopen": _("reopened"),
    "end": _("ended"),
    "revoke": _("withdrawn"),
}
RELATED_ROWS = 10
FOLDED = 6
"""With more changes than this an event of the timeline shows only how many; what a new record held, too."""


def find(resource: Resource, pk: int, actor: Actor) -> Any:
    """Give a visible record. Raises Http404: what one may not see does not exist."""
    rows = resource.visible_to(actor).filter(pk=pk)
    obj = (rows.select_related(*resource.joins) if resource.joins else rows).first()
    if obj is None:
        raise Http404
    return obj


@readers
def detail_page(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """Show one record."""
    actor, view = actor_of(request), view_of(request)
    obj = find(resource, pk, actor)
    whole = resource.shows_all_of(actor, obj)
    page = {
        "title": str(obj),
        "code": getattr(obj, resource.key, ""),
        "state": _state(resource, obj),
        "ribbon": _ribbon(resource, obj),
        "groups": _signed(_groups(resource, obj, view, actor, whole)),
        "moves": _moves(resource, obj, actor),
        "related": [_related(other, obj, actor, view) for other in listed_under(resource, actor)],
        "files": files_of(resource, obj) if whole else [],
        "upload_url": f"{resource.url(pk)}/files" if may_edit(resource, obj, actor) else "",
        "timeline": _timeline(resource, obj, view) if whole else [],
        "edit_url": f"{resource.url(pk)}/edit" if may_edit(resource, obj, actor) else "",
        "breadcrumbs": [{"label": resource.title, "url": resource.url()}, {"label": str(obj), "url": ""}],
        "actions": resource.actions(obj, actor),
        "sections": resource.sections(obj, actor),
    }
    return render(request, "yulan/detail.html", {"page": page, "resource": resource, "object": obj})


def _state(resource: Resource, obj: Any) -> dict[str, Any] | None:
    if not resource.lifecycle:
        return None
    state = resource.lifecycle.states[getattr(obj, resource.lifecycle.field)]
    (deadline,) = deadlines_of(resource.lifecycle, [obj])
    return {"label": state.label, "tone": state.tone, "phase": state.phase, "deadline": deadline}


def _ribbon(resource: Resource, obj: Any) -> Ribbon | None:
    return ribbon(resource.lifecycle, getattr(obj, resource.lifecycle.field)) if resource.lifecycle else None


def _groups(resource: Resource, obj: Any, view: View, actor: Actor, whole: bool) -> list[dict[str, Any]]:
    declared = resource.groups or {_("Details"): " ".join(resource.fields)}
    allowed = None if whole else set(resource.public.split())
    found = []
    for title, names in declared.items():
        columns = [resource.column(name) for name in names.split() if allowed is None or name in allowed]
        if columns:
            found.append({"title": title, "fields": [_field(column, obj, view, actor) for column in columns]})
    return found


def _signed(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Call those who stamped the record by their names."""
    fields = [field for group in groups for field in group["fields"] if field["text"]]
    stamps = [field for field in fields if field["name"].split("_")[-1] == "by"]
    who = people({field["text"] for field in stamps}) if stamps else {}
    for field in stamps:
        field["text"] = who.get(field["text"], field["text"])
    return groups


def _field(column: Column, obj: Any, view: View, actor: Actor) -> dict[str, Any]:
    value: Any = obj
    for step in column.name.split("."):
        holder, value = value, getattr(value, step, None)
    shown = {"name": column.name, "label": column.heading(view), "kind": column.codec.kind}
    if isinstance(value, models.Model):
        target = resource_of(type(value))
        seen = target is not None and target.opens_to(actor)
        return shown | {"text": str(value), "url": target.url(value.pk) if target and seen else ""}
    extra = getattr(holder, column.codec.companion) if column.codec.companion else None
    text = column.codec.show(value, view, extra)
    link = text if isinstance(column.codec.field, models.URLField) and text.startswith(("http://", "https://")) else ""
    return shown | {"text": text, "url": link}


def _moves(resource: Resource, obj: Any, actor: Actor) -> list[dict[str, Any]]:
    if not resource.lifecycle or not actor.signed_in:
        return []
    firing = Firing(actor, today())
    ways = resource.lifecycle.from_state(getattr(obj, resource.lifecycle.field))
    return [_move(resource, obj, move, firing) | {"usual": move is ways[0]} for move in ways if actor.has(move.roles)]


def _move(resource: Resource, obj: Any, move: Move, firing: Firing) -> dict[str, Any]:
    assert resource.lifecycle
    verdict = may_fire(resource.lifecycle, obj, move, firing, resource.covers, inputs=False)
    return {
        "name": move.name,
        "label": move.label,
        "url": f"{resource.url(obj.pk)}/moves/{move.name}",
        "allowed": bool(verdict),
        "reasons": verdict.reasons,
        "danger": move.danger,
    }


def listed_under(resource: Resource, actor: Actor) -> list[Resource]:
    """Give the resources whose rows say that they stand under records of this one."""
    return [
        other
        for other in all_resources()
        if other.under and other.model._meta.get_field(other.under).related_model is resource.model
        if other.opens_to(actor)
    ]


def _related(other: Resource, obj: Any, actor: Actor, view: View) -> dict[str, Any]:
    """Give the first rows of another resource that refer to this record."""
    query, key = Query(other, actor, QueryDict()), quote(str(getattr(obj, resource_key(obj))))
    rows = query.rows.filter(**{other.under: obj})
    columns = [column for column in query.columns if column.name.split(".")[0] != other.under]
    count = rows.count()
    shown = drawn(query, columns, rows.order_by(*other.ordering)[:RELATED_ROWS], view)
    return {
        "title": other.title,
        "url": f"{other.url()}?{other.under}={key}",
        "count_text": f"{count:,}",
        "columns": [{"label": column.in_words().heading(view), "numeric": column.codec.numeric} for column in columns],
        "rows": list(shown),
        "more_url": f"{other.url()}?{other.under}={key}" if count > RELATED_ROWS else "",
        "add_url": f"{other.url()}new?{other.under}={key}" if other.can_create(actor) else "",
    }


def resource_key(obj: Any) -> str:
    """Give the name of the key field of a record."""
    found = resource_of(type(obj))
    return found.key if found else "pk"


def files_of(resource: Resource, obj: Any) -> list[dict[str, Any]]:
    """Give the files of a record, as pages show them."""
    return [
        {
            "name": item.name,
            "url": f"{resource.url(obj.pk)}/files/{item.pk}",
            "size": item.size,
            "by": item.uploaded_by,
            "at": item.at,
            "sha256": item.sha256,
        }
        for item in attached_to(obj)
    ]


def attached_to(obj: models.Model) -> models.QuerySet[Attachment]:
    """Give the files of a record."""
    return Attachment._default_manager.filter(owner=obj._meta.label_lower, owner_id=obj.pk)


def _timeline(resource: Resource, obj: Any, view: View) -> list[dict[str, Any]]:
    bodies = timeline(obj)
    named, who = _named(resource, bodies), people({body["actor"] for body in bodies})
    return [_event(resource, body, named, view) | {"actor": who.get(body["actor"], body["actor"])} for body in bodies]


Named = Mapping[str, Mapping[int, str]]
"""Column attribute → id → what the record referred to is called."""


def _named(resource: Resource, bodies: list[dict[str, Any]]) -> Named:
    """Look up what the entries refer to, one query for each column."""
    found: dict[str, dict[int, str]] = {}
    for column in resource.fields.values():
        if isinstance(column.codec, Reference) and column.codec.field:
            attname = column.codec.field.attname
            told = [part.get(attname) for body in bodies for part in (body.get("before"), body.get("after")) if part]
            rows = column.codec.target._default_manager.in_bulk({key for key in told if isinstance(key, int)})
            found[attname] = {key: str(row) for key, row in rows.items()}
    return found


def _event(resource: Resource, body: dict[str, Any], named: Named, view: View) -> dict[str, Any]:
    before, after = body.get("before") or {}, body.get("after") or {}
    move = resource.lifecycle.named(body["action"]) if resource.lifecycle else None
    unseen = {f.attname for f in resource.model._meta.concrete_fields if f.name not in resource.fields}
    known = {name for name in {**before, **after} if name not in unseen and _column(resource, name)}
    names = [name for name in {**before, **after} if name in known and before.get(name) != after.get(name)]
    changes = [_difference(resource, name, before.get(name), after.get(name), named, view) for name in names]
    return {
        "at": body["at"],
        "action": move.label if move else ACTIONS.get(body["action"], body["action"]),
        "reason": body["reason"],
        "changes": [change for change in changes if change["before"] or change["after"]],
        "folded": body["action"] == "create" or len(changes) > FOLDED,
        "trail_url": f"/trail/{body['seq']}",
    }


def _column(resource: Resource, attname: str) -> Column | None:
    return resource.fields.get(attname) or resource.fields.get(attname.removesuffix("_id"))


def _difference(resource: Resource, attname: str, before: Any, after: Any, named: Named, view: View) -> dict[str, Any]:
    column = _column(resource, attname)
    assert column is not None
    if attname in named:
        names = named[attname]
        return {"label": column.label, "before": names.get(before, before), "after": names.get(after, after)}
    return {
        "label": column.heading(view),
        "before": _read(column, before, view),
        "after": _read(column, after, view),
    }


def _read(column: Column, value: Any, view: View) -> str:
    """Show a value as the trail kept it."""
    if value in (None, ""):
        return ""
    kept = column.codec.parse(value) if column.codec.kind in ("date", "moment", "decimal") else value
    return column.codec.show(kept, view)
