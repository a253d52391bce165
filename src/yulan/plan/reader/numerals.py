"""Numerals as official papers print them (三百二十, 二〇〇七, １４９０, 1,490) and their exact decimal values."""

import re
from decimal import Decimal

DIGITS = {
    c: n for n, group in enumerate(("〇零○Ｏ", "一", "二两", "三", "四", "五", "六", "七", "八", "九")) for c in group
}
TENS = {"十": 10, "百": 100, "千": 1000}
SCALES = {
    "": 0,
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "千亿": 11,
    "万亿": 12,
}
"""Powers of ten of the scale words that stand before a unit (万元, 千万元, 万亿元)."""
HAN_NUMERAL = "〇零一二两三四五六七八九十百千万亿"
_FULL_WIDTH = {ord("０") + n: ord("0") + n for n in range(10)} | {
    ord("．"): ord("."),
    ord("％"): ord("%"),
    ord("－"): ord("-"),
}


def narrow(text: str) -> str:
    """Full-width digits, decimal point, percent and minus made narrow; one character for one, so offsets hold."""
    return text.translate(_FULL_WIDTH)


def han_number(text: str) -> int | None:
    """The integer a Chinese numeral denotes, or None if it is not one. 三百二十 → 320, 一百零八 → 108, 三万二 → 32000.

    A bare run of digits is read by place: 二〇〇七 → 2007.
    """
    if not text or any(c not in DIGITS and c not in TENS and c not in "万亿" for c in text):
        return None
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    text = text.lstrip("零〇")
    for scale, power in (("亿", 8), ("万", 4)):
        if scale in text:
            high, low = text.rsplit(scale, 1) if scale == "万" else text.split(scale, 1)
            return _scaled(high, low, power)
    return _below_ten_thousand(text)


def _scaled(high: str, low: str, power: int) -> int | None:
    above = han_number(high)
    below = 0 if not low else han_number(low)
    if above is None or below is None or below >= 10**power:
        return None
    if len(low) == 1 and low in DIGITS and DIGITS[low]:
        below *= 10 ** (power - 1)  # 三万二 says 32,000, 三万零二 says 30,002
    return above * int(10**power) + below


def _below_ten_thousand(text: str) -> int | None:
    total, last, zero = 0, 10_000, False
    digit: int | None = None
    for c in text:
        if c in TENS:
            if TENS[c] >= last or (digit is None and not (c == "十" and (not total or zero))) or digit == 0:
                return None
            total, digit, last, zero = total + (1 if digit is None else digit) * TENS[c], None, TENS[c], False
        elif DIGITS[c] == 0:
            if zero or digit is not None or not total:
                return None
            zero = True
        elif digit is not None:
            return None
        else:
            digit = DIGITS[c]
    if digit is None:
        return None if zero else total
    return total + digit * (last // 10 if last > 10 and last < 10_000 and not zero else 1)


def decimal_string(text: str) -> str:
    """A printed number as a decimal string: narrow digits, no thousands separators. “１,490” → “1490”."""
    return re.sub(r"[,\s]", "", narrow(text)).replace("−", "-")


def plain(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros: Decimal("1E+3") → "1000", Decimal("2.50") → "2.5"."""
    text = format(value, "f") if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text
