"""Pages that lead to other pages: what one may enter, and the registers that things are looked up in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yulan.kernel.pages.policy import anyone, signed_in
from yulan.kernel.pages.reader import actor_of
from yulan.kernel.period import today
from yulan.kernel.resource import all_resources, resource_named
from yulan.kernel.text import _
from yulan.registry.parties.models import Assignment
from yulan.registry.parties.rules import ROLE
from yulan.registry.regions.models import called
from yulan.site.chrome import CHANNELS, REGISTERS


@signed_in
@require_safe
def enter_page(request: HttpRequest) -> HttpResponse:
    """List the kinds of records that the acting person may enter, each with its form and its workbook."""
    actor, order = actor_of(request), list(CHANNELS)
    rows = [
        {
            "title": _("New %(kind)s") % {"kind": resource.one},
            "url": f"{resource.url()}new",
            "about": resource.about,
            "import_url": f"{resource.url()}import",
        }
        for resource in sorted(all_resources(), key=lambda one: order.index(one.channel))
        if resource.can_create(actor)
    ]
    page: dict[str, Any] = {
        "title": _("Enter"),
        "subtitle": _("One record in a form, or many from a workbook. A fact is entered once; forms fill themselves."),
        "rows": rows,
        "empty": _("Your role enters no records itself. What waits for you stands on the to-do list."),
        "empty_url": "/todo",
        "empty_label": _("To-do"),
    }
    return render(request, "yulan/index.html", {"page": page})


@anyone
@require_safe
def registers_page(request: HttpRequest) -> HttpResponse:
    """List the registers and code lists that open to the reader, each with what it is for and how much it holds."""
    actor = actor_of(request)
    found = (resource_named(name) for name in REGISTERS)
    rows = [
        {
            "title": resource.title,
            "url": resource.url(),
            "about": resource.about,
            "count": f"{resource.visible_to(actor).count():,}",
        }
        for resource in found
        if resource and resource.opens_to(actor)
    ]
    page = {
        "title": _("Registers and code lists"),
        "subtitle": _("What the work is measured and named by: figures, indicators, documents, terms, regions."),
        "rows": rows,
    }
    return render(request, "yulan/index.html", {"page": page})


@signed_in
@require_safe
def me_page(request: HttpRequest) -> HttpResponse:
    """Show who is signed in, in which roles, where and until when."""
    actor = actor_of(request)
    held = Assignment.objects.in_force(today()).filter(account__username=actor.name)
    grants = [
        {
            "role": ROLE[one.role].label,
            "daily": ROLE[one.role].daily,
            "place": " · ".join(filter(None, (str(one.organisation or ""), one.region and called(one.region))))
            or _("everywhere"),
            "until": one.valid_to,
            "delegated_by": one.delegated_by,
        }
        for one in held.select_related("organisation", "delegated_by")
    ]
    page = {"title": _("My page"), "name": str(actor), "username": actor.name, "grants": grants}
    return render(request, "yulan/me.html", {"page": page})
