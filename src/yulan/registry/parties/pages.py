"""Signing in and out, in demonstration mode with one click as each demonstration role; looking at a clear value."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yulan.kernel.access import Actor, Refused
from yulan.kernel.pages.policy import anyone, signed_in
from yulan.kernel.pages.reader import actor_of
from yulan.kernel.resource.details import find
from yulan.kernel.text import _
from yulan.registry.parties import services
from yulan.registry.parties.models import Account, Assignment, Person
from yulan.registry.parties.resources import Persons
from yulan.registry.parties.rules import PERSONAL_FIELDS, ROLE, landing_of

TRIES, WAIT = 10, 900
"""After so many failures for one name from one address, wait so many seconds."""
BACKEND = "django.contrib.auth.backends.ModelBackend"


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show and take the sign-in form."""
    errors: list[str] = []
    if request.method == "POST":
        account, errors = _account(request)
        if account is not None:
            login(request, account, backend=BACKEND)
            return redirect(_next(request) or landing(account))
    page = {
        "title": _("Sign in"),
        "next": _next(request),
        "username": request.POST.get("username", ""),
        "errors": errors,
        "personas": personas() if settings.DEMO else [],
    }
    return render(request, "yulan/signin.html", {"page": page}, status=403 if errors else 200)


def _account(request: HttpRequest) -> tuple[Account | None, list[str]]:
    persona = request.POST.get("persona", "")
    if persona and settings.DEMO:
        found = Account.objects.filter(username=persona, is_active=True, demonstration=True).first()
        return (found, []) if found else (None, [str(_("There is no such demonstration account."))])
    username = request.POST.get("username", "")[:150]
    key = f"sign-in:{request.META.get('REMOTE_ADDR')}:{username}"
    if cache.get(key, 0) >= TRIES:
        return None, [str(_("Too many attempts. Wait a quarter of an hour."))]
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if isinstance(user, Account):
        cache.delete(key)
        return user, []
    cache.add(key, 0, WAIT)
    cache.incr(key)
    return None, [str(_("User name and password do not fit."))]


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if safe else ""


def landing(account: Account) -> str:
    """Give the page on which the person starts the day; the to-do list where a role's own page is still to come."""
    place = landing_of(account.actor().roles)
    try:
        resolve(place)
    except Resolver404:
        return "/todo"
    return place


def personas() -> list[dict[str, Any]]:
    """Give the demonstration accounts, one button each, in the order of the roles."""
    rows = (
        Assignment.objects.filter(account__demonstration=True, account__is_active=True)
        .select_related("account", "organisation")
        .order_by("account_id", "id")
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        role = ROLE[row.role]
        place = str(row.organisation or "")
        entry = {"username": row.account.username, "name": row.account.name, "role": role.label}
        found.setdefault(row.account.username, entry | {"place": place, "what": role.daily, "row": role.row})
    return sorted(found.values(), key=lambda one: (one["row"], one["username"]))


@anyone
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("/")


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one clear value of a person to those who may see it, once they have said why."""
    actor, persons = actor_of(request), Persons()
    person: Person = find(persons, pk, actor)
    clear, errors = None, []
    if request.method == "POST":
        field, reason = request.POST.get("field", ""), request.POST.get("reason", "")
        try:
            clear = services.reveal_field(person, field, by=actor, reason=reason)
        except Refused as refused:
            errors = [{"field": "reason", "text": why} for why in refused.reasons]
    page = {
        "title": _("Clear value of %(person)s") % {"person": person.code},
        "fields": _reveal_inputs(request, person, actor),
        "errors": errors,
        "clear": clear,
        "label": PERSONAL_FIELDS.get(request.POST.get("field", "")),
        "breadcrumbs": [
            {"label": persons.title, "url": persons.url()},
            {"label": person.code, "url": persons.url(pk)},
        ],
        "cancel_url": persons.url(pk),
    }
    return render(request, "parties/reveal.html", {"page": page}, status=409 if errors else 200)


def _reveal_inputs(request: HttpRequest, person: Person, actor: Actor) -> list[dict[str, Any]]:
    """Give the inputs: which of the fields the actor may see, and why."""
    allowed = [(f, label) for f, label in PERSONAL_FIELDS.items() if services.may_reveal(actor, f, person)]
    if not allowed:
        raise Refused(str(_("Your role sees this field masked.")))
    options = [{"value": field, "label": label} for field, label in allowed]
    chosen, reason = request.POST.get("field", allowed[0][0]), request.POST.get("reason", "")
    return [
        {"name": "field", "label": _("Field"), "kind": "choice", "options": options, "value": chosen, "required": True},
        {"name": "reason", "label": _("Reason"), "kind": "text", "value": reason, "required": True, "maxlength": 200},
    ]
