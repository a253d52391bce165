"""Parent side: rows as the XML of a sheet, a batch at a time, each column by its kind.

Text is always an inline string, so nothing a user typed can become a formula. Source: ECMA-376 Part 1 §18.3.1.4
(c), §22.9.2.19 (_xHHHH_ for characters that XML cannot hold); dates count days since 1899-12-30 (§18.17.4.1).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from yulan.kernel.sheets.errors import _
from yulan.kernel.sheets.parts import column_letters
from yulan.kernel.sheets.shapes import ColumnSpec

Say = Callable[[str], str]
Maker = Callable[[Sequence[Any], Sequence[int]], list[str]]
CELL_TEXT = 32_767
EXACT = 10**15
NUMERIC = frozenset((int, float, Decimal))
FIRST_DAY = dt.date(1900, 3, 1)
DAY_ZERO = dt.date(1899, 12, 30).toordinal()
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def row_maker(
    columns: Sequence[ColumnSpec], styles: Mapping[str, int], say: Say
) -> Callable[[Sequence[Sequence[Any]], int], bytes]:
    """Give a function (rows, number of the first row) → XML; `styles` has the cell style of each kind."""
    makers = [_maker(column_letters(index), column, styles, say) for index, column in enumerate(columns)]

    def make(rows: Sequence[Sequence[Any]], first: int) -> bytes:
        numbers = range(first, first + len(rows))
        made = [maker(values, numbers) for maker, values in zip(makers, zip(*rows, strict=True), strict=True)]
        starts = [f'<row r="{number}">' for number in numbers]
        return "".join(map("".join, zip(starts, *made, ["</row>"] * len(rows), strict=True))).encode()

    return make


def _maker(letters: str, column: ColumnSpec, styles: Mapping[str, int], say: Say) -> Maker:
    """The cells of one column; a value that does not fit the column's kind is written as text."""
    labels = dict(column.choices or ())
    words = {True: say(_("Yes")), False: say(_("No"))}
    text_style = f's="{styles["text"]}" t="inlineStr"'
    number_style = f's="{styles.get(column.kind, styles["plain"])}"'

    def text(value: Any, number: int) -> str:
        shown = str(words[value] if isinstance(value, bool) else value)
        if not shown:
            return ""
        space = ' xml:space="preserve"' if shown[0].isspace() or shown[-1].isspace() else ""
        return f'<c r="{letters}{number}" {text_style}><is><t{space}>{escaped(shown)}</t></is></c>'

    def texts(values: Sequence[Any], numbers: Sequence[int]) -> list[str]:
        if labels:
            values = [labels.get(value, value) for value in values]
        return ["" if value is None else text(value, number) for value, number in zip(values, numbers, strict=True)]

    def counts(values: Sequence[Any], numbers: Sequence[int]) -> list[str]:
        start = f'<c r="{letters}'
        return [
            f'{start}{number}" {number_style}><v>{value}</v></c>'
            if type(value) in NUMERIC and -EXACT < value < EXACT
            else "" if value is None else text(value, number)
            for value, number in zip(values, numbers, strict=True)
        ]  # fmt: skip

    def day(value: Any, number: int) -> str:
        moment = isinstance(value, dt.datetime)
        date = value.date() if moment else value
        if not isinstance(date, dt.date) or date < FIRST_DAY:
            return text(value, number)
        style = styles["moment" if moment else "date"]
        return f'<c r="{letters}{number}" s="{style}"><v>{_serial(value)}</v></c>'

    if column.kind in ("integer", "decimal", "money", "year"):
        return counts
    return _each(day) if column.kind == "date" else texts


def _each(one: Callable[[Any, int], str]) -> Maker:
    """Make the cells of a column one by one."""

    def each(values: Sequence[Any], numbers: Sequence[int]) -> list[str]:
        return ["" if value is None else one(value, number) for value, number in zip(values, numbers, strict=True)]

    return each


def _serial(value: dt.date) -> float:
    """A date or moment as a workbook counts it: days since the end of 1899."""
    days: float = value.toordinal() - DAY_ZERO
    if isinstance(value, dt.datetime):
        days += (value.hour * 3_600 + value.minute * 60 + value.second) / 86_400
    return days


def escaped(text: str) -> str:
    """A text as the content of an element, with what XML cannot hold as _xHHHH_ and at most as long as a cell."""
    if len(text) > CELL_TEXT:
        text = clipped(text)
    if "_x" in text:
        text = LOOKS_ESCAPED.sub("_x005F_", text)
    if not text.isprintable():
        text = ILLEGAL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clipped(text: str) -> str:
    """A text no longer than a cell holds; “…” tells that there was more."""
    return text if len(text) <= CELL_TEXT else text[: CELL_TEXT - 1] + "…"
