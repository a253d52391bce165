"""Money is a whole number of fen (1/100 yuan), in the database and in Python; never a float.

People write and read it in 元, 万元 or 亿元; receipts carry it in capital numerals (人民币大写, as annex 1
of 《支付结算办法》 has them); shares of a total add to exactly 100 (largest remainder).
"""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact
from typing import TYPE_CHECKING, Any, Literal, cast

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from yulan.kernel.text import Text, _

Unit = Literal["fen", "元", "万元", "亿元"]
FEN_OF: dict[str, int] = {"fen": 1, "元": 100, "万元": 10**6, "亿元": 10**10}
UNIT_LABELS: dict[str, Text] = {
    "fen": _("fen"),
    "元": _("CNY"),
    "万元": _("10k CNY"),
    "亿元": _("100m CNY"),
}
_PLACES = {"fen": 0, "元": 2, "万元": 6, "亿元": 10}
_MOST = 2**63 - 1
_NUMBERS = frozenset((float, int))
_EXACT = Context(prec=80, traps=[Inexact])
# Full-width ASCII only: NFKC would also turn a footnote mark such as ² into a digit.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xFFE5: "¥", 0x2212: "-"}
_AMOUNT = re.compile(r"¥?\s*([+-]?)\s*¥?\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(亿元|万元|元)?", re.ASCII)


def fen(value: str | int | Decimal, unit: Unit = "元") -> int:
    """Read an amount given in `unit` as fen, exactly.

    Text may use full-width digits, thousands separators, a leading ¥ and a trailing unit (which then wins).
    ValueError for a float, a fraction of a fen, anything that is not a number, and more than 64 bits hold.
    """
    if unit not in FEN_OF:
        raise ValueError(f"unknown unit {unit!r}: use one of {', '.join(FEN_OF)}")
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{value!r} is not an exact amount: give text, a whole number or a Decimal")
    number, unit = _read(value, unit) if isinstance(value, str) else (value, unit)
    found = _whole(number, unit)
    if found is None:
        raise ValueError(f"{value} {unit} is not a whole number of fen: at most {_PLACES[unit]} decimals")
    if abs(found) > _MOST:
        raise ValueError(f"{value} {unit} is too large for a ledger")
    return found


def fen_of_cell(number: float, unit: Unit = "元") -> int:
    """Read the number of a workbook's cell, which is a float, as the shortest decimal that it stands for.

    ValueError for a fraction of a fen, what is no number, and an unknown unit.
    """
    if abs(number) < 10**15 and unit in FEN_OF:
        found = round(number * FEN_OF[unit])
        # Of at most 15 digits only one decimal is nearest to a float: found / scale is its shortest one.
        if found / FEN_OF[unit] == number and abs(found) < 10**15:
            return found
    return fen(Decimal(repr(number)), unit)


def fen_of_cells(cells: Sequence[Any], unit: str = "元") -> tuple[list[int | None], list[int]]:
    """Read the numbers of a column as `fen_of_cell` does each; and say which cells have to be looked at one by one.

    Those are text, negative amounts and what is finer than a fen or has more than 15 digits; they stand as None.
    """
    scale = FEN_OF.get(unit, 0)
    found = [round(cell * scale) if type(cell) in _NUMBERS and 0 <= cell < 10**13 else None for cell in cells]
    pairs = enumerate(zip(found, cells, strict=True))
    odd = [
        index
        for index, (amount, cell) in pairs
        if cell is not None and (not scale or amount is None or amount >= 10**15 or amount / scale != cell)
    ]
    for index in odd:
        found[index] = None
    return found, odd


def _read(text: str, unit: Unit) -> tuple[Decimal, Unit]:
    plain = text.translate(_NARROW).strip()
    found = _AMOUNT.fullmatch(plain) if len(plain) <= 60 else None
    if found is None:
        raise ValueError(f"{text[:60]!r} is not an amount: write digits, for example 1,234.56")
    sign, digits, own = found.groups()
    return Decimal(sign + digits.replace(",", "")), cast(Unit, own or unit)


def _whole(number: int | Decimal, unit: Unit) -> int | None:
    """Give the number of fen, None when it is not whole; ValueError for what is no amount."""
    if isinstance(number, int):
        return number * FEN_OF[unit]
    if not number.is_finite():
        raise ValueError(f"{number} is not an amount")
    if not number:
        return 0
    if not -30 < number.adjusted() < 30:  # 1E+999999 would build a number of a million digits
        raise ValueError(f"{number} is out of range")
    try:
        exact = _EXACT.scaleb(number, _PLACES[unit])
    except Inexact:  # digits far below a fen
        return None
    found = int(exact)
    return found if found == exact else None


def yuan(fen: int) -> Decimal:
    """Fen in 元, exact: 123 → Decimal('1.23')."""
    return Decimal(fen).scaleb(-2)


def wan(fen: int) -> Decimal:
    """Fen in 万元, exact: 1_000_000 → Decimal('1.000000')."""
    return Decimal(fen).scaleb(-6)


def yi(fen: int) -> Decimal:
    """Fen in 亿元, exact: 41_300_000_000 → Decimal('4.1300000000')."""
    return Decimal(fen).scaleb(-10)


def show_money(fen: int, unit: Unit = "元", *, decimals: int | None = None) -> str:
    """Write fen in `unit` with thousands separators and no unit mark: 123456 → '1,234.56'.

    Without `decimals`: 元 with two, 万元 and 亿元 with as many as the exact amount needs.
    With: rounded half up.
    """
    exact = Decimal(fen).scaleb(-_PLACES[unit])
    if decimals is not None:
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60))
        return f"{rounded if rounded else abs(rounded):,f}"
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if unit in ("万元", "亿元") else text


def decimals_of(amounts: Iterable[int], unit: Unit) -> int:
    """Give how many decimals a column needs so that every amount in it is exact and all stand in line."""
    texts = (show_money(fen, unit).partition(".")[2] for fen in amounts)
    return max(map(len, texts), default=0)


_CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def capital(fen: int) -> str:
    """Write fen in capital numerals: 12345 → 壹佰贰拾叁元肆角伍分.

    As in the annex's examples, 整 follows 元 only, and a 0 at 元 before 角 is read: 1680.32 → …捌拾元零叁角贰分.
    ValueError from 10^16 元 on, for which there is no settled wording.
    """
    whole, rest = divmod(abs(fen), 100)
    if whole >= 10**16:
        raise ValueError("an amount from 10^16 yuan on has no wording in capital numerals")
    jiao, last = divmod(rest, 10)
    text = f"{_capital_integer(whole)}元" if whole or not rest else ""
    if not rest:
        text += "整"
    elif text and (not jiao or whole % 10 == 0):
        text += "零"
    text += f"{_CAPITALS[jiao]}角" if jiao else ""
    text += f"{_CAPITALS[last]}分" if last else ""
    return f"负{text}" if fen < 0 else text


def _capital_integer(n: int) -> str:
    for base, mark in ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾")):
        if n >= base:
            high, low = divmod(n, base)
            gap = "零" if 0 < low < base // 10 else ""
            return _capital_integer(high) + mark + gap + (_capital_integer(low) if low else "")
    return _CAPITALS[n]


def shares(parts: Sequence[int], decimals: int = 2) -> list[Decimal]:
    """Percentages of non-negative parts, adding to exactly 100 (largest remainder; a tie: the earlier part).

    Requirements C7: 4.13, 1.6, 4.29, 1.25 → 36.65, 14.20, 38.06, 11.09. All parts zero: all shares zero.
    """
    if any(part < 0 for part in parts):
        raise ValueError("a share of a negative part has no meaning")
    total, steps = sum(parts), 100 * 10**decimals
    if not total:
        return [Decimal(0).scaleb(-decimals) for _part in parts]
    cut = [divmod(part * steps, total) for part in parts]
    missing = steps - sum(whole for whole, _rest in cut)
    first = sorted(range(len(parts)), key=lambda i: -cut[i][1])[:missing]
    raised = set(first)
    return [Decimal(whole + (i in raised)).scaleb(-decimals) for i, (whole, _rest) in enumerate(cut)]


if TYPE_CHECKING:
    _WholeFen = models.BigIntegerField[Any, Any]  # a nullable one holds None
else:
    _WholeFen = models.BigIntegerField


class MoneyField(_WholeFen):
    """An amount in fen; never a float. Not negative, in forms and in the database, unless `signed=True`."""

    def __init__(self, *args: Any, signed: bool = False, **kwargs: Any) -> None:
        self.signed = signed
        if not signed:
            kwargs["validators"] = [*kwargs.get("validators", ()), MinValueValidator(0)]
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave the validator to __init__, so that a migration says only `signed`."""
        name, path, args, kwargs = super().deconstruct()
        if self.signed:
            kwargs["signed"] = True
        else:
            kept = [v for v in kwargs.pop("validators", ()) if v != MinValueValidator(0)]
            kwargs |= {"validators": kept} if kept else {}
        return name, path, args, kwargs

    def db_check(self, connection: BaseDatabaseWrapper) -> str | None:
        """Give the column its own CHECK; SQLite would otherwise keep 1.5 in an integer column."""
        column = connection.ops.quote_name(self.column or "")
        checks = [] if self.signed else [f"{column} >= 0"]
        if connection.vendor == "sqlite":
            checks.append(f"typeof({column}) IN ('integer', 'null')")
        return " AND ".join(checks) or None

    def to_python(self, value: Any) -> Any:
        """Whole fen only: BigIntegerField would cut 1.5 to 1."""
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
            return int(value)
        message = _("An amount is a whole number of fen, not %(value)s.")
        raise ValidationError(message, code="invalid", params={"value": value})

    def get_prep_value(self, value: Any) -> Any:
        """Refuse a float or Decimal on its way to the database."""
        if isinstance(value, float | Decimal | bool):
            raise TypeError(f"{self.name} takes whole fen, not {value!r}: use fen()")
        return super().get_prep_value(value)
