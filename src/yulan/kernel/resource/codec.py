"""How a value is read from a cell, a form or JSON, and shown on a page, in JSON and in a workbook: the base, text.

A model field may bring its own by a method `codec()`; otherwise `fields.codec_for` chooses by the field's class.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from yulan.kernel.money import Unit as MoneyUnit
from yulan.kernel.text import _

Cell = Any
Unit = str
TEXTUAL = frozenset((str, type(None)))


@dataclass(frozen=True, slots=True)
class View:
    """How the reader wants values shown: language and unit of money."""

    lang: str = "zh-hans"
    unit: MoneyUnit = "元"


def each(convert: Callable[..., Any], values: Sequence[Any], beside: Sequence[Any] | None = None) -> list[Any]:
    """Convert a column, with what stands beside it: equal values, which columns are full of, only once."""
    if beside is not None:
        values, one = list(zip(values, beside, strict=True)), convert
        convert = lambda pair: one(*pair)  # noqa: E731
    try:
        known = {value: convert(value) for value in set(values)}
    except TypeError:  # a list or a mapping cannot be looked up
        return list(map(convert, values))
    return [known[value] for value in values]


class Codec:
    """Text. Base of all codecs."""

    kind = "text"
    numeric = False
    as_is: Any = None
    """A read value that means "leave what is there", where people are shown less than is kept."""
    companion = ""
    """Name of another field of the same record that `show` needs (a region's date, a dictionary's edition)."""
    private = False
    """Of somebody's own: typed values never stand in an address or a draft."""
    finds = ""
    """Which kind of personal number (`secrets.PERSONAL`) finds a record by this field."""

    def __init__(self, field: models.Field[Any, Any] | None = None) -> None:
        self.field = field
        self.limit = getattr(field, "max_length", None)

    def parse(self, raw: Cell, unit: Unit = "") -> Any:
        """Read one value, not empty. Raises ValueError with what is wrong, in the reader's language."""
        text = raw if isinstance(raw, str) else str(raw)
        text = text.strip()
        if self.limit and len(text) > self.limit:
            raise ValueError(_("At most %(n)s characters.") % {"n": self.limit})
        if "\x00" in text:
            raise ValueError(_("The text holds a control character."))
        return text

    def parse_column(self, cells: Sequence[Cell], unit: Unit = "") -> tuple[list[Any], dict[int, str]]:
        """Read a column; empty cells give None. Give the values and, by index, what is wrong.

        Equal cells are read once: columns repeat themselves.
        """
        kinds = set(map(type, cells))
        if kinds <= TEXTUAL:  # what is only space is empty too
            cells = [cell and (cell.strip() or None) for cell in cells]
            if type(self).parse is Codec.parse and self._fit(set(cells)):
                return cells, {}
        keys: Sequence[Hashable] = cells
        if bool in kinds:  # True equals 1
            keys = [(cell,) if isinstance(cell, bool) else cell for cell in cells]
        known: dict[Hashable, Any] = {None: None, "": None}
        faults: dict[Hashable, str] = {}
        for key, cell in dict(zip(keys, cells, strict=True)).items():
            if key not in known:
                try:
                    known[key] = self.parse(cell, unit)
                except ValueError as error:
                    known[key], faults[key] = None, str(error)
        wrong = {index: faults[key] for index, key in enumerate(keys) if key in faults} if faults else {}
        return [known[key] for key in keys], wrong

    def _fit(self, texts: Iterable[str | None]) -> bool:
        """Say whether all texts, stripped, are as `parse` would give them."""
        filled = [text for text in texts if text]
        short = not self.limit or max(map(len, filled), default=0) <= self.limit
        return short and not any("\x00" in text for text in filled)

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """Give the text a reader sees."""
        return "" if value is None else str(value)

    def shows(self, values: Sequence[Any], view: View, beside: Sequence[Any] | None = None) -> list[str]:
        """Give the texts of a column."""
        return each(lambda value, extra=None: self.show(value, view, extra), values, beside)

    def plain(self, value: Any) -> Any:
        """Give the JSON value."""
        return value

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Give the value of a workbook cell."""
        return value

    def plains(self, values: Sequence[Any]) -> Sequence[Any]:
        """Give the JSON values of a column."""
        return values if type(self).plain is Codec.plain else each(self.plain, values)

    def cells(self, values: Sequence[Any], beside: Sequence[Any] | None = None) -> Sequence[Any]:
        """Give the workbook cells of a column."""
        return values if type(self).cell is Codec.cell else each(self.cell, values, beside)

    def options(self) -> list[tuple[str, str]] | None:
        """Give (code, label) of every choice; None when the value is free."""
        return None

    def veil(self, text: str) -> str:
        """Give what stands in an address for a typed value of a filter."""
        return text

    def condition(self, path: str, values: Sequence[str]) -> Q:
        """Give the condition of a filter; ValueError when a value cannot be read."""
        return Q(**{f"{path}__in": [self.parse(value) for value in values]})


def one_of(model: type[models.Model]) -> str:
    """Give a model's singular label, as it stands in a sentence."""
    name = str(model._meta.verbose_name)
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def english(field: models.Field[Any, Any]) -> str:
    """Name the field that says the same in English; "" when there is none."""
    wanted = f"{field.name.removesuffix('_zh')}_en"
    return wanted if any(other.name == wanted for other in field.model._meta.concrete_fields) else ""
