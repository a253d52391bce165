"""Workbooks that harm, and large ones, all the way through the upload: refused or read in words, in bounds, in time."""

import io
import os
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import pytest
import xlsxwriter
from django.conf import settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.plugin_demo import Installation, served
from tests.world import LANGUAGES, body_of, enterers, fill_in
from yulan.engines.projects.models import AidProject
from yulan.kernel.resource import resource_named
from yulan.kernel.tests.workbooks import make_lie, make_overlap, make_sheet, make_table, make_xlsx, make_zip

MIB = 1 << 20
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
ENTITIES = f'<!DOCTYPE x [<!ENTITY e "{"a" * 100_000}">]>'
SHARED = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'

HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (lambda: make_xlsx(" " * 60_000_000, level=1), "unpacks to far more"),
    "bomb in a bomb": (lambda: make_zip([("a.zip", make_zip([("0", b"\0" * 30_000_000)], 1))], 1), "not a workbook"),
    "overlapping members": (make_overlap, "damaged"),
    "a size that lies": (lambda: make_lie(make_xlsx(make_sheet(ONE)), "xl/worksheets/sheet1.xml", 10), "damaged"),
    "quadratic entities": (lambda: make_xlsx(make_sheet(SHARED), shared=f"{ENTITIES}<sst>{'&e;' * 50_000}</sst>"), "damaged"),
    "cells at both ends": (lambda: make_xlsx(make_sheet(ONE, FAR)), "too much memory"),
    "a picture named .xlsx": (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 99, "not a workbook"),
    "cut in half": (lambda: make_table(500)[:9_000], "damaged"),
    "a foreign table": (lambda: make_table(20), "No header row was found"),
    "nothing": (lambda: b"", "The file is empty"),
    "a quotation without end": (lambda: b'code,name\n"' + b"x,y\n" * 500_000, "quotation mark is not closed"),
}  # fmt: skip


@pytest.fixture
def projects() -> Any:
    return resource_named("projects")


def sent_as(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


@pytest.mark.django_db
@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_workbook_is_refused_in_words(house, projects, name):
    """By a person's page and by a program's token: what to do is said, nothing is kept, this process hardly grows."""
    make, words = HARMFUL[name]
    content, who = make(), enterers(house, projects)[0][0]
    for client in (house.client(who), house.program(who)):
        began, size = time.monotonic(), getrusage(RUSAGE_SELF).ru_maxrss
        answer = client.post("/projects/import", {"file": sent_as("a.xlsx", content)})
        assert (answer.status_code, words in said(answer)) == (422, True), said(answer)
        assert time.monotonic() - began < 5
        assert not kept(content), "what was refused is kept"
        assert (getrusage(RUSAGE_SELF).ru_maxrss - size) / 1024 < 64
    assert "<" not in said(house.client(who, "zh-hans").post("/projects/import", {"file": sent_as("a.xlsx", content)}))


def said(answer: Any) -> str:
    """Give the errors of an import page."""
    return " ".join(str(error["text"]) for error in answer.context["page"].get("errors", ()))


def kept(content: bytes) -> list[Path]:
    """Give the files that hold an upload; other tests upload at the same time."""
    files = (path for path in (settings.VAR / "uploads").glob("*/*") if path.suffix != ".name")
    return [path for path in files if path.stat().st_size == len(content) and path.read_bytes() == content]


def workbook(heads: list[str], rows: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for number, row in enumerate([heads, *rows]):
            page.write_row(number, 0, row)
    return target.getvalue()


@pytest.mark.django_db
def test_text_that_looks_like_a_formula_stays_text(house, projects):
    who, where = enterers(house, projects)[0]
    client, good = house.client(who), fill_in(projects, house.actor(who), where)
    risky = ["=1+1", "=cmd|'/c calc'!A0", "@SUM(A1)", "<script>alert(1)</script>", "{{ 7*7 }}"]
    rows = [[good[name] if name not in ("code", "name") else f"RISK-{n}" if name == "code" else text for name in good]
            for n, text in enumerate(risky)]  # fmt: skip
    answer = client.post("/projects/import", {"file": sent_as("a.xlsx", workbook(list(good), rows))})
    assert answer.context["page"]["counts"]["new"] == len(risky), said(answer)
    assert b"<script>alert(1)" not in answer.content
    client.post("/projects/import", {"token": answer.context["page"]["token"]})
    kept = AidProject.objects.filter(code__startswith="RISK-").order_by("code").values_list("name", flat=True)
    assert list(kept) == risky
    sheet = body_of(client.get("/projects/export.csv", {"q": "RISK"})).decode()
    assert ",=1+1" not in sheet
    assert "'=1+1" in sheet


@pytest.mark.django_db
@pytest.mark.parametrize("lang", LANGUAGES)
def test_cells_of_the_wrong_kind_are_named(house, projects, lang):
    who, where = enterers(house, projects)[0]
    good = fill_in(projects, house.actor(who), where) | {"code": "KIND"}
    wrong = {"year": "next year", "total": "much", "region": "Atlantis", "sector": True, "planned_start": 10**9}
    row = [wrong.get(name, value) for name, value in (good | wrong).items()]
    content = workbook(list(good | wrong), [row])
    answer = house.client(who, lang).post("/projects/import", {"file": sent_as("a.xlsx", content)})
    page = answer.context["page"]
    assert page["counts"]["wrong"] == 1
    assert len(page["sample"][0]["reasons"]) == len(wrong), page["sample"]


# A large one, in a real server

ROWS = 100_000
HEADS = ["code", "name", "year", "region", "supporter", "sector", "total", "content", "planned_start", "planned_end"]


def large_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADS)
        for row in range(1, ROWS + 1):
            text = f"村卫生室改扩建与设备购置，惠及 {row % 900} 户，第 {row} 号"
            cells = (
                f"L-{row:06}",
                f"项目 {row}",
                2007,
                "540200",
                "SH",
                "education",
                1000 + row,
                text,
                "2007-05-01",
                "2008-05-01",
            )
            page.write_row(row, 0, cells)


class Watch:
    """Asks a server for a page again and again, and looks at the memory of its processes, while something goes on."""

    def __init__(self, site: str, server: int, token: str) -> None:
        self.site, self.server, self.token = site, server, token
        self.slowest, self.web, self.child, self.asked = 0.0, 0, 0, 0
        self.ended = threading.Event()

    def __enter__(self) -> "Watch":
        self.threads = [threading.Thread(target=self._ask), threading.Thread(target=self._look)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _ask(self) -> None:
        while not self.ended.wait(0.1):
            began = time.monotonic()
            status, _body = ask(f"{self.site}/api/v1/organisations/", self.token)
            assert status == 200
            self.slowest, self.asked = max(self.slowest, time.monotonic() - began), self.asked + 1

    def _look(self) -> None:
        while not self.ended.wait(0.02):
            web, child = memory(self.server)
            self.web, self.child = max(self.web, web), max(self.child, child)


def memory(server: int) -> tuple[int, int]:
    """Give the bytes held by a server's processes, and by the children that read workbooks."""
    found = {True: 0, False: 0}
    for pid in family(server):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:  # it has ended meanwhile
            continue
        held = re.search(r"VmRSS:\s+(\d+)", status)
        found[b"sheets.child" in words] += int(held[1]) * 1024 if held else 0
    return found[False], found[True]


def family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [Path(path).read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return
    for child in " ".join(children).split():
        yield from family(int(child))


def ask(url: str, token: str, fields: dict[str, Any] | None = None) -> tuple[int, str]:
    """Ask a server; give status and text."""
    body = encode_multipart(BOUNDARY, fields) if fields else None
    headers = {"Authorization": f"Bearer {token}", "Content-Type": MULTIPART_CONTENT, "Accept-Language": "en"}
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


@contextmanager
def large_site(world: Installation) -> Iterator[tuple[str, int, str]]:
    """Serve a world; give the address, the server's process and an officer's token."""
    command, environment = world.command("token", "officer")
    token = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    with served(world) as site:
        port = site.rpartition(":")[2].encode()
        words = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in family(os.getpid())}
        yield site, min(pid for pid, given in words.items() if b"serve" in given and port in given), token


def most_held(world: Installation, *words: str) -> float:
    """Run a command; give the most MiB it held."""
    command, environment = world.command(*words)
    pid = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL).pid
    _pid, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_maxrss / 1024


@pytest.mark.slow
@pytest.mark.sqlite
def test_a_hundred_thousand_rows(demo_world, tmp_path, record_property):
    """Shown, written and given out again, in bounded memory, while the server goes on answering others."""
    source, world = tmp_path / "large.xlsx", demo_world.copy(tmp_path / "var")
    large_workbook(source)
    with large_site(world) as (site, server, token):
        url, figures = f"{site}/projects/import", {}
        ask(url, token, {"file": sent_as("small.xlsx", workbook(HEADS[:2], [["nothing", "nothing"]]))})
        at_rest = memory(server)[0]

        def watched(what: str, fields: dict[str, Any]) -> str:
            with Watch(site, server, token) as watch:
                began = time.monotonic()
                status, text = ask(url, token, fields)
                seconds = time.monotonic() - began
            assert status == 200, text[:2000]
            found = {"web": (watch.web - at_rest) / MIB, "child": watch.child / MIB, "slowest": watch.slowest}
            record_property(what, found | {"seconds": seconds, "others": watch.asked})
            figures[what] = found
            return text

        text = watched("dry run", {"file": sent_as("large.xlsx", source.read_bytes())})
        given = re.search(r'name="token" value="([0-9a-f]{64})"', text)
        assert given, "the dry run finds fault"
        assert "Write 100000 rows" in text
        assert "100000 new" in watched("commit", {"token": given[1]})
    assert figures["dry run"]["web"] < 200, figures
    assert figures["commit"]["web"] < 700, figures
    for found in figures.values():
        assert found["child"] < 512, figures
        assert found["slowest"] < 5, figures
    for form, bound in (("csv", 64), ("xlsx", 96)):
        base = most_held(world, "export", "funds", "--format", form, "-o", str(tmp_path / "few"))
        more = most_held(world, "export", "projects", "--format", form, "-o", str(tmp_path / "many")) - base
        record_property(f"export {form}", more)
        assert more < bound, form
