"""A filled form as a workbook in A4 print layout: title, unit and period, table, calibre, signatures, record hash."""

import hashlib
from io import BytesIO
from typing import Any

import xlsxwriter

from yulan.insight.forms.engine import Cell, Filled
from yulan.kernel.period import today
from yulan.kernel.text import _

FORMATS = {"integer": "#,##0", "decimal": "#,##0.00", "money": "#,##0.00", "percent": "0", "text": "@"}


def workbook(filled: Filled, *, reporter: str) -> bytes:
    """Give the workbook; text never becomes a formula, a second sheet names the source of every cell."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        _table(book, filled, reporter)
        _sources(book, filled)
    return target.getvalue()


def _table(book: Any, filled: Filled, reporter: str) -> None:
    page = book.add_worksheet(filled.code)
    last = len(filled.columns) - 1
    title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    small = book.add_format({"font_size": 9, "text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
    page.merge_range(0, 0, 0, last, str(filled.title), title)
    about = [f"{_('Period')}: {filled.period}", f"{_('Reporting unit')}: {reporter}"]
    if filled.unit:
        about.append(f"{_('Unit')}: {filled.unit}")
    page.merge_range(1, 0, 1, last, "    ".join(about), small)
    for index, column in enumerate(filled.columns):
        page.write_string(2, index, str(column.label), head)
        page.set_column(index, index, column.width)
    line = 3
    for row in [*filled.rows, *([filled.total] if filled.total else [])]:
        for index, cell in enumerate(row):
            _put(page, line, index, cell, book, filled.columns[index].kind)
        line += 1
    for note in filled.notes:
        page.merge_range(line, 0, line, last, str(note), small)
        line += 1
    day = today().isoformat()
    signatures = "        ".join(f"{label}:" for label in (_("Made by"), _("Checked by"), _("Responsible")))
    page.merge_range(line, 0, line, last, f"{signatures}        {_('Date')}: {day}", small)
    digest = hashlib.sha256(filled.content().encode()).hexdigest()
    page.merge_range(line + 1, 0, line + 1, last, f"SHA-256 {digest}", small)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.set_footer(f"&L{filled.code}&R&P / &N")
    page.freeze_panes(3, 1)


def _put(page: Any, line: int, index: int, cell: Cell, book: Any, kind: str) -> None:
    style = {"border": 1, "num_format": FORMATS[kind], "text_wrap": kind == "text", "valign": "vcenter"}
    if cell.missing:
        style["bg_color"] = "#FFF4D6"
    wanted = book.add_format(style)
    if cell.value is None or cell.value == "":
        page.write_blank(line, index, None, wanted)
    elif kind == "text":
        page.write_string(line, index, str(cell.value), wanted)
    else:
        page.write_number(line, index, cell.value, wanted)


def _sources(book: Any, filled: Filled) -> None:
    page = book.add_worksheet(str(_("Sources"))[:31])
    head = book.add_format({"bold": True})
    for index, label in enumerate((_("Row"), _("Column"), _("Value"), _("Source"), _("Address"))):
        page.write_string(0, index, str(label), head)
    line = 1
    for row in filled.rows:
        for column, cell in zip(filled.columns[1:], row[1:], strict=True):
            shown = (row[0].value, column.label, "" if cell.value is None else cell.value, cell.source, cell.url)
            for index, value in enumerate(shown):
                page.write_string(line, index, str(value))
            line += 1
    page.set_column(0, 4, 24)
