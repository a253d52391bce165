"""``yulan plan read FILE [--json]``: the reading as one JSON object, or as a summary for people (Chinese first)."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from yulan.plan.reader.phrases import AFTER_PRINTED
from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import PlanError, PlanReading

_KINDS = {
    "chapters": "章", "sections": "节", "goals": "目标", "principles": "原则", "tasks": "任务", "safeguards": "保障",
    "groups": "分组", "measures": "措施", "paragraphs": "段落", "parts": "篇",
}  # fmt: skip
_CHECKS = {"sum": "合计", "list_count": "列举", "percent_total": "比重合计", "share": "占比", "growth": "增幅"}


def main(argv: Sequence[str]) -> int:
    """Run the command with these arguments. Gives 0, or 1 after a message on stderr if the file is no plan."""
    parser = argparse.ArgumentParser("yulan plan read", description="Read a plan or bulletin (.txt, .docx, .html).")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    asked = parser.parse_args(list(argv))
    try:
        reading = read_plan(asked.file)
    except PlanError as error:
        sys.stderr.write(f"{asked.file.name}: {error}\n")
        return 1
    shown = json.dumps(reading.as_json(), ensure_ascii=False, indent=2) if asked.json else "\n".join(summary(reading))
    sys.stdout.write(shown + "\n")
    return 0


def summary(reading: PlanReading) -> Iterator[str]:
    """The lines of the summary."""
    yield reading.title
    facts = (
        ("文号", reading.doc_no),
        ("发文机关", reading.issuer),
        ("成文", reading.issued_on),
        ("发布", reading.published_on),
    )
    yield " · ".join(f"{label} {value}" for label, value in facts if value) or "（无文号、日期）"
    yield " · ".join(f"{label} {reading.counts[key]}" for key, label in _KINDS.items() if reading.counts.get(key))
    yield from ("", "目录 Outline")
    for item in reading.outline:
        if item.kind != "paragraph":
            depth = item.id.count(".")
            heading = item.text.split("。")[0]
            yield f"{item.line:>6}  {'  ' * depth}{item.number} {heading[:48]}{'…' if len(heading) > 48 else ''}"
    yield from _figures(reading)
    yield from _checks(reading)
    if reading.regulations:
        yield from ("", f"文件 Regulations ({len(reading.regulations)})")
        yield from (f"{each.line:>6}  {each.title} {each.doc_no or ''}".rstrip() for each in reading.regulations)
    if reading.regions:
        yield from ("", f"地区 Regions ({len(reading.regions)})")
        for place in reading.regions:
            later = f" → {place.successor_code}" if place.successor_code != place.code else ""
            yield f"{place.line:>6}  {place.code}{later} {place.name}"
    if reading.notes:
        yield from ("", f"附注 Notes ({len(reading.notes)})")
        yield from (f"{note.line:>6}  {note.text}" for note in reading.notes)


def _figures(reading: PlanReading) -> Iterator[str]:
    if reading.figures:
        yield from ("", f"数据 Figures ({len(reading.figures)})")
    for figure in reading.figures:
        where = "，".join(filter(None, (figure.region and figure.region[:16], figure.period)))
        words = figure.qualifier.split()
        before = "".join(word for word in words if word not in AFTER_PRINTED)
        within = "".join(word for word in words if word in ("余", "多"))
        after = "".join(word for word in words if word in AFTER_PRINTED and word not in within)
        value = f"{before}{figure.value}{within}{figure.unit}{after}"
        yield f"{figure.line:>6}  {figure.id}  {value:<16} {figure.indicator}" + (f"（{where}）" if where else "")


def _checks(reading: PlanReading) -> Iterator[str]:
    if reading.checks:
        yield from ("", f"核对 Checks ({len(reading.checks)})")
    for check in reading.checks:
        sign = "✓" if check.verdict == "match" else "✗"
        sum_of = "、".join(part[:14] for part in check.parts)
        off = "" if check.verdict == "match" else f"，差 {check.difference}"
        yield f"{check.line:>6}  {sign} {_CHECKS[check.kind]} {check.stated} ⇔ {check.computed}{off}（{sum_of}）"
        if check.suggestion:
            yield f"          {check.suggestion}"
