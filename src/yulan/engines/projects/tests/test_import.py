"""What an import says of each row of a workbook of projects, and that it writes all of them or none."""

import csv
import io
from typing import Any

import pytest

from yulan.engines.projects.models import AidProject
from yulan.kernel.access import SYSTEM
from yulan.kernel.resource import resource_named
from yulan.kernel.resource.importing import commit_import
from yulan.kernel.resource.planning import ImportPlan, ImportRefused, plan_import
from yulan.registry.parties.tests.makers import make_organisation
from yulan.registry.records.services import load_records

pytestmark = pytest.mark.django_db
PROJECTS = resource_named("projects")
GOOD = {
    "code": "P-1",
    "name": "演示小学",
    "year": "2007",
    "region": "532600",
    "supporter": "CITY-T",
    "sector": "教育",
    "content": "教学楼",
    "total": "1,000.50",
    "aid_amount": "600",
    "persons": "40",
    "poor_persons": "12",
    "planned_start": "2007-05-01",
    "planned_end": "2008-05-01",
}


@pytest.fixture(autouse=True)
def register(db: None) -> None:
    load_records(by=SYSTEM)
    make_organisation("CITY-T", kind="government")


def judged(*rows: dict[str, Any], heads: tuple[str, ...] = tuple(GOOD)) -> ImportPlan:
    """Judge rows, each GOOD but for what is given; the first of them stands in line 2."""
    text = io.StringIO()
    table = csv.DictWriter(text, heads, extrasaction="ignore")
    table.writeheader()
    table.writerows(GOOD | row for row in rows)
    return plan_import(PROJECTS, text.getvalue().encode(), name="rows.csv", by=SYSTEM)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"code": ""}, "Code is required."),
        ({"code": "  "}, "Code is required."),
        ({"name": ""}, "Name is required."),
        ({"name": " \u3000 "}, "Name is required."),
        ({"name": "长" * 121}, "Name: At most 120 characters."),
        ({"year": "1890"}, "Plan year:"),
        ({"year": "twenty"}, "Plan year: Not a whole number."),
        ({"region": "999999"}, "Recipient region:"),
        ({"supporter": "NOBODY"}, "Supporter: There is no organisation “NOBODY”."),
        ({"supporter": ""}, "Supporter is required."),
        ({"sector": "不知道"}, "Sector: “不知道” is not in the list."),
        ({"total": "很多"}, "Total budget: Not an amount"),
        ({"total": "0.001"}, "Total budget: Not an amount, or finer than one fen."),
        ({"total": "-1"}, "Total budget: Must not be below 0."),
        ({"aid_amount": "2000"}, "The aid amount is above the total."),
        ({"poor_persons": "41"}, "More poor beneficiaries than beneficiaries."),
        ({"planned_start": "2006-13-40"}, "Planned start: Not a date"),
        ({"planned_end": "1999-01-01"}, "The end lies before the start."),
    ],
)
def test_a_wrong_row_is_named_with_its_reason_and_nothing_is_written(row, reason):
    plan = judged({"code": "P-0"}, row)
    assert list(plan.wrong) == [3]
    assert any(reason in text for text in plan.wrong[3]), plan.wrong
    assert [line for line, _values in plan.new] == [2]
    with pytest.raises(ImportRefused, match="1 rows are wrong"):
        commit_import(plan, by=SYSTEM)
    assert not AidProject.objects.exists()


def test_a_key_that_stands_twice_is_wrong_the_second_time():
    plan = judged({}, {"code": "P-2"}, {}, {"code": " P-1 "})
    assert plan.wrong == {4: ["The same Code stands in row 2."], 5: ["The same Code stands in row 2."]}


def test_rows_in_which_nothing_stands_are_passed_over_and_lines_stay_the_sheets_own():
    empty = dict.fromkeys(GOOD, "")
    plan = judged(empty, {}, dict.fromkeys(GOOD, "  "), {"code": "P-2", "name": ""}, empty)
    assert [line for line, _values in plan.new] == [3]
    assert plan.wrong == {5: ["Name is required."]}


def test_empty_cells_mean_the_fields_own_blank():
    plan = judged({"content": "", "aid_amount": "", "persons": "", "planned_end": ""}, {"code": "P-2"})
    commit_import(plan, by=SYSTEM)
    project = AidProject.objects.get(code="P-1")
    blanks = (project.content, project.aid_amount, project.persons, project.planned_end)
    assert blanks == ("", 0, None, None)
    assert (project.total, project.region) == (100_050, "532600")


def test_rows_are_new_changed_or_the_same():
    commit_import(judged({}, {"code": "P-2"}), by=SYSTEM)
    plan = judged({}, {"code": "P-2", "name": "演示中学"}, {"code": "P-3"})
    assert plan.counts == {"new": 1, "changed": 1, "same": 1, "wrong": 0, "total": 3}
    commit_import(plan, by=SYSTEM)
    assert list(AidProject.objects.order_by("code").values_list("name", "version")) == [
        ("演示小学", 1),
        ("演示中学", 2),
        ("演示小学", 1),
    ]


def test_a_sheet_may_leave_columns_out_but_a_new_row_needs_what_is_required():
    commit_import(judged({}), by=SYSTEM)
    plan = judged({"name": "演示中学"}, {"code": "P-2"}, heads=("code", "name", "total"))
    assert plan.counts["changed"] == 1
    (reason,) = plan.wrong[3]
    assert reason.startswith("A new row also needs: ")
    assert "Supporter" in reason


def test_without_the_key_column_nothing_can_be_matched():
    with pytest.raises(ImportRefused, match="The column “Code” is missing"):
        judged({}, heads=tuple(name for name in GOOD if name != "code"))
