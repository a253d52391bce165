# ruff: noqa: T201
"""Look at the gallery: serve it, shoot it, or let axe check it."""

import argparse
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.gallery.samples import pages
from tests.gallery.site import ROOT, serve

SIZES = {"1280": (1280, 900), "390": (390, 844)}
LOOKS = {"light": {}, "dark": {"theme": "dark"}, "large": {"size": "large"}, "contrast": {"contrast": "high"}}


def hear(heard: Any) -> None:
    """Report what a script says."""
    if getattr(heard, "type", "error") in ("error", "warning"):
        sys.stderr.write(f"{getattr(heard, 'text', heard)}\n")


def visits(server: Any, names: list[str], langs: list[str], sizes: list[str], looks: list[str]) -> Any:
    """Open every wanted page in Chromium; give (label, page)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        for size in sizes:
            context = browser.new_context(
                viewport=dict(zip(("width", "height"), SIZES[size], strict=True)), reduced_motion="reduce"
            )
            page = context.new_page()
            page.on("console", hear)
            page.on("pageerror", hear)
            for look in looks:
                query = "&".join(f"{k}={v}" for k, v in LOOKS[look].items())
                for lang in langs:
                    for name in names:
                        page.goto(f"http://127.0.0.1:{server.server_port}/{lang}/{name}?{query}", wait_until="load")
                        yield f"{name}-{lang[:2]}-{size}-{look}", page
        browser.close()


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--shots", type=Path)
    parser.add_argument("--axe", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--langs", default="zh-hans,en")
    parser.add_argument("--sizes", default="1280,390")
    parser.add_argument("--looks", default="light,dark")
    parser.add_argument("--viewport", action="store_true", help="only what the window shows")
    options = parser.parse_args()
    server = serve(options.port)
    names = options.names or [name for name in pages("en") if name not in ("search-fragment",)]
    if not options.shots and not options.axe:
        print(f"http://127.0.0.1:{server.server_port}/zh-hans/list   pages: {', '.join(names)}")
        server._BaseServer__is_shut_down.wait() or input()
    script = (ROOT / "node_modules/axe-core/axe.min.js").read_text() if options.axe else ""
    bad = 0
    for label, page in visits(
        server, names, options.langs.split(","), options.sizes.split(","), options.looks.split(",")
    ):
        if options.shots:
            options.shots.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=options.shots / f"{label}.png", full_page=not options.viewport)
        if options.axe:
            page.evaluate(script)
            for fault in page.evaluate("axe.run(document)")["violations"]:
                bad += 1
                print(label, fault["id"], fault["impact"], fault["help"])
                for node in fault["nodes"][:3]:
                    print("    ", node["html"][:160], (node.get("any") or [{}])[0].get("message", "")[:200])
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            print(label, "is wider than the window by", over)
    print(f"{bad} violations")
    sys.exit(bool(bad))


main()
