"""Dictionaries, terms and regulations as the public, the keepers and programs meet them."""

import io

import pytest
from django.test import Client
from openpyxl import Workbook

from yulan.kernel.access import SYSTEM
from yulan.registry.parties.tests.makers import make_account
from yulan.registry.records import services, terms
from yulan.registry.records.models import Regulation, Term

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded():
    services.load_records(SYSTEM)
    yield
    terms.forget()


def client_of(role):
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(make_account("", role))
    return client


def workbook(*rows):
    book, target = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    target.seek(0)
    target.name = "rows.xlsx"
    return target


def test_anyone_reads_the_dictionaries():
    found = Client().get("/api/v1/terms/", {"dictionary": "delta_topics", "size": 50}).json()
    assert found["count"] == 12
    assert Client().get("/dictionaries/").status_code == 200
    assert Client().get("/api/v1/regulations/", {"status": "to_be_revised"}).json()["count"] == 3


def test_only_the_keepers_write():
    sent = {"key": "sectors.sport", "dictionary": "sectors", "code": "sport", "name_zh": "体育", "name_en": "Sport"}
    assert client_of("finance").post("/terms/new", sent).status_code == 403
    assert client_of("officer").post("/terms/new", sent).status_code == 302
    assert terms.label("sectors", "sport") in ("体育", "Sport")


def test_a_key_follows_from_its_term():
    sent = {"key": "", "dictionary": "site_kinds", "code": "sport", "name_zh": "体育", "name_en": "Sport"}
    client = client_of("officer")
    assert client.post("/terms/new", sent | {"key": "site_kinds.sports"}).status_code == 422
    client.post("/terms/new", sent)
    assert Term.objects.get(code="sport").key == "site_kinds.sport"


def test_terms_come_in_by_workbook():
    rows = [
        ("Key", "Dictionary", "Code", "Chinese name", "English name"),
        ("platforms.sport", "platforms", "sport", "体育", "Sport"),
        ("platforms.talent", "platforms", "talent", "人才服务平台", "Schooling"),
    ]
    client = client_of("officer")
    page = client.post("/terms/import", {"file": workbook(*rows)}, follow=True)
    assert page.status_code == 200
    assert "Schooling" in page.content.decode()


def test_a_regulation_moves_with_an_opinion():
    client, row = client_of("head"), Regulation.objects.get(code="REG-06")
    url = f"/regulations/{row.pk}/moves/mark"
    assert client.post(url, {"opinion": "", "version": row.version}).status_code in (409, 422)
    assert client.post(url, {"opinion": "clause 三(二)10", "version": row.version}).status_code == 302
    row.refresh_from_db()
    assert row.status == "to_be_revised"
