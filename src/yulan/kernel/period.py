"""The house's day; years, quarters, months and five-year plans; how people write and read days; dated rows."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NUMERALS = {**{c: i for i, c in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0, "Ｏ": 0, "两": 2}
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}


def today() -> date:
    """Give the house's day: what deadlines, ages, dated rules and the dates offered in forms go by.

    The calendar's day, except in demonstration mode, where `settings.TODAY` names one. Evidence (trail, sessions,
    tokens, files) never asks here but keeps the computer's clock.
    """
    return settings.TODAY or timezone.localdate()


def now() -> datetime:
    """Give the house's day with the time of day: what something drawn now is “as of”."""
    return datetime.combine(today(), timezone.localtime().timetz())


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A stretch of whole days, both ends included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it begins ({self.start})")

    @classmethod
    def year(cls, year: int, until: int | None = None) -> "Period":
        """Give a calendar year, or the years up to and including `until`."""
        return cls(date(year, 1, 1), date(until or year, 12, 31))

    @classmethod
    def quarter(cls, year: int, quarter: int) -> "Period":
        """Give a quarter, 1 to 4."""
        if quarter not in (1, 2, 3, 4):
            raise ValueError(f"a year has quarters 1 to 4, not {quarter}")
        return cls(date(year, 3 * quarter - 2, 1), _month_end(year, 3 * quarter))

    @classmethod
    def month(cls, year: int, month: int) -> "Period":
        """Give a calendar month."""
        return cls(date(year, month, 1), _month_end(year, month))

    @classmethod
    def five_year_plan(cls, number: int) -> "Period":
        """Give the years of a five-year plan: 10 (“十五”) is 2001–2005. 1963–1965 belonged to none."""
        if not 1 <= number <= 99:
            raise ValueError(f"there is no five-year plan number {number}")
        first = 1953 + 5 * (number - 1) + (3 if number > 2 else 0)
        return cls.year(first, first + 4)

    @property
    def days(self) -> int:
        """Count the days."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        """Say whether a day lies in the period."""
        return self.start <= day <= self.end

    def overlap(self, other: "Period") -> "Period | None":
        """Give the days in both; None when there are none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start <= end else None

    def years(self) -> range:
        """Give the calendar years that the period touches."""
        return range(self.start.year, self.end.year + 1)

    def label(self, lang: str) -> str:
        """Name the period as people do: “十一五”（2006–2010年）, 2006年第一季度; in English, Q1 2006."""
        return _label_en(self) if lang.startswith("en") else _label_zh(self)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def plan_number(period: Period) -> int | None:
    """Give the number of the five-year plan whose years a period is; None when it is not one."""
    year = period.start.year
    number = (year - 1953) // 5 + 1 if year < 1963 else (year - 1956) // 5 + 1
    return number if 1 <= number <= 99 and period == Period.five_year_plan(number) else None


def _shape(period: Period) -> str:
    """Recognise the smallest usual stretch that the period is."""
    first, last = period.start, period.end
    if period == Period.month(first.year, first.month):
        return "month"
    if period == Period.quarter(first.year, (first.month + 2) // 3):
        return "quarter"
    if period == Period.year(first.year):
        return "year"
    if plan_number(period):
        return "plan"
    return "years" if period == Period.year(first.year, last.year) else "days"


def _label_zh(period: Period) -> str:
    first, last = period.start, period.end
    match _shape(period):
        case "month":
            return f"{first.year}年{first.month}月"
        case "quarter":
            return f"{first.year}年第{'一二三四'[first.month // 3]}季度"
        case "year":
            return f"{first.year}年"
        case "plan":
            return f"“{_numeral(plan_number(period) or 0)}五”（{first.year}–{last.year}年）"
        case "years":
            return f"{first.year}–{last.year}年"
    return f"{show_date(first, 'zh')}至{show_date(last, 'zh')}"


def _label_en(period: Period) -> str:
    first, last = period.start, period.end
    match _shape(period):
        case "month":
            return f"{MONTHS[first.month - 1]} {first.year}"
        case "quarter":
            return f"Q{first.month // 3 + 1} {first.year}"
        case "year":
            return f"{first.year}"
        case "plan":
            return f"{_ordinal(plan_number(period) or 0)} Five-Year Plan ({first.year}–{last.year})"
        case "years":
            return f"{first.year}–{last.year}"
    return f"{show_date(first, 'en')} – {show_date(last, 'en')}"


def _numeral(number: int) -> str:
    """Write 1 to 99 as 一, 十, 十一, 二十, 二十一."""
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return ("" if not tens else "十" if tens == 1 else f"{digits[tens]}十") + (digits[ones] if ones else "")


def _ordinal(number: int) -> str:
    suffix = "th" if number // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _number(text: str) -> int:
    """Read Arabic digits, Chinese digits read one by one (二〇〇七) or a numeral below 100 (二十八)."""
    if text.isdigit() and text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if ten:
        return 10 * (_NUMERALS[tens] if tens else 1) + (_NUMERALS[ones] if ones else 0)
    return int("".join(str(_NUMERALS[char]) for char in text))


_D = "[0-9〇零○Ｏ一二三四五六七八九十]"
_YEAR = "(?P<y>[0-9]{4}|[〇零○Ｏ一二三四五六七八九]{4})"
_ONE = f"{_D}{{1,3}}"
_CLOCK = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}年(?P<m>{_ONE})月(?:(?P<d>{_ONE})[日号])?",
        rf"(?P<y>[0-9]{{4}})(?P<s>[-/.])(?P<m>[0-9]{{1,2}})(?:(?P=s)(?P<d>[0-9]{{1,2}}){_CLOCK})?",
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        rf"(?P<d>[0-9]{{1,2}}) (?P<m>{'|'.join(MONTHS)}) (?P<y>[0-9]{{4}})",
    )
)
_SERIALS = range(10_000, 2_958_466)  # 1927-05-18 to 9999-12-31
_EPOCH = date(1899, 12, 30)


def parse_date(value: object) -> date:
    """Read a date: 2010年6月18日, 2010-06-18, 2010/6/18, 2010.6, 20100618, 18 June 2010, 二〇〇七年三月二十八日,
    an Excel serial number, a date or a date with a time (the time is dropped).

    A month alone gives its first day. ValueError says what to write instead.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _serial(value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a date: write it as 2010-06-18")
    text = _tidy(value)
    for pattern in _DATES:
        if len(text) <= 40 and (found := pattern.fullmatch(text)):
            return _date(value, found.groupdict())
    raise ValueError(f"{value[:40]!r} is not a date: write it as 2010-06-18 or 2010年6月18日")


def _tidy(text: str) -> str:
    narrow = re.sub(r"\s+", " ", text.translate(_NARROW | {0xFF2F: "Ｏ"})).strip()
    return re.sub(r" ?([年月日号至]) ?", r"\1", narrow)


def _date(written: str, parts: dict[str, str | None]) -> date:
    year, month, day = parts["y"] or "", parts["m"] or "", parts.get("d")
    try:
        number = MONTHS.index(month) + 1 if month in MONTHS else _number(month)
        return date(_number(year), number, _number(day) if day else 1)
    except (ValueError, KeyError):
        raise ValueError(f"{written[:40]!r} is not a day of the calendar") from None


def _serial(value: int | float) -> date:
    if not isfinite(value) or int(value) not in _SERIALS:
        raise ValueError(f"{value} is not a date: format the cell as a date, or write it as text (2010-06-18)")
    return _EPOCH + timedelta(days=int(value))


def show_date(day: date, lang: str) -> str:
    """Write a date: 2010年6月18日, or in English 18 June 2010."""
    if lang.startswith("en"):
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def _from_plan(found: re.Match[str]) -> Period:
    plan = Period.five_year_plan(_number(found["n"]))
    if found["y"] and plan != Period.year(int(found["y"]), int(found["until"])):
        raise ValueError(f"that plan ran {plan.start.year}–{plan.end.year}")
    return plan


def _from_quarter(found: re.Match[str]) -> Period:
    return Period.quarter(_number(found["y"]), _number(found["q"]))


def _from_month(found: re.Match[str]) -> Period:
    named = found["m"] in MONTHS
    return Period.month(_number(found["y"]), MONTHS.index(found["m"]) + 1 if named else _number(found["m"]))


def _from_years(found: re.Match[str]) -> Period:
    return Period.year(_number(found["y"]), _number(found["until"] or found["y"]))


_TO = "(?:–|—|~|至|到| – )"
_YEARS = r"(?:\((?P<y>[0-9]{4})[–-](?P<until>[0-9]{4})年?\))?"
_PERIODS = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"[“\"‘]?(?P<n>[一二三四五六七八九十]{{1,3}})五[”\"’]?(?:计划|规划|时期|期间)?{_YEARS}", _from_plan),
        (rf"(?P<n>[0-9]{{1,2}})(?:st|nd|rd|th) Five-Year Plan ?{_YEARS}", _from_plan),
        (rf"{_YEAR}年?第?(?P<q>[1-4一二三四])季度?", _from_quarter),
        (r"(?P<y>[0-9]{4})[- ]?Q(?P<q>[1-4])", _from_quarter),
        (r"Q(?P<q>[1-4]) (?P<y>[0-9]{4})", _from_quarter),
        (rf"{_YEAR}年(?P<m>{_ONE})月", _from_month),
        (r"(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})", _from_month),
        (rf"(?P<m>{'|'.join(MONTHS)}) (?P<y>[0-9]{{4}})", _from_month),
        (rf"{_YEAR}年?度?(?:(?:{_TO}|-)(?P<until>[0-9]{{4}})年?度?)?", _from_years),
    )
)


def parse_period(text: str) -> Period:
    """Read a period as `Period.label` writes it, in either language, and in the other usual ways.

    2006年, 2006年度, 2001–2005年, 2006年第一季度, 2006Q1, 2006年3月, 2006-03, “十一五”, 十五计划, 11th Five-Year Plan,
    2006-01-01至2010-06-18 and a single day. ValueError says what to write instead.
    """
    plain = _tidy(text) if len(text) <= 80 else ""
    try:
        for pattern, build in _PERIODS:
            if found := pattern.fullmatch(plain):
                return build(found)
        first, to, last = _split(plain)
        start = parse_date(first)
        return Period(start, parse_date(last) if to else start)
    except (ValueError, KeyError) as error:
        example = "write 2006, 2006Q1, 2006-03, “十一五” or 2006-01-01至2006-06-30"
        raise ValueError(f"{text[:40]!r} is not a period: {example} ({error})") from None


def _split(text: str) -> tuple[str, str, str]:
    marks = (mark for mark in (" – ", "至", "到", "–", "—", "~") if mark in text)
    return text.partition(next(marks, "至"))


def in_force(on: date, start: str = "valid_from", end: str = "valid_to") -> Q:
    """Give the condition that a dated row holds on a day: from `start` up to, but not on, `end`; empty is open."""
    begun = Q(**{f"{start}__lte": on}) | Q(**{f"{start}__isnull": True})
    lasting = Q(**{f"{end}__gt": on}) | Q(**{f"{end}__isnull": True})
    return begun & lasting


def valid_on(queryset: QuerySet[M, Any], on: date) -> QuerySet[M, Any]:
    """Keep the rows in force on a day."""
    return queryset.filter(in_force(on))
