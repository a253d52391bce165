"""The lifecycle of an aid project: its states and one row per move (requirements §5.1, machine `aid_project`). Pure."""

from datetime import date
from typing import Any

from yulan.engines.projects import rules
from yulan.kernel.lifecycle import Guard, Lifecycle, Limit, Move, State, other_than
from yulan.kernel.text import _

NOT_OWN = _("Who applied may not check: ask a colleague.")
STATES = (
    State("IDEA", _("Idea"), _("Reserve"), "", open=True),
    State("DRAFT", _("Draft"), _("Reserve"), "", clock="run", open=True),
    State("SUBMITTED", _("Submitted"), _("Application"), "info", clock="run"),
    State("PRECHECK", _("First check"), _("Application"), "info", clock="run"),
    State("RETURNED", _("Returned"), _("Application"), "returned", clock="run", open=True),
    State("REVIEW", _("Appraisal"), _("Appraisal"), "info", clock="run"),
    State("PUBLICITY", _("Publicity"), _("Appraisal"), "info", clock="run"),
    State("APPROVED", _("Approved"), _("Appraisal"), "ok", clock="run"),
    State("ISSUED", _("Issued"), _("Implementation"), "ok", clock="run"),
    State("PREPARE", _("Preparation"), _("Implementation"), "info", clock="run"),
    State("CONSTRUCT", _("Under way"), _("Implementation"), "info", clock="run"),
    State("SUSPENDED", _("Suspended"), _("Implementation"), "warn", clock="stop"),
    State("CHANGE", _("Change asked"), _("Implementation"), "warn", clock="run"),
    State("COMPLETED", _("Completed"), _("Acceptance"), "ok", clock="run"),
    State("ACCEPTED", _("Accepted"), _("Acceptance"), "ok", clock="run"),
    State("SETTLED", _("Settled"), _("Acceptance"), "ok", clock="run"),
    State("AUDITED", _("Audited"), _("Acceptance"), "ok", clock="run"),
    State("HANDED", _("Handed over"), _("After-care"), "ok", clock="run"),
    State("EVALUATED", _("Evaluated"), _("After-care"), "ok", clock="run"),
    State("CLOSED", _("Closed"), _("After-care"), ""),
    State("REJECTED", _("Rejected"), _("Appraisal"), "bad"),
    State("TERMINATED", _("Terminated"), _("Implementation"), "bad"),
)


def _move(
    name: str,
    label: Any,
    sources: str,
    target: str,
    roles: str,
    *guards: Guard,
    needs: str = "",
    stamp: str = "",
    opinion: bool = False,
    danger: bool = False,
) -> Move:
    parts = tuple(sources.split()), target, tuple(roles.split())
    return Move(name, label, *parts, guards, tuple(needs.split()), stamp, opinion, danger)


MOVES = (
    _move("adopt", _("Take up"), "IDEA", "DRAFT", "recipient field"),
    _move(
        "submit",
        _("Submit"),
        "DRAFT",
        "SUBMITTED",
        "recipient district",
        rules.is_complete,
        rules.has_pairing,
        rules.budget_adds_up,
        stamp="submitted_by",
    ),
    _move(
        "accept",
        _("Accept for checking"),
        "SUBMITTED",
        "PRECHECK",
        "field district",
        other_than("submitted_by", NOT_OWN),
        stamp="checked_by",
    ),
    _move(
        "to_panel",
        _("Send to the panel"),
        "PRECHECK",
        "REVIEW",
        "officer",
        rules.three_cans_answered,
        rules.duplicates_checked,
        needs="duplicates_checked",
    ),
    _move("return", _("Send back"), "PRECHECK", "RETURNED", "field district", opinion=True),
    _move(
        "resubmit",
        _("Submit again"),
        "RETURNED",
        "SUBMITTED",
        "recipient district",
        rules.is_complete,
        rules.has_pairing,
        rules.budget_adds_up,
        stamp="submitted_by",
    ),
    _move(
        "pass",
        _("Approve"),
        "REVIEW",
        "APPROVED",
        "head",
        rules.panel_is_valid,
        other_than("submitted_by", NOT_OWN),
        other_than("checked_by", NOT_OWN),
        needs="experts panel_score",
        stamp="approved_by",
        opinion=True,
    ),
    _move("reject", _("Reject"), "REVIEW", "REJECTED", "head", opinion=True, danger=True),
    _move("publicise", _("Publish for objections"), "APPROVED", "PUBLICITY", "officer", needs="publicity_until"),
    _move(
        "issue",
        _("Issue the plan"),
        "PUBLICITY",
        "ISSUED",
        "head leader",
        rules.is_public_without_objection,
        rules.fits_the_fund,
        needs="doc_no issued_on",
        stamp="issued_by",
    ),
    _move(
        "objection_upheld", _("Uphold an objection"), "PUBLICITY", "REVIEW", "officer", needs="objection", opinion=True
    ),
    _move("sign_agreement", _("File the signed agreement"), "ISSUED", "PREPARE", "recipient", needs="agreement_no"),
    _move(
        "start",
        _("Start work"),
        "PREPARE",
        "CONSTRUCT",
        "field",
        rules.is_tendered,
        rules.first_tranche_arrived,
        needs="tender_ref tender_exemption permit_no started_on",
    ),
    _move(
        "complete", _("Report completion"), "CONSTRUCT", "COMPLETED", "recipient", rules.is_built, rules.reports_are_in
    ),
    _move("suspend", _("Suspend"), "CONSTRUCT", "SUSPENDED", "field officer", opinion=True),
    _move("resume", _("Resume"), "SUSPENDED", "CONSTRUCT", "field officer"),
    _move("request_change", _("Ask for a change"), "CONSTRUCT", "CHANGE", "recipient", needs="new_total", opinion=True),
    _move(
        "decide_change",
        _("Decide the change"),
        "CHANGE",
        "CONSTRUCT",
        "officer head",
        rules.stays_in_ceiling,
        needs="new_total",
        opinion=True,
    ),
    _move(
        "accept_works",
        _("Accept the works"),
        "COMPLETED",
        "ACCEPTED",
        "officer",
        rules.checklist_passed,
        needs="checklist_passed accepted_on",
    ),
    _move("rectify", _("Order rectification"), "COMPLETED", "CONSTRUCT", "field officer", opinion=True),
    _move("settle", _("Settle the cost"), "ACCEPTED", "SETTLED", "auditor", needs="claimed_amount settled_amount"),
    _move(
        "audit",
        _("Record the final audit"),
        "SETTLED",
        "AUDITED",
        "auditor",
        rules.no_major_finding,
        needs="audited_amount open_findings",
        stamp="audited_by",
    ),
    _move(
        "hand_over",
        _("Hand over"),
        "AUDITED",
        "HANDED",
        "recipient",
        rules.assets_match_audit,
        needs="asset_value handed_on",
    ),
    _move(
        "evaluate",
        _("Evaluate"),
        "HANDED",
        "EVALUATED",
        "evaluator",
        rules.evaluator_is_free,
        other_than("audited_by", _("The auditor may not evaluate.")),
        needs="no_conflict evaluation_score",
        stamp="evaluated_by",
        opinion=True,
    ),
    _move(
        "close",
        _("Close"),
        "EVALUATED",
        "CLOSED",
        "officer",
        rules.ledger_is_settled,
        rules.archive_is_complete,
        needs="archive_complete",
    ),
    _move(
        "terminate",
        _("Terminate"),
        "ISSUED PREPARE CONSTRUCT SUSPENDED",
        "TERMINATED",
        "head leader",
        needs="recovery_plan",
        opinion=True,
        danger=True,
    ),
)
LIMITS = (
    Limit("PREPARE", "planned_start", _("Planned start")),
    Limit("CONSTRUCT", "planned_end", _("Planned end"), warn=30),
    Limit(
        "ACCEPTED", "accepted_on", _("Settled within 3 months (Cai Jian [2002] No. 394)"), months=3, unverified=True,
        valid_from=date(2002, 9, 27), valid_to=date(2016, 9, 1),
    ),
    Limit(
        "ACCEPTED", "accepted_on", _("Settled within 3 months (Cai Jian [2016] No. 503)"), months=3,
        valid_from=date(2016, 9, 1),
    ),
)  # fmt: skip
"""What requirements §4.2 and §5.1 confirm, and the days the plan itself set; no other limit is known."""
AID_PROJECT = Lifecycle("state", STATES, MOVES, LIMITS)

_NOT_PUBLIC = frozenset(
    ("IDEA", "DRAFT", "SUBMITTED", "PRECHECK", "RETURNED", "REVIEW", "APPROVED", "PUBLICITY", "REJECTED")
)
PUBLIC_STATES = tuple(state.name for state in STATES if state.name not in _NOT_PUBLIC)
"""From the plan's issue on a project is public."""
