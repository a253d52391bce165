"""No page breaks a rule of axe: every kind of page, light and dark, on a desk and on a phone, some in large type."""

import re
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from tests.plugin_browser import DESKTOP, PHONE, axe
from tests.plugin_demo import Enter

pytestmark = [pytest.mark.sqlite, pytest.mark.slow]

SIZES = {"desk": DESKTOP, "phone": PHONE}
PUBLIC = (
    "/", "/?where=652900&what=education&from=2003&to=2006", "/quality", "/plan", "/plan/document", "/plan/figures",
    "/plan/figures?add=F07&add=F09", "/plan/gaps", "/plan/consistency", "/plan/read", "/projects/",
    "/projects/?region=542300", "/projects/?q=nothing-is-called-this", "/measures/", "/measures/1",
    "/organisations/", "/regions/", "/figures/1", "/sign-in", "/api/docs", "/help", "/projects/help",
    "/search?q=ws", "/no/such/page", "/projects/0",
)  # fmt: skip
"""Pages of a visitor; the last two are not there (404)."""
OFFICER = (
    "/todo", "/messages", "/me", "/enter", "/registers", "/projects/", "/projects/?state=REVIEW", "/funds/desk", "/disbursements/",
    "/ledger-entries/", "/forms/", "/forms/F49", "/forms/F50", "/persons/", "/facts/new", "/disbursements/new",
    "/plan/gaps", "/regulations/", "/terms/", "/disbursements/help",
)  # fmt: skip
RECIPIENT = ("/projects/new", "/projects/import", "/monthly-reports/", "/monthly-reports/new")


@pytest.fixture
def live_site(demo_site: str) -> str:
    return demo_site


def walk(page: Any, paths: tuple[str, ...]) -> None:
    """Assert that each of these pages, opened one after another, breaks no rule and is no server error."""
    for path in paths:
        answer = page.goto(path)
        assert answer.status < 500, path
        settled(page)


def settled(page: Any) -> None:
    """Check the page as it stands, in light and, where colours decide, in dark; nothing sticks out at its side."""
    axe(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-bs-theme=dark]")
    axe(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the window"


def record(page: Any, code: str) -> str:
    """Give the address of a project."""
    page.goto(f"/projects/?code={code}")
    return str(page.locator("#list tbody a[href^='/projects/']").first.get_attribute("href"))


@pytest.mark.parametrize("size", SIZES)
class TestAxe:
    """On a desk and on a phone."""

    @pytest.mark.parametrize("half", [0, 1])
    def test_public_pages(self, enter: Enter, size: str, half: int) -> None:
        walk(enter(size=SIZES[size]), PUBLIC[half::2])

    def test_pages_of_an_officer(self, enter: Enter, size: str) -> None:
        page = enter("officer", size=SIZES[size])
        project = record(page, "YS-2010-RKZ-904")
        walk(page, (*OFFICER, project, f"{project}/moves/to_panel", record(page, "YS-2010-RKZ-915")))
        page.goto(f"{project}/moves/to_panel")
        page.click(".y-savebar button")
        page.wait_for_selector("[role=alert]")
        settled(page)  # 409, with the reasons
        assert page.goto(f"{project}/moves/close").status == 409
        settled(page)
        assert page.goto("/tokens/").status in (403, 404)
        settled(page)
        page.goto("/disbursements/?status=INSTRUCTED")
        page.click("#list tbody a >> nth=0")
        settled(page)
        page.keyboard.press("Control+k")
        page.keyboard.type("ws")
        page.wait_for_selector("#palette [role=option]")
        settled(page)

    def test_writing(self, enter: Enter, size: str) -> None:
        page = enter("recipient-shigatse", size=SIZES[size])
        project = record(page, "YS-2010-RKZ-902")
        walk(page, (*RECIPIENT, f"{project}/edit"))
        conflict(page, f"{project}/edit")
        settled(page)
        page.goto("/projects/new")
        page.fill("#f-year", "someday")
        page.click(".y-savebar button")
        page.wait_for_selector("[aria-invalid]")
        settled(page)
        for good in (False, True):
            send(page, good)
            settled(page)

    def test_the_trail(self, enter: Enter, size: str) -> None:
        page = enter("auditor", size=SIZES[size])
        page.goto(record(page, "YS-2010-RKZ-915"))
        settled(page)
        page.locator("#timeline a[href^='/trail/']").first.click()
        settled(page)


def conflict(page: Any, path: str) -> None:
    """Bring about a conflict: the form is sent with a version that is gone."""
    page.goto(path)
    page.evaluate("document.querySelector('[name=version]').value = '0'")
    page.fill("#f-households", "12345")
    page.click(".y-savebar button")
    page.wait_for_selector(".y-conflict")


def send(page: Any, good: bool) -> None:
    """Upload a workbook of one project and wait for the verdict."""
    book = openpyxl.Workbook()
    row = {
        "code": "YS-2010-RKZ-AXE", "name": "定日县试验", "year": 2010, "region": "542324" if good else "月球县",
        "supporter": "SH", "sector": "health",
    }  # fmt: skip
    for line in (list(row), list(row.values())):
        book.active.append(line)
    sent = BytesIO()
    book.save(sent)
    page.goto("/projects/import")
    page.set_input_files("#file", {"name": "a.xlsx", "mimeType": "application/zip", "buffer": sent.getvalue()})
    page.click("form.y-card-body button")
    page.wait_for_selector(".y-counts")


@pytest.mark.parametrize("size", SIZES)
def test_large_type(enter: Enter, size: str) -> None:
    page = enter("officer", size=SIZES[size])
    page.context.add_cookies([{"name": "size", "value": "large", "url": re.sub(r"(://[^/]+).*", r"\1", page.url)}])
    walk(page, ("/todo", "/projects/", "/forms/F50", "/", "/plan", record(page, "YS-2010-RKZ-904")))
    assert page.get_attribute("html", "data-size") == "large"
