"""Refusals in words: what went wrong, why, and what to do; a page for people, problem+json (RFC 9457) for programs."""

from collections.abc import Callable
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views import defaults

from yulan.kernel.access import Refused
from yulan.kernel.idempotency import BadKey, KeyReused
from yulan.kernel.pages.reader import BadToken, actor_of
from yulan.kernel.resource.declare import Resource
from yulan.kernel.resource.planning import ImportRefused
from yulan.kernel.resource.query import BadQuery
from yulan.kernel.resource.write import Invalid
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.text import _
from yulan.kernel.trail import Stale

TITLES = {
    400: _("The request cannot be read"),
    401: _("Sign in first"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Not possible here"),
    409: _("Not possible now"),
    412: _("Changed meanwhile"),
    413: _("Too large"),
    422: _("Some values cannot be taken"),
    428: _("A condition is missing"),
    500: _("A fault of this system"),
}
ADVICE = {
    400: _("Check the address and the values in it."),
    401: _("Sign in, or send a valid token."),
    403: _("Ask the person who gives out roles in your office."),
    404: _("Check the address. The record may belong to another office."),
    409: _("Settle the reasons above, then try again."),
    412: _("Read the record again and repeat your change."),
    422: _("Correct the values named and send again."),
}


class SignInFirst(Exception):
    """Nobody is signed in, and the page needs somebody."""


def status_of(error: Exception) -> tuple[int, tuple[str, ...]] | None:
    """Give status and reasons of an error that has an answer; None for a fault of ours."""
    match error:
        case Refused():
            return error.status, error.reasons
        case Stale():
            return 412, (str(_("Someone else changed the record since you read it.")),)
        case KeyReused():
            return 422, (str(_("The idempotency key was used for another request.")),)
        case BadKey():
            return 400, (str(_("An idempotency key is 1 to 100 visible ASCII characters.")),)
        case Invalid():
            return 422, tuple(f"{name}: {text}" for name, texts in error.errors.items() for text in texts)
        case SheetError():
            return 422, (str(_(error.message)) % error.params,)
        case BadQuery() | ImportRefused():
            return (400 if isinstance(error, BadQuery) else 422), (str(error),)
        case BadToken():
            return 401, (str(_("The token is unknown, expired or withdrawn.")),)
        case SignInFirst():
            return 401, ()
        case Http404():
            return 404, ()
        case PermissionDenied():
            return 403, ()
    return None


def is_api(request: HttpRequest) -> bool:
    """Say whether a program asks."""
    return request.path.startswith("/api/")


def problem(request: HttpRequest, status: int, reasons: tuple[str, ...], **more: Any) -> HttpResponse:
    """Answer a program."""
    content = {"type": "about:blank", "title": str(TITLES.get(status, "")), "status": status, "reasons": list(reasons)}
    content |= {"detail": "; ".join(reasons)} if reasons else {}
    answer = HttpResponse(orjson.dumps(content | more), status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def refuse(request: HttpRequest, status: int, reasons: tuple[str, ...]) -> HttpResponse:
    """Answer whoever asks, a program or a person."""
    return problem(request, status, reasons) if is_api(request) else refusal_page(request, status, reasons)


def refusal_page(request: HttpRequest, status: int, reasons: tuple[str, ...]) -> HttpResponse:
    """Answer a person."""
    page = {
        "code": status,
        "title": TITLES.get(status, ""),
        "text": " ".join(reasons),
        "reasons": reasons,
        "what_to_do": ADVICE.get(status, ""),
    }
    return render(request, "yulan/error.html", {"page": page}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer what came without the mark against forgery; `reason`, Django's, is for the log."""
    return refuse(request, 403, (str(_("The page was open too long, or the browser keeps no cookies: load it anew.")),))


def not_readable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is refused before any view sees it."""
    return problem(request, 400, ()) if is_api(request) else defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return problem(request, 404, ()) if is_api(request) else defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer where a fault of ours came in between."""
    return problem(request, 500, ()) if is_api(request) else defaults.server_error(request)


class Refusals:
    """Middleware: turn refusals raised by views into answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer the errors that have an answer."""
        found = status_of(error)
        if found is None:
            return None
        status, reasons = found
        if is_api(request):
            more = {"errors": error.errors} if isinstance(error, Invalid) else {}
            return problem(request, status, reasons, **more)
        if status == 401 and not isinstance(error, BadToken):
            return redirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}")
        return refusal_page(request, status, reasons)


def demand_reader(request: HttpRequest, resource: Resource) -> None:
    """Demand that the resource opens to whoever asks. Raises SignInFirst, Refused."""
    actor = actor_of(request)
    if not resource.opens_to(actor):
        if not actor.signed_in:
            raise SignInFirst
        raise Refused(str(_("Your role may not read this.")))
