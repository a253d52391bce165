"""What a form is: columns, rows of cells that know their source, notes on calibre, and how full it is. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from yulan.kernel.records import canonical
from yulan.kernel.text import Text, _

Kind = Literal["text", "integer", "decimal", "money", "percent"]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column: `kind` says how its cells are written; `calibre` is the note under the table."""

    name: str
    label: Text
    kind: Kind = "text"
    width: int = 12
    calibre: Text = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its source: `source` in words, `url` to the rows it was drawn from.

    `missing` is True when nothing gives the value yet; `url` then leads to where it is entered.
    """

    value: Any
    source: Text = ""
    url: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Filled:
    """A form filled for one period: rows of cells, one cell per column."""

    code: str
    title: Text
    unit: Text
    period: Text
    columns: Sequence[FormColumn]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    notes: Sequence[Text] = field(default=())

    @property
    def cells(self) -> list[Cell]:
        """Give the cells that are to be filled: all but the first column, which names the row."""
        return [cell for row in self.rows for cell in row[1:]]

    @property
    def fill_rate(self) -> Decimal:
        """Give the share of cells that filled themselves, in percent."""
        cells = self.cells
        filled = sum(not cell.missing for cell in cells)
        return Decimal(filled * 100) / len(cells) if cells else Decimal(100)

    def content(self) -> str:
        """Give what the form says in the one form that is hashed."""
        rows = [[str(cell.value) if cell.value is not None else None for cell in row] for row in self.rows]
        return canonical({"form": self.code, "period": str(self.period), "rows": rows})


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its number in the catalogue (§6), title, and the function that fills it for a year.

    A form by regions is `mapped`: it names them as they were called in its year, or as on the day it is given.
    """

    code: str
    title: Text
    fill: Callable[[int, date | None], Filled]
    about: Text = ""
    mapped: bool = False


def sum_of(rows: Sequence[Sequence[Cell]], columns: Sequence[FormColumn]) -> list[Cell]:
    """Add up the columns of numbers; a column with a missing cell has a partial sum and says so."""
    found = [Cell(_("Total"))]
    for index, column in enumerate(columns[1:], 1):
        cells = [row[index] for row in rows]
        if column.kind == "text":
            found.append(Cell(""))
            continue
        known = [cell.value for cell in cells if cell.value is not None]
        partial = len(known) < len(cells)
        source: Text = _("Sum of the rows that are filled") if partial else _("Sum of the rows")
        found.append(Cell(sum(known) if known else None, source, missing=not known))
    return found
