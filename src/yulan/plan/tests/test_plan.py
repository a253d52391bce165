"""The plan as loaded: counts, figures as printed, the checks C1–C19, gaps, pages."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.translation import override

from yulan.kernel.access import SYSTEM, Refused
from yulan.kernel.resource import resource_named
from yulan.kernel.resource.write import create, edit, move
from yulan.plan import rules, selectors
from yulan.plan.consistency import single_explanations
from yulan.plan.models import Figure, Measure, PlanNode
from yulan.plan.services import load_plan
from yulan.registry.parties.services import load_parties
from yulan.registry.parties.tests.makers import make_account, make_actor, make_organisation
from yulan.registry.records.services import load_records

pytestmark = pytest.mark.django_db
PLAN = "2007-11"


@pytest.fixture
def plan():
    load_records(by=SYSTEM)
    load_parties(by=SYSTEM)
    load_plan(by=SYSTEM)


def figure(code, unit, calibre, qualifier="", total=False, years=(2001, 2005), stock="flow"):
    indicator = SimpleNamespace(code=code, calibre=calibre, stock_flow=stock)
    return SimpleNamespace(
        indicator=indicator, unit=unit, qualifier=qualifier, is_total=total, period_start=years[0], period_end=years[1]
    )


class TestRules:
    @pytest.mark.parametrize(
        ("value", "unit", "qualifier", "shown"),
        [
            ("900", "家", "近", "近900家"),
            ("8100", "批", "余", "8100余批"),
            ("1800", "人", "累计", "累计1800人"),
            ("9", "个", "", "9个"),
        ],
    )
    def test_a_figure_is_shown_with_its_qualifier(self, value, unit, qualifier, shown):
        with override("zh-hans"):
            assert rules.printed(value, unit, qualifier) == shown

    def test_a_figure_is_shown_in_english_too(self):
        with override("en"):
            assert rules.printed("8100", "批", "余") == "more than 8100 groups"
            assert rules.printed("11.27", "亿元", "") == "11.27 × 100m CNY"
            assert rules.printed("30", "%", "近") == "nearly 30%"

    def test_adding_agreed_to_granted_warns(self):
        assert rules.adding_warnings([figure("a", "亿元", "granted"), figure("b", "亿元", "agreed")], {})

    def test_adding_total_and_part_warns(self):
        rows = [figure("a", "个", "project", total=True), figure("a", "个", "project")]
        assert rules.adding_warnings(rows, {})

    def test_adding_parts_of_one_indicator_does_not_warn(self):
        assert rules.adding_warnings([figure("a", "个", "project")] * 2, {}) == []

    def test_overlap_warns(self):
        rows = [figure("a", "个", "agreement"), figure("b", "个", "agreement")]
        assert rules.adding_warnings(rows, {frozenset(("a", "b")): "overlap"}) == ["overlap"]

    def test_single_explanations(self):
        solved = single_explanations(Decimal(10), {"a": Decimal(3), "b": Decimal(12)})
        assert solved == {"a": Decimal(-2), "b": Decimal(7)}


class TestLoaded:
    def test_counts(self, plan):
        kinds = dict.fromkeys(("chapter", "goal", "principle", "task", "group", "safeguard"), 0)
        for kind in PlanNode.objects.values_list("kind", flat=True):
            if kind in kinds:
                kinds[kind] += 1
        assert kinds == {"chapter": 4, "goal": 4, "principle": 5, "task": 10, "group": 4, "safeguard": 6}
        assert (Measure.objects.count(), Figure.objects.count()) == (57, 30)

    def test_loading_twice_changes_nothing(self, plan):
        assert load_plan(by=SYSTEM) == 0

    def test_every_measure_hangs_in_the_tree(self, plan):
        assert sum(branch.count for branch in selectors.tree(PLAN)) == 57

    def test_checks(self, plan):
        checks = {}
        for check in selectors.checks_of(PLAN):
            checks.setdefault(check.code, check)
        assert set(checks) == {f"C{n}" for n in range(1, 20)}
        assert checks["C1"].verdict == checks["C8"].verdict == "match"
        assert (checks["C2"].stated, checks["C2"].computed, checks["C2"].difference) == ("1,490", "2,490", "+1,000")
        assert dict(checks["C3"].rows) == {"F08": "-741", "F10": "-612", "F12": "625", "F14": "-782"}
        assert sum(Decimal(share.split()[0]) for _name, share in checks["C7"].rows) == 100
        assert dict(checks["C6"].rows)["F07 / F08"] == "159.46"
        assert all(checks[f"C{n}"].verdict == "match" for n in (11, 12, 13, 14, 16, 19))

    def test_a_changed_figure_changes_the_verdict(self, plan):
        one = Figure.objects.get(code="F12")
        edit(resource_named("figures"), one, {"value": "625"}, version=one.version, by=make_actor("head"))
        assert next(c for c in selectors.checks_of(PLAN) if c.code == "C2").verdict == "match"

    def test_gaps_close_one_by_one(self, plan):
        assert len(selectors.gaps(PLAN)) == 57
        measure, officer = Measure.objects.get(code="T1-01"), make_actor("officer")
        make_organisation("LEAD-T")
        with pytest.raises(Refused):
            move(resource_named("measures"), measure, "begin", by=officer)
        measure = edit(resource_named("measures"), measure, {"lead": "LEAD-T"}, version=1, by=officer)
        move(resource_named("measures"), measure, "begin", by=officer)
        raw = {
            "code": "N1",
            "measure": "T1-01",
            "on": "2007-06-30",
            "text": "已开工",
            "percent": "20",
            "evidence": "演示文件",
        }
        create(resource_named("progress-notes"), raw, by=officer)
        gap = next(gap for gap in selectors.gaps(PLAN) if gap.measure.code == "T1-01")
        assert (gap.lead, gap.evidence, gap.project) == (False, False, True)


class TestPages:
    @pytest.mark.parametrize("lang", ["zh-hans", "en"])
    @pytest.mark.parametrize(
        "path",
        [
            "/plan",
            "/plan/document",
            "/plan/gaps",
            "/plan/figures?add=F05&add=F17",
            "/plan/consistency",
            "/plan?lead=none",
        ],
    )
    def test_the_public_reads(self, plan, path, lang):
        answer = Client(headers={"accept-language": lang}).get(path)
        assert answer.status_code == 200
        assert ("1,490" in answer.text) == (path == "/plan/consistency")

    def test_adding_overlapping_figures_warns_on_the_page(self, plan):
        answer = Client(headers={"accept-language": "en"}).get("/plan/figures?add=F05&add=F17")
        assert "Different calibres" in answer.text
        assert "2,578" in answer.text

    def test_only_an_officer_reads_in_a_text(self, plan, tmp_path):
        text = (
            "江州市协作规划\n一、总体目标\n（一）目标\n1、做好帮扶工作。共投入资金3亿元，其中甲县1亿元，乙县2亿元。\n"
        )
        path = tmp_path / "plan.txt"
        path.write_text(text)
        client = Client(headers={"accept-language": "en"})
        with path.open("rb") as file:
            assert client.post("/plan/document", {"file": file}).status_code == 302
        client.force_login(make_account("reader1", "officer"))
        with path.open("rb") as file:
            answer = client.post("/plan/document", {"file": file})
        assert answer.status_code == 200
        assert "江州市协作规划" in answer.text
        path.write_bytes(b"\x00\x01\x02")
        with path.open("rb") as file:
            assert client.post("/plan/document", {"file": file}).status_code == 422
