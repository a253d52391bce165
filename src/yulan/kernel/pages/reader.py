"""The acting person and the reader's preferences of a request."""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from yulan.kernel.access import SYSTEM, VISITOR, Actor
from yulan.kernel.money import Unit
from yulan.kernel.resource.codec import View
from yulan.kernel.text import _

UNITS: dict[str, Unit] = {"yuan": "元", "wan": "万元", "yi": "亿元"}
TokenReader = Callable[[str], Actor | None]


class BadToken(Exception):
    """The bearer token is unknown, expired or withdrawn."""


class Reader:
    """Who asks, by session or by bearer token, and how they want to read."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def by_token(self) -> bool:
        """True when the request carries an Authorization header."""
        return "HTTP_AUTHORIZATION" in self._request.META

    @cached_property
    def actor(self) -> Actor:
        """Give the acting person; VISITOR when nobody is signed in. Raises BadToken."""
        if self.by_token:
            scheme, _space, token = self._request.META["HTTP_AUTHORIZATION"].partition(" ")
            read: TokenReader = import_string(settings.YULAN_TOKEN_READER)
            found = read(token.strip()) if scheme.lower() == "bearer" else None
            if found is None:
                raise BadToken
            return found
        user = getattr(self._request, "user", None)  # absent where a request was refused before anybody looked
        return user.actor() if user is not None and user.is_authenticated else VISITOR

    @cached_property
    def view(self) -> View:
        """Give language and money unit."""
        asked = self._request.GET.get("unit") or self._request.COOKIES.get("unit", "")
        unit = next((unit for name, unit in UNITS.items() if asked in (name, unit)), UNITS["yuan"])
        return View(get_language() or "zh-hans", unit)


def people(usernames: Collection[str]) -> Mapping[str, str]:
    """Give what those who acted are called, by user name; who has no account is left out."""
    known: Callable[[Collection[str]], dict[str, str]] = import_string(settings.YULAN_ACTOR_NAMES)
    return {SYSTEM.name: str(_("System"))} | known(usernames)


def reader_of(request: HttpRequest) -> Reader:
    """Give the reader of a request, made once."""
    found: Reader | None = getattr(request, "_yulan_reader", None)
    if found is None:
        found = Reader(request)
        request._yulan_reader = found  # type: ignore[attr-defined]
    return found


def actor_of(request: HttpRequest) -> Actor:
    """Give the acting person of a request."""
    return reader_of(request).actor


def view_of(request: HttpRequest) -> View:
    """Give how the reader wants values shown."""
    return reader_of(request).view


class KeptByNobody:
    """What somebody was shown under their name stays in no cache: not for the next one at this computer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say so on every answer that does not say more."""
        answer = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "private, no-store"
        return answer


class CsrfForSessions:
    """Requests with a bearer token need no CSRF token: no browser sends that header by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the request."""
        if "HTTP_AUTHORIZATION" in request.META:
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return self.get_response(request)
