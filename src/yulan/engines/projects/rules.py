"""What speaks against each step of an aid project, and the rules of its rows. Pure.

Guards of requirements §5.1; those that need rules of a later issue are listed in the package docstring.
"""

from datetime import date
from typing import Any

from yulan.kernel.lifecycle import Firing, of_inputs
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


def dates_in_order(planned_start: date, planned_end: date) -> tuple[str, Text] | None:
    """The end does not lie before the start."""
    return ("planned_end", _("The end lies before the start.")) if planned_end < planned_start else None


def aid_within_total(aid_amount: int, total: int) -> tuple[str, Text] | None:
    """The aid amount is part of the total."""
    return ("aid_amount", _("The aid amount is above the total.")) if aid_amount > total else None


def poor_within_all(poor_persons: int, persons: int) -> tuple[str, Text] | None:
    """Poor beneficiaries are part of all beneficiaries."""
    wrong = poor_persons > persons
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
