"""Aid projects and their rows, declared."""

from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import Q

from yulan.engines.funds.rules import Chain
from yulan.engines.funds.selectors import chain_of
from yulan.engines.projects import rules, services
from yulan.engines.projects.lifecycle import AID_PROJECT, PUBLIC_STATES
from yulan.engines.projects.models import AidProject, FundingSource, MonthlyReport, ProjectSite
from yulan.kernel.access import Actor, Place
from yulan.kernel.money import MoneyField
from yulan.kernel.resource import Column, Resource
from yulan.kernel.text import _
from yulan.kernel.trail import ChangeSet

READERS = "officer head leader finance auditor evaluator district field recipient"
FORM = (
    "code name year region supporter owner pairing exception_reason programme measure sector delivery_mode "
    "content total aid_amount budget_line households persons poor_persons planned_start planned_end direct_benefit "
    "local_plan_item satisfaction_plan"
)


STAGES = (
    ("allocated", _("Allocated")),
    ("instructed", _("Sent")),
    ("received", _("Arrived")),
    ("requested", _("Requested")),
    ("paid", _("Paid to the payee")),
    ("verified", _("Verified")),
)
"""What the page of a project shows of its money, on both sides (requirements §4.3)."""


def _part(chain: Chain, stage: str) -> int:
    return chain.at(stage) * 100 // (chain.at("allocated") or 1)


class Projects(Resource):
    """Aid projects from idea to archive: apply, appraise, issue, build, accept, audit, hand over, evaluate."""

    model = AidProject
    under = "measure"
    channel = "projects"
    scope = Place("supporter__path", "region", either=True)
    read = READERS
    write = {"district recipient field officer": FORM}
    columns = "name code year region supporter.name_zh sector total progress state"
    filters = "region year sector programme measure supporter state"
    search = "code name content"
    order = "-year code"
    public = "code name year region supporter supporter.name_zh owner programme measure sector content total "
    public += "aid_amount households persons planned_start planned_end progress state"
    lifecycle = AID_PROJECT
    checks = (rules.dates_in_order, rules.aid_within_total, rules.poor_within_all)
    inputs = {
        "new_total": MoneyField(_("New total"), blank=True, null=True),
        "checklist_passed": models.BooleanField(_("Every item of the checklist passed"), default=False),
        "open_findings": models.PositiveIntegerField(_("Major findings still open"), default=0),
        "no_conflict": models.BooleanField(_("No conflict of interest"), default=False),
        "archive_complete": models.BooleanField(_("Archive complete"), default=False),
    }
    groups = {
        _("What and where"): "code name year region supporter owner pairing exception_reason programme measure "
        "sector delivery_mode content",
        _("Money"): "total aid_amount budget_line issued_total claimed_amount settled_amount audited_amount "
        "asset_value",
        _("Who benefits"): "households persons poor_persons direct_benefit local_plan_item satisfaction_plan",
        _("Time and progress"): "planned_start planned_end started_on progress accepted_on handed_on",
        _("Appraisal and plan"): "duplicates_checked experts panel_score publicity_until objection doc_no issued_on "
        "agreement_no tender_ref tender_exemption permit_no evaluation_score recovery_plan",
        _("Who did it"): "submitted_by checked_by approved_by issued_by audited_by evaluated_by",
    }

    def sections(self, obj: Any, actor: Actor) -> list[dict[str, Any]]:
        """Show how far the money has come, on both sides."""
        chain = chain_of(obj.code)
        if obj.state not in PUBLIC_STATES or not chain.at("allocated"):
            return []
        steps = [{"label": label, "fen": chain.at(name), "percent": _part(chain, name)} for name, label in STAGES]
        context = {"steps": steps, "url": f"/ledger-entries/?project={obj.code}"}
        return [{"template": "projects/money.html", "context": context}]

    def brief(self, obj: Any) -> list[tuple[Column, Any]]:
        """Show the aid asked for and what its budget line still has."""
        aid = self.fields["aid_amount"]
        left = replace(aid, label=_("Left on the budget line"))
        return [(aid, obj.aid_amount), *([(left, obj.budget_line.left)] if obj.budget_line else [])]

    def public_rows(self) -> Q:
        """Give the projects whose plan has been issued."""
        return Q(state__in=PUBLIC_STATES)


OF_PROJECT = Place("project__supporter__path", "project__region", either=True)


class FundingSources(Resource):
    """Where the money of a project comes from."""

    model = FundingSource
    under = "project"
    channel = "projects"
    scope = OF_PROJECT
    read = READERS
    write = {"district recipient officer": "code project source amount"}
    columns = "code project source amount"
    filters = "project source"

    def is_open(self, obj: Any) -> bool:
        """Follow the project: closed once it is submitted."""
        return AID_PROJECT.states[obj.project.state].open


class ProjectSites(Resource):
    """Villages, schools and other places of projects."""

    model = ProjectSite
    under = "project"
    channel = "projects"
    scope = OF_PROJECT
    read = READERS
    write = {"district recipient field officer": "code project name kind region households persons"}
    columns = "name code project kind region households persons"
    filters = "project kind region project.year project.region"
    search = "code name"

    def public_rows(self) -> Q:
        """Give the sites of projects whose plan has been issued."""
        return Q(project__state__in=PUBLIC_STATES)


class MonthlyReports(Resource):
    """Progress of projects, month by month."""

    model = MonthlyReport
    under = "project"
    channel = "projects"
    scope = OF_PROJECT
    read = READERS
    write = {"recipient field": "code project month planned actual invested picture problems measures"}
    columns = "code project month planned actual invested problems"
    filters = "project month"
    order = "-month code"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Any:
        """File the report; the project's progress follows."""
        return services.file_report(changes, MonthlyReport(**values), by=by)

    def change(self, changes: ChangeSet, obj: Any, values: dict[str, Any], by: Actor) -> Any:
        """Correct the report; the project's progress follows."""
        changed = changes.update(obj, **values)
        services.follow_progress(changes, changed.project)
        return changed
