"""The funds desk (资金台): what left and has not arrived first, then what waits to be paid, then the trial balance."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yulan.engines.funds.disbursement import TRANSIT
from yulan.engines.funds.models import Disbursement
from yulan.engines.funds.rules import ACCOUNT_KINDS
from yulan.engines.funds.selectors import in_transit, projects_called, trial_balance
from yulan.kernel.access import Actor
from yulan.kernel.money import UNIT_LABELS, show_money
from yulan.kernel.pages.policy import roles
from yulan.kernel.pages.reader import actor_of, view_of
from yulan.kernel.period import today
from yulan.kernel.resource import resource_of
from yulan.kernel.text import _

READERS = ("finance", "officer", "head", "leader", "auditor", "field", "recipient", "district")
SHOWN = 100


@roles(*READERS)
@require_safe
def desk_page(request: HttpRequest) -> HttpResponse:
    """Show the desk; rows are those the actor may see."""
    actor, view = actor_of(request), view_of(request)
    seen = _visible(actor)
    waiting = [row for row in in_transit() if row.disbursement is None or row.disbursement in seen]
    called = projects_called({row.project for row in waiting[:SHOWN]})
    page = {
        "title": _("Funds desk"),
        "waiting": [_waiting(row, view.unit, called.get(row.project)) for row in waiting[:SHOWN]],
        "waiting_total": show_money(sum(row.amount for row in waiting), view.unit),
        "count": len(waiting),
        "unit": UNIT_LABELS[view.unit],
        "queues": _queues(actor),
        "balance": _balance(view.unit),
    }
    return render(request, "funds/desk.html", {"page": page})


def _visible(actor: Actor) -> dict[int, str]:
    """Give id → code of the disbursements the actor may see."""
    resource = resource_of(Disbursement)
    return dict(resource.visible_to(actor).values_list("pk", "code")) if resource else {}


def _waiting(row: Any, unit: Any, called: tuple[str, str] | None) -> dict[str, Any]:
    return {
        "name": called[0] if called else "",
        "entry": row.entry,
        "project": row.project,
        "line": row.line,
        "since": row.sent_on,
        "age": row.age,
        "amount": show_money(row.amount, unit),
        "tone": TRANSIT.light(row.sent_on, today()),
        "url": f"/disbursements/{row.disbursement}" if row.disbursement else f"/ledger-entries/?project={row.project}",
    }


def _queues(actor: Actor) -> list[dict[str, Any]]:
    """Count the disbursements whose next move is the actor's, by state."""
    resource = resource_of(Disbursement)
    if resource is None or resource.lifecycle is None:
        return []
    found = []
    for name, state in resource.lifecycle.states.items():
        ways = resource.lifecycle.from_state(name)
        if not (ways and actor.has(ways[0].roles)):
            continue  # the usual next move, listed first, is somebody else's
        moves = [move for move in ways if actor.has(move.roles) and not move.danger]
        count = resource.visible_to(actor).filter(**{resource.lifecycle.field: name}).count()
        if count:
            labels = " / ".join(str(move.label) for move in moves)
            url = f"/disbursements/?{resource.lifecycle.field}={name}"
            found.append({"state": state.label, "moves": labels, "count": f"{count:,}", "url": url})
    return found


def _balance(unit: Any) -> list[dict[str, Any]]:
    sums = trial_balance()
    rows = [
        {
            "label": kind.label,
            "amount": show_money(sums.get(name, 0), unit),
            "url": f"/ledger-accounts/?kind={name}",
        }
        for name, kind in ACCOUNT_KINDS.items()
    ]
    return [*rows, {"label": _("Sum (must be 0)"), "amount": show_money(sum(sums.values()), unit)}]
