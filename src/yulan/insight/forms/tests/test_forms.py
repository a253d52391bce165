"""Forms fill themselves, show where each cell came from, and ask once for what is missing."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.utils.translation import override

from yulan.engines.projects.models import AidProject, ProjectSite
from yulan.insight.forms.catalogue import FORMS, areas_of
from yulan.insight.forms.engine import Cell, Filled, FormColumn, sum_of
from yulan.kernel.access import SYSTEM, Refused
from yulan.kernel.money import fen
from yulan.kernel.resource import resource_named
from yulan.kernel.resource.write import Invalid, create
from yulan.kernel.trail import change_set
from yulan.plan.services import load_plan
from yulan.registry.parties.services import load_parties
from yulan.registry.parties.tests.makers import make_account, make_actor, make_organisation
from yulan.registry.records.services import load_records

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    load_records(by=SYSTEM)
    load_parties(by=SYSTEM)
    load_plan(by=SYSTEM)
    giver = make_organisation("GIVER-T")
    with change_set(by=SYSTEM) as changes:
        for number, (region, state) in enumerate([("542323", "CLOSED"), ("542300", "CONSTRUCT"), ("532600", "DRAFT")]):
            project = changes.create(
                AidProject(
                    code=f"F{number}",
                    name="项目",
                    year=2007,
                    region=region,
                    supporter=giver,
                    sector="education",
                    total=fen("3", "万元"),
                    aid_amount=fen("2", "万元"),
                    state=state,
                    planned_start=date(2007, 5, 1),
                )
            )
            changes.create(ProjectSite(code=f"F{number}-1", project=project, name="村", kind="key_village"))


def row_of(filled: Filled, name: str) -> dict:
    row = next(row for row in filled.rows if name in str(row[0].value))
    return dict(zip([column.name for column in filled.columns], row, strict=True))


class TestF50:
    def test_eight_areas_in_the_plans_order(self, house):
        areas = ["542300", "652900", "532600", "532500", "530800", "533400", "500101", "420506"]
        assert areas_of(2007) == areas
        assert areas_of(2003) == ["532700" if code == "530800" else code for code in areas if code != "533400"]
        assert len(FORMS["F50"].fill(2007, None).rows) == 8

    def test_an_area_counts_its_counties_and_only_issued_projects(self, house):
        shigatse = row_of(FORMS["F50"].fill(2007, None), "Xigazê")
        assert (shigatse["funds"].value, shigatse["projects"].value, shigatse["villages"].value) == (4, 2, 2)
        assert row_of(FORMS["F50"].fill(2007, None), "Wenshan")["projects"].value == 0

    def test_every_number_opens_exactly_its_rows(self, house):
        with change_set(by=SYSTEM) as changes:  # what is not published counts nowhere and is opened by no number
            draft = AidProject.objects.get(code="F2")
            changes.create(ProjectSite(code="F2-2", project=draft, name="村", kind="key_village", region="532600"))
        client = Client()
        client.force_login(make_account("", "officer"))
        for row in FORMS["F50"].fill(2007, None).rows:
            for cell in (row[2], row[3]):
                assert client.get(f"/api/v1{cell.url}").json()["count"] == cell.value, cell.url

    @pytest.mark.parametrize(
        ("year", "map_on", "name"), [(2003, None, "思茅地区"), (2003, date(2010, 12, 31), "普洱市")]
    )
    def test_areas_are_called_as_then_or_as_now(self, house, year, map_on, name):
        with override("zh-hans"):
            assert name in [row[0].value for row in FORMS["F50"].fill(year, map_on).rows]

    def test_a_fact_said_under_an_old_code_stays_with_its_area(self, house):
        raw = {"indicator": "trained", "region": "542300", "year": "2007", "value": "12", "source": "名册"}
        create(resource_named("facts"), raw, by=make_actor("officer"))
        with override("zh-hans"):
            today = FORMS["F50"].fill(2007, date(2020, 1, 1))
            row = next(row for row in today.rows if row[5].value == 12)
            assert row[0].value == "日喀则市"

    def test_every_cell_knows_its_source(self, house):
        assert all(cell.source for row in FORMS["F50"].fill(2007, None).rows for cell in row)

    def test_a_missing_cell_is_entered_once_and_then_filled(self, house):
        cell = row_of(FORMS["F50"].fill(2007, None), "Xigazê")["people"]
        assert cell.missing
        raw = {"indicator": "dispatched", "region": "542300", "year": "2007", "value": "31", "source": "组织部门名册"}
        create(resource_named("facts"), raw, by=make_actor("officer"))
        filled = row_of(FORMS["F50"].fill(2007, None), "Xigazê")["people"]
        assert (filled.value, filled.missing, filled.source) == (31, False, "组织部门名册")
        with pytest.raises(Invalid):
            create(resource_named("facts"), raw, by=make_actor("officer"))

    def test_a_field_team_enters_only_for_its_own_area(self, house):
        raw = {"indicator": "dispatched", "region": "652900", "year": "2007", "value": "3", "source": "x"}
        with pytest.raises(Refused):
            create(resource_named("facts"), raw, by=make_actor("field", region="542300"))

    def test_a_year_without_anything_is_empty_not_wrong(self, house):
        assert row_of(FORMS["F50"].fill(2002, None), "Xigazê")["projects"].value == 0


class TestF49:
    def test_57_rows(self, house):
        filled = FORMS["F49"].fill(2010, None)
        assert len(filled.rows) == 57
        assert row_of(filled, "T1-01")["progress"].missing


def test_sum_says_when_it_is_partial():
    columns = (FormColumn("a", "A"), FormColumn("b", "B", "integer"))
    total = sum_of([[Cell("x"), Cell(2)], [Cell("y"), Cell(None, missing=True)]], columns)
    assert total[1].value == 2
    with override("en"):
        assert "filled" in str(total[1].source)


def test_the_workbook_is_a4_and_has_no_formula(house):
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_account("clerk1", "officer"))
    answer = client.get("/forms/F50.xlsx?year=2007")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    page = book["F50"]
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert page["B4"].value == 4
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert any("SHA-256" in str(row[0].value) for row in page.iter_rows())
    assert len(list(book["Sources"].iter_rows())) == 1 + 8 * 7


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/forms/", 200),
        ("/forms/F49", 200),
        ("/forms/F50?year=2007", 200),
        ("/forms/F99", 404),
        ("/forms/F50?year=x", 400),
        ("/forms/F50?year=1066", 400),
    ],
)
def test_pages(house, path, status):
    client = Client()
    assert client.get("/forms/").status_code == 302
    client.force_login(make_account("clerk1", "officer"))
    assert client.get(path).status_code == status
