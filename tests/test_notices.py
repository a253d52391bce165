"""Who is told what: of a record of theirs that another has moved, and of one that waits for them. Nothing is lost."""

from typing import Any

import pytest

from tests.world import SHIGATSE, World, draft, make_any
from yulan.kernel.access import SYSTEM
from yulan.kernel.feed import Cursor, deliver
from yulan.kernel.notices import WAITING, YOURS, Notice
from yulan.kernel.resource import resource_named
from yulan.kernel.trail import change_set

DECIDED = {"new_total": "100000", "opinion": "同意（演示）"}


pytestmark = pytest.mark.django_db


def told(who: str) -> dict[str, Any]:
    return {row.kind: row for row in Notice.objects.filter(recipient=who, read_at=None).order_by("seq")}


@pytest.fixture
def project(house: World) -> Any:
    """A project under way, for which its department has asked for a change."""
    found = make_any(resource_named("projects"), SHIGATSE, state="CONSTRUCT")
    deliver()
    Notice.objects.all().delete()  # of the rest of the world
    asked = {"new_total": "100000", "opinion": "少一间观察室（演示）"}
    answer = house.client("shigatse_department").post(f"/projects/{found.pk}/moves/request_change", asked)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return found


def test_the_next_are_told_that_it_waits_and_the_maker_what_became_of_it(house, project):
    assert set(told("city_officer")) == set(told("division_head")) == {WAITING}
    assert not told("shigatse_department"), "nobody is told what they did themselves"
    for stranger in ("enterprise", "aksu_department", "huangpu_officer", "shigatse_team"):
        assert not told(stranger), stranger
    officer = house.client("city_officer")
    page = officer.get("/messages").content.decode()
    assert str(project) in page
    assert "少一间观察室（演示）" in page
    assert 'class="y-count">1<' in officer.get("/todo").content.decode()
    answer = officer.post(f"/projects/{project.pk}/moves/decide_change", DECIDED)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert not told("city_officer")
    assert not told("division_head"), "it waits no longer"
    maker = house.client("shigatse_department")
    page = maker.get("/messages").content.decode()
    assert all(text in page for text in (str(project), "Under way", "city officer", "同意（演示）"))
    opened = maker.get(f"/messages/{told('shigatse_department')[YOURS].pk}")
    assert opened["Location"] == f"/projects/{project.pk}"
    assert not told("shigatse_department")
    assert 'class="y-count"' not in maker.get("/todo").content.decode()


def test_messages_are_ones_own_and_marked_up_to_the_newest_shown(house, project):
    notice = told("city_officer")[WAITING]
    assert house.client("shigatse_department").get(f"/messages/{notice.pk}").status_code == 404
    house.client("shigatse_department").post("/messages", {"upto": notice.seq})
    officer = house.client("city_officer")
    officer.post("/messages", {"upto": notice.seq - 1})
    officer.post("/messages", {"upto": "x"})
    assert told("city_officer")
    officer.post("/messages", {"upto": notice.seq})
    assert not told("city_officer")


def test_who_has_lost_sight_of_a_record_is_told_of_it_no_more(house, project):
    Notice.objects.filter(recipient="city_officer").update(recipient="aksu_department")
    assert str(project) not in house.client("aksu_department").get("/messages").content.decode()


def test_what_a_loader_brings_is_no_news(house):
    projects = resource_named("projects")
    values = draft(projects, SHIGATSE, state="SUBMITTED")
    with change_set(by=SYSTEM, channel="loader") as changes:
        made = changes.create(projects.model(**values | {"state": "SUBMITTED"}))
    other = make_any(projects, SHIGATSE, state="SUBMITTED")
    deliver()
    there = set(Notice.objects.filter(recipient="shigatse_team").values_list("object_id", flat=True))
    assert str(other.pk) in there
    assert str(made.pk) not in there


def test_entries_that_come_again_tell_nothing_twice(project):
    own = Notice.objects.filter(object_id=project.pk, model="projects.aidproject").order_by("id")
    rows = list(own.values())
    assert rows
    Cursor.objects.update(seq=0)
    deliver()
    assert list(own.values()) == rows


def test_unread_is_only_the_newest_about_a_record(house, project):
    officer, maker = house.client("city_officer"), house.client("shigatse_department")
    decide, ask = f"/projects/{project.pk}/moves/decide_change", f"/projects/{project.pk}/moves/request_change"
    officer.post(decide, DECIDED)
    assert told("shigatse_department")
    maker.post(ask, {"new_total": "90000", "opinion": "再少一间（演示）"})
    assert not told("shigatse_department"), "who has acted knows"
    officer.post(decide, {"new_total": "90000", "opinion": "再次同意（演示）"})
    assert len(told("shigatse_department")) == 1
    page = maker.get("/messages").content.decode()
    assert page.index("再次同意") < page.index("Already read") < page.index("同意（演示）", page.index("Already read"))
