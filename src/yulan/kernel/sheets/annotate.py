"""Parent side: write the wrong rows back into the user's own workbook, with a red reason column."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from itertools import chain, islice, repeat
from pathlib import Path, PurePath
from typing import Any

import xlsxwriter

from yulan.kernel.sheets import confine
from yulan.kernel.sheets.cells import EXACT, FIRST_DAY, clipped
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.sheets.shapes import LIMITS, Cell, Limits, Sheet
from yulan.kernel.sheets.writer import NUMBER_FORMATS, sheet_name


def annotate(
    data: bytes | Path,
    *,
    name: str,
    reasons: Mapping[int, str],
    heading: str,
    width: int,
    header_row: int = 1,
    sheet: str | None = None,
    limits: Limits = LIMITS,
) -> bytes:
    """Give the user's file back with a reason beside each wrong row.

    `reasons` maps 1-based row numbers of the sheet (as shown in a spreadsheet program) to a text; `header_row`
    gets `heading`. They go beside the `width` columns that were read, or into a column already headed so, which is
    cleared first. An xlsx keeps formats, drop-downs and
    other sheets; xls, ods and what cannot be patched come back as a new xlsx of the sheet that was read.
    `annotated_name` tells how to call the result. Raises SheetError as `read_workbook` does.
    """
    texts = {row: text.encode("utf-8", "replace").decode() for row, text in reasons.items()}
    options = {"reasons": texts, "heading": heading, "header_row": header_row, "sheet": sheet, "width": width}
    try:
        return b"".join(payload for _, payload in confine.run("annotate", data, limits, **options))
    except SheetError as error:
        if error.code != "odd":
            raise
    found = read_workbook(data, name=name, limits=limits, sheet=sheet)
    return _rebuilt(found, {**texts, header_row: heading}, heading, header_row)


def annotated_name(name: str, result: bytes) -> str:
    """The file name for a result of `annotate`: an old .xls comes back as .xlsx."""
    path = PurePath(name)
    if not result.startswith(b"PK"):
        return path.name
    return path.name if path.suffix.lower() in (".xlsx", ".xlsm") else path.stem + ".xlsx"


def _rebuilt(sheet: Sheet, texts: Mapping[int, str], heading: str, header_row: int) -> bytes:
    """A new workbook with the cells of the sheet and the reasons."""
    header = sheet.row(header_row - 1) if header_row <= sheet.rows else ()
    column = header.index(heading) if heading in header else sheet.width
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        page = book.add_worksheet(sheet_name(sheet.name, []))
        formats = {kind: book.add_format({"num_format": shape}) for kind, shape in NUMBER_FORMATS.items()}
        red = book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE", "num_format": "@"})
        rows = chain(sheet.iter_rows(), repeat(()))
        for index, row in enumerate(islice(rows, max(sheet.rows, *texts))):
            for at, value in enumerate(row):
                if at != column:
                    _put(page, index, at, value, formats)
            if index + 1 in texts:
                page.write_string(index, column, clipped(texts[index + 1]), red)
        page.set_column(column, column, 60)
        page.freeze_panes(header_row, 0)
    return target.getvalue()


def _put(page: Any, row: int, column: int, value: Cell, formats: Mapping[str, Any]) -> None:
    """Write a cell as what it was."""
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float) and -EXACT < value < EXACT:
        page.write_number(row, column, value)
    elif isinstance(value, dt.datetime) and value.date() >= FIRST_DAY:
        page.write_datetime(row, column, value, formats["moment"])
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime) and value >= FIRST_DAY:
        page.write_datetime(row, column, value, formats["date"])
    elif value is not None:
        page.write_string(row, column, clipped(str(value)))
