"""Dates and periods as papers print them: 二〇〇七年三月二十八日, 2001—2005年, “十一五”, 到2010年."""

import re
from datetime import date

from yulan.plan.reader.numerals import han_number, narrow

_D = "[〇零○ＯO一二三四五六七八九十0-9]"
DATE = re.compile(
    rf"({_D}{{2,4}})\s?年\s?({_D}{{1,3}})\s?月\s?({_D}{{1,3}})\s?日|(\d{{4}})([-/.])(\d{{1,2}})\5(\d{{1,2}})(?!\d)"
)
_PLAN = "十五|十一五|十二五|十三五|十四五|十五五|九五|八五|七五|六五|五五|四五|三五"
_NTH = {"十五": 10, "十一五": 11, "十二五": 12, "十三五": 13, "十四五": 14, "十五五": 15, "九五": 9, "八五": 8,
        "七五": 7, "六五": 6, "五五": 5, "四五": 4, "三五": 3}  # fmt: skip
PERIOD = re.compile(
    rf"(?P<range>(?:19|20)\d\d年?\s?[—–\-－~～至到─]{{1,4}}\s?(?:19|20)\d\d年)"
    rf"|[“\"‘](?P<quoted>{_PLAN})[”\"’](?P<end>[期]?末|的?最后一年)?"
    rf"|(?P<bare>{_PLAN})(?=期间|时期|规划|计划|以来|期末|末|开局)"
    rf"|第(?P<nth>[一二三四五六七八九十]{{1,3}})个五年(?:规划|计划)"
    rf"|(?P<year>(?:19|20)\d\d)年(?!代|度?(?:初|前|生产总值)?以前)"
)


def find_date(text: str) -> date | None:
    """The first full date in the text, or None."""
    for found in DATE.finditer(narrow(text)):
        year, month, day = (found[1], found[2], found[3]) if found[1] else (found[4], found[6], found[7])
        parts = [_number(part) for part in (year, month, day)]
        try:
            return date(*parts)
        except ValueError:
            continue
    return None


def _number(text: str) -> int:
    text = text.replace("Ｏ", "〇").replace("O", "〇")
    if text.isdigit() and text.isascii():
        return int(text)
    return han_number(text) or 0


def five_years(nth: int) -> str:
    """The years of the n-th five-year plan (third and later): 10 → 2001–2005, 11 → 2006–2010."""
    first = 1966 + 5 * (nth - 3)
    return f"{first}–{first + 4}"


def period_of(found: "re.Match[str]") -> str:
    """The period a match of PERIOD names: a year, or first–last year."""
    if found["range"]:
        first, last = re.findall(r"\d{4}", found["range"])
        return f"{first}–{last}"
    if found["year"]:
        return found["year"]
    nth = _NTH.get(found["quoted"] or found["bare"] or "") or han_number(found["nth"] or "") or 0
    years = five_years(nth) if nth >= 3 else ""
    return years[-4:] if found["end"] else years


def last_period(text: str) -> str | None:
    """The last period the text names, or None. The text must be narrow."""
    periods = [period for found in PERIOD.finditer(text) if (period := period_of(found))]
    return periods[-1] if periods else None


def first_period(text: str) -> str | None:
    """The first period the text names, or None. The text must be narrow."""
    return next((period for found in PERIOD.finditer(text) if (period := period_of(found))), None)
