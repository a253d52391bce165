"""Find the header row of a sheet: officers put title lines above it and units into it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.shapes import Cell, Sheet

LOOKED_AT = 10
BRACKETS = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]$")
MARKS = "*:·"
TABLE_UNIT = re.compile(r"(?:^|[^\u4e00-\u9fffa-z]|计量|金额|货币)(?:单位|unit) ?[:为] ?([^\s,;)]{1,12})")


class Header(NamedTuple):
    """The header row of a sheet.

    `row` is its 0-based index, `fields` maps a column index to a field name, `units` a column index to the unit
    in its header (“总投资（万元）” → 万元), `table_unit` is the one of a line “单位：万元” above the header.
    `unknown` are headers that no field has, `repeated` those whose field an earlier column already gives.
    """

    row: int
    fields: dict[int, str]
    unknown: tuple[str, ...]
    units: dict[int, str]
    table_unit: str | None
    repeated: tuple[str, ...]


def find_header(sheet: Sheet, known: Mapping[str, str]) -> Header:
    """Find the row, among the first ten, that names at least half of the fields of `known` (label → field).

    If none does, the row that names most fields is taken, provided these are at least half of its own cells
    and two of them (one, where only one field is known). Raises SheetError("no_header").
    """
    labels = _labels(known)
    wanted = len(set(known.values()))
    best: Header | None = None
    for index in range(min(LOOKED_AT, sheet.rows)):
        found = _match(sheet, index, labels)
        named, filled = len(found.fields), len(found.fields) + len(found.unknown) + len(found.repeated)
        if named and named * 2 >= wanted:
            return found
        good = named >= min(2, wanted) and named * 2 >= filled
        if good and (best is None or named > len(best.fields)):
            best = found
    if best is None:
        raise SheetError("no_header", rows=LOOKED_AT, expected=", ".join(list(known)[:20]))
    return best


def _match(sheet: Sheet, index: int, labels: Mapping[str, str]) -> Header:
    fields: dict[int, str] = {}
    units: dict[int, str] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for column, cell in enumerate(sheet.row(index)):
        shown = "" if cell is None else " ".join(str(cell).split())
        if not shown:
            continue
        base, unit = split_unit(shown)
        field = labels.get(normal(shown)) or labels.get(base)
        if field is None:
            unknown.append(shown)
        elif field in fields.values():
            repeated.append(shown)
        else:
            fields[column] = field
            if unit:
                units[column] = unit
    return Header(index, fields, tuple(unknown), units, _table_unit(sheet, index), tuple(repeated))


def _labels(known: Mapping[str, str]) -> dict[str, str]:
    """Normal forms → field; a label without its unit counts too, unless two fields would share it."""
    bases: dict[str, set[str]] = {}
    for label, field in known.items():
        bases.setdefault(split_unit(label)[0], set()).add(field)
    labels = {base: next(iter(fields)) for base, fields in bases.items() if len(fields) == 1}
    return labels | {normal(label): field for label, field in known.items()}


def normal(text: str) -> str:
    """One form for full and half width, letter case, spaces, line breaks and marks of required columns."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.split()).strip(MARKS)


def split_unit(label: str) -> tuple[str, str | None]:
    """A label in its normal form without its last bracket, and what stood in that bracket."""
    text = normal(label)
    match = BRACKETS.search(text)
    if match is None or match.start() == 0:
        return text, None
    return text[: match.start()].strip(MARKS), match[1] or None


def _table_unit(sheet: Sheet, header_row: int) -> str | None:
    cells: list[Cell] = [cell for index in range(header_row) for cell in sheet.row(index)]
    for cell in cells:
        text = unicodedata.normalize("NFKC", cell).casefold() if isinstance(cell, str) else ""
        match = TABLE_UNIT.search(text)
        if match:
            return match[1]
    return None
