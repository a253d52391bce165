"""Guards, row rules and the lifecycle's table, without a database."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import CharField

from yulan.engines.projects import rules
from yulan.engines.projects.lifecycle import AID_PROJECT, PUBLIC_STATES
from yulan.engines.projects.tests.machine import ILLEGAL, STATES, TRANSITIONS
from yulan.kernel.access import SYSTEM
from yulan.kernel.lifecycle import Firing

TODAY = date(2007, 6, 4)


def against(guard: Callable[..., Any], obj: dict[str, Any] | None = None, **data: Any) -> str:
    """Give what a guard has against a project with these values; "" for nothing."""
    firing = Firing(SYSTEM, TODAY, data=data)
    return str(guard(SimpleNamespace(**(obj or {})), firing) or "")


class TestLifecycle:
    def test_has_the_transitions_of_the_model_and_no_other(self):
        assert {(s, move.name, move.target) for move in AID_PROJECT.moves for s in move.sources} == TRANSITIONS
        assert tuple(AID_PROJECT.states) == STATES

    def test_there_are_455_illegal_pairs(self):
        assert len(ILLEGAL) == 455
        reached = {(source, move.target) for move in AID_PROJECT.moves for source in move.sources}
        assert reached.isdisjoint(ILLEGAL)

    def test_ends_where_the_model_ends(self):
        ends = {state for state in AID_PROJECT.states if AID_PROJECT.is_terminal(state)}
        assert ends == {"CLOSED", "REJECTED", "TERMINATED"}

    def test_every_state_has_a_way_to_an_end(self):
        ends, open_ = {"CLOSED", "REJECTED", "TERMINATED"}, set(STATES)
        for _turn in STATES:
            open_ -= {
                state for state in open_ if state in ends or {m.target for m in AID_PROJECT.from_state(state)} - open_
            }
        assert not open_

    def test_is_filled_in_only_before_it_is_submitted_or_when_it_came_back(self):
        assert {state.name for state in AID_PROJECT.states.values() if state.open} == {"IDEA", "DRAFT", "RETURNED"}

    def test_is_public_from_the_issue_of_the_plan(self):
        assert "ISSUED" in PUBLIC_STATES
        assert "TERMINATED" in PUBLIC_STATES
        assert not {"IDEA", "DRAFT", "SUBMITTED", "REVIEW", "PUBLICITY", "APPROVED", "REJECTED"} & set(PUBLIC_STATES)

    @pytest.mark.parametrize("name", ["pass", "return", "reject", "decide_change", "rectify", "terminate", "suspend"])
    def test_a_decision_has_an_opinion_in_writing(self, name):
        assert AID_PROJECT.named(name).opinion


class TestForm:
    full = dict.fromkeys(rules.FORM, "x")

    @pytest.mark.parametrize("name", rules.FORM)
    def test_names_what_is_missing(self, name):
        labels = {
            "_meta": SimpleNamespace(get_field=lambda field: CharField(verbose_name=f"<{field}>")),
        }
        assert against(rules.is_complete, self.full) == ""
        said = against(rules.is_complete, self.full | labels | {name: ""})
        assert said.count("<") == 1
        assert f"<{name.removesuffix('_id')}>" in said

    @pytest.mark.parametrize(
        ("reason", "paired", "free"), [("", False, False), ("灾后", False, True), ("", True, True)]
    )
    def test_a_region_is_paired_or_an_exception(self, reason, paired, free):
        said = against(rules.has_pairing, {"exception_reason": reason, "has_valid_pairing": paired})
        assert (said == "") is free

    @pytest.mark.parametrize(("sources", "free"), [(99, False), (100, True), (101, False), (0, False)])
    def test_sources_add_up_to_the_fen(self, sources, free):
        assert (against(rules.budget_adds_up, {"sources_total": sources, "total": 100}) == "") is free

    def test_each_of_the_three_criteria_is_answered(self):
        answered = {"direct_benefit": "a", "local_plan_item": "b", "satisfaction_plan": "c"}
        assert against(rules.three_cans_answered, answered) == ""
        assert all(against(rules.three_cans_answered, answered | {name: ""}) for name in answered)


class TestAppraisal:
    @pytest.mark.parametrize(
        ("experts", "free"), [(0, False), (1, False), (2, False), (3, True), (4, False), (5, True)]
    )
    def test_a_panel_is_odd_and_three_at_least(self, experts, free):
        assert (against(rules.panel_is_valid, {"experts": None}, experts=experts) == "") is free

    def test_the_check_for_duplicates_may_be_told_with_the_move(self):
        assert against(rules.duplicates_checked, {"duplicates_checked": False})
        assert against(rules.duplicates_checked, {"duplicates_checked": False}, duplicates_checked=True) == ""

    @pytest.mark.parametrize(
        ("until", "objection", "free"),
        [
            (None, "", False),
            (TODAY, "", False),  # the last day still counts
            (date(2007, 6, 3), "", True),
            (date(2007, 6, 3), "村民异议", False),
        ],
    )
    def test_publicity_has_run_out_without_objection(self, until, objection, free):
        said = against(rules.is_public_without_objection, {"publicity_until": until, "objection": objection})
        assert (said == "") is free

    def test_issues_within_what_the_line_has(self):
        line = SimpleNamespace(left=100)
        assert against(rules.fits_the_fund, {"budget_line": line, "aid_amount": 100}) == ""
        assert "less left" in against(rules.fits_the_fund, {"budget_line": line, "aid_amount": 101})
        assert "Name the budget line" in against(rules.fits_the_fund, {"budget_line": None, "aid_amount": 1})
        assert against(rules.fits_the_fund, {"budget_line": None, "aid_amount": 0}) == ""


class TestWorks:
    bare = {"sector": "education", "tender_ref": "", "tender_exemption": "", "permit_no": ""}

    def test_building_needs_a_tender_or_its_exemption_and_a_permit(self):
        assert against(rules.is_tendered, self.bare)
        assert against(rules.is_tendered, self.bare, tender_ref="T")
        assert against(rules.is_tendered, self.bare, permit_no="P")
        assert against(rules.is_tendered, self.bare, tender_ref="T", permit_no="P") == ""
        assert against(rules.is_tendered, self.bare | {"tender_exemption": "under 200,000"}, permit_no="P") == ""

    def test_training_is_not_built(self):
        assert against(rules.is_tendered, self.bare | {"sector": "training"}) == ""

    def test_work_starts_when_money_has_arrived(self):
        assert against(rules.first_tranche_arrived, {"has_money_arrived": False, "aid_amount": 1})
        assert against(rules.first_tranche_arrived, {"has_money_arrived": True, "aid_amount": 1}) == ""
        assert against(rules.first_tranche_arrived, {"has_money_arrived": False, "aid_amount": 0}) == ""

    def test_completion_is_100_and_every_report(self):
        assert against(rules.is_built, {"progress": 99})
        assert against(rules.is_built, {"progress": 100}) == ""
        assert "2" in against(rules.reports_are_in, {"overdue_reports": lambda today: 2})
        assert against(rules.reports_are_in, {"overdue_reports": lambda today: 0}) == ""

    @pytest.mark.parametrize(("new", "issued", "free"), [(101, 100, False), (100, 100, True), (101, None, True)])
    def test_a_change_stays_in_what_was_issued(self, new, issued, free):
        assert (against(rules.stays_in_ceiling, {"issued_total": issued}, new_total=new) == "") is free


class TestClosing:
    @pytest.mark.parametrize(
        ("guard", "name", "bad", "good"),
        [
            (rules.checklist_passed, "checklist_passed", False, True),
            (rules.no_major_finding, "open_findings", 1, 0),
            (rules.evaluator_is_free, "no_conflict", False, True),
            (rules.archive_is_complete, "archive_complete", False, True),
        ],
        ids=lambda value: getattr(value, "__name__", None),
    )
    def test_what_is_declared(self, guard, name, bad, good):
        assert against(guard, **{name: bad})
        assert against(guard, **{name: good}) == ""

    def test_assets_are_worth_the_audited_cost(self):
        assert against(rules.assets_match_audit, {"audited_amount": 100}, asset_value=99)
        assert against(rules.assets_match_audit, {"audited_amount": 100}, asset_value=100) == ""

    def test_nothing_is_left_in_the_ledger(self):
        assert against(rules.ledger_is_settled, {"open_balance": 1})
        assert against(rules.ledger_is_settled, {"open_balance": 0}) == ""


class TestRows:
    @pytest.mark.parametrize(
        ("rule", "good", "bad"),
        [
            (
                rules.dates_in_order,
                {"planned_start": TODAY, "planned_end": TODAY},
                {"planned_start": TODAY, "planned_end": date(2007, 6, 3)},
            ),
            (rules.aid_within_total, {"aid_amount": 100, "total": 100}, {"aid_amount": 101, "total": 100}),
            (rules.poor_within_all, {"poor_persons": 5, "persons": 5}, {"poor_persons": 6, "persons": 5}),
        ],
        ids=lambda value: getattr(value, "__name__", None),
    )
    def test_names_the_field_at_fault(self, rule, good, bad):
        assert rule(**good) is None
        field, words = rule(**bad)
        assert field in bad
        assert str(words)


class TestReports:
    @pytest.mark.parametrize(
        ("start", "today", "months"),
        [
            (date(2007, 5, 10), date(2007, 5, 31), []),
            (date(2007, 5, 10), date(2007, 6, 5), []),  # day 5 is the last day (FR09)
            (date(2007, 5, 10), date(2007, 6, 6), ["2007-05"]),
            (date(2007, 5, 31), date(2007, 7, 5), ["2007-05"]),
            (date(2006, 11, 1), date(2007, 2, 6), ["2006-11", "2006-12", "2007-01"]),
            (date(2007, 5, 10), date(2007, 1, 1), []),
        ],
    )
    def test_months_due(self, start, today, months):
        assert [f"{month:%Y-%m}" for month in rules.months_due(start, today)] == months
