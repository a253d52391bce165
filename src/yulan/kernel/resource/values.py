"""Codecs of numbers, amounts, days and yes or no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from yulan.kernel.money import FEN_OF, fen, fen_of_cell, fen_of_cells, show_money, yuan
from yulan.kernel.period import Period, parse_date, show_date
from yulan.kernel.resource.codec import Cell, Codec, Unit, View
from yulan.kernel.text import _

CENT = yuan(1)


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
        try:
            amount = fen_of_cell(raw, unit or "元") if isinstance(raw, float) else fen(raw, unit or "元")  # type: ignore[arg-type]
        except ValueError:
            raise ValueError(_("Not an amount, or finer than one fen.")) from None
        if amount < 0 and not getattr(self.field, "signed", False):
            raise ValueError(_("Must not be below 0."))
        return amount

    def parse_column(self, cells: Sequence[Cell], unit: Unit = "") -> tuple[list[Any], dict[int, str]]:
        """Read a column: its numbers all at once, what else there is one by one."""
        amounts, odd = fen_of_cells(cells, unit or "元")
        if len(odd) * 2 > len(cells):  # text repeats itself
            return super().parse_column(cells, unit)
        found, wrong = super().parse_column([cells[index] for index in odd], unit) if odd else ([], {})
        for index, amount in zip(odd, found, strict=True):
            amounts[index] = amount
        return amounts, {odd[place]: text for place, text in wrong.items()}

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
