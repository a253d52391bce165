"""Pictures of every page: `make shots` writes them to VAR/shots and a contact sheet, VAR/shots/index.html. Look at it.

Starts its own server on the demonstration world and walks it as each role over plain HTTP: where the role lands, the
pages of its menus, and of every list the first record, its forms, moves, import and help. A page that several roles
see is kept once, except where a role lands. Each is then opened in a browser in every look asked for, and remarked
upon: an answer that is a fault, a page wider than the window, a date or word of the other language, a target too
small for a finger. What a picture shows and a remark does not say is for the eye.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html import escape
from http.cookiejar import CookieJar
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.plugin_browser import ARGUMENTS, DESKTOP, PHONE, chromium

A4 = (794, 1123)
LOOKS = {
    "zh-1280": ("zh-CN", DESKTOP, {}),
    "zh-390": ("zh-CN", PHONE, {}),
    "en-1280": ("en", DESKTOP, {}),
    "en-390": ("en", PHONE, {}),
    "zh-1280-dark": ("zh-CN", DESKTOP, {"theme": "dark"}),
    "zh-390-dark": ("zh-CN", PHONE, {"theme": "dark"}),
    "zh-1280-large": ("zh-CN", DESKTOP, {"size": "large"}),
    "zh-390-large": ("zh-CN", PHONE, {"size": "large"}),
    "zh-1280-contrast": ("zh-CN", DESKTOP, {"contrast": "high"}),
    "zh-print": ("zh-CN", A4, {}),
}
USUAL = ("zh-1280", "zh-390", "en-1280", "en-390", "zh-1280-dark", "zh-390-dark")
PUBLIC = ("/", "/sign-in", "/quality", "/projects/", "/plan", "/search?q=ws", "/help", "/api/docs", "/no/such/page")
WORKED = (
    "/me",
    "/messages",
    "/enter",
    "/search?q=文山",
    "/projects/?q=nothing-is-called-this",
    "/projects/?state=REVIEW",
)
"""Pages no menu leads to, or that look different when asked for in this way."""
LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"#]*)"')
TAIL = re.compile(r"\.(xlsx|csv|json|svg)|/sign-out|/files/|/trail/head")
RECORD = re.compile(r"^/([a-z-]+)/(\d+)$")
WORKERS = 2
REMARKS = """
lang => {
  const said = [], wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) said.push(`${wide} px wider than the window`);
  const text = document.querySelector("main")?.innerText ?? "";
  if (lang === "zh-CN") {
    const dates = text.match(/\\b(19|20)\\d\\d-\\d\\d-\\d\\d\\b/g);
    if (dates) said.push(`${dates.length} dates such as ${dates[0]}`);
    const words = [...new Set(text.match(/(?<![\\w./-])[A-Z]?[a-z]{3,}(?: [a-z]{2,})+/g) ?? [])];
    if (words.length) said.push(`English: ${words.slice(0, 3).join("; ")}`);
  } else {
    const lines = text.split("\\n").filter((line) => /[\\u4e00-\\u9fff]/.test(line));
    if (lines.length) said.push(`${lines.length} lines with Chinese, such as ${lines[0].slice(0, 40)}`);
  }
  if (/^None$|undefined|\\[object /m.test(text)) said.push("None or undefined in the text");
  if (innerWidth < 500) {
    const inText = "p, dd, td, th, small, label, .y-timeline, .visually-hidden, .y-skip";
    const targets = [...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")];
    const small = targets.filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width && !one.closest(inText) && (box.height < 24 || box.width < 24);
    });
    if (small.length) said.push(`${small.length} small targets, such as “${small[0].innerText.slice(0, 20)}”`);
  }
  return said;
}
"""


@dataclass
class View:
    """One page as one role sees it (role "": nobody is signed in)."""

    role: str
    path: str
    remarks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Give what its pictures are called."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.role}{quote(self.path)}".lower()).strip("-") or "home"


@contextmanager
def served() -> Iterator[str]:
    """Serve the demonstration world on a free port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "yulan", "serve", "--demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            if "ready" not in server.stdout.readline():
                sys.exit("The server did not start: see above.")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


class Desk:
    """A role's desk, over plain HTTP: signed in by one click."""

    def __init__(self, site: str, role: str) -> None:
        self.site, self.role, self.jar = site, role, CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.jar))
        self.landing = self._sign_in() if role else "/"

    def _sign_in(self) -> str:
        page = self.get("/sign-in") or ""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        sent = urlencode({"persona": self.role, "csrfmiddlewaretoken": token.group(1) if token else ""}).encode()
        with self._opener.open(Request(f"{self.site}/sign-in", sent, {"Referer": f"{self.site}/sign-in"})) as answer:
            return str(answer.url).removeprefix(self.site)

    def get(self, path: str) -> str | None:
        """Give a page; None when the answer is a refusal or no page."""
        try:
            with self._opener.open(self.site + quote(path, safe="/?&=%.")) as answer:
                html = "text/html" in answer.headers.get("Content-Type", "")
                return answer.read().decode() if html else None
        except HTTPError:
            return None

    def cookies(self) -> list[dict[str, str]]:
        """Give the cookies for a browser."""
        return [{"name": one.name, "value": one.value or "", "url": self.site} for one in self.jar]


def links(text: str, part: str = "") -> list[str]:
    """Give the addresses of this site that a page, or one kind of element in it, leads to, each once."""
    if part:
        text = "".join(re.findall(rf"<{part}\b.*?</{part}>", text, re.S))
    found = (href.replace("&amp;", "&") for href in LINK.findall(text))
    return list(dict.fromkeys(href for href in found if not TAIL.search(href)))


class Walk:
    """The pages that those at their desks come to; what was seen is not seen again, except where a role lands."""

    def __init__(self) -> None:
        self.views: list[View] = []
        self._seen: set[str] = set()

    def at(self, desk: Desk) -> None:
        """Walk from one desk: the menus, the lists of the menus, the work that waits."""
        if desk.role:
            self.views.append(View(desk.role, desk.landing))
        for path in dict.fromkeys([desk.landing, *(WORKED if desk.role else PUBLIC)]):
            self._look(desk, path)
        for path in links(desk.get(desk.landing) or "", "main"):
            if RECORD.match(path):
                self._moves(desk, path)
        if not desk.role:
            self._seen.clear()  # who is signed in sees more on the same page

    def _look(self, desk: Desk, path: str) -> None:
        """Keep a page not seen yet, and go on to what it leads to."""
        kind = _kind(path)
        if kind in self._seen:
            return
        text = desk.get(path)
        if text is None and (path not in (*WORKED, *PUBLIC) or desk.role not in ("", "officer")):
            return
        self._seen.add(kind)
        self.views.append(View(desk.role, path))
        for found in self._further(path, text or ""):
            self._look(desk, found)

    @staticmethod
    def _further(path: str, text: str) -> list[str]:
        """Give the menus of a page, the first record of a list, and a record's own pages."""
        records = [href for href in links(text, "tbody") if RECORD.match(href)][:1]
        forms = [href for href in links(text) if FORM.fullmatch(href)]
        own = [href for href in links(text) if href.startswith((f"{path}/", "/trail/"))] if RECORD.match(path) else []
        inside = links(text, "main") if path == "/registers" else []
        menus = [href for href in links(text, "nav") if not RECORD.match(href)]
        return list(dict.fromkeys([*menus, *records, *forms, *own, *inside]))

    def _moves(self, desk: Desk, path: str) -> None:
        """Look at a record whose next move is the role's, if no move of that name was seen."""
        moves = [href for href in links(desk.get(path) or "") if href.startswith(f"{path}/moves/")]
        fresh = [href for href in moves if _kind(href) not in self._seen]
        if fresh:
            self.views.append(View(desk.role, path))
        for href in fresh:
            self._look(desk, href)


FORM = re.compile(r"/[a-z-]+/(new|import|help)|/forms/\w+(\?.*)?|/registers")


def _kind(path: str) -> str:
    """Give what counts as one page: every record of a kind alike, and a list whatever is asked of it."""
    plain = path if path in (*WORKED, *PUBLIC) else path.split("?")[0]
    return re.sub(r"/\d+(?=/|$)", "/0", plain)


def shoot(site: str, desks: dict[str, Desk], views: list[View], looks: list[str], target: Path) -> None:
    """Open every page once in each language and keep it in every look; several browsers share the work."""
    work: SimpleQueue[tuple[str, list[View]]] = SimpleQueue()
    for lang in dict.fromkeys(LOOKS[look][0] for look in looks):
        for role in dict.fromkeys(view.role for view in views):
            mine = [view for view in views if view.role == role]
            for start in range(0, len(mine), SHARE):
                work.put((lang, mine[start : start + SHARE]))
    for look in looks:
        (target / look).mkdir(parents=True, exist_ok=True)

    def run() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            while True:
                try:
                    lang, mine = work.get_nowait()
                except Empty:
                    return
                with browser.new_context(base_url=site, locale=lang, reduced_motion="reduce") as context:
                    context.add_cookies(desks[mine[0].role].cookies())
                    page = context.new_page()
                    for view in mine:
                        _keep(page, view, [look for look in looks if LOOKS[look][0] == lang], target)

    threads = [threading.Thread(target=run) for _worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep(page: Any, view: View, looks: list[str], target: Path) -> None:
    """Open a page and keep it in looks of one language."""
    answer = page.goto(view.path, wait_until="load")
    patience = 700 if page.query_selector("figure[data-chart]") else 200 if page.query_selector(".y-wrap") else 0
    fault = [] if answer and answer.ok else [f"answers {answer and answer.status}"]
    for look in looks:
        lang, (width, height), chosen = LOOKS[look]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(media="print" if look.endswith("print") else "screen")
        page.evaluate(DRESS, {"theme": "light", "size": "normal", "contrast": "normal"} | chosen)
        page.wait_for_timeout(patience)  # tables and charts follow the width
        view.remarks[look] = fault + page.evaluate(REMARKS, lang)
        tall = page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST)}
        page.screenshot(path=target / look / f"{view.name}.png", full_page=True, clip=clip)


DRESS = """
chosen => {
  Object.assign(document.documentElement.dataset, chosen);
  dispatchEvent(new Event("yulan:theme"));
  dispatchEvent(new Event("resize"));
}
"""
SHARE, TALLEST = 12, 6000
"""Pages that a browser takes at a time; pixels of a page that are kept."""


SHEET = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title><style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 1rem; background: #ccd1d8; }
section { margin: 0 0 1rem; padding: .5rem 1rem; background: #fff; }
div { display: flex; gap: 1rem; align-items: start; overflow-x: auto; } figure { margin: 0; }
img { height: 30rem; max-width: 44rem; border: 1px solid #999; object-fit: cover; object-position: top; }
figcaption { max-width: 30rem; } b { color: #8f1414; }
</style><h1>Every page, as it looks</h1>
"""


def sheet(views: list[View], looks: list[str], target: Path) -> None:
    """Write the contact sheet: one row for each page, one picture for each look, with the remarks."""
    parts = [SHEET]
    for view in views:
        parts.append(f"<section><h2>{escape(view.path)} · {view.role or 'visitor'}</h2><div>")
        for look in looks:
            told = "; ".join(map(escape, view.remarks.get(look, ())))
            source = f"{look}/{view.name}.png"
            parts.append(
                f'<figure><a href="{source}"><img loading="lazy" src="{source}" alt="{look}"></a>'
                f"<figcaption>{look} <b>{told}</b></figcaption></figure>"
            )
        parts.append("</div></section>\n")
    (target / "index.html").write_text("".join(parts), encoding="utf-8")


def main() -> None:
    """Walk, shoot, and write the contact sheet."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--roles", default="", help="accounts of the demonstration, comma-separated; default all")
    parser.add_argument("--looks", default=",".join(USUAL), help=f"of {', '.join(LOOKS)}")
    parser.add_argument("--only", default="", help="a regular expression that the addresses match")
    options = parser.parse_args()
    looks = [look for look in options.looks.split(",") if look in LOOKS]
    target = Path(os.environ.get("YULAN_VAR", "var")).absolute() / "shots"
    with served() as site:
        visitor = Desk(site, "")
        roles = re.findall(r'name="persona" value="([^"]+)"', visitor.get("/sign-in") or "")
        wanted = [role for role in options.roles.split(",") if role] or roles
        if unknown := set(wanted) - set(roles):
            sys.exit(f"No such role: {', '.join(unknown)}. There are: {', '.join(roles)}")
        desks = {"": visitor} | {role: Desk(site, role) for role in wanted}
        walk = Walk()
        for desk in desks.values():
            walk.at(desk)
        views = [one for one in {view.name: view for view in walk.views}.values() if re.search(options.only, one.path)]
        shoot(site, desks, views, looks, target)
    sheet(views, looks, target)
    for view in views:
        for look, told in view.remarks.items():
            if told:
                print(f"{look} {view.role or 'visitor'} {view.path}: {'; '.join(told)}")
    print(f"{len(views)} pages in {len(looks)} looks: {target / 'index.html'}")


if __name__ == "__main__":
    main()
