"""What moves of an aid project do besides changing the state, and the verbs of its rows."""

from collections.abc import Mapping
from typing import Any

from yulan.engines.projects.lifecycle import AID_PROJECT
from yulan.engines.projects.models import AidProject, MonthlyReport
from yulan.kernel.access import Actor
from yulan.kernel.firing import effect
from yulan.kernel.lifecycle import Firing
from yulan.kernel.trail import ChangeSet


@effect(AID_PROJECT, "issue")
def allocate_aid(changes: ChangeSet, project: AidProject, firing: Firing) -> Mapping[str, Any]:
    """Book the aid amount from the budget line to the project and keep the total as issued."""
    from yulan.engines.funds.services import allocate

    if project.budget_line and project.aid_amount:
        allocate(
            project.budget_line,
            project=project.code,
            amount=project.aid_amount,
            on=firing.data["issued_on"],
            doc_no=firing.data["doc_no"],
            key=f"issue:{project.code}",
            by=firing.by,
        )
    return {"issued_total": project.total}


@effect(AID_PROJECT, "decide_change")
def take_over_change(changes: ChangeSet, project: AidProject, firing: Firing) -> Mapping[str, Any]:
    """Write the total that was agreed."""
    new = firing.data.get("new_total")
    return {"total": new, "aid_amount": min(project.aid_amount, new)} if new else {}


def file_report(changes: ChangeSet, report: MonthlyReport, *, by: Actor) -> MonthlyReport:
    """File a monthly report; the project's progress follows the latest one."""
    changes.create(report)
    follow_progress(changes, report.project)
    return report


def follow_progress(changes: ChangeSet, project: AidProject) -> None:
    """Give the project the progress of its latest report."""
    latest = project.reports.order_by("-month").values_list("actual", flat=True).first()
    if latest is not None and latest != project.progress:
        changes.update(AidProject.objects.get(pk=project.pk), progress=latest)
