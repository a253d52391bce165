"""Screenshots of what each role sees: `make shots` writes them to VAR/shots/<language>-<width>/<role>/<page>.png.

Starts its own server on the demonstration world, signs in as each demonstration role by one click, and opens the
page it lands on, every page of its menus, and the first record of every list. Look at them.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.plugin_browser import ARGUMENTS, DESKTOP, PHONE, chromium

PUBLIC = ("/", "/sign-in", "/plan", "/api/docs")


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


def paths(page: Any, inside: str) -> list[str]:
    """Give the addresses of this site that the links inside an element lead to, each once."""
    found = page.eval_on_selector_all(f"{inside} a[href^='/']", "links => links.map(a => a.getAttribute('href'))")
    return list(dict.fromkeys(href for href in found if not re.search(r"\.(xlsx|csv|json)|#|sign-out|language", href)))


def shoot(page: Any, folder: Path, path: str) -> None:
    """Open a page and keep its picture; say where the answer is a fault."""
    answer = page.goto(path, wait_until="networkidle")
    if answer is None or not answer.ok:
        print(f"{folder.name}: {path} answers {answer and answer.status}", file=sys.stderr)
    name = re.sub(r"[^a-z0-9]+", "-", path.split("?")[0]).strip("-") or "home"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def look(page: Any, folder: Path) -> None:
    """Shoot where the person landed, every page of the menus and the first record of every list."""
    landed = page.evaluate("location.pathname")
    for path in dict.fromkeys([landed, *paths(page, "nav"), *paths(page, "aside")]):
        shoot(page, folder, path)
        for record in paths(page, "tbody")[:1]:
            shoot(page, folder, record)


def main() -> None:
    """Shoot for every role, in both languages, on a desk and on a phone."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("roles", nargs="*", help="accounts of the demonstration; default all")
    wanted = parser.parse_args().roles
    target = Path(os.environ.get("YULAN_VAR", "var")).absolute() / "shots"
    with served() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for lang in ("zh-CN", "en"):
            for width, height in (DESKTOP, PHONE):
                folder = target / f"{lang}-{width}"
                how = {"base_url": site, "locale": lang, "viewport": {"width": width, "height": height}}
                with browser.new_context(**how) as context:
                    page = context.new_page()
                    for path in PUBLIC:
                        shoot(page, folder / "public", path)
                    page.goto("/sign-in")
                    roles = page.eval_on_selector_all("[name=persona]", "all => all.map(one => one.value)")
                if unknown := set(wanted) - set(roles):
                    sys.exit(f"No such role: {', '.join(unknown)}. There are: {', '.join(roles)}")
                for role in wanted or roles:
                    with browser.new_context(**how) as context:
                        page = context.new_page()
                        page.goto("/sign-in")
                        page.click(f"[name=persona][value='{role}']")
                        look(page, folder / role)
    print(target)


if __name__ == "__main__":
    main()
