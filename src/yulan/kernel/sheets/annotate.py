"""Parent side: write the wrong rows back into the user's own workbook, with a red reason column."""

from __future__ import annotations

import io
from collections.abc import Mapping
from itertools import chain, islice, repeat
from pathlib import Path, PurePath

import xlsxwriter

from yulan.kernel.sheets import confine
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.sheets.shapes import LIMITS, Limits, Sheet
from yulan.kernel.sheets.writer import CELL_TEXT, put_value, sheet_name, value_formats


def annotate(
    data: bytes | Path,
    *,
    name: str,
    reasons: Mapping[int, str],
    heading: str,
    header_row: int = 1,
    sheet: str | None = None,
    limits: Limits = LIMITS,
) -> bytes:
    """Give the user's file back with a reason beside each wrong row.

    `reasons` maps 1-based row numbers of the sheet (as shown in a spreadsheet program) to a text; `header_row`
    gets `heading`. A column already headed so is cleared and used again. An xlsx keeps formats, drop-downs and
    other sheets; xls, ods and what cannot be patched come back as a new xlsx of the sheet that was read.
    `annotated_name` tells how to call the result. Raises SheetError as `read_workbook` does.
    """
    texts = {row: text.encode("utf-8", "replace").decode() for row, text in reasons.items()}
    options = {"reasons": texts, "heading": heading, "header_row": header_row, "sheet": sheet}
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
        formats = value_formats(book)
        red = book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE", "num_format": "@"})
        rows = chain(sheet.iter_rows(), repeat(()))
        for index, row in enumerate(islice(rows, max(sheet.rows, *texts))):
            for at, value in enumerate(row):
                if at != column:
                    put_value(page, index, at, value, formats)
            if index + 1 in texts:
                page.write_string(index, column, texts[index + 1][:CELL_TEXT], red)
        page.set_column(column, column, 60)
        page.freeze_panes(header_row, 0)
    return target.getvalue()
