"""Parent side: read a workbook that a user uploaded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import orjson

from yulan.kernel.sheets import confine
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.shapes import LIMITS, Cell, Limits, Sheet

Words = dict[str, str]


def read_workbook(data: bytes | Path, *, name: str = "", limits: Limits = LIMITS, sheet: str | None = None) -> Sheet:
    """Read one sheet of an xlsx, xlsm, xls, ods, csv or tsv file; what it is shows in the bytes, not in `name`.

    Without `sheet` it is the first visible one that has a cell. Macros are never run. Raises SheetError with a
    code of `errors.MESSAGES`; a hostile file costs its child about a second and never the caller.
    """
    read: Sheet | None = None
    words: list[Words] = []
    for letter, payload in confine.run("read", data, limits, sheet=sheet):
        content = orjson.loads(payload)
        if letter == b"H":
            read = Sheet(content["name"] or name, tuple(content["others"]), content["format"])
        elif read is not None:
            _append(read, words, *content)
    if read is None or not read.rows:
        raise SheetError("no_rows")
    return read


def _append(sheet: Sheet, words: list[Words], rows: int, columns: list[Any]) -> None:
    if not sheet.columns:
        sheet.columns = [[] for _ in columns]
        words += [{} for _ in columns]
    for whole, part, known in zip(sheet.columns, columns, words, strict=True):
        whole += _decoded(part, known)
    sheet.rows += rows


def _decoded(part: Any, known: Words) -> list[Cell]:
    """Undo `parse._column`; a word that repeats is kept once per column."""
    if isinstance(part, list):
        return part
    if "i" in part:
        table = [word if word is None else known.setdefault(word, word) for word in part["v"]]
        return [table[code] for code in part["i"]]
    values: list[Cell] = part["v"]
    dates: dict[str, Cell] = {}
    for place in part["d"]:
        text = str(values[place])
        if text not in dates:
            dates[text] = _date(text)
        values[place] = dates[text]
    return values


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
