"""Child side: read a sheet and give it away in chunks of columns.

A chunk is JSON: [rows, [column, …]] where a column is a list of values, or
{"i": codes, "v": words} when few words repeat, or {"d": positions, "v": values} where the values at these
positions are ISO dates ("2007-03-28") or date-times ("2007-03-28T12:00:00").
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from yulan.kernel.sheets import guard, parts
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.guard import Entry

CHUNK = 4_096
EXACT = 2**53
FIELD = 131_072
PROBE = 256
Row = list[Any]


def read(data: bytes, entries: dict[str, Entry] | None, job: dict[str, Any]) -> Iterator[bytes]:
    """Give a head {name, others, format} and then chunks."""
    limits = job["limits"]
    kind = guard.sniff(data, entries)
    if kind == "text":
        yield from _read_text(data, limits)
        return
    errors: list[tuple[int, int, str]] = []
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        sheet = _choose(book, job.get("sheet"))
        if kind == "xlsx" and entries is not None:
            part = next((tab.part for tab in parts.tabs(entries, data) if tab.name == sheet.name), None)
            errors = parts.error_cells(entries[part], data) if part else []
        _check_extent(sheet, limits)
        others = [name for name in book.sheet_names if name != sheet.name]
        yield orjson.dumps({"name": sheet.name, "others": others, "format": kind})
        yield from _chunks(_padded(sheet), errors)


def _choose(book: CalamineWorkbook, wanted: str | None) -> CalamineSheet:
    """Take the wanted sheet, else the first visible one in which something stands."""
    worksheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if wanted is not None:
        if all(sheet.name != wanted for sheet in worksheets):
            raise SheetError("no_sheet", sheet=wanted)
        worksheets = [sheet for sheet in worksheets if sheet.name == wanted]
    else:
        worksheets = [sheet for sheet in worksheets if sheet.visible == SheetVisibleEnum.Visible]
    for sheet in worksheets:
        candidate = book.get_sheet_by_name(sheet.name)
        if candidate.end is not None:
            return candidate
    raise SheetError("no_rows")


def _check_extent(sheet: CalamineSheet, limits: dict[str, float]) -> None:
    rows, columns = (edge + 1 for edge in sheet.end or (0, 0))
    for size, name in ((rows, "rows"), (columns, "columns"), (rows * columns, "cells")):
        if size > limits[name]:
            raise SheetError(f"too_many_{name}", limit=limits[name])


def _padded(sheet: CalamineSheet) -> Iterator[Row]:
    """Rows from A1: calamine pads the rows above the first cell, but not the columns left of it."""
    left = [""] * (sheet.start or (0, 0))[1]
    width = (sheet.end or (0, 0))[1] + 1
    for row in sheet.iter_rows():
        yield left + row if left and len(row) < width else row


def _chunks(rows: Iterable[Row], errors: list[tuple[int, int, str]]) -> Iterator[bytes]:
    start, chunk = 0, []
    places: dict[int, list[tuple[int, str]]] = {}
    for index, column, text in errors:
        places.setdefault(index // CHUNK, []).append((index % CHUNK * 16_384 + column, text))
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield _chunk(chunk, places.get(start, []))
            chunk, start = [], start + 1
    if chunk:
        yield _chunk(chunk, places.get(start, []))


def _chunk(rows: list[Row], errors: list[tuple[int, str]]) -> bytes:
    for place, text in errors:
        row, column = divmod(place, 16_384)
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    columns = [_column(list(column)) for column in zip(*rows, strict=True)]
    return orjson.dumps([len(rows), columns])


def _column(values: Row) -> object:
    """Encode one column of a chunk; see the module's docstring."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return _words(values)
    if kinds == {float}:
        return _numbers(values)
    if str in kinds:
        values = [None if value == "" else value for value in values]
    if float in kinds:
        values = [_number(value) if type(value) is float else value for value in values]
    if dt.time in kinds or dt.timedelta in kinds:
        values = [_clock(value) if type(value) in (dt.time, dt.timedelta) else value for value in values]
    if dt.date in kinds or dt.datetime in kinds:
        return {"d": [at for at, value in enumerate(values) if isinstance(value, dt.date)], "v": values}
    return values


def _words(values: list[str]) -> object:
    words = dict.fromkeys(values[:PROBE])
    if len(words) * 2 < len(values[:PROBE]) and len(words := dict.fromkeys(values)) * 4 < len(values):
        code = {word: index for index, word in enumerate(words)}
        return {"i": [code[value] for value in values], "v": [word or None for word in words]}
    return [value or None for value in values] if "" in values else values


def _numbers(values: list[float]) -> Row:
    if max(map(abs, values)) < EXACT and all(map(float.is_integer, values)):
        return list(map(int, values))
    return list(map(_number, values))


def _number(value: float) -> float:
    """Calamine gives every number as a float; a whole one is meant as an integer."""
    return int(value) if value.is_integer() and -EXACT < value < EXACT else value


def _clock(value: dt.time | dt.timedelta) -> str:
    if isinstance(value, dt.time):
        value = dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    hours, seconds = divmod(int(value.total_seconds()), 3_600)
    return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"


def delimiter(data: bytes, encoding: str) -> str:
    """Take the separator that the first line with text has most of."""
    lines = data[:65_536].decode(encoding, "ignore").splitlines()
    first = next((line for line in lines if line.strip()), "")
    return max((",", "\t", ";", "|"), key=first.count)


def records(data: bytes, encoding: str) -> Iterator[tuple[list[str], int]]:
    """The records of a text table, each with the number of its last line."""
    csv.field_size_limit(FIELD)
    lines = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    reader = csv.reader(lines, delimiter=delimiter(data, encoding), strict=True)
    try:
        for record in reader:
            yield record, reader.line_num
    except csv.Error:
        raise SheetError("bad_quotes", line=reader.line_num) from None


def _read_text(data: bytes, limits: dict[str, float]) -> Iterator[bytes]:
    """Give a text table; its ragged records are filled up with empty cells, a guarding apostrophe is taken off."""
    encoding = guard.encoding(data)
    width = _measure(data, encoding, limits)
    yield orjson.dumps({"name": "", "others": [], "format": "csv"})
    yield from _chunks((_unguarded(record, width) for record, _ in records(data, encoding)), [])


def _measure(data: bytes, encoding: str, limits: dict[str, float]) -> int:
    rows = width = 0
    for rows, (record, _) in enumerate(records(data, encoding), 1):
        width = max(width, len(record))
        for size, name in ((rows, "rows"), (width, "columns"), (rows * width, "cells")):
            if size > limits[name]:
                raise SheetError(f"too_many_{name}", limit=limits[name])
    if width == 0:
        raise SheetError("no_rows")
    return width


def _unguarded(record: list[str], width: int) -> Row:
    if any(cell[:1] == "'" for cell in record):
        record = [cell[1:] if cell[:1] == "'" and cell[1:2] in guard.RISKY else cell for cell in record]
    return record + [""] * (width - len(record))
