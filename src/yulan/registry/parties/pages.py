"""Signing in and out, in demonstration mode with one click as each demonstration role; looking at a clear value."""

from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yulan.kernel.access import Actor, Refused
from yulan.kernel.pages.display import way_back
from yulan.kernel.pages.policy import anyone, signed_in
from yulan.kernel.pages.reader import actor_of
from yulan.kernel.resource.details import find
from yulan.kernel.text import _
from yulan.registry.parties import services, throttle
from yulan.registry.parties.models import Account, Assignment, Person
from yulan.registry.parties.resources import Persons
from yulan.registry.parties.rules import PERSONAL_FIELDS, ROLE, landing_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show and take the sign-in form."""
    errors: list[str] = []
    wait = 0
    if request.method == "POST":
        account, errors, wait = _account(request)
        if account is not None:
            login(request, account, backend=BACKEND)
            return redirect(way_back(request) or landing(account))
    page = {
        "title": _("Sign in"),
        "next": way_back(request),
        "username": request.POST.get("username", ""),
        "errors": errors,
        "personas": personas() if settings.DEMO else [],
    }
    answer = render(request, "yulan/signin.html", {"page": page}, status=429 if wait else 403 if errors else 200)
    if wait:
        answer["Retry-After"] = str(wait)
    return answer


def _account(request: HttpRequest) -> tuple[Account | None, list[str], int]:
    """Give who signs in, else what is wrong and, after too many tries, how many seconds to wait."""
    persona = request.POST.get("persona", "")
    if persona and settings.DEMO:
        found = Account.objects.filter(username=persona, is_active=True, demonstration=True).first()
        return found, [] if found else [str(_("There is no such demonstration account."))], 0
    username = request.POST.get("username", "")[:150]
    key = throttle.key_of(request, username)
    if wait := ceil(throttle.count_try(key).total_seconds()):
        minutes = ceil(wait / 60)
        text = ngettext("Too many attempts. Wait %(n)s minute.", "Too many attempts. Wait %(n)s minutes.", minutes)
        return None, [text % {"n": minutes}], wait
    user = authenticate(request, username=username, password=request.POST.get("password", ""))
    if isinstance(user, Account):
        throttle.forget_tries(key)
        return user, [], 0
    return None, [str(_("User name and password do not fit."))], 0


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
