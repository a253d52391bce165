"""The pages as such: complete in both languages, safe under a strict policy, quick, usable by key and by everyone."""

import gzip
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import django_htmx
import pytest
from django.template import Context

from tests.gallery.samples import pages
from tests.gallery.site import ROOT, STATIC, draw, engine, serve
from tests.plugin_browser import AXE, axe

VOID = {"br", "col", "hr", "img", "input", "link", "meta", "path", "rect", "wbr"}
NOT_ENGLISH = {
    "Yulan",
    "English",
    "SHA",
    "XLSX",
    "CSV",
    "JSON",
    "Apache",
    "OK",
    "pdf",
    "jpg",
    "xlsx",
    "xls",
    "ods",
    "csv",
}
NOT_ENGLISH |= {"ws", "YN", "XZ", "MB", "KB"}
DESK, PHONE = (1280, 900), (390, 844)
COLOURS = ("color-contrast", "link-in-text-block")
SIZES = ("target-size", "scrollable-region-focusable", "meta-viewport")
LOOKS = {
    DESK: [
        ("dark", "normal", "normal", COLOURS),
        ("dark", "large", "normal", COLOURS + SIZES),
        ("light", "normal", "high", COLOURS),
    ],
    PHONE: [
        ("dark", "normal", "normal", COLOURS),
        ("light", "large", "normal", COLOURS + SIZES),
        ("dark", "normal", "high", COLOURS),
    ],
}
"""Theme, size of type and contrast besides the usual ones, and the rules of axe that they can break."""
WIDENED = 180
"""Milliseconds after which wide tables have followed the window."""
DRESS = """([theme, size, contrast]) => {
  Object.assign(document.documentElement.dataset, { bsTheme: theme, size, contrast });
  dispatchEvent(new Event("resize"));
}"""
LANGS = ("zh-hans", "en")
NAMES = sorted(pages("en"))
WHOLE = [name for name in NAMES if name != "search-fragment"]


class Nesting(HTMLParser):
    """Collects what breaks well-formedness, a strict policy, or a screen reader's trust in ids."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.refs: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.faults += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.faults.append(f"inline <{tag}>")
        self.faults += [f"loads {v}" for k, v in attrs if k in ("src", "href") and v and re.match(r"(https?:)?//", v)]
        self.ids += [given["id"]] if "id" in given else []
        self.refs += [given[k] for k in ("for", "list", "aria-controls", "aria-labelledby") if k in given]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> out of place at {self.getpos()}")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_page_is_well_formed_and_needs_nothing_inline(name, lang):
    check = Nesting()
    check.feed(draw(name, lang))
    assert not check.faults
    assert not check.open
    assert len(check.ids) == len(set(check.ids))
    assert set(check.refs) <= set(check.ids)


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "500"])
def test_english_pages_speak_english_and_chinese_pages_chinese(name):
    text = re.sub(r"(?s)<head>.*?</head>|<script.*?</script>|<kbd>.*?</kbd>|<[^>]*>|&\w+;", " ", draw(name, "zh-hans"))
    left = set(re.findall(r"[A-Za-z]{2,}", text)) - NOT_ENGLISH
    assert not {word for word in left if not re.fullmatch(r"[0-9a-fX]+", word)}


def test_catalogue_is_complete():
    done = subprocess.run([sys.executable, "tools/messages.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_list_of_fifty_rows_draws_in_four_milliseconds():
    templates = engine()
    body = templates.from_string("{% load yulan %}{% table_rows page.columns page.rows page.bulk %}")
    page = pages("en")["list"][1]["page"]
    times = []
    for _ in range(20):
        start = time.perf_counter()
        body.render(Context({"page": page}))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.004


def test_cells_are_escaped():
    bad = '<b>"&'
    row = {
        "id": bad,
        "url": bad,
        "cells": [{"text": bad, "kind": "text", "url": bad}, {"text": bad, "kind": "state", "tone": "ok"}],
    }
    drawn = (
        engine()
        .from_string("{% load yulan %}{% table_rows columns rows True %}")
        .render(Context({"columns": [bad, {"label": bad}], "rows": [row]}))
    )
    assert "<b>" not in drawn
    assert drawn.count("&lt;b&gt;&quot;&amp;") == 7


@pytest.fixture(scope="module")
def gallery():
    server = serve()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def window(browser, gallery):
    contexts, faults = [], []

    def open_window(size=(1280, 900), **more):
        context = browser.new_context(
            base_url=gallery, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", **more
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not faults


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("size", LOOKS)
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(window, size, part):
    assert AXE.exists()
    page = window(size)
    for name in WHOLE[part::4]:
        page.goto(f"/zh-hans/{name}?theme=light")
        axe(page)
        assert_no_wider(page, name)
        for *look, rules in LOOKS[size]:
            page.evaluate(DRESS, look)
            page.wait_for_timeout(WIDENED if "large" in look else 0)
            axe(page, *rules)
            assert_no_wider(page, (name, look))


def assert_no_wider(page, name):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name


def test_palette_finds_by_keyboard(window):
    page = window()
    page.goto("/zh-hans/list")
    page.keyboard.press("Control+k")
    page.keyboard.type("ws", delay=20)
    page.wait_for_selector("#palette [role=option]")
    axe(page)
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#palette [aria-selected=true]", "href") == "/regions/532621"
    assert page.get_attribute("#palette input", "aria-activedescendant") == "found-1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/regions/532621")


def test_rows_by_keyboard_and_bulk_bar(window):
    page = window()
    page.goto("/zh-hans/list")
    bar = page.locator(".y-bulk")
    assert not bar.is_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/projects/2"
    page.keyboard.press("x")
    assert bar.is_visible()
    page.check("[data-pick-page]")
    assert page.inner_text("[data-picked]") == "50"
    page.check("[name=all]")
    assert page.inner_text("[data-picked]") == "3,012"
    page.keyboard.press("?")
    axe(page)
    page.keyboard.press("Escape")
    page.click("[data-pick-none]")
    assert not bar.is_visible()


def test_display_is_kept(window):
    page = window()
    page.goto("/zh-hans/list")
    page.click("summary:has-text('显示')")
    axe(page)
    page.locator("input[name=theme][value=dark]").check(force=True)
    page.locator("input[name=size][value=large]").check(force=True)
    state = page.evaluate(
        "[document.documentElement.dataset.bsTheme, document.documentElement.dataset.size, document.cookie]"
    )
    assert state[:2] == ["dark", "large"]
    assert "theme=dark" in state[2]
    assert "size=large" in state[2]


def test_automatic_theme_follows_the_system_before_the_first_paint(window):
    page = window(color_scheme="dark")
    page.goto("/zh-hans/list", wait_until="commit")
    page.wait_for_selector("body", state="attached")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_draft_survives_a_closed_page_and_leaving_asks(window):
    page = window()
    page.goto("/zh-hans/edit")
    page.fill("#f-name", "改过的名称")
    page.wait_for_selector("[data-draft-saved]:not([hidden])")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/zh-hans/list")
    assert asked == ["beforeunload"]
    page.goto("/zh-hans/edit")
    page.click("[data-draft-use]")
    assert page.input_value("#f-name") == "改过的名称"
    page.evaluate("addEventListener('submit', (e) => e.preventDefault())")
    page.click(".y-savebar .btn-primary")
    page.goto("/zh-hans/list")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []


def test_reference_suggests_while_typing(window):
    page = window()
    page.goto("/zh-hans/edit")
    page.fill("#f-region", "")
    page.locator("#f-region").press_sequentially("ws", delay=20)
    page.wait_for_selector("#l-region option[value='532600']", state="attached")


def test_chart_is_drawn_and_its_table_stands_under_it(window):
    page = window()
    page.goto("/zh-hans/portal")
    page.wait_for_selector("figure[data-chart] canvas")
    assert page.locator("figure[data-chart] + * table tbody tr").count() == 4


def test_without_scripts_everything_is_there(window):
    page = window(java_script_enabled=False)
    page.goto("/zh-hans/list")
    assert page.locator(".y-bulk").is_visible()
    page.click("summary:has-text('导出')")
    assert page.locator("a:has-text('XLSX')").is_visible()
    page.goto("/zh-hans/portal")
    assert not page.locator(".y-chart").is_visible()
    assert page.locator("table tbody tr").count() == 4


def test_first_load_is_small():
    names = ["vendor/tabler.css", "vendor/icons.svg", "yulan/app.css", "yulan/app.js", "yulan/theme.js"]
    files = [next(folder / name for folder in STATIC if (folder / name).exists()) for name in names]
    files.append(Path(django_htmx.__path__[0]) / "static/django_htmx/htmx-2.min.js")
    total = sum(len(gzip.compress(file.read_bytes())) for file in files) + len(
        gzip.compress(draw("list", "zh-hans").encode())
    )
    assert total < 200_000
