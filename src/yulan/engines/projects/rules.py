"""The lifecycle of an aid project and what speaks against each step. Pure.

States and moves are those of requirements §5.1 (machine `aid_project`); guards that need rules of a later issue
are listed in the package docstring.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from yulan.kernel.lifecycle import Firing, Guard, Lifecycle, Move, State, of_inputs, other_than
from yulan.kernel.text import Text, _

SOFT_SECTORS = frozenset(("training",))
"""Sectors without building: the construction guards do not apply (§5.1, last line)."""

PROGRAMMES = (
    ("ankang", _("Ankang programme")),
    ("magnolia_villages", _("Magnolia key villages")),
    ("quake_housing", _("Earthquake-resistant housing")),
    ("schools_clinics", _("Schools and clinics")),
    ("employment_bases", _("Employment bases")),
    ("training", _("Training")),
    ("speciality", _("Speciality industries")),
    ("other", _("Other")),
)
"""Programmes named in 三(二)1 (R026, R031, R032, R028, R024, R019, R041)."""

FORM = ("name", "region", "supporter_id", "owner_id", "sector", "content", "total", "planned_start", "planned_end")
NO_NEED = _("not needed")


def is_complete(obj: Any, firing: Firing) -> Text | None:
    """The application form is filled in."""
    missing = [name for name in FORM if not getattr(obj, name)]
    if not missing:
        return None
    labels = (str(obj._meta.get_field(name.removesuffix("_id")).verbose_name) for name in missing)
    return _("Still to be filled in: %(labels)s.") % {"labels": ", ".join(labels)}


def has_pairing(obj: Any, firing: Firing) -> Text | None:
    """The region stands under a valid pairing, or the reason for an exception is given."""
    if obj.exception_reason or obj.has_valid_pairing:
        return None
    return _("No pairing covers this region on the day of application: name one, or give a reason.")


def budget_adds_up(obj: Any, firing: Firing) -> Text | None:
    """The sources of money add up to the total."""
    return None if obj.sources_total == obj.total else _("The sources of money do not add up to the total.")


def three_cans_answered(obj: Any, firing: Firing) -> Text | None:
    """The three criteria are answered: direct benefit, fit with the local plan, satisfaction (R005)."""
    if obj.direct_benefit and obj.local_plan_item and obj.satisfaction_plan:
        return None
    return _("Answer all three criteria: direct benefit, fit with the local plan, satisfaction of three sides.")


@of_inputs
def duplicates_checked(obj: Any, firing: Firing) -> Text | None:
    """The check for duplicates was run."""
    done = obj.duplicates_checked or firing.data.get("duplicates_checked")
    return None if done else _("Run the duplicate check first.")


@of_inputs
def panel_is_valid(obj: Any, firing: Firing) -> Text | None:
    """At least three experts, an odd number."""
    experts = firing.data.get("experts") or obj.experts or 0
    return None if experts >= 3 and experts % 2 else _("The panel needs at least three experts, an odd number.")


def is_public_without_objection(obj: Any, firing: Firing) -> Text | None:
    """Publicity has ended and no objection is open."""
    if obj.publicity_until and obj.publicity_until < firing.today and not obj.objection:
        return None
    return _("The publicity period has not ended, or an objection is open.")


def fits_the_fund(obj: Any, firing: Firing) -> Text | None:
    """The amount asked from the fund is left on the budget line."""
    line = obj.budget_line
    if line is None:
        return None if not obj.aid_amount else _("Name the budget line that pays.")
    return None if obj.aid_amount <= line.left else _("The budget line has less left than the project needs.")


def first_tranche_arrived(obj: Any, firing: Firing) -> Text | None:
    """The first tranche has arrived in the recipient's special account."""
    return None if obj.has_money_arrived or not obj.aid_amount else _("The first tranche has not arrived yet.")


@of_inputs
def is_tendered(obj: Any, firing: Firing) -> Text | None:
    """A tender record or the reason of its exemption, and a permit, are filed; not for projects without building."""
    if obj.sector in SOFT_SECTORS:
        return None
    data = firing.data
    tender = data.get("tender_ref") or obj.tender_ref or data.get("tender_exemption") or obj.tender_exemption
    permit = data.get("permit_no") or obj.permit_no
    return None if tender and permit else _("File the tender record or its exemption, and the permit.")


def is_built(obj: Any, firing: Firing) -> Text | None:
    """The latest report says 100 %."""
    return None if obj.progress == 100 else _("Physical progress is below 100 %.")


def reports_are_in(obj: Any, firing: Firing) -> Text | None:
    """No monthly report is overdue."""
    missing = obj.overdue_reports(firing.today)
    return _("Monthly reports are missing: %(n)s.") % {"n": missing} if missing else None


@of_inputs
def stays_in_ceiling(obj: Any, firing: Firing) -> Text | None:
    """The changed total stays within what was issued."""
    new = firing.data.get("new_total")
    return _("The new total is above what was issued.") if new and obj.issued_total and new > obj.issued_total else None


@of_inputs
def checklist_passed(obj: Any, firing: Firing) -> Text | None:
    """Every item of the acceptance checklist passed or was put right."""
    return None if firing.data.get("checklist_passed") else _("An item of the checklist has not passed.")


@of_inputs
def no_major_finding(obj: Any, firing: Firing) -> Text | None:
    """No major finding of the audit is open."""
    return _("A major finding is open.") if firing.data.get("open_findings") else None


@of_inputs
def assets_match_audit(obj: Any, firing: Firing) -> Text | None:
    """The assets handed over are worth the audited cost."""
    value = firing.data.get("asset_value")
    return None if value == obj.audited_amount else _("The assets do not add up to the audited cost.")


@of_inputs
def evaluator_is_free(obj: Any, firing: Firing) -> Text | None:
    """The evaluator has declared that there is no conflict of interest."""
    return None if firing.data.get("no_conflict") else _("Declare that there is no conflict of interest.")


def ledger_is_settled(obj: Any, firing: Firing) -> Text | None:
    """Nothing is left in the ledger between instruction and verification, or recovery is booked."""
    return _("The ledger still holds money of this project.") if obj.open_balance else None


@of_inputs
def archive_is_complete(obj: Any, firing: Firing) -> Text | None:
    """The archive checklist is complete."""
    return None if firing.data.get("archive_complete") else _("The archive is not complete.")


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
        is_complete,
        has_pairing,
        budget_adds_up,
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
        three_cans_answered,
        duplicates_checked,
        needs="duplicates_checked",
    ),
    _move("return", _("Send back"), "PRECHECK", "RETURNED", "field district", opinion=True),
    _move(
        "resubmit",
        _("Submit again"),
        "RETURNED",
        "SUBMITTED",
        "recipient district",
        is_complete,
        has_pairing,
        budget_adds_up,
        stamp="submitted_by",
    ),
    _move(
        "pass",
        _("Approve"),
        "REVIEW",
        "APPROVED",
        "head",
        panel_is_valid,
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
        is_public_without_objection,
        fits_the_fund,
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
        is_tendered,
        first_tranche_arrived,
        needs="tender_ref tender_exemption permit_no started_on",
    ),
    _move("complete", _("Report completion"), "CONSTRUCT", "COMPLETED", "recipient", is_built, reports_are_in),
    _move("suspend", _("Suspend"), "CONSTRUCT", "SUSPENDED", "field officer", opinion=True),
    _move("resume", _("Resume"), "SUSPENDED", "CONSTRUCT", "field officer"),
    _move("request_change", _("Ask for a change"), "CONSTRUCT", "CHANGE", "recipient", needs="new_total", opinion=True),
    _move(
        "decide_change",
        _("Decide the change"),
        "CHANGE",
        "CONSTRUCT",
        "officer head",
        stays_in_ceiling,
        needs="new_total",
        opinion=True,
    ),
    _move(
        "accept_works",
        _("Accept the works"),
        "COMPLETED",
        "ACCEPTED",
        "officer",
        checklist_passed,
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
        no_major_finding,
        needs="audited_amount open_findings",
        stamp="audited_by",
    ),
    _move(
        "hand_over",
        _("Hand over"),
        "AUDITED",
        "HANDED",
        "recipient",
        assets_match_audit,
        needs="asset_value handed_on",
    ),
    _move(
        "evaluate",
        _("Evaluate"),
        "HANDED",
        "EVALUATED",
        "evaluator",
        evaluator_is_free,
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
        ledger_is_settled,
        archive_is_complete,
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
AID_PROJECT = Lifecycle("state", STATES, MOVES)

_NOT_PUBLIC = frozenset(
    ("IDEA", "DRAFT", "SUBMITTED", "PRECHECK", "RETURNED", "REVIEW", "APPROVED", "PUBLICITY", "REJECTED")
)
PUBLIC_STATES = tuple(state.name for state in STATES if state.name not in _NOT_PUBLIC)
"""From the plan's issue on a project is public."""


def dates_in_order(values: Mapping[str, Any]) -> tuple[str, Text] | None:
    """The end does not lie before the start."""
    start, end = values.get("planned_start"), values.get("planned_end")
    return ("planned_end", _("The end lies before the start.")) if start and end and end < start else None


def poor_within_all(values: Mapping[str, Any]) -> tuple[str, Text] | None:
    """Poor beneficiaries are part of all beneficiaries."""
    poor, all_ = values.get("poor_persons"), values.get("persons")
    wrong = poor is not None and all_ is not None and poor > all_
    return ("poor_persons", _("More poor beneficiaries than beneficiaries.")) if wrong else None


def months_due(start: date, today: date) -> list[date]:
    """Give the months whose report is due: from the start's on; day 5 of the month after is the last day (FR09)."""
    found, month = [], start.replace(day=1)
    while (after := _next_month(month)) <= today and not (after == today.replace(day=1) and today.day <= 5):
        found.append(month)
        month = after
    return found


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
