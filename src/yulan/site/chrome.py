"""What stands around every page: channels, menu of the channel, phone bar, reader's preferences."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from yulan.kernel.access import Actor
from yulan.kernel.pages.reader import BadToken, actor_of, view_of
from yulan.kernel.period import show_date, today
from yulan.kernel.resource import all_resources
from yulan.kernel.text import _
from yulan.registry.parties.rules import ROLE, channels_of

CHANNELS: dict[str, tuple[Any, str, str]] = {
    "todo": (_("To-do"), "checklist", "/todo"),
    "projects": (_("Projects"), "building", "/projects/"),
    "funds": (_("Funds"), "coin-yuan", "/funds/desk"),
    "cooperation": (_("Cooperation"), "affiliate", "/measures/"),
    "people": (_("People"), "users", "/persons/"),
    "platforms": (_("Platforms"), "apps", "/plan"),
    "reports": (_("Reports"), "report-analytics", "/forms/"),
}
PAGES: dict[str, list[tuple[Any, str]]] = {
    "reports": [
        (_("Forms"), "/forms/"),
        (_("The plan"), "/plan"),
        (_("Gap list"), "/plan/gaps"),
        (_("Consistency"), "/plan/consistency"),
    ],
    "funds": [(_("Funds desk"), "/funds/desk")],
}
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
    (_("Enter"), "/projects/new", "plus"),
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
        "demo": show_date(today(), view.lang) if settings.DEMO else "",
    }


def _kept(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else known[-1] if known[-1] == "auto" else known[0]


def _channel(request: HttpRequest) -> str:
    """Say in which channel the page asked for stands."""
    path = request.path
    first = path.strip("/").split("/")[0]
    for resource in all_resources():
        if resource.name == first:
            return resource.channel
    for key, (_label, _icon, url) in CHANNELS.items():
        if path == url:
            return key
    return next((key for key, pages in PAGES.items() if any(path.startswith(url) for _l, url in pages)), "")


def _channels(actor: Actor, current: str) -> list[dict[str, Any]]:
    seen = channels_of(actor.roles)
    return [
        {"key": key, "label": label, "icon": icon, "url": url, "current": key == current}
        for key, (label, icon, url) in CHANNELS.items()
        if key in seen
    ]


def _public(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": url, "current": request.path == url or (url != "/" and request.path.startswith(url))}
        for label, url in PUBLIC
    ]


def _menu(request: HttpRequest, actor: Actor, channel: str) -> list[dict[str, Any]]:
    if not actor.signed_in or not channel:
        return []
    rows = [(label, url) for label, url in PAGES.get(channel, ())]
    rows += [
        (resource.title, resource.url())
        for resource in all_resources()
        if resource.channel == channel and resource.opens_to(actor)
    ]
    here = max((url for _label, url in rows if request.path.startswith(url)), key=len, default="")
    return [{"label": label, "url": url, "current": url == here} for label, url in rows]
