"""`python -m benchmarks [name…] [--quick]`: measure, print a table; a full run writes docs/assurance/benchmarks.json.

Exit status 0 whether or not targets are met, 1 when sides do not give the same answers.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import unicodedata
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.ground import ROOT
from benchmarks.running import NAMES, Line, Unequal, as_json, declared, run

KEPT = ROOT / "docs" / "assurance" / "benchmarks.json"
HEADINGS = ("comparison", "what", "unit", "Yulan", "peer", "peer's", "ratio", "target", "")


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(NAMES)}; all of them if none")
    parser.add_argument("--quick", action="store_true", help="one turn each, to see that it works")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no comparison {', '.join(sorted(unknown))}")
    lines: list[Line] = []
    try:
        for name in given.names or NAMES:
            lines += run(name, quick=given.quick)
    except Unequal as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    print(table(lines))
    if not given.names and not given.quick:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(json.dumps(report(lines), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"written: {KEPT.relative_to(ROOT)}")
    return 0


def report(lines: Sequence[Line]) -> dict[str, Any]:
    """Give what is kept of a run."""
    names = {name for comparison in map(declared, NAMES) for side in comparison.sides for name in side.packages}
    packages = {name: version(name) for name in sorted(names | {"yulan", "Django"}, key=str.lower)}
    return {"date": f"{date.today()}", "machine": machine(), "packages": packages, "results": as_json(lines)}


def machine() -> dict[str, Any]:
    """Say what ran it."""
    info = Path("/proc/cpuinfo")
    models = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system = platform.system()
    return {
        "cpu": models[0].partition(":")[2].strip() if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "os": f"{system}, {platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
    }


def table(lines: Sequence[Line]) -> str:
    """Give the lines in columns."""
    rows = [HEADINGS, *map(_cells, lines)]
    widths = [max(_width(row[index]) for row in rows) for index in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cells(line: Line) -> tuple[str, ...]:
    ratio = "" if line.ratio is None else f"{line.ratio:.1f} ×"
    met = {True: "met", False: "NOT MET", None: ""}[line.met]
    figures = _figure(line.yulan), line.peer, _figure(line.peers)
    return (line.comparison, line.measure, line.unit, *figures, ratio, line.target, met)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


if __name__ == "__main__":
    sys.exit(main())
