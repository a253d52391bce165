"""One aid project from idea to archive, its money paid on both sides, by the people who really do each step."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from yulan.engines.funds.models import BudgetLine, Disbursement, Fund
from yulan.engines.funds.services import create_line, move_disbursement
from yulan.engines.projects import rules
from yulan.engines.projects.models import AidProject, FundingSource
from yulan.kernel.access import SYSTEM, Actor, Refused
from yulan.kernel.money import fen
from yulan.kernel.resource import resource_named
from yulan.kernel.resource.write import create, edit, move
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import change_set
from yulan.kernel.verify import verify_all
from yulan.registry.parties.tests.makers import make_actor, make_organisation, make_pairing
from yulan.registry.records.services import load_records

pytestmark = pytest.mark.django_db
PROJECTS = resource_named("projects")
REGION = "542300"


class World:
    """The people and the budget line of one project."""

    def __init__(self) -> None:
        load_records(by=SYSTEM)
        self.city = make_organisation("CITY-T", kind="government")
        self.aksu = make_organisation("RECV-T", kind="recipient")
        make_pairing(self.city, REGION)
        self.recipient = make_actor("recipient", region=REGION)
        self.field = make_actor("field", region=REGION)
        self.officer, self.head = make_actor("officer"), make_actor("head")
        self.finance, self.cashier = make_actor("finance"), make_actor("finance", region=REGION)
        self.treasurer = make_actor("finance")
        self.auditor, self.evaluator = make_actor("auditor"), make_actor("evaluator")
        with change_set(by=SYSTEM) as changes:
            self.fund = changes.create(
                Fund(code="F-T", name_zh="演示基金", owner=self.city, year=2007, source="municipal")
            )
        line = BudgetLine(
            fund=self.fund,
            code="L-T",
            region=REGION,
            programme="support",
            recipient=self.aksu,
            amount=fen("100", "万元"),
            approved_on=date(2007, 1, 10),
        )
        self.line = create_line(line, by=self.finance)

    def draft(self, code: str = "P-T", **over: Any) -> AidProject:
        raw = {
            "code": code,
            "name": "演示小学",
            "year": "2007",
            "region": REGION,
            "supporter": "CITY-T",
            "owner": "RECV-T",
            "sector": "教育",
            "content": "教学楼 1200 平方米",
            "total": "600000",
            "aid_amount": "500000",
            "budget_line": "L-T",
            "planned_start": "2007-05-01",
            "planned_end": "2008-05-01",
            "direct_benefit": "基本教育",
            "local_plan_item": "规划第3项",
            "satisfaction_plan": "问卷",
        } | over
        project = create(PROJECTS, raw, by=self.recipient)
        with change_set(by=SYSTEM) as changes:
            changes.create(FundingSource(code=f"{code}-1", project=project, source="municipal", amount=fen("500000")))
            changes.create(FundingSource(code=f"{code}-2", project=project, source="recipient", amount=fen("100000")))
        return project

    def go(self, project: AidProject, name: str, by: Actor, opinion: str = "", **data: Any) -> AidProject:
        done: AidProject = move(PROJECTS, project, name, by=by, opinion=opinion, data=data)
        return done


@pytest.fixture
def world() -> World:
    return World()


def issued(world: World, **over: Any) -> AidProject:
    project = world.draft(**over)
    world.go(project, "adopt", world.recipient)
    world.go(project, "submit", world.recipient)
    world.go(project, "accept", world.field)
    world.go(project, "to_panel", world.officer, duplicates_checked="true")
    world.go(project, "pass", world.head, "同意", experts="5", panel_score="86.5")
    world.go(project, "publicise", world.officer, publicity_until="2007-03-01")
    return world.go(project, "issue", world.head, doc_no="演示〔2007〕1号", issued_on="2007-03-20")


def paid(world: World, project: AidProject) -> Disbursement:
    tranche = Disbursement.objects.get(project=project.code)
    for name, by, papers in (
        ("approve", world.finance, {}),
        ("instruct", world.treasurer, {"doc_no": "拨1"}),
        ("confirm_receipt", world.cashier, {"received": tranche.amount}),
    ):
        move_disbursement(tranche, name, by=by, **papers)
    return tranche


def settle_money(world: World, tranche: Disbursement) -> None:
    papers: Mapping[str, str] = {"payee": "演示建筑公司", "invoice_no": "FP1", "contract_no": "HT1"}
    move_disbursement(tranche, "request_use", by=world.recipient, **papers)
    move_disbursement(tranche, "pay", by=world.cashier)
    move_disbursement(tranche, "verify", by=world.auditor)


def test_the_whole_way(world: World, settings: Any) -> None:
    settings.TODAY = date(2008, 1, 4)
    project = issued(world)
    assert project.state == "ISSUED"
    assert world.line.left == fen("50", "万元")
    world.go(project, "sign_agreement", world.recipient, agreement_no="协1")
    with pytest.raises(Refused, match=r"arrived|到"):
        world.go(project, "start", world.field, tender_ref="招1", permit_no="许1", started_on="2007-05-10")
    tranche = paid(world, project)
    project = world.go(project, "start", world.field, tender_ref="招1", permit_no="许1", started_on="2007-05-10")
    with pytest.raises(Refused) as refusal:
        world.go(project, "complete", world.recipient)
    assert refusal.value.status == 409
    assert len(refusal.value.reasons) == 2, "progress and reports, both reasons at once"
    reports = resource_named("monthly-reports")
    for month in rules.months_due(date(2007, 5, 10), settings.TODAY):
        code = f"R{month:%m}"
        raw = {"code": code, "project": "P-T", "month": month.isoformat(), "planned": "100", "actual": "100"}
        create(reports, raw, by=world.recipient)
    world.go(project, "complete", world.recipient)
    world.go(project, "accept_works", world.officer, checklist_passed="true", accepted_on="2008-06-01")
    world.go(project, "settle", world.auditor, claimed_amount="610000", settled_amount="600000")
    world.go(project, "audit", world.auditor, audited_amount="598000", open_findings="0")
    with pytest.raises(Refused):
        world.go(project, "hand_over", world.recipient, asset_value="1", handed_on="2008-09-01")
    world.go(project, "hand_over", world.recipient, asset_value="598000", handed_on="2008-09-01")
    world.go(project, "evaluate", world.evaluator, "成效明显", no_conflict="true", evaluation_score="91")
    with pytest.raises(Refused):
        world.go(project, "close", world.officer, archive_complete="true")
    settle_money(world, tranche)
    project = world.go(project, "close", world.officer, archive_complete="true")
    assert project.state == "CLOSED"
    assert len(timeline(project)) >= 15
    assert not any(verify_all().values())


def test_a_draft_lists_all_that_is_missing(world: World) -> None:
    project = world.draft(owner="", content="", total="700000")
    world.go(project, "adopt", world.recipient)
    with pytest.raises(Refused) as refusal:
        world.go(project, "submit", world.recipient)
    assert len(refusal.value.reasons) == 2


def test_who_applied_does_not_check(world: World) -> None:
    both = make_actor("recipient", "field", region=REGION)
    project = world.draft()
    world.go(project, "adopt", both)
    world.go(project, "submit", both)
    with pytest.raises(Refused):
        world.go(project, "accept", both)


def test_three_cans_gate(world: World) -> None:
    project = world.draft(local_plan_item="")
    world.go(project, "adopt", world.recipient)
    world.go(project, "submit", world.recipient)
    world.go(project, "accept", world.field)
    with pytest.raises(Refused):
        world.go(project, "to_panel", world.officer, duplicates_checked="true")


def test_more_than_the_line_has_is_not_issued(world: World) -> None:
    with pytest.raises(Refused):
        issued(world, total="2000000", aid_amount="1900000", code="P-BIG")


def test_a_submitted_project_is_closed_to_changes(world: World) -> None:
    project = world.draft()
    world.go(project, "adopt", world.recipient)
    world.go(project, "submit", world.recipient)
    project.refresh_from_db()
    with pytest.raises(Refused):
        edit(PROJECTS, project, {"name": "x"}, version=project.version, by=world.recipient)
