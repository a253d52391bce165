"""What people read on screens: names for codes, units on amounts, menus of their own, numbers that open their rows."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from tests.world import HUANGPU, STRANGER, make_any
from yulan.kernel.access import SYSTEM
from yulan.kernel.files import attach
from yulan.kernel.resource import all_resources, resource_named
from yulan.kernel.resource.codec import View
from yulan.kernel.resource.fields import Reference
from yulan.plan.models import Measure
from yulan.registry.parties.models import Organisation, Pairing
from yulan.registry.parties.rules import ROLES, channels_of
from yulan.site.chrome import CHANNELS, MENUS, REGISTERS

VIEWS = {"zh-hans": "元", "en": "万元"}


def cells(html: str) -> list[list[str]]:
    """Give the texts of the rows of the list."""
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [[re.sub("<.*?>", "", cell).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.S)] for row in rows]


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_lists_call_records_by_their_names(house, lang):
    organisation = Organisation.objects.get(code=HUANGPU.organisation)
    wanted = organisation.name.in_(lang)
    assert wanted != organisation.code
    project = house.record(resource_named("projects"), HUANGPU)
    shown = house.client("city_officer", lang).get("/projects/", {"code": project.code}).content.decode()
    assert wanted in cells(shown)[0]
    shown = house.client("city_officer", lang).get("/funds/", {"owner": organisation.code}).content.decode()
    assert wanted in cells(shown)[0]
    assert f"<b>{wanted}</b>" in shown, "the condition in force is told by name, too"
    form = house.client("city_officer", lang).get(f"/pairings/new?supporter={organisation.code}").content.decode()
    assert wanted in re.search(r'<output class="y-picked" for="f-supporter".*?</output>', form, re.S).group(0)


def test_files_and_programs_keep_keys(house):
    assert isinstance(resource_named("projects").fields["supporter"].codec, Reference)
    row = house.client("city_officer").get("/api/v1/projects/").json()["results"][0]
    assert Organisation.objects.filter(code=row["supporter"]).exists()


def test_no_list_names_two_columns_alike():
    for lang in VIEWS:
        with override(lang):
            for resource in all_resources():
                labels = [column.in_words().heading(View(lang)) for column in resource.listed]
                assert len(labels) == len(set(labels)), (resource.name, labels)


def test_amounts_name_their_unit(house):
    client = house.client("city_officer", "zh-hans")
    assert "总投资（元）" in client.get("/projects/").content.decode()
    client.cookies["unit"] = "wan"
    assert "总投资（万元）" in client.get("/projects/").content.decode()
    project = house.record(resource_named("projects"), HUANGPU)
    assert "总投资（万元）" in client.get(f"/projects/{project.pk}").content.decode()
    client = house.client("city_officer", "en")
    client.cookies["unit"] = "wan"
    assert "Total budget (10k CNY)" in client.get("/projects/").content.decode()


@pytest.mark.django_db
def test_a_pairing_is_told_by_names():
    pairing = Pairing(code="P", region="542300", supporter=Organisation(name_zh="上海市", name_en="Shanghai"))
    with override("zh-hans"):
        assert str(pairing) == "上海市 → 日喀则地区"


@pytest.mark.parametrize("role", [role.code for role in ROLES])
def test_menus_are_of_the_role(house, role):
    who = next((name for name in house.accounts if house.actor(name).roles == {role}), None)
    if who is None:
        return
    html = house.client(who).get("/me").content.decode()
    part = html.split('<ul class="y-channels">')[1].split("</ul>")[0] if "y-channels" in html else ""
    links = re.findall(r'<a href="(.*?)"', part)
    assert len(links) <= len(channels_of([role]))
    for link in links:
        page = house.client(who).get(link)
        assert page.status_code == 200, f"{who} is led to {link}"
        menu = re.search(r'<nav class="y-side".*?</nav>', page.content.decode(), re.S)
        entries = re.findall(r'href="(.*?)"', menu.group(0)) if menu else []
        assert len(entries) <= 9, "a menu is read at a glance"
        assert all(house.client(who).get(entry).status_code == 200 for entry in entries)
    bar = html.split('<ul class="y-bottom">')[1].split("</ul>")[0]
    assert [house.client(who).get(link).status_code for link in re.findall(r'<a href="(.*?)"', bar)] == [200] * 5


def test_menus_name_what_there_is():
    named = {item for items in MENUS.values() for item in items if isinstance(item, str)} | set(REGISTERS)
    assert named <= {resource.name for resource in all_resources()}
    assert {resource.channel for resource in all_resources()} <= set(CHANNELS)


def test_registers_and_forms_to_enter_are_listed(house):
    page = house.client("city_officer", "en").get("/registers").content.decode()
    assert all(f'href="/{name}/"' in page for name in REGISTERS)
    page = house.client("huangpu_officer", "en").get("/enter").content.decode()
    assert 'href="/projects/new"' in page
    assert 'href="/accounts/new"' not in page
    assert house.client(STRANGER).get("/enter").status_code == 302


def test_the_plan_counts_what_the_reader_may_open(house):
    measure = Measure.objects.order_by("position").first()
    project = house.record(resource_named("projects"), HUANGPU)
    sent = {"version": project.version, "measure": measure.code}
    assert house.client("huangpu_officer").post(f"/projects/{project.pk}/edit", sent).status_code == 302
    for who in ("city_officer", STRANGER):
        client = house.client(who, "en")
        link = re.search(
            rf'<a href="(/projects/\?measure={measure.code})">(\d+)</a>', client.get("/plan").content.decode()
        )
        rows = client.get("/projects/", {"measure": measure.code}).content.decode()
        told = int(link.group(2)) if link else 0
        assert told == (len(cells(rows)) if "<tbody>" in rows else 0), who
    page = house.client("city_officer", "en").get("/plan/gaps?lack=lead").content.decode()
    assert len(cells(page)) == sum(one.lead is None for one in Measure.objects.all())


def test_a_search_offers_other_words_of_the_trade(house):
    page = house.client(STRANGER, "zh-hans").get("/search", {"q": "对口支援"}).content.decode()
    assert "/search?q=%E5%AF%B9%E5%8F%A3%E5%B8%AE%E6%89%B6" in page
    assert "也可查" not in house.client(STRANGER, "zh-hans").get("/search", {"q": "学校"}).content.decode()


def test_the_timeline_calls_people_by_name(house):
    resource = resource_named("pairings")
    obj = house.record(resource, HUANGPU)
    client = house.client("city_officer", "en")
    sent = {"version": obj.version, "topic": "Renamed"}
    assert client.post(f"{resource.url(obj.pk)}/edit", sent).status_code == 302
    page = client.get(resource.url(obj.pk)).content.decode()
    assert house.accounts["city_officer"].name in page.split('id="timeline"')[1]


def test_a_search_puts_names_that_begin_with_the_words_first(house):
    page = house.client("city_officer", "zh-hans").get("/search", {"q": "黄浦"}).content.decode()
    titles = re.findall(r'<li><div><a href=".*?">(.*?)</a>', page)
    assert titles[0].startswith("黄浦"), titles[:5]


def test_a_form_says_which_field_is_wrong_and_what_a_code_stands_for(house):
    client = house.client("huangpu_officer", "en")
    answer = client.post("/projects/new", {"code": "X", "year": "someday", "supporter": HUANGPU.organisation})
    summary = answer.content.decode().split("data-summary>")[1].split("</div>")[0]
    assert answer.status_code == 422
    assert "Plan year: Not a whole number." in summary
    assert "Name: " in summary


def test_only_moves_from_the_states_asked_for_are_offered_on_many_rows(house):
    client = house.client("city_officer", "en")
    lifecycle = resource_named("projects").lifecycle
    for state in lifecycle.states:
        page = client.get("/projects/", {"state": state}).content.decode()
        offered = set(re.findall(r'name="move" value="(\w+)"', page))
        assert offered <= {move.name for move in lifecycle.from_state(state)}, state


def test_who_moves_a_record_reads_what_was_said_before(house):
    resource = resource_named("regulations")
    obj = house.record(resource, HUANGPU)
    client = house.client("city_officer", "en")
    moves = f"{resource.url(obj.pk)}/moves"
    assert client.post(f"{moves}/mark", {"opinion": "Out of date since the reform"}).status_code == 302
    page = client.get(f"{moves}/keep").content.decode()
    assert "Out of date since the reform" in page
    assert house.accounts["city_officer"].name in page


def test_who_moves_a_record_sees_the_money_that_is_left_and_the_files(house):
    projects = resource_named("projects")
    line = make_any(resource_named("budget-lines"), HUANGPU, amount=5_000_000)
    obj = make_any(projects, HUANGPU, state="REVIEW", budget_line=line, aid_amount=1_234_500)
    attach(obj, SimpleUploadedFile("可行性研究.txt", "正文".encode()), by=SYSTEM)
    page = house.client("division_head").get(f"{projects.url(obj.pk)}/moves/pass")
    told = {str(fact["label"]): fact["text"] for fact in page.context["page"]["summary"]}
    assert (told["Aid amount (CNY)"], told["Left on the budget line (CNY)"]) == ("12,345.00", "50,000.00")
    assert "可行性研究.txt" in page.content.decode()
