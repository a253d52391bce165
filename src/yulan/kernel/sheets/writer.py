"""Parent side: rows out as xlsx, csv and json, in constant memory; text never becomes a formula.

Choices are written as labels for people (xlsx, csv) and as codes for programs (json).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import xlsxwriter

from yulan.kernel.sheets.cells import Say, clipped, row_maker
from yulan.kernel.sheets.errors import _
from yulan.kernel.sheets.guard import RISKY
from yulan.kernel.sheets.parts import column_letters
from yulan.kernel.sheets.shapes import ColumnSpec

Row = Sequence[object]
Block = Sequence[Sequence[Any]]
SHEET_ROWS = 1_048_575
BATCH = 2_000
ALIKE = ({str}, {int}, {bool}, {dt.date})
"""Kinds of value of which equal ones are written alike: not so decimals (1.0 and 1.00), nor 1 and True."""
SPOOLED = 8_000_000
ZIP64_FROM = 1_000_000_000
PAGE = "xl/worksheets/sheet%d.xml"
WIDTHS = {"integer": 10, "decimal": 12, "money": 16, "date": 12, "bool": 8, "year": 8, "choice": 14, "region": 16}
NUMBER_FORMATS = {
    "text": "@",
    "money": "#,##0.00",
    "integer": "0",
    "year": "0",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
A4 = 9
HEADER_STYLE = {
    "bold": True,
    "bg_color": "#E8EEF7",
    "bottom": 1,
    "text_wrap": True,
    "valign": "vcenter",
}


class Blocks:
    """Rows that come many at a time, column by column; who asks for them one by one gets them so."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = blocks

    def __iter__(self) -> Iterator[Row]:
        for columns in self.blocks:
            yield from zip(*columns, strict=True)


def write_workbook(
    target: Path | IO[bytes],
    columns: Sequence[ColumnSpec],
    rows: Iterable[Row],
    *,
    title: str,
    notes: Sequence[tuple[str, str]] = (),
    landscape: bool = True,
    say: Say = str,
) -> int:
    """Write an xlsx with typed cells, ready to filter and to print on A4; give the number of rows.

    `notes` (source, as-of date, filters …) fill a second sheet. Past 1,048,575 rows it goes on in another
    sheet. `say` translates the few words of the frame. Text beyond 32,767 characters ends with "…".

    xlsxwriter makes the frame, the rows are streamed into it: five times faster than cell by cell.
    """
    stream = iter(rows)
    frame = partial(_frame, columns, title=title, notes=notes, landscape=landscape, say=say)
    make = row_maker(columns, _styles(frame([0])), say)
    with ExitStack() as open_files:
        pages: list[IO[bytes]] = []
        counts: list[int] = []
        while not counts or counts[-1] == SHEET_ROWS:
            page = open_files.enter_context(SpooledTemporaryFile(SPOOLED))
            counts.append(_spool(page, make, islice(stream, SHEET_ROWS)))
            pages.append(page)
        if len(counts) > 1 and counts[-1] == 0:
            counts.pop()
        _fill(target, frame(counts), pages, counts, column_letters(max(len(columns), 1) - 1))
    return sum(counts)


def _spool(page: IO[bytes], make: Callable[[Sequence[Row], int], bytes], rows: Iterator[Row]) -> int:
    """Put the rows' XML aside; give their number."""
    count = 0
    while batch := list(islice(rows, BATCH)):
        page.write(make(batch, count + 2))
        count += len(batch)
    return count


def _frame(
    columns: Sequence[ColumnSpec],
    counts: Sequence[int],
    *,
    title: str,
    notes: Sequence[tuple[str, str]],
    landscape: bool,
    say: Say,
) -> bytes:
    """The workbook without its rows; row 2 of each page shows the style of each kind of value."""
    frame = io.BytesIO()
    with xlsxwriter.Workbook(frame, {"in_memory": True}) as book:
        book.set_properties({"title": title})
        formats = [book.add_format({"num_format": shape}) for shape in NUMBER_FORMATS.values()]
        for count in counts:
            page = book.add_worksheet(sheet_name(title, [sheet.get_name() for sheet in book.worksheets()]))
            _write_header(book, page, columns)
            for index, form in enumerate(formats):
                page.write_blank(1, index, None, form)
            if columns:
                page.autofilter(0, 0, max(count, 1), len(columns) - 1)
            print_on_a4(page, title, landscape, say)
        if notes:
            _write_notes(book, notes, say)
    return frame.getvalue()


def _styles(frame: bytes) -> dict[str, int]:
    """The number of each kind's cell style, read from the sample row."""
    with ZipFile(io.BytesIO(frame)) as package:
        shown = re.findall(rb'<c r="[A-Z]+2" s="(\d+)"', package.read(PAGE % 1))
    return {"plain": 0, **dict(zip(NUMBER_FORMATS, map(int, shown), strict=True))}


def _fill(
    target: Path | IO[bytes], frame: bytes, pages: Sequence[IO[bytes]], counts: Sequence[int], last_column: str
) -> None:
    """Copy the frame into the target and put the rows in the place of the sample rows."""
    named = {PAGE % number: (page, count) for number, (page, count) in enumerate(zip(pages, counts, strict=False), 1)}
    with ZipFile(io.BytesIO(frame)) as parts, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=2) as package:
        for part in parts.infolist():
            content = parts.read(part)
            if part.filename not in named:
                package.writestr(part.filename, content)
                continue
            page, count = named[part.filename]
            head, _row_start, rest = content.partition(b'<row r="2"')
            corner = f'<dimension ref="A1:{last_column}{count + 1}"'.encode()
            with package.open(part.filename, "w", force_zip64=page.tell() > ZIP64_FROM) as sheet:
                sheet.write(re.sub(rb'<dimension ref="[^"]*"', corner, head))
                page.seek(0)
                copyfileobj(page, sheet, 1 << 20)
                sheet.write(rest[rest.index(b"</sheetData>") :])


def sheet_name(title: str, taken: Sequence[str]) -> str:
    """A name that spreadsheet programs accept: at most 31 characters, none of the seven forbidden signs, not taken."""
    clean = "".join(" " if letter in "[]:*?/\\" else letter for letter in title).strip(" '")[:31] or "Sheet"
    name, number = clean, 1
    while name.lower() in {other.lower() for other in (*taken, "history")}:
        number += 1
        name = f"{clean[: 28 - len(str(number))]} ({number})"
    return name


def _write_header(book: Any, page: Any, columns: Sequence[ColumnSpec]) -> None:
    """The styled header row, frozen, and the column widths."""
    header = book.add_format(HEADER_STYLE)
    page.set_row(0, 30)
    page.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        page.set_column(index, index, column_width(column))
        page.write_string(0, index, clipped(column.label), header)


def print_on_a4(page: Any, title: str, landscape: bool, say: Say) -> None:
    """A4, as wide as the paper, the header row on each page, the title above and “page n of N” below."""
    page.set_paper(A4)
    if landscape:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
    page.set_header("&C" + title.replace("&", "&&")[:200])
    page.set_footer("&C" + say(_("Page &P of &N")))


def column_width(column: ColumnSpec) -> int:
    """The width in characters: as declared, else by kind, and never narrower than the label."""
    wide = sum(2 if ord(letter) > 0x2E7F else 1 for letter in column.label) + 4
    return column.width or max(WIDTHS.get(column.kind, 24), min(wide, 40))


def _write_notes(book: Any, notes: Sequence[tuple[str, str]], say: Say) -> None:
    page = book.add_worksheet(sheet_name(say(_("Notes")), [sheet.get_name() for sheet in book.worksheets()]))
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 90)
    for row, (label, text) in enumerate(notes):
        page.write_string(row, 0, clipped(label), bold)
        page.write_string(row, 1, clipped(text), wrapped)


def write_csv(target: Path | IO[bytes], columns: Sequence[ColumnSpec], rows: Iterable[Row], *, say: Say = str) -> None:
    """Write `csv_chunks` into a file."""
    if isinstance(target, Path):
        with target.open("wb") as file:
            file.writelines(csv_chunks(columns, rows, say=say))
    else:
        target.writelines(csv_chunks(columns, rows, say=say))


def csv_chunks(columns: Sequence[ColumnSpec], rows: Iterable[Row], *, say: Say = str) -> Iterator[bytes]:
    """Give CSV in UTF-8 with a byte order mark, CRLF line ends and a header of labels.

    Text that begins with = + - @, a tab or a line break gets an apostrophe in front, so that no spreadsheet
    program runs it; `read_workbook` takes that apostrophe off again. Money has two decimals, dates are ISO.

    Cells are made column by column.
    """
    out = io.StringIO("\ufeff")
    out.seek(1)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_guarded([column.label for column in columns]))
    makers = [_text_maker(column, say) for column in columns]
    for block in _blocks(rows):
        yield _taken(out)
        texts = [make(values) for make, values in zip(makers, block, strict=True)]
        writer.writerows(zip(*texts, strict=True))
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    """Take what was written so far."""
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode("utf-8", "replace")


def _blocks(rows: Iterable[Row]) -> Iterator[Block]:
    if isinstance(rows, Blocks):
        yield from rows.blocks
        return
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        yield list(zip(*batch, strict=True))


def _guarded(texts: list[str]) -> list[str]:
    if {text[:1] for text in texts}.isdisjoint(RISKY):
        return texts
    return ["'" + text if text.startswith(RISKY) else text for text in texts]


def _text_maker(column: ColumnSpec, say: Say) -> Callable[[Sequence[Any]], Sequence[str]]:
    """A function that turns a block of one column's values into CSV cells."""
    labels = dict(column.choices or ())
    words = {True: say(_("Yes")), False: say(_("No"))}

    def money(values: Sequence[Any]) -> list[str]:
        return [format(value, ".2f") if isinstance(value, Decimal | int) else plain(value) for value in values]

    def plain(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return words[value]
        if isinstance(value, Decimal):
            return format(value, "f")
        text = str(value)
        return text if isinstance(value, int | float | dt.date) else _guarded([text])[0]

    def others(values: Sequence[Any]) -> list[str]:
        return list(map(plain, values))

    def texts(values: Sequence[Any]) -> list[str]:
        if labels:
            values = [labels.get(value, value) for value in values]
        return _guarded(["" if value is None else str(value) for value in values])

    make = money if column.kind == "money" else texts if column.kind in ("text", "choice", "region") else others
    return lambda values: _once_each(make, values)


def _once_each(make: Callable[[Sequence[Any]], list[str]], values: Sequence[Any]) -> list[str]:
    """Make the cells of a column, those of equal values once: columns are full of them."""
    if set(map(type, values)) - {type(None)} not in ALIKE:
        return make(values)
    distinct = list(dict.fromkeys(values))
    made = make(distinct)
    if len(made) == len(values):
        return made
    known = dict(zip(distinct, made, strict=True))
    return [known[value] for value in values]


def json_chunks(columns: Sequence[ColumnSpec], rows: Iterable[Row]) -> Iterator[bytes]:
    """Give a JSON array of objects keyed by column name; decimals are exact numbers, dates ISO, choices codes."""
    names = [column.name for column in columns]
    stream, before = iter(rows), b"["
    while batch := [dict(zip(names, row, strict=True)) for row in islice(stream, BATCH)]:
        yield before + orjson.dumps(batch, default=_json)[1:-1]
        before = b",\n"
    yield b"[]" if before == b"[" else b"]"


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    return str(value)
