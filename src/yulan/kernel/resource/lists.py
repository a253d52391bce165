"""The list page of a resource."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from yulan.kernel.pages.policy import readers
from yulan.kernel.pages.reader import actor_of, view_of
from yulan.kernel.resource.codec import Codec, View, each
from yulan.kernel.resource.declare import Column, Resource, resource_of
from yulan.kernel.resource.exporting import FORMATS
from yulan.kernel.resource.fields import Reference, StateCodec
from yulan.kernel.resource.query import RANGED, SIZES, Chip, Query, addressed
from yulan.kernel.secrets import PLAIN
from yulan.kernel.text import _

FEW = 3
"""Filters that stand beside the search; the others are folded away until one of them is in force."""
KINDS = {"money": "money", "date": "date", "state": "state", "bool": "bool", "choice": "text"}


@readers
def list_page(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Show the list; a form with personal values is sent, and answered with the address that veils them."""
    if request.method == "POST":
        typed = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
        return redirect(f"{resource.url()}?{addressed(resource, typed).urlencode()}")
    query, view = Query(resource, actor_of(request), request.GET), view_of(request)
    chosen = request.GET.getlist("columns") or request.COOKIES.get("columns", "").split("~")
    shown = {column.name for column in query.columns if column.name in chosen} or {c.name for c in query.columns}
    columns = [column for column in query.columns if column.name in shown]
    filters = [_filter(query, column) for column in query.filters.values()]
    page = {
        "title": resource.title,
        "q": query.q,
        "published": query.published,
        "plain": PLAIN,
        "sent": any(column.codec.private for column in query.filters.values()),
        "query": request.GET.urlencode(),
        "count_text": ngettext("%(n)s record", "%(n)s records", query.total) % {"n": f"{query.total:,}"},
        "chips": [_chip(query, chip, view) for chip in query.chips],
        "filters": filters[:FEW],
        "more_filters": filters[FEW:],
        "more_in_force": any(chip.column.name in list(query.filters)[FEW:] for chip in query.chips),
        "columns": [_heading(query, column, shown, view) for column in query.columns],
        "rows": list(drawn(query, columns, query.paged(), view)),
        "pager": _pager(query),
        "total": query.total,
        "reset_url": resource.url(),
        "help_url": resource.url() + "help",
        "exports": [{"label": form.upper(), "url": _url(query, "export." + form, page=None)} for form in FORMATS],
        "bulk": _bulk(query),
        "bulk_url": resource.url() + "bulk",
        "actions": _actions(query),
        "empty": _empty(query),
    }
    return render(request, "yulan/list.html", {"page": page, "resource": resource})


def _url(query: Query, tail: str = "", **changes: object) -> str:
    params = query.params.copy()
    for name, value in changes.items():
        params.pop(name, None)
        if value is not None:
            params[name] = str(value)
    encoded = params.urlencode()
    return query.resource.url() + tail + (f"?{encoded}" if encoded else "")


def _chip(query: Query, chip: Chip, view: View) -> dict[str, Any]:
    params = query.params.copy()
    params.pop(chip.parameter)
    params.pop("page", None)
    codec = chip.column.codec
    words = codec.called(chip.values) if isinstance(codec, Reference) else dict(codec.options() or ())
    value = ", ".join(words.get(value) or _read(codec, value, view) for value in chip.values)
    bound = "≥ " if chip.parameter.endswith(".from") else "≤ " if chip.parameter.endswith(".to") else ""
    label = chip.column.heading(View(view.lang))  # amounts are asked for in yuan
    return {"label": label, "value": bound + value, "remove_url": f"?{params.urlencode()}"}


def _read(codec: Codec, asked: str, view: View) -> str:
    """Give a value of an address as people read it: a region's name, a date in words."""
    if codec.kind not in ("region", "date"):
        return asked
    return codec.show(codec.parse(asked), view)


def _filter(query: Query, column: Column) -> dict[str, Any]:
    name, kind, options = column.name, column.codec.kind, column.codec.options()
    chosen = query.params.getlist(name)
    ranged = kind in RANGED
    return {
        "name": name,
        "private": column.codec.private,
        "label": column.heading(View()),
        "kind": "choice" if options else ("number" if ranged and kind != "date" else kind),
        "value": query.params.get(f"{name}.from" if ranged else name, ""),
        "value_to": query.params.get(f"{name}.to", ""),
        "options": [{"value": v, "label": w, "selected": v in chosen} for v, w in options or ()],
        "lookup_url": lookup_url(column.codec),
    }


def lookup_url(codec: Codec) -> str:
    """Give where an input that names a region or a record finds suggestions; "" for other values."""
    if isinstance(codec, Reference):
        found = resource_of(codec.target)
        return f"{found.url()}lookup" if found else ""
    return "/regions/lookup" if codec.kind == "region" else ""


def _heading(query: Query, column: Column, shown: set[str], view: View) -> dict[str, Any]:
    current = query.sort.removeprefix("-") == column.name
    down = query.sort.startswith("-")
    turn = f"-{column.name}" if current and not down else column.name
    return {
        "name": column.name,
        "label": column.in_words().heading(view),
        "sort_url": _url(query, sort=turn, page=None) if column.stored else "",
        "direction": ("desc" if down else "asc") if current else "",
        "numeric": column.codec.numeric,
        "shown": column.name in shown,
    }


def drawn(query: Query, columns: list[Column], rows: QuerySet[Any], view: View) -> Iterator[dict[str, Any]]:
    """Give rows as the table of a page draws them: records they refer to are called by their names."""
    base, columns = query.resource.url(), [column.in_words() for column in columns]
    for ids, values, beside in query.blocks(columns, rows):
        shown = [each(_face(c, view), v, more) for c, v, more in zip(columns, values, beside, strict=True)]
        for pk, *cells in zip(ids, *shown, strict=True):
            yield {"id": pk, "url": f"{base}{pk}", "cells": cells}


def _face(column: Column, view: View) -> Callable[..., dict[str, Any]]:
    codec, kind = column.codec, KINDS.get(column.codec.kind, "text")

    def face(value: Any, more: Any = None) -> dict[str, Any]:
        text = codec.show(value, view, more)
        return {"text": text, "kind": kind, "numeric": codec.numeric, "tone": _tone(codec, value)}

    return face


def _tone(codec: Any, value: Any) -> str:
    return codec.lifecycle.states[value].tone if value and isinstance(codec, StateCodec) else ""


def _pager(query: Query) -> dict[str, Any]:
    pages = max(1, -(-query.total // query.size))
    start = (query.page - 1) * query.size
    end = min(start + query.size, query.total)
    back, on = query.page > 1, query.page < pages
    return {
        "first": _url(query, page=1) if back else "",
        "prev": _url(query, page=query.page - 1) if back else "",
        "next": _url(query, page=query.page + 1) if on else "",
        "last": _url(query, page=pages) if on else "",
        "page": query.page,
        "pages": pages,
        "start": start + 1 if query.total else 0,
        "end": end,
        "total_text": f"{start + 1:,}–{end:,} / {query.total:,}" if query.total else "",
        "sizes": [{"n": n, "url": _url(query, size=n, page=None), "current": n == query.size} for n in SIZES],
    }


def _bulk(query: Query) -> list[dict[str, Any]]:
    """Give the moves out of the states asked for that need no input and that one of the actor's roles may make."""
    lifecycle = query.resource.lifecycle
    if not lifecycle:
        return []
    asked = set(query.params.getlist(lifecycle.field)) or set(lifecycle.states)
    ready = (m for m in lifecycle.moves if not (m.needs or m.opinion or m.danger) and asked & set(m.sources))
    moves = {move.name: move for move in ready if query.actor.has(move.roles)}
    return [{"name": move.name, "label": move.label} for move in moves.values()]


def _actions(query: Query) -> list[dict[str, Any]]:
    if not query.resource.writable(query.actor):
        return []
    url = query.resource.url()
    found: list[dict[str, Any]] = [{"label": _("Import"), "url": url + "import"}]
    if query.resource.can_create(query.actor):
        found.append({"label": _("New %(kind)s") % {"kind": query.resource.one}, "url": url + "new", "primary": True})
    return found


def _empty(query: Query) -> dict[str, Any]:
    if query.q or query.chips:
        return {"title": _("Nothing matches"), "text": _("Take away a condition or search for another word.")}
    found: dict[str, Any] = {"title": _("Nothing here yet"), "text": _("Records you may see will be listed here.")}
    if query.resource.can_create(query.actor):
        found |= {
            "text": _("Enter the first one, or bring a whole workbook."),
            "action_label": _("Import a workbook"),
            "action_url": query.resource.url() + "import",
        }
    return found
