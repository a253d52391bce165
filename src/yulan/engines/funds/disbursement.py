"""The lifecycle of a disbursement (requirements §5.2; machines.json: disbursement). Pure.

Guards here need nothing but the ledger and the papers named. Those of §5.2 that need rules with a date are
configuration of a later issue and are not imitated: schedule of tranches due, share of the prior tranche paid,
blocking rules FR04–FR06 before approval, countersignature of the field team on a request, rules FR01/FR02 behind a
hold.
"""

from datetime import date
from typing import Any

from yulan.engines.funds.rules import only_left
from yulan.kernel.access import Place
from yulan.kernel.lifecycle import Firing, Guard, Lifecycle, Limit, Move, State, of_inputs, other_than
from yulan.kernel.money import show_money
from yulan.kernel.text import _

CARRY_YEARS = 2
"""Budget years after which carried-over money is a surplus and goes back (FR03; to be confirmed in the edition)."""

SCOPE = Place("line__fund__owner__path", "line__region", either=True)
GIVER = Place(organisation="line__fund__owner__path")
RECIPIENT = Place("line__recipient__path", "line__region", either=True)


def on_giver_side(obj: Any, firing: Firing) -> str | None:
    """The acting person belongs to the fund's owner; an officer of the city, tied to no place, does."""
    if firing.by.unlimited or any(GIVER.covers(grant, obj) for grant in firing.by.grants):
        return None
    return str(_("Only the giving side may do this."))


def on_recipient_side(obj: Any, firing: Firing) -> str | None:
    """The acting person's role is tied to the recipient area or to the keeper of its special account."""
    tied = (grant for grant in firing.by.grants if grant.organisation or grant.regions)
    if firing.by.unlimited or any(RECIPIENT.covers(grant, obj) for grant in tied):
        return None
    return str(_("Only the recipient side may do this."))


def booking_date(firing: Firing) -> date:
    """Give the date a move is booked on: the one asked for, or today."""
    day: date | None = firing.data.get("moved_on")
    return day or firing.today


@of_inputs
def is_in_order(obj: Any, firing: Firing) -> str | None:
    """The booking date is neither before the last move's nor in the future."""
    day = booking_date(firing)
    if obj.moved_on and day < obj.moved_on:
        return str(_("The date lies before that of the last move, %(day)s.") % {"day": obj.moved_on})
    return str(_("The booking date lies in the future.")) if day > firing.today else None


def is_covered(obj: Any, firing: Firing) -> str | None:
    """The budget line has the amount."""
    left: int = obj.line.left
    return only_left(left) if obj.amount > left else None


@of_inputs
def is_whole(obj: Any, firing: Firing) -> str | None:
    """The amount that arrived is the amount that was sent."""
    if firing.data.get("received") == obj.amount:
        return None
    sent = show_money(obj.amount)
    return str(_("%(sent)s yuan were sent: confirm exactly that, or clear it with the sender.") % {"sent": sent})


@of_inputs
def asks_within(obj: Any, firing: Firing) -> str | None:
    """Not more is asked for than is there; less leaves the rest as a tranche of its own."""
    asked = firing.data.get("amount", obj.amount)
    if asked <= 0:
        return str(_("The amount must be above 0."))
    return only_left(obj.amount) if asked > obj.amount else None


@of_inputs
def is_surplus(obj: Any, firing: Firing) -> str | None:
    """Two budget years have passed since the line's (FR03)."""
    due = obj.line.fund.year + CARRY_YEARS
    if booking_date(firing).year >= due:
        return None
    return str(_("Carried-over money may be used until the end of %(year)s.") % {"year": due - 1})


PAPERS = _("The papers that this step needs are named.")


def has(*fields: str) -> Guard:
    """Guard: these papers are named, on the record or with the move."""

    def guard(obj: Any, firing: Firing) -> str | None:
        missing = [name for name in fields if not firing.data.get(name, getattr(obj, name))]
        labels = ", ".join(str(obj._meta.get_field(name).verbose_name) for name in missing)
        return str(_("Still missing: %(fields)s.") % {"fields": labels}) if labels else None

    guard.__doc__ = PAPERS  # type: ignore[assignment]  # lazy: translated when it is shown
    return of_inputs(guard)


SECOND = _("Somebody else must do this: nobody checks their own act.")
OFFICE = ("officer", "head", "district")
GIVERS = (*OFFICE, "finance")
RECIPIENTS = ("finance", "recipient")
DATE = ("moved_on",)
USE = ("amount", "payee", "invoice_no", "contract_no", *DATE)

giver = (on_giver_side, is_in_order)
recipient = (on_recipient_side, is_in_order)
not_maker = other_than("made_by", SECOND)
not_allocator = other_than("allocated_by", SECOND)
not_instructor = other_than("instructed_by", SECOND)
not_requester = other_than("requested_by", SECOND)
not_payer = other_than("paid_by", SECOND)
has_papers = has("payee", "invoice_no", "contract_no")

STATES = (
    State("BUDGETED", _("Budgeted"), _("Allocation"), open=True, clock="run"),
    State("ALLOCATED", _("Allocated"), _("Allocation"), clock="run"),
    State("APPROVED_TRANCHE", _("Tranche approved"), _("Allocation"), clock="run"),
    State("INSTRUCTED", _("In transit"), _("Transfer"), "warn", clock="run"),
    State("RECEIVED", _("Received"), _("Transfer"), clock="run"),
    State("REQUESTED", _("Requested"), _("Use"), "warn", clock="run"),
    State("PAID", _("Paid"), _("Use"), "ok", clock="run"),
    State("VERIFIED", _("Verified"), _("Finished"), "ok"),
    State("HELD", _("Held"), _("Transfer"), "bad", clock="run"),
    State("RECALLED", _("Recalled"), _("Finished"), "returned"),
    State("CARRIED", _("Carried over"), _("Transfer"), "warn", clock="run"),
    State("RECOVERED", _("Recovered"), _("Finished"), "returned"),
    State("REVERSED", _("Reversed"), _("Finished"), "bad"),
)

MOVES = (
    Move("allocate", _("Allocate"), ("BUDGETED",), "ALLOCATED", OFFICE, (*giver, is_covered), DATE, "allocated_by"),
    Move(
        "approve", _("Approve a tranche"), ("ALLOCATED",), "APPROVED_TRANCHE", ("head", "finance"),
        (on_giver_side, asks_within, not_maker, not_allocator), ("amount",), "approved_by",
    ),
    Move(
        "instruct", _("Instruct the transfer"), ("APPROVED_TRANCHE",), "INSTRUCTED", ("finance",),
        (*giver, has("doc_no")), ("doc_no", *DATE), "instructed_by",
    ),
    Move(
        "confirm_receipt", _("Confirm receipt"), ("INSTRUCTED",), "RECEIVED", RECIPIENTS,
        (*recipient, not_instructor, is_whole), ("received", *DATE), "received_by",
    ),
    Move(
        "request_use", _("Request use"), ("RECEIVED", "CARRIED"), "REQUESTED", ("recipient",),
        (*recipient, asks_within, has_papers), USE, "requested_by",
    ),
    Move("pay", _("Pay"), ("REQUESTED",), "PAID", RECIPIENTS, (*recipient, not_requester), DATE, "paid_by"),
    Move(
        "refuse", _("Refuse"), ("REQUESTED",), "RECEIVED", ("field", *RECIPIENTS),
        (*recipient, not_requester), DATE, opinion=True,
    ),
    Move(
        "verify", _("Verify"), ("PAID",), "VERIFIED", ("auditor", "field"),
        (is_in_order, not_requester, not_payer), DATE, "verified_by",
    ),
    Move("reverse", _("Reverse"), ("PAID",), "REVERSED", RECIPIENTS, recipient, DATE, opinion=True, danger=True),
    Move("hold", _("Hold"), ("RECEIVED",), "HELD", GIVERS, giver, DATE, opinion=True),
    Move("release", _("Release"), ("HELD",), "RECEIVED", GIVERS, giver, DATE, opinion=True),
    Move("recall", _("Recall"), ("HELD",), "RECALLED", ("head", "finance"), giver, DATE, opinion=True, danger=True),
    Move("carry_over", _("Carry over"), ("RECEIVED",), "CARRIED", RECIPIENTS, recipient, DATE),
    Move(
        "recover", _("Recover"), ("CARRIED",), "RECOVERED", ("finance",), (*giver, is_surplus), DATE, danger=True
    ),
)  # fmt: skip

TRANSIT = Limit("INSTRUCTED", "moved_on", _("Arrives within 60 days"), days=60, warn=30, unverified=True)
"""Money in transit turns yellow after 30 days, red after 60: common practice, not confirmed by a document."""

LIMITS = (
    TRANSIT,
    Limit("RECEIVED", "moved_on", _("Does not lie still for 6 months (FR01)"), months=6, warn=30, unverified=True),
    Limit("REQUESTED", "moved_on", _("Paid within 30 days of the request (FR01)"), days=30, unverified=True),
)
"""Requirements §4.4; their numbers are defaults until the rules' edition confirms them."""

DISBURSEMENT = Lifecycle("status", STATES, MOVES, LIMITS)

STEP_OF = {
    "allocate": "allocate",
    "instruct": "instruct",
    "confirm_receipt": "receive",
    "pay": "pay",
    "refuse": "refuse",
    "verify": "verify",
    "hold": "hold",
    "release": "release",
    "recall": "recall",
    "carry_over": "carry",
    "recover": "recover",
}
"""Move → the kind of entry it posts. `request_use` and `reverse` do more, see services; `approve` moves no money.

`approve` and `request_use` may take a part of the amount: the rest stays where it is, as a tranche of its own.
"""

MONEY_AT = {
    "ALLOCATED": "allocated",
    "APPROVED_TRANCHE": "allocated",
    "INSTRUCTED": "transit",
    "RECEIVED": "special",
    "REQUESTED": "requested",
    "PAID": "payee",
    "VERIFIED": "verified",
    "HELD": "held",
    "CARRIED": "carried",
    "RECOVERED": "recovered",
}
"""State → the kind of account in which a disbursement's money then lies; elsewhere it has none of its own."""
