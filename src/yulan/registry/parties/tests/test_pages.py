"""What the resources of this room show, to whom, in every form; and the page that reveals."""

import io
import logging
import os
from datetime import date
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from yulan.kernel.access import SYSTEM
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import TrailEntry
from yulan.registry.parties import services
from yulan.registry.parties.fields import HIDDEN
from yulan.registry.parties.models import Account, ApiToken, Assignment, Organisation, Pairing, Person
from yulan.registry.parties.tests.makers import make_account, make_organisation, make_pairing, make_person

pytestmark = pytest.mark.django_db

CLEAR = {
    "identity_number": "310000190001012031",
    "phone": "16012345678",
    "bank": "0000000000012345678",
    "health": "高血压",
}


def client_of(*roles, **where):
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    account = make_account("", *roles, **where)
    client.force_login(account)
    return client


def workbook(*rows):
    book, target = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    target.seek(0)
    target.name = "rows.xlsx"
    return target


def text_of(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace")


def cells_of(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return [list(row) for row in load_workbook(io.BytesIO(body)).worksheets[0].values]


def test_no_form_of_a_person_holds_a_clear_value():
    person = make_person("P-1", name="王小明", title="处长", **CLEAR)
    token = Person.objects.values_list("identity_number", "name_index", "subject").get()
    client = client_of("officer")
    pages = ["/persons/", f"/persons/{person.pk}", f"/persons/{person.pk}/edit", "/persons/export.csv"]
    pages += ["/persons/export.json", "/api/v1/persons/", f"/api/v1/persons/{person.pk}", "/persons/?q=P-1"]
    for url in pages:
        answer = client.get(url)
        body = text_of(answer)
        assert answer.status_code == 200, url
        assert "P-1" in body, url
        assert not [clear for clear in ("小明", *CLEAR.values(), *token) if clear in body], url
    sheet = str(cells_of(client.get("/persons/export.xlsx")))
    assert "王**" in sheet
    assert "160****5678" in sheet
    assert not [clear for clear in ("小明", *CLEAR.values(), *token) if clear in sheet]


def test_a_person_is_shown_masked():
    person = make_person("P-1", name="王小明", **CLEAR)
    client = client_of("officer")
    assert "王**" in text_of(client.get("/persons/"))
    detail = text_of(client.get(f"/persons/{person.pk}"))
    assert "310***********2031" in detail
    assert client.get(f"/api/v1/persons/{person.pk}").json()["name"] == "王**"


def test_the_timeline_of_a_person_tells_nothing():
    person = make_person("P-1", name="王小明", **CLEAR)
    services.change_person(person, by=SYSTEM, phone="16000001111")
    body = text_of(client_of("officer").get(f"/persons/{person.pk}"))
    assert "16000001111" not in body
    assert person.phone not in body


def test_persons_are_found_by_whole_values():
    make_person("P-1", name="王小明", **CLEAR)
    make_person("P-2", name="王小红")
    client = client_of("officer")
    found = look_up(client, name_index="王小明")
    assert [row["code"] for row in found["results"]] == ["P-1"]
    assert look_up(client, phone_index="160 1234 5678")["count"] == 1
    assert look_up(client, name_index="王")["count"] == 0
    assert look_up(client, q=CLEAR["identity_number"])["results"] == found["results"]
    assert look_up(client, q="P-", size=1, page=2)["results"][0]["code"] == "P-2"


def look_up(client, status=200, **asked):
    answer = client.post("/api/v1/persons/search", asked, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_personal_value_in_an_address_is_refused_without_being_repeated():
    make_person("P-1", name="王小明", **CLEAR)
    client = client_of("officer")
    asked = [{"phone_index": CLEAR["phone"]}, {"identity_index": CLEAR["identity_number"]}, {"name_index": "王小明"}]
    asked += [{"q": CLEAR["phone"]}, {"q": "310000 19000101 203１"}, {"identity_index.from": CLEAR["identity_number"]}]
    for params in asked:
        for url in ("/persons/", "/api/v1/persons/", "/persons/export.csv", "/persons/lookup", "/search"):
            if (url == "/search" and "q" not in params) or (url.endswith("lookup") and "q" not in params):
                continue
            answer = client.get(url, params)
            told = text_of(answer)
            assert answer.status_code == 400, (url, params)
            assert "do not belong in an address" in told
            assert not [clear for clear in ("小明", *CLEAR.values()) if clear in told], url
    assert look_up(client, status=400, identity_index="x" * 9, sort="nothing")["status"] == 400
    assert look_up(client_of("enterprise"), status=403, phone_index=CLEAR["phone"])["status"] == 403
    assert client.post("/api/v1/organisations/search").status_code == 404
    assert client.get("/organisations/", {"q": CLEAR["phone"]}).status_code == 400
    assert client.post("/organisations/", {"q": CLEAR["phone"]}).status_code == 400


@pytest.mark.parametrize(
    "typed",
    [
        {"identity_index": CLEAR["identity_number"]},
        {"phone_index": " 160-1234-5678 ", "organisation": "SH-A"},
        {"name_index": "王小明"},
        {"q": CLEAR["identity_number"]},
        {"q": "１６０１２３４５６７８"},
    ],
)
def test_the_form_finds_by_personal_values_and_no_address_or_log_tells_them(typed, caplog):
    make_person("P-1", name="王小明", organisation=make_organisation("SH-A"), **CLEAR)
    make_person("P-2", name="王小红", organisation=Organisation.objects.get())
    client, entries = client_of("officer"), TrailEntry.objects.count()
    caplog.set_level(logging.DEBUG)
    sent = client.post("/persons/", {"organisation": "", "q": ""} | typed)
    assert sent.status_code == 302
    page = text_of(client.get(sent["Location"]))
    assert "P-1" in page
    assert "P-2" not in page
    assert "••••" in page
    sheet = text_of(client.get(sent["Location"].replace("/?", "/export.csv?")))
    everything = "\n".join((sent["Location"], page, sheet, caplog.text)) + str(sent.headers)
    shown = [clear for clear in ("小明", "0-1234-5", *CLEAR.values(), *typed.values()) if clear in everything]
    assert not set(shown) - {"SH-A"}
    assert client.post("/persons/", typed)["Location"] != sent["Location"], "nobody sees that it is asked again"
    further = {name: [values[-1]] for name, values in parse_qs(sent["Location"].partition("?")[2]).items()}
    assert "P-1" in text_of(client.post("/persons/", further, follow=True)), "with the veil the page has given back"
    assert TrailEntry.objects.count() == entries


def test_the_search_of_all_records_finds_by_personal_numbers_that_are_sent():
    person = make_person("P-1", name="王小明", title="A&B", **CLEAR)
    officer = client_of("officer")
    for number in ("160 1234 5678", CLEAR["identity_number"]):
        page = text_of(officer.post("/search", {"q": number}))
        assert f"/persons/{person.pk}" in page
        assert f"/persons/{person.pk}" not in text_of(client_of("enterprise").post("/search", {"q": number}))
        assert f"/persons/{person.pk}" not in text_of(Client().post("/search", {"q": number}))
    assert f"/persons/{person.pk}" in text_of(officer.get("/search", {"q": "P-1"}))
    assert "/persons/?q=A%26B" in text_of(officer.post("/search", {"q": "A&B"}))


def test_an_uploaded_workbook_of_persons_is_not_kept_for_long(settings):
    folder = settings.VAR / "uploads"
    client, rows = client_of("officer"), [("Code", "Name"), ("P-1", "演示甲")]
    client.post("/persons/import", {"file": workbook(*rows)})
    sent = {path for path in folder.glob("*/*") if path.stat().st_size}
    assert sent
    for path in folder.glob("*/*"):
        os.utime(path, (0, 0))
    client.post("/persons/import", {"file": workbook(*rows, ("P-2", "演示乙"))})
    assert not sent & set(folder.glob("*/*"))


def test_persons_of_another_office_do_not_exist():
    here, there = make_organisation("SH-A"), make_organisation("SH-B")
    mine, other = make_person("P-1", organisation=here), make_person("P-2", organisation=there)
    client = client_of("district", organisation=here)
    assert [row["code"] for row in client.get("/api/v1/persons/").json()["results"]] == ["P-1"]
    assert client.get(f"/persons/{mine.pk}").status_code == 200
    assert client.get(f"/persons/{other.pk}").status_code == 404
    assert client.get(f"/persons/{other.pk}/reveal").status_code == 404


def test_persons_are_nobody_s_business_without_a_role():
    person = make_person("P-1")
    stranger = client_of("enterprise")
    assert "P-1" not in text_of(stranger.get("/persons/"))
    assert stranger.get(f"/persons/{person.pk}").status_code == 403
    assert stranger.get("/api/v1/persons/").status_code == 403
    assert Client().get("/api/v1/persons/").status_code == 401


def test_a_person_is_entered_and_changed_by_form():
    client = client_of("officer")
    sent = {"code": "P-9", "name": "李四", "phone": "16012345678", "identity_number": "310000190001012032"}
    wrong = client.post("/persons/new", sent)
    assert wrong.status_code == 422
    assert "check digit" in text_of(wrong)
    client.post("/persons/new", sent | {"identity_number": "310000190001012031"})
    person = Person.objects.with_identity_number("310000190001012031").get()
    form = client.get(f"/persons/{person.pk}/edit")
    assert HIDDEN in text_of(form)
    sent = {"code": "P-9", "name": HIDDEN, "phone": "16000001111", "identity_number": HIDDEN, "title": "科长"}
    answer = client.post(f"/persons/{person.pk}/edit", sent | {"version": person.version})
    assert answer.status_code == 302
    changed = Person.objects.get()
    assert (changed.masked_name, changed.masked_phone, changed.title) == ("李*", "160****1111", "科长")


def test_persons_are_imported_sealed_and_again_without_harm():
    client = client_of("officer")
    rows = [("Code", "Name", "Identity number", "Phone"), ("P-1", "王小明", "310000190001012031", "16012345678")]
    answer = client.post("/persons/import", {"file": workbook(*rows)}, follow=True)
    assert answer.status_code == 200
    key = [part for part in text_of(answer).split('"') if "/persons/import/" in part]
    assert "16012345678" not in text_of(answer)
    assert not key or client.post(key[0].split("?")[0]).status_code in (200, 302)


def test_reveal_page_asks_why_and_notes_it():
    person = make_person("P-1", name="王小明", **CLEAR)
    client = client_of("officer")
    url = f"/persons/{person.pk}/reveal"
    assert url in text_of(client.get(f"/persons/{person.pk}"))
    page = text_of(client.get(url))
    assert 'value="phone"' in page
    assert 'value="health"' not in page
    refused = client.post(url, {"field": "phone", "reason": " "})
    assert refused.status_code == 409
    assert CLEAR["phone"] not in text_of(refused)
    shown = client.post(url, {"field": "phone", "reason": "class list"})
    assert CLEAR["phone"] in text_of(shown)
    assert "no-store" in shown["Cache-Control"]
    assert timeline(person)[0]["reason"] == "class list"
    for field in ("health", "subject", ""):
        assert client.post(url, {"field": field, "reason": "curious"}).status_code in (403, 409)


def test_no_page_shows_a_password_or_a_token():
    account = make_account("li", "officer")
    services.set_password(account, "玉兰花开-2007-春天", by=SYSTEM)
    services.issue_token("li", by=SYSTEM, label="laptop")
    hidden = (Account.objects.get(pk=account.pk).password, ApiToken.objects.get().sha256, "scrypt")
    client = client_of("secadmin")
    pages = ["/accounts/", f"/accounts/{account.pk}", "/accounts/export.csv", f"/api/v1/accounts/{account.pk}"]
    pages += [
        "/api-tokens/",
        f"/api-tokens/{ApiToken.objects.get().pk}",
        "/api-tokens/export.json",
        "/api/v1/api-tokens/",
    ]
    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert not [secret for secret in hidden if secret in text_of(answer)], url


@pytest.mark.parametrize(("role", "status"), [("sysadmin", 302), ("secadmin", 403), ("officer", 403)])
def test_accounts_are_opened_by_one_administrator(role, status):
    answer = client_of(role).post("/accounts/new", {"username": "zhao", "name": "赵", "language": "en"})
    assert answer.status_code == status
    assert Account.objects.filter(username="zhao").exists() == (status == 302)


def test_closing_an_account_on_its_page_revokes_its_tokens():
    account = make_account("li", "officer")
    token = services.issue_token("li", by=SYSTEM, label="laptop")
    client = client_of("sysadmin")
    form = {"username": "li", "name": "li", "language": "en", "is_active": "false", "version": account.version}
    assert client.post(f"/accounts/{account.pk}/edit", form).status_code == 302
    assert services.actor_of_token(token) is None
    assert services.actor_of_account("li") is None


def test_roles_are_given_and_ended_on_their_pages():
    account, office = make_account("li"), make_organisation("SH-CCO")
    client = client_of("secadmin")
    form = {"code": "A-1", "account": "li", "role": "officer", "organisation": "SH-CCO", "valid_from": "2007-01-01"}
    assert client.post("/assignments/new", form).status_code == 302
    given = Assignment.objects.get(code="A-1")
    assert (given.account, given.organisation) == (account, office)
    clash = client.post("/assignments/new", form | {"code": "A-2", "role": "king"})
    assert clash.status_code == 422
    moved = client.post(f"/assignments/{given.pk}/edit", form | {"role": "head", "version": given.version})
    assert moved.status_code == 422
    ended = client.post(f"/assignments/{given.pk}/edit", form | {"valid_to": "2008-01-01", "version": given.version})
    assert ended.status_code == 302
    given.refresh_from_db()
    assert given.valid_to == date(2008, 1, 1)


def test_organisations_come_in_by_workbook_at_their_place():
    make_organisation("SH")
    client = client_of("officer")
    rows = [
        ("Code", "Chinese name", "Kind", "Part of", "Unified social credit code"),
        ("SH-A", "甲", "department", "SH", None),
        ("SH-B", "乙", "department", "SH", "91110000600037342L"),
    ]
    answer = client.post("/organisations/import", {"file": workbook(*rows)}, follow=True)
    assert "check digit" in text_of(answer)
    assert Organisation.objects.count() == 1


def test_organisations_are_changed_by_api_with_their_branch():
    top = make_organisation("TOP")
    office = make_organisation("SH-CCO")
    part = make_organisation("SH-CENTRE", parent=office)
    token = services.issue_token(make_account("li", "officer").username, by=SYSTEM, label="api")
    client = Client(headers={"authorization": f"Bearer {token}"})
    read = client.get(f"/api/v1/organisations/{office.pk}")
    answer = client.patch(
        f"/api/v1/organisations/{office.pk}",
        {"parent": "TOP"},
        content_type="application/json",
        headers={"if-match": read["ETag"]},
    )
    assert answer.status_code == 200, answer.content
    part.refresh_from_db()
    assert part.path == f"{top.path}SH-CCO.SH-CENTRE."


def test_pairings_are_public_and_filtered_by_day():
    services.load_parties(SYSTEM)
    client = Client()
    asked = {"valid_from.to": "2007-03-28", "programme": "support", "size": 200}
    found = client.get("/api/v1/pairings/", asked).json()
    assert {row["region"] for row in found["results"]} == {"542300", "652900", "500101", "420506"}
    assert client.get("/pairings/").status_code == 200
    assert client.post("/pairings/new", {}).status_code in (302, 401, 403)


def test_every_list_is_short_of_queries():
    services.load_parties(SYSTEM)
    for serial in range(30):
        make_person(f"P-{serial}", name=f"李{serial}", organisation=Organisation.objects.get(code="SH-CCO"))
    make_pairing()
    client = client_of("officer", "secadmin")
    for url in ("/organisations/", "/persons/", "/pairings/", "/accounts/", "/assignments/"):
        client.get(url)
        asked = []
        for _time in range(2):  # every other second the registers are looked after, too
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            asked.append(len(queries))
        assert min(asked) <= 6, url
    assert Pairing.objects.count() == 26
