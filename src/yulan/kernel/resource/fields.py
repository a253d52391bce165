"""Codecs: how one kind of value is read from a cell, a form or JSON, and shown on a page, in JSON and in a workbook.

A model field may bring its own by a method `codec()`; otherwise `codec_for` chooses by the field's class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from yulan.kernel.lifecycle import Lifecycle
from yulan.kernel.money import FEN_OF, MoneyField, fen, show_money, yuan
from yulan.kernel.money import Unit as MoneyUnit
from yulan.kernel.period import Period, parse_date, show_date
from yulan.kernel.text import Bilingual, _

Cell = Any
Unit = str
CENT = yuan(1)


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
        keys: Sequence[Hashable] = cells
        if bool in set(map(type, cells)):  # True equals 1
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


class Integer(Codec):
    """A whole number."""

    kind, numeric = "integer", True

    def parse(self, raw: Cell, unit: Unit = "") -> int:
        """Read digits, with thousands separators or a whole float."""
        if isinstance(raw, bool):
            raise ValueError(_("Not a whole number."))
        try:
            number = Decimal(str(raw).replace(",", "").strip())
            if number != int(number) or abs(number) >= 2**63:
                raise ValueError
        except (InvalidOperation, ValueError, OverflowError):
            raise ValueError(_("Not a whole number.")) from None
        if isinstance(self.field, models.PositiveIntegerField) and number < 0:
            raise ValueError(_("Must not be below 0."))
        return int(number)

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """With thousands separators."""
        return "" if value is None else f"{value:,}"


class Year(Integer):
    """A year: no separators."""

    kind = "year"

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """Four digits."""
        return "" if value is None else str(value)


class Number(Codec):
    """An exact decimal number."""

    kind, numeric = "decimal", True

    def parse(self, raw: Cell, unit: Unit = "") -> Decimal:
        """Read digits."""
        try:
            number = Decimal(str(raw).replace(",", "").replace("%", "").strip())
            if not number.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            raise ValueError(_("Not a number.")) from None
        places = getattr(self.field, "decimal_places", 6) or 0
        digits = getattr(self.field, "max_digits", 20) or 20
        rounded = round(number, places)
        if rounded != number:
            raise ValueError(_("At most %(n)s decimals.") % {"n": places})
        if rounded.adjusted() >= digits - places:
            raise ValueError(_("The number is too large."))
        return rounded

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """With thousands separators, without trailing zeros."""
        text = "" if value is None else f"{value:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def plain(self, value: Any) -> Any:
        """As text: JSON numbers are not exact."""
        return None if value is None else str(value)


class Money(Codec):
    """An amount in fen; cells are in 元 unless the heading names another unit."""

    kind, numeric = "money", True

    def parse(self, raw: Cell, unit: Unit = "") -> int:
        """Read an amount exactly."""
        if unit and unit not in FEN_OF:
            raise ValueError(_("The unit “%(unit)s” is not known; use 元, 万元 or 亿元.") % {"unit": unit[:12]})
        exact = Decimal(repr(raw)) if isinstance(raw, float) else raw
        try:
            amount = fen(exact, unit or "元")  # type: ignore[arg-type]
        except ValueError:
            raise ValueError(_("Not an amount, or finer than one fen.")) from None
        if amount < 0 and not getattr(self.field, "signed", False):
            raise ValueError(_("Must not be below 0."))
        return amount

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """In the reader's unit."""
        return "" if value is None else show_money(value, view.unit)

    def plain(self, value: Any) -> Any:
        """Yuan as text, exact."""
        return None if value is None else f"{value / 100:.2f}" if abs(value) < 2**50 else str(yuan(value))

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Yuan."""
        return None if value is None else yuan(value)

    def cells(self, values: Sequence[Any], beside: Sequence[Any] | None = None) -> Sequence[Any]:
        """Yuan of a column; amounts hardly repeat themselves."""
        return [None if value is None else CENT * value for value in values]


class Day(Codec):
    """A date."""

    kind = "date"

    def parse(self, raw: Cell, unit: Unit = "") -> date:
        """Read 2010-06-18, 2010/6/18, 2010年6月18日 or a date cell."""
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, date):
            return raw
        try:
            return date.fromisoformat(raw) if isinstance(raw, str) and len(raw) == 10 else parse_date(raw)
        except (ValueError, TypeError):
            pass
        try:
            return parse_date(str(raw))
        except ValueError:
            raise ValueError(_("Not a date; write 2010-06-18.")) from None

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """2010年6月18日, or 18 June 2010."""
        return "" if value is None else show_date(value, view.lang)

    def plain(self, value: Any) -> Any:
        """ISO 8601."""
        return value and value.isoformat()

    def condition(self, path: str, values: Sequence[str]) -> Q:
        """Exactly that day."""
        return Q(**{f"{path}__in": [self.parse(value) for value in values]})


class Month(Day):
    """A month, kept as its first day."""

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """2010年6月, or June 2010."""
        return "" if value is None else Period.month(value.year, value.month).label(view.lang)


class Moment(Codec):
    """A point in time; never typed in."""

    kind = "moment"

    def parse(self, raw: Cell, unit: Unit = "") -> datetime:
        """Read ISO 8601."""
        try:
            moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        except ValueError:
            raise ValueError(_("Not a point in time.")) from None
        return moment if moment.tzinfo else timezone.make_aware(moment)

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """Local time to the minute: 2010年6月18日 14:05, or 18 June 2010 14:05."""
        if value is None:
            return ""
        local = timezone.localtime(value)
        return f"{show_date(local.date(), view.lang)} {local:%H:%M}"

    def plain(self, value: Any) -> Any:
        """ISO 8601."""
        return value and value.isoformat()

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Local time as text."""
        return value and f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"


class YesNo(Codec):
    """Yes or no."""

    kind = "bool"
    words: Mapping[str, bool] = {
        **dict.fromkeys(("true", "yes", "1", "是", "on", "y", "√"), True),
        **dict.fromkeys(("false", "no", "0", "否", "off", "n", "×"), False),
    }

    def parse(self, raw: Cell, unit: Unit = "") -> bool:
        """Read 是/否, yes/no, true/false, 1/0."""
        if isinstance(raw, bool):
            return raw
        try:
            return self.words[str(raw).strip().lower()]
        except KeyError:
            raise ValueError(_("Write yes or no.")) from None

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """Yes or no."""
        return "" if value is None else str(_("yes") if value else _("no"))

    def options(self) -> list[tuple[str, str]]:
        """Both."""
        return [("true", str(_("yes"))), ("false", str(_("no")))]

    def cell(self, value: Any, extra: Any = None) -> Any:
        """Word."""
        return None if value is None else self.show(value, View())


class Choice(Codec):
    """One of a list: accepts the code and the label in either language."""

    kind = "choice"

    def __init__(
        self,
        field: models.Field[Any, Any] | None = None,
        choices: Callable[[], Sequence[tuple[str, Any]]] | None = None,
    ) -> None:
        super().__init__(field)
        self._choices = choices or (lambda: field.flatchoices)  # type: ignore[union-attr]
        self._cache: dict[str | None, tuple[dict[str, str], dict[str, str]]] = {}

    def words(self) -> Mapping[str, str]:
        """Give label → code, in the active language, codes included."""
        return self._tables()[1]

    def _tables(self) -> tuple[dict[str, str], dict[str, str]]:
        lang = get_language()
        if lang not in self._cache:
            labels = {str(code): str(label) for code, label in self._choices()}
            self._cache[lang] = labels, {**{label: code for code, label in labels.items()}, **{c: c for c in labels}}
        return self._cache[lang]

    def parse(self, raw: Cell, unit: Unit = "") -> str:
        """Read a code or a label."""
        text = str(raw).strip()
        found = self.words().get(text)
        if found is None:
            raise ValueError(_("“%(text)s” is not in the list.") % {"text": text[:60]})
        return found

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """The label."""
        return "" if value in (None, "") else self._tables()[0].get(str(value), str(value))

    def cell(self, value: Any, extra: Any = None) -> Any:
        """The label."""
        return self.show(value, View())

    def options(self) -> list[tuple[str, str]]:
        """All of them."""
        return list(self._tables()[0].items())


class StateCodec(Choice):
    """A lifecycle's state."""

    kind = "state"

    def __init__(self, lifecycle: Lifecycle, field: models.Field[Any, Any]) -> None:
        super().__init__(field, lifecycle.choices)
        self.lifecycle = lifecycle


def _possible(keys: Iterable[str]) -> list[str]:
    """Leave out keys that no record can have: PostgreSQL refuses to be asked for them."""
    return [key for key in keys if "\x00" not in key]


class Reference(Codec):
    """Another record, named by its key."""

    kind = "reference"

    def __init__(self, field: models.ForeignKey[Any, Any], key: str) -> None:
        super().__init__(field)
        self.limit = None
        self.target: type[models.Model] = field.related_model
        self.key = key

    def _pks(self, keys: Collection[str]) -> dict[str, int]:
        """Look up keys, one query for nine hundred."""
        wanted = _possible(keys)
        found: dict[str, int] = {}
        for start in range(0, len(wanted), 900):
            rows = self.target._default_manager.filter(**{f"{self.key}__in": wanted[start : start + 900]})
            found.update((str(key), pk) for key, pk in rows.values_list(self.key, "pk"))
        return found

    def _absent(self, key: str) -> str:
        return _("There is no %(kind)s “%(key)s”.") % {"kind": self.target._meta.verbose_name, "key": key[:60]}

    def parse(self, raw: Cell, unit: str = "") -> int:
        """Read a key; give the target's primary key."""
        text = str(raw).strip()
        found = self._pks([text])
        if text not in found:
            raise ValueError(self._absent(text))
        return found[text]

    def parse_column(self, cells: Sequence[Cell], unit: str = "") -> tuple[list[Any], dict[int, str]]:
        """Read a column of keys."""
        keys = [None if cell in (None, "") else str(cell).strip() for cell in cells]
        found = self._pks({key for key in keys if key})
        wrong = {index: self._absent(key) for index, key in enumerate(keys) if key and key not in found}
        return [found.get(key) if key else None for key in keys], wrong

    def condition(self, path: str, values: Sequence[str]) -> Q:
        """By key."""
        return Q(**{f"{path}__{self.key}__in": _possible(values)})

    @cached_property
    def name(self) -> models.Field[Any, Any] | None:
        """Give the field that names a record of the target, in Chinese where it has two; None: its key does."""
        fields = {field.name: field for field in self.target._meta.concrete_fields}
        named = (fields[name] for name in ("name_zh", "title_zh", "name", "title") if name in fields)
        plain = (one for one in named if type(codec_for(one)) is Codec)
        return next((one for one in plain if english(one) or one.name == "name"), None)

    def called(self, keys: Collection[str]) -> dict[str, str]:
        """Give key → what the record is called in the active language; a key that names none is left out."""
        rows = self.target._default_manager.filter(**{f"{self.key}__in": _possible(keys)[:900]})
        return {str(getattr(row, self.key)): str(row) for row in rows}


class Name(Codec):
    """A name kept in Chinese with the English one beside it: shown in the reader's language, the other if blank."""

    def __init__(self, field: models.Field[Any, Any]) -> None:
        super().__init__(field)
        self.companion = english(field)

    def show(self, value: Any, view: View, extra: Any = None) -> str:
        """Give the reader's."""
        return Bilingual(value or "", extra or "").in_(view.lang)


def english(field: models.Field[Any, Any]) -> str:
    """Name the field that says the same in English; "" when there is none."""
    wanted = f"{field.name.removesuffix('_zh')}_en"
    return wanted if any(other.name == wanted for other in field.model._meta.concrete_fields) else ""


def codec_for(field: models.Field[Any, Any]) -> Codec:
    """Choose the codec of a model field."""
    if hasattr(field, "codec"):
        found: Codec = field.codec()
        return found
    if field.choices:
        return Choice(field)
    if isinstance(field, MoneyField):
        return Money(field)
    if isinstance(field, models.IntegerField):
        return Year(field) if field.name.endswith("year") else Integer(field)
    if isinstance(field, models.DateField) and field.name == "month":
        return Month(field)
    for kind, codec in _BY_CLASS:
        if isinstance(field, kind):
            return codec(field)
    return Codec(field)


_BY_CLASS: tuple[tuple[type[models.Field[Any, Any]], type[Codec]], ...] = (
    (models.DecimalField, Number),
    (models.DateTimeField, Moment),
    (models.DateField, Day),
    (models.BooleanField, YesNo),
)
