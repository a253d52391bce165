"""`yulan region NAME_OR_CODE [--on DATE] [--json]`: what a name or code meant on a day, and what became of it.

Works from the shipped register, without a database.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

from yulan.registry.regions.history import AmbiguousRegion, Gazetteer, RegionSpan, UnknownRegion


def main(argv: Sequence[str]) -> int:
    """Print the region; 0 when found, 1 with a message on stderr when not, 2 when the call is wrong."""
    parser = argparse.ArgumentParser(prog="yulan region", description=__doc__.split("\n")[0])
    parser.add_argument("region", metavar="NAME_OR_CODE")
    parser.add_argument(
        "--on", metavar="DATE", type=date.fromisoformat, default=date.today(), help="such as 2007-03-28"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    register = Gazetteer.load()
    try:
        found = describe(register, register.lookup(args.region, args.on), args.on)
    except (UnknownRegion, AmbiguousRegion) as error:
        sys.stderr.write(f"yulan region: {error}\n")
        return 1
    text = json.dumps(found, ensure_ascii=False, indent=2) if args.json else as_text(found)
    sys.stdout.write(f"{text}\n")
    return 0


def describe(register: Gazetteer, span: RegionSpan, on: date) -> dict[str, Any]:
    """The region as plain data: itself, the regions above it, where it came from and what became of it since."""
    return {
        **_plain(span),
        "on": on.isoformat(),
        "parents": [{"code": up.code, "name": up.name} for up in register.chain(span.code, on)[1:]],
        "event": span.event,
        "doc_no": span.doc_no,
        "came_from": [
            {**_plain(past), "event": past.event, "doc_no": past.doc_no} for past in register.predecessors(span)
        ],
        "became": [_plain(heir) for heir in _heirs(register, span)],
        "prefixes": list(register.prefixes(span.code)),
    }


def _heirs(register: Gazetteer, span: RegionSpan) -> list[RegionSpan]:
    found: list[RegionSpan] = []
    queue = list(register.successors(span))
    while queue:
        heir = queue.pop(0)
        if heir not in found:
            found.append(heir)
            queue += register.successors(heir)
    return found


def _plain(span: RegionSpan) -> dict[str, Any]:
    return {
        "code": span.code,
        "name": span.name,
        "level": span.level,
        "valid_from": span.valid_from.isoformat(),
        "valid_to": span.valid_to.isoformat() if span.valid_to else None,
    }


def as_text(found: dict[str, Any]) -> str:
    """The same for reading."""
    lines = [f"{found['code']}  {found['name']}  ({found['level']})", f"  on        {found['on']}"]
    if found["parents"]:
        lines.append("  in        " + " < ".join(f"{up['name']} {up['code']}" for up in found["parents"]))
    lines.append(f"  valid     {_period(found)}")
    if found["event"]:
        lines.append(f"  ended     {found['event']} {found['doc_no']}".rstrip())
    for past in found["came_from"]:
        lines.append(
            f"  was       {past['code']} {past['name']}  {_period(past)}  {past['event']} {past['doc_no']}".rstrip()
        )
    for heir in found["became"]:
        lines.append(f"  became    {heir['code']} {heir['name']}  {_period(heir)}")
    return "\n".join(lines)


def _period(row: dict[str, Any]) -> str:
    return f"{row['valid_from']} to {row['valid_to'] or 'today'}"
