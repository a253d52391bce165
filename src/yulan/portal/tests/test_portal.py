"""The public pages: every number opens its rows, what does not add up is shown, nothing of a draft gets out."""

import re
from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client

from yulan.engines.projects.models import AidProject
from yulan.kernel.access import SYSTEM
from yulan.kernel.money import fen
from yulan.kernel.resource.query import BadQuery
from yulan.kernel.trail import change_set
from yulan.plan.services import load_plan
from yulan.portal.selection import Selection, summarise
from yulan.registry.parties.services import load_parties
from yulan.registry.parties.tests.makers import make_account, make_organisation
from yulan.registry.records.services import load_records

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    load_records(by=SYSTEM)
    load_parties(by=SYSTEM)
    load_plan(by=SYSTEM)
    giver = make_organisation("GIVER-T")
    rows = [
        ("542323", "CLOSED", 2003, "education"),
        ("542300", "CONSTRUCT", 2007, "health"),
        ("532600", "DRAFT", 2007, "health"),
    ]
    with change_set(by=SYSTEM) as changes:
        for number, (region, state, year, sector) in enumerate(rows):
            changes.create(
                AidProject(
                    code=f"S{number}",
                    name=f"秘密{number}",
                    year=year,
                    region=region,
                    supporter=giver,
                    sector=sector,
                    total=fen("3", "万元"),
                    aid_amount=fen("2", "万元"),
                    state=state,
                    persons=10,
                    planned_start=date(year, 5, 1),
                )
            )


class TestSelection:
    def test_all(self, house):
        found = summarise(Selection())
        assert (found.total(), found.projects(), found.persons) == (fen("4", "万元"), 2, 20)

    @pytest.mark.parametrize(
        ("params", "count"),
        [
            ("where=542300", 2),
            ("where=652900", 0),
            ("what=health", 1),
            ("from=2004", 1),
            ("who=GIVER-T", 2),
            ("from=2010&to=2001", 2),
        ],
    )
    def test_parts(self, house, params, count):
        assert summarise(Selection.read(QueryDict(params))).projects() == count

    @pytest.mark.parametrize("params", ["what=nothing", "where=999999", "from=1800", "to=x"])
    def test_bad_words_are_refused(self, house, params):
        with pytest.raises(BadQuery):
            Selection.read(QueryDict(params))


class TestPages:
    @pytest.mark.parametrize("lang", ["zh-hans", "en"])
    @pytest.mark.parametrize("path", ["/", "/quality", "/projects/", "/?where=542300&what=education"])
    def test_open_without_sign_in(self, house, path, lang):
        assert Client(headers={"accept-language": lang}).get(path).status_code == 200

    def test_every_number_opens_its_rows(self, house):
        client = Client()
        links = set(re.findall(r'href="(/projects/\?[^"]+)"', client.get("/").text))
        assert len(links) > 4
        for link in links:
            answer = client.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200, link

    def test_an_officer_opens_the_same_rows_as_a_visitor(self, house):
        officer = Client()
        officer.force_login(make_account("", "officer"))
        for client in (Client(), officer):
            page = client.get("/").text
            opened = re.findall(r'<dd><a href="(/projects/[^"]+)">([\d,]+)</a>', page)
            link, number = next((link, number) for link, number in opened if number == "2")
            assert client.get(f"/api/v1{link.replace('&amp;', '&')}").json()["count"] == int(number)

    @pytest.mark.parametrize(("query", "name"), [("", "思茅市"), ("?map=today", "普洱市")])
    def test_areas_are_named_as_in_the_plan_or_as_today(self, house, query, name):
        text = Client(headers={"accept-language": "zh-hans"}).get(f"/{query}").text
        assert f"{name}</a>" in text

    def test_a_draft_stays_inside(self, house):
        client = Client()
        assert "秘密2" not in client.get("/projects/").text
        draft = AidProject.objects.get(code="S2")
        assert client.get(f"/projects/{draft.pk}").status_code == 404
        assert client.get(f"/api/v1/projects/{draft.pk}").status_code == 404

    def test_quality_tells_the_story(self, house):
        text = Client(headers={"accept-language": "en"}).get("/quality").text
        assert "1,490" in text
        assert "2,490" in text

    def test_bad_selection_is_explained(self, house):
        assert Client().get("/?what=nothing").status_code == 400
