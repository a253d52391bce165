"""A real browser against a real server: the `live_site`, `browser` and `browse` fixtures and the `axe` check.

The browser is the system's Chromium; nothing is downloaded.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugin_honest import missing

AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
DESKTOP, PHONE = (1280, 900), (390, 844)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real browser (set by itself)")


def pytest_itemcollected(item: Any) -> None:
    if {"browser", "browse"} & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.browser)


def chromium() -> str | None:
    """Give the path of the system's Chromium."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture
def live_site(live_server: Any) -> str:
    """Give the address (no slash at the end) of a server on a free port; what the test commits, it sees."""
    return str(live_server.url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Give one headless Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    program = chromium()
    if program is None:
        missing("Chromium", "apt-get install chromium")
    # Playwright's loop runs in this thread, where Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS, headless=True)
        yield running
        running.close()


@pytest.fixture
def browse(browser: Any, live_site: str) -> Iterator[Callable[..., Any]]:
    """Give `browse(account=None, size=DESKTOP, lang="zh-CN", dark=False)`: a page, signed in where an account is named.

    A script error, a breach of the content security policy or a request to another site fails the test.
    """
    contexts, faults = [], []

    def hear(message: Any) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def ask(request: Any) -> None:
        if not request.url.startswith((f"{live_site}/", "data:", "blob:")):
            faults.append(f"asked another site: {request.url}")

    def page(account: Any = None, size: tuple[int, int] = DESKTOP, lang: str = "zh-CN", dark: bool = False) -> Any:
        context = browser.new_context(
            base_url=live_site,
            viewport={"width": size[0], "height": size[1]},
            locale=lang,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if account is not None:
            context.add_cookies([session(account, live_site)])
        opened = context.new_page()
        opened.on("console", hear)
        context.on("request", ask)
        opened.on("pageerror", lambda error: faults.append(str(error)))
        return opened

    yield page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def session(account: Any, site: str) -> dict[str, str]:
    """Sign an account in and give the cookie that proves it."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(account)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}


def axe(page: Any, *rules: str) -> None:
    """Assert that axe finds no violation, of these rules or of any, on the page as it stands."""
    if not AXE.exists():
        missing("axe-core", "make install")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text())
    wanted = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("wanted => axe.run(document, wanted)", wanted)["violations"]
    told = [
        f"{one['id']} ({one['impact']}): {one['help']}\n    " + "\n    ".join(n["html"][:200] for n in one["nodes"][:5])
        for one in found
    ]
    assert not told, f"axe on {page.url}:\n" + "\n".join(told)
