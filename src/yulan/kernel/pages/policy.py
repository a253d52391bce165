"""Who may open a page: said on the view and checked before it runs. A view that says nothing opens to nobody.

    @anyone                     # the public too
    @signed_in                  # whoever is signed in
    @roles("finance", "head")   # who holds one of these roles somewhere
    @readers                    # those to whom the record type named in the address opens
    @editors                    # the same, signed in
    @anyone.sent_by("officer")  # anyone may look, these roles may send

A policy lets in at the door. Which rows, and whether this record may be written, the resource says behind it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from yulan.kernel.access import Refused
from yulan.kernel.pages.reader import actor_of
from yulan.kernel.pages.refusals import SignInFirst, demand_reader, refuse
from yulan.kernel.text import _

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may open a page; `senders` are the roles that may send to it, where these are fewer."""

    signed_in: bool = False
    roles: frozenset[str] = frozenset()
    of_resource: bool = False
    senders: frozenset[str] = frozenset()

    def __call__(self, view: View) -> View:
        """Have a view ask for this before it does anything."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            self.demand(request, **kwargs)
            return view(request, *args, **kwargs)

        guarded.policy = self  # type: ignore[attr-defined]
        return cast(View, guarded)

    def sent_by(self, *names: str) -> "Policy":
        """Let only these roles send."""
        return replace(self, senders=frozenset(names))

    def demand(self, request: HttpRequest, **named: Any) -> None:
        """Raise SignInFirst or Refused unless whoever asks may."""
        wanted = self.senders if self.senders and request.method not in SAFE else self.roles
        if (self.signed_in or wanted) and not actor_of(request).signed_in:
            raise SignInFirst
        if wanted and not actor_of(request).has(wanted):
            raise Refused(str(_("Your role may not do this.")))
        if self.of_resource:
            demand_reader(request, named["resource"])


anyone = Policy()
signed_in = Policy(signed_in=True)
readers = Policy(of_resource=True)
editors = Policy(signed_in=True, of_resource=True)


def roles(*names: str) -> Policy:
    """Let in who holds one of these roles."""
    return Policy(signed_in=True, roles=frozenset(names))


class DenyByDefault:
    """Middleware: a view that does not say who may open it opens to nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Refuse where nothing is said."""
        if isinstance(getattr(view, "policy", None), Policy):
            return None
        log.error("%s.%s does not say who may open it", view.__module__, view.__qualname__)
        return refuse(request, 403, (str(_("Your role may not do this.")),))
