"""Running the sides of a comparison, each in a process of its own, and holding what they say side by side."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.ground import ROOT, environment, home, prepare
from benchmarks.measure import Comparison, Measure, Side, Work

NAMES = ("imports", "list_page", "json_list", "searches", "ledgers", "exports")
"""The comparisons, in the order of the table."""
PATIENCE = 600
"""Seconds that a side may take."""


class Unequal(Exception):
    """Two runs that should have given the same answer did not, or one gave none."""


@dataclass(frozen=True)
class Line:
    """A line of the table. `ratio` is the peer's cost by Yulan's; `met` is None where there is no target."""

    comparison: str
    measure: str
    unit: str
    yulan: float
    peer: str
    peers: float | None
    ratio: float | None
    target: str
    met: bool | None


def declared(name: str) -> Comparison:
    """Give a comparison."""
    found: Comparison = import_module(f"benchmarks.{name}").COMPARISON
    return found


def run(name: str, *, quick: bool = False) -> list[Line]:
    """Run all sides of a comparison in turn, three times over; raise Unequal where answers differ."""
    comparison = declared(name)
    found: dict[str, list[dict[str, Any]]] = {side.name: [] for side in comparison.sides}
    for turn in range(1 if quick else max(side.repeats for side in comparison.sides)):
        order = [side for side in comparison.sides if turn < side.repeats]
        for side in order if turn % 2 == 0 else reversed(order):
            print(f"{comparison.title}: {side.name}, {turn + 1} …", file=sys.stderr)
            found[side.name].append(_process(name, side, quick))
    _demand_equal(comparison.title, found)
    return [_line(comparison.title, measure, found) for measure in comparison.measures]


def _process(name: str, side: Side, quick: bool) -> dict[str, Any]:
    """Run one side and give what it says."""
    with tempfile.TemporaryDirectory(dir=home(), prefix="side-") as scratch:
        var = Path(scratch) / "var"
        if not side.data:
            var.mkdir()
        elif side.writes:
            shutil.copytree(prepare(side.data), var)
        else:
            var = prepare(side.data)
        work = {"var": str(var), "sheets": str(prepare("sheets")), "quick": quick}
        command = [sys.executable, "-m", "benchmarks.running", name, side.name, json.dumps(work)]
        variables = environment(var, side.settings)
        done = subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, timeout=PATIENCE)
    if done.returncode:
        raise Unequal(f"{name}: {side.name} failed with status {done.returncode}; its messages stand above")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _demand_equal(title: str, found: dict[str, list[dict[str, Any]]]) -> None:
    first: dict[str, tuple[str, Any]] = {}
    for side, runs in found.items():
        for said in runs:
            for key, value in said["answers"].items():
                other, known = first.setdefault(key, (side, value))
                if value != known:
                    there = next(_differences(known, value, key))
                    raise Unequal(f"{title}: {other} and {side} do not give the same: {there}")


def _differences(one: Any, other: Any, path: str) -> Iterator[str]:
    """Find where two answers differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _differences(one[key], other[key], f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{path}[{index}]")
    elif one != other:
        yield f"{path}: {str(one)[:600]} ≠ {str(other)[:600]}"


def _line(title: str, measure: Measure, found: dict[str, list[dict[str, Any]]]) -> Line:
    costs = [said["figures"][measure.figure] for said in found[measure.side]]
    shown = measure.shown(median(costs))
    if not measure.peer:
        met = None if measure.target is None else shown <= measure.target
        target = "" if measure.target is None else f"≤ {measure.target:g}"
        return Line(title, measure.label, measure.unit, shown, "", None, None, target, met)
    theirs = [said["figures"][measure.peer_figure] for said in found[measure.peer]]
    ratio = median(other / one for one, other in zip(costs, theirs, strict=True))
    met = None if measure.target is None else ratio >= measure.target
    target = "" if measure.target is None else f"≥ {measure.target:g} ×"
    peers = measure.shown(median(theirs))
    return Line(title, measure.label, measure.unit, shown, measure.peer, peers, ratio, target, met)


def main(arguments: Sequence[str]) -> None:
    """Be one side: do its work and print what came of it, as JSON on the last line."""
    import django

    name, side_name, given = arguments
    django.setup()
    side = next(side for side in declared(name).sides if side.name == side_name)
    told = json.loads(given)
    work = Work(Path(told["var"]), Path(told["sheets"]), told["quick"])
    side.run(work)
    print(json.dumps({"figures": work.figures, "answers": work.answers}))


def as_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Give the lines as they are kept, figures to four digits."""
    return [{key: _short(value) for key, value in asdict(line).items()} for line in lines]


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main(sys.argv[1:])
