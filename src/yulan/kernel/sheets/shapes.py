"""What sheets hand over: the limits of a reading, the sheet that was read, the columns that are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Cell = str | int | float | bool | dt.date | dt.datetime | None
Kind = Literal["text", "integer", "decimal", "money", "date", "bool", "choice", "region", "year"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a workbook may ask for. CPU time counts in the child only and grows with the unpacked size."""

    file_bytes: int = 50_000_000
    unpacked_bytes: int = 300_000_000
    ratio: int = 100
    rows: int = 200_000
    columns: int = 200
    cells: int = 4_000_000
    memory_bytes: int = 480 * 1024 * 1024
    cpu_seconds: float = 1.0
    cpu_seconds_per_megabyte: float = 0.06
    wall_seconds: float = 120.0


LIMITS = Limits()


@dataclass(slots=True)
class Sheet:
    """One sheet, column by column from A1; `columns[c][r]` is None where nothing stands.

    Whole numbers are int, other numbers float, dates date or datetime, times and durations text (h:mm:ss).
    A cell with an error holds its text ("#DIV/0!"). Cells of a text file are str. Formulas give the values
    they had when the file was saved; of merged cells the first holds the value.
    """

    name: str
    others: tuple[str, ...]
    format: str
    columns: list[list[Cell]] = field(default_factory=list)
    rows: int = 0

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def row(self, index: int) -> tuple[Cell, ...]:
        """The cells of the row with this 0-based index."""
        return tuple(column[index] for column in self.columns)

    def iter_rows(self, start: int = 0) -> Iterator[tuple[Cell, ...]]:
        """The rows from the 0-based index `start` on."""
        return zip(*(column[start:] for column in self.columns), strict=True)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of an export or a template. `label` and `help` are already in the reader's language.

    Values: money is a Decimal in yuan (元), a date is a date or datetime, a choice is its code (written as its
    label) or any other text. `width` counts characters; 0 means by kind.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    choices: Sequence[tuple[str, str]] | None = None
    help: str = ""
    example: str = ""
    width: int = 0
