"""Parent side: an empty workbook to fill in, with drop-downs, checks of numbers and dates, and its guidance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from yulan.kernel.sheets.cells import Say
from yulan.kernel.sheets.errors import _
from yulan.kernel.sheets.shapes import ColumnSpec
from yulan.kernel.sheets.writer import HEADER_STYLE, column_width, print_on_a4, sheet_name

ROWS = 5_000
LISTS = "lists"
MESSAGE_TEXT = 255
EDGE = 10**13
KINDS = {
    "text": (_("Text"), ""),
    "integer": (_("Whole number"), "12"),
    "decimal": (_("Number"), "12.5"),
    "money": (_("Amount in yuan, two decimals"), "1200000.00"),
    "date": (_("Date"), "2007-03-28"),
    "bool": (_("Yes or no"), ""),
    "choice": (_("One of the list"), ""),
    "region": (_("Region name or code"), ""),
    "year": (_("Year"), "2007"),
}
FORMATS = {"money": "#,##0.00", "decimal": "General", "integer": "0", "year": "0", "date": "yyyy-mm-dd"}


def write_template(
    target: Path | IO[bytes],
    columns: Sequence[ColumnSpec],
    *,
    title: str,
    guidance: Sequence[str] = (),
    say: Say = str,
) -> None:
    """Write a workbook with one header row, 5,000 checked rows below it, and a sheet of notes.

    Required columns are dark and end with “*”; pointing at a cell shows its help. Choices become drop-downs fed
    by a hidden sheet, under a defined name each. Text and codes are cells of text, so that leading zeros stay.
    """
    with xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target) as book:
        book.set_properties({"title": title})
        page = book.add_worksheet(sheet_name(title, [LISTS]))
        _write_notes(book, columns, title, guidance, say)
        lists = _write_lists(book, columns, say)
        for index, column in enumerate(columns):
            _write_column(book, page, index, column, lists.get(column.name), say)
        page.set_row(0, 32)
        page.freeze_panes(1, 0)
        print_on_a4(page, title, True, say)


def _write_column(book: Any, page: Any, index: int, column: ColumnSpec, listed: str | None, say: Say) -> None:
    style = HEADER_STYLE | ({"bg_color": "#1F4E8C", "font_color": "#FFFFFF"} if column.required else {})
    page.write_string(0, index, column.label + (" *" if column.required else ""), book.add_format(style))
    cells = book.add_format({"num_format": FORMATS.get(column.kind, "@")})
    page.set_column(index, index, column_width(column), cells)
    check = _check(column, listed, say)
    if check["validate"] == "any" and not (column.required or column.help):
        return
    check |= {
        "input_title": column.label[:32],
        "input_message": _explained(column, say)[:MESSAGE_TEXT],
        "ignore_blank": True,
        "error_title": column.label[:32],
    }
    page.data_validation(1, index, ROWS, index, check)


def _check(column: ColumnSpec, listed: str | None, say: Say) -> dict[str, Any]:
    """The data validation of a column (ECMA-376 §18.3.1.32)."""
    if listed:
        return {"validate": "list", "source": listed, "error_message": say(_("Choose from the list."))}
    if column.kind in ("integer", "year"):
        if column.kind == "year":
            return _between("integer", 1900, 2199, say(_("Enter a year such as 2007.")))
        return _between("integer", -EDGE, EDGE, say(_("Enter a whole number.")))
    if column.kind in ("decimal", "money"):
        return _between("decimal", -EDGE, EDGE, say(_("Enter a number without unit.")))
    if column.kind == "date":
        first, last = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
        return _between("date", first, last, say(_("Enter a date such as 2007-03-28.")))
    return {"validate": "any"}


def _between(kind: str, low: object, high: object, message: str) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high, "error_message": message}


def _choices(column: ColumnSpec, say: Say) -> list[str]:
    if column.choices:
        return [label for _code, label in column.choices]
    return [say(_("Yes")), say(_("No"))] if column.kind == "bool" else []


def _write_lists(book: Any, columns: Sequence[ColumnSpec], say: Say) -> dict[str, str]:
    """The hidden sheet of choices; give column name → the formula that names its list."""
    named: dict[str, str] = {}
    page = None
    for index, column in enumerate(columns):
        labels = _choices(column, say)
        if not labels:
            continue
        if page is None:
            page = book.add_worksheet(LISTS)
            page.very_hidden()
        for row, label in enumerate(labels):
            page.write_string(row, len(named), label)
        letter = xlsxwriter.utility.xl_col_to_name(len(named), col_abs=True)
        book.define_name(f"list_{index}", f"={LISTS}!{letter}$1:{letter}${len(labels)}")
        named[column.name] = f"=list_{index}"
    return named


def _explained(column: ColumnSpec, say: Say) -> str:
    kind, example = KINDS[column.kind]
    parts = [say(_("Required")) if column.required else say(_("Optional")), say(kind)]
    shown = column.example or example
    if shown:
        parts.append(say(_("e.g. %(example)s")) % {"example": shown})
    return " · ".join(parts) + (f"\n{column.help}" if column.help else "")


def _write_notes(book: Any, columns: Sequence[ColumnSpec], title: str, guidance: Sequence[str], say: Say) -> None:
    page = book.add_worksheet(sheet_name(say(_("Notes")), [LISTS, title]))
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for width, at in ((24, 0), (12, 1), (28, 2), (24, 3), (70, 4)):
        page.set_column(at, at, width)
    for row, line in enumerate((title, *guidance)):
        page.write_string(row, 0, line, bold if row == 0 else None)
    start = len(guidance) + 2
    heads = (_("Column"), _("Needed"), _("Kind"), _("Example"), _("Help"))
    for at, head in enumerate(heads):
        page.write_string(start, at, say(head), bold)
    for row, column in enumerate(columns, start + 1):
        kind, example = KINDS[column.kind]
        labels = _choices(column, say)
        shown = " / ".join(labels[:40]) + (" …" if len(labels) > 40 else "")
        cells = (
            column.label,
            say(_("Required")) if column.required else say(_("Optional")),
            say(kind),
            column.example or example,
            "\n".join(part for part in (column.help, shown) if part),
        )
        for at, cell in enumerate(cells):
            page.write_string(row, at, cell, wrapped)
