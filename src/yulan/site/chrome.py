"""What stands around every page: channels, menu of the channel, phone bar, reader's preferences."""

from functools import cache, partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from yulan.kernel.access import Actor
from yulan.kernel.notices import unread
from yulan.kernel.pages.reader import BadToken, actor_of, view_of
from yulan.kernel.period import show_date, today
from yulan.kernel.resource import all_resources, resource_named
from yulan.kernel.text import _
from yulan.registry.parties.rules import ROLE, channels_of

Item = tuple[Any, str]
"""A page of a menu: its label and address."""

CHANNELS: dict[str, tuple[Any, str]] = {
    "todo": (_("To-do"), "checklist"),
    "projects": (_("Projects"), "building"),
    "funds": (_("Funds"), "coin-yuan"),
    "cooperation": (_("Cooperation"), "affiliate"),
    "people": (_("People"), "users"),
    "platforms": (_("Platforms"), "apps"),
    "reports": (_("Reports"), "report-analytics"),
}
MENUS: dict[str, tuple[Item | str, ...]] = {
    "todo": ((_("To-do"), "/todo"),),
    "projects": ("projects", "monthly-reports", "project-sites", "funding-sources"),
    "funds": ((_("Funds desk"), "/funds/desk"), "disbursements", "budget-lines", "funds"),
    "people": ("persons", "organisations"),
    "reports": (
        *((_("Forms"), "/forms/"), "facts", (_("The plan"), "/plan"), "measures", "progress-notes"),
        (_("Registers and code lists"), "/registers"),
    ),
}
"""What stands in the menu of a channel, in this order: pages, and record types by name; its other types follow."""
REGISTERS = (
    *("figures", "indicators", "indicator-overlaps", "plan-documents", "plan-parts", "regulations"),
    *("dictionaries", "terms", "regions", "region-groups", "region-group-members"),
)
"""Record types that are looked things up in rather than worked at: they stand on a page of their own."""
PUBLIC = (
    (_("Where the money went"), "/"),
    (_("Projects"), "/projects/"),
    (_("The plan"), "/plan"),
    (_("Data quality"), "/quality"),
    (_("Open data and API"), "/api/docs"),
)
BOTTOM = (
    (_("To-do"), "/todo", "checklist"),
    (_("Projects"), "/projects/", "building"),
    (_("Enter"), "/enter", "plus"),
    (_("Messages"), "/messages", "bell"),
    (_("Me"), "/me", "user"),
)


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Give the context that `yulan/base.html` reads."""
    try:
        actor = actor_of(request)
    except BadToken:
        actor = Actor("")
    view = view_of(request)
    channel = _channel(request)
    cookies = request.COOKIES
    return {
        "actor": {
            "name": str(actor),
            "signed_in": actor.signed_in,
            "role_labels": [ROLE[role].label for role in sorted(actor.roles) if role in ROLE],
        },
        "channels": _channels(actor, channel) if actor.signed_in else _public(request),
        "portal_menu": _public(request),
        "menu": _menu(request, actor, channel),
        "bottom": [
            {"label": label, "url": url, "icon": icon, "current": request.path == url} for label, url, icon in BOTTOM
        ]
        if actor.signed_in
        else [],
        "lang": view.lang,
        "unit": view.unit,
        "theme": _kept(cookies.get("theme"), ("light", "dark", "auto")),
        "size": _kept(cookies.get("size"), ("normal", "large")),
        "contrast": _kept(cookies.get("contrast"), ("normal", "high")),
        "unread": cache(partial(unread, actor)),
        "demo": show_date(today(), view.lang) if settings.DEMO else "",
    }


def _kept(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else known[-1] if known[-1] == "auto" else known[0]


def _channel(request: HttpRequest) -> str:
    """Say in which channel the page asked for stands."""
    path = request.path
    resource = resource_named(path.strip("/").split("/")[0])
    if resource:
        return resource.channel
    return next((key for key, items in MENUS.items() if any(_is_at(path, url) for url in _pages(items))), "")


def _pages(items: tuple[Item | str, ...]) -> list[str]:
    return [item[1] for item in items if not isinstance(item, str)]


def _is_at(path: str, url: str) -> bool:
    """Say whether a page is that of an entry, or one below it."""
    return path == url or path.startswith(url.rstrip("/") + "/")


def _channels(actor: Actor, current: str) -> list[dict[str, Any]]:
    """Give the channels of the actor's roles, each leading to the first page of its menu; empty ones are left out."""
    found = []
    for key in channels_of(actor.roles):
        label, icon = CHANNELS[key]
        rows = _rows(actor, key)
        if rows:
            found.append({"key": key, "label": label, "icon": icon, "url": rows[0]["url"], "current": key == current})
    return found


def _public(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": url, "current": request.path == url or (url != "/" and request.path.startswith(url))}
        for label, url in PUBLIC
    ]


def _rows(actor: Actor, channel: str) -> list[dict[str, Any]]:
    """Give the entries of a channel's menu that open to the actor."""
    items = MENUS.get(channel, ())
    rest = (one.name for one in all_resources() if one.channel == channel and one.name not in REGISTERS)
    entries = dict.fromkeys((*items, *rest))
    return [row for row in (_entry(actor, item) for item in entries) if row]


def _entry(actor: Actor, item: Item | str) -> dict[str, Any] | None:
    if not isinstance(item, str):
        return {"label": item[0], "url": item[1]}
    resource = resource_named(item)
    return {"label": resource.title, "url": resource.url()} if resource and resource.opens_to(actor) else None


def _menu(request: HttpRequest, actor: Actor, channel: str) -> list[dict[str, Any]]:
    """Give the menu beside the page, its own entry marked; none where there is nothing to choose from."""
    if channel not in channels_of(actor.roles):
        return []
    rows, path = _rows(actor, channel), request.path
    register = path.strip("/").split("/")[0] in REGISTERS
    here = "/registers" if register else max((r["url"] for r in rows if _is_at(path, r["url"])), key=len, default="")
    return [row | {"current": row["url"] == here} for row in rows] if len(rows) > 1 else []
