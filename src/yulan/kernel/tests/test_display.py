"""The display menu without scripts, and what the lists make of its cookies."""

import pytest

from yulan.kernel.pages.reader import view_of


@pytest.mark.django_db
def test_display_is_kept_in_cookies(client):
    answer = client.post("/display", {"theme": "dark", "size": "huge", "unit": "wan", "next": "/plan"})
    assert (answer.status_code, answer["Location"]) == (302, "/plan")
    assert {name: cookie.value for name, cookie in answer.cookies.items()} == {"theme": "dark", "unit": "wan"}


@pytest.mark.django_db
def test_display_leads_nowhere_else(client):
    assert client.post("/display", {"next": "https://example.org/"})["Location"] == "/"
    assert client.get("/display").status_code == 405


@pytest.mark.parametrize(("cookie", "unit"), [("wan", "万元"), ("yi", "亿元"), ("yuan", "元"), ("x", "元")])
def test_unit_of_money_follows_the_cookie(rf, cookie, unit):
    rf.cookies["unit"] = cookie
    assert view_of(rf.get("/")).unit == unit


@pytest.mark.django_db
def test_columns_follow_the_cookie(client):
    every = client.get("/organisations/").context["page"]["columns"]
    names = [column["name"] for column in every]
    client.cookies["columns"] = "~".join([names[1], names[0], "nonsense"])
    page = client.get("/organisations/").context["page"]
    assert [column["name"] for column in page["columns"] if column["shown"]] == names[:2]
    client.cookies["columns"] = "nonsense"
    assert all(column["shown"] for column in client.get("/organisations/").context["page"]["columns"])
