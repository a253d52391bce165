"""Working days of China: Monday to Friday, except the announced holidays, and the announced make-up days.

The days are rows that staff may edit: the State Council announces next year's each autumn. For a year without
rows only weekends count, and `Calendar.unannounced` says so. The day after the start is day 1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from importlib.metadata import version

from chinese_calendar.constants import holidays, workdays
from django.db import models

from yulan.kernel.records import Record
from yulan.kernel.text import Bilingual, _, both
from yulan.kernel.trail import TrailEntry, version_of

_DAY = timedelta(days=1)
_SATURDAY = 5
FESTIVALS = {
    "New Year's Day": both("元旦", "New Year's Day"),
    "Spring Festival": both("春节", "Spring Festival"),
    "Tomb-sweeping Day": both("清明节", "Tomb-sweeping Day"),
    "Labour Day": both("劳动节", "Labour Day"),
    "Dragon Boat Festival": both("端午节", "Dragon Boat Festival"),
    "Mid-autumn Festival": both("中秋节", "Mid-autumn Festival"),
    "National Day": both("国庆节", "National Day"),
    "Anti-Fascist 70th Day": both("抗战胜利70周年纪念日", "70th Anniversary of Victory Day"),
}


class Holiday(Record):
    """A day off, or a make-up working day, as announced for the year `edition`."""

    date = models.DateField(_("Date"), unique=True)
    is_workday = models.BooleanField(_("Make-up working day"), default=False)
    name = models.CharField(_("Name"), max_length=60)
    edition = models.PositiveSmallIntegerField(_("Announced for the year"))
    source = models.CharField(_("Source"), max_length=200, blank=True)

    class Meta:
        app_label = "kernel"
        ordering = ("date",)
        verbose_name = _("Holiday")
        verbose_name_plural = _("Holidays")

    def __str__(self) -> str:
        return f"{self.date} {self.name}"

    @property
    def festival(self) -> Bilingual:
        """Give the festival's name in both languages, where it is one of the usual ones."""
        usual = (names for names in FESTIVALS.values() if self.name in (names.zh, names.en))
        return next(usual, both(self.name, self.name))


@dataclass(frozen=True)
class Calendar:
    """Exceptions to Monday–Friday (day → whether one works) and the years that are announced. Pure."""

    exceptions: dict[date, bool]
    years: frozenset[int]

    @classmethod
    def of(cls, rows: Iterable[tuple[date, bool, int]]) -> "Calendar":
        """Build from rows of (date, is_workday, edition)."""
        kept = list(rows)
        return cls({day: works for day, works, _year in kept}, frozenset(year for _d, _w, year in kept))

    def is_workday(self, day: date) -> bool:
        """Say whether people work on a day."""
        return self.exceptions.get(day, day.weekday() < _SATURDAY)

    def add_workdays(self, start: date, count: int) -> date:
        """Give the working day number `count` after `start`; `start` itself for 0. ValueError below 0."""
        if count < 0:
            raise ValueError(f"a period of {count} working days has no end")
        day = start
        while count:
            day += _DAY
            count -= self.is_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.workdays_between(end, start)
        return sum(self.is_workday(start + _DAY * n) for n in range(1, (end - start).days + 1))

    def unannounced(self, start: date, end: date) -> tuple[int, ...]:
        """Give the years from `start` to `end` of which only weekends are known; empty: the count is sure."""
        return tuple(year for year in range(start.year, end.year + 1) if year not in self.years)

    @cached_property
    def until_known(self) -> date | None:
        """Give the last day of the last announced year; None when no year is."""
        return date(max(self.years), 12, 31) if self.years else None


def load_holidays() -> Iterator[Holiday]:
    """Give unsaved rows for every year that the package chinesecalendar knows (2004 on)."""
    source = f"国务院办公厅节假日安排通知 (chinesecalendar {version('chinesecalendar')})"
    days = [(day, name, False) for day, name in holidays.items()]
    days += [(day, name, True) for day, name in workdays.items()]
    for day, name, works in sorted(days):
        eve = name == "New Year's Day" and day.month == 12
        title = FESTIVALS[name].zh if name in FESTIVALS else name
        yield Holiday(date=day, is_workday=works, name=title, edition=day.year + eve, source=source)


def calendar() -> Calendar:
    """Give the calendar of the table as it is now; read again only after an edit."""
    seq = version_of(Holiday)
    return _calendar(TrailEntry.objects.values_list("hash", flat=True).get(seq=seq) if seq else "")


@lru_cache(maxsize=2)
def _calendar(_state: str) -> Calendar:
    return Calendar.of(Holiday.objects.values_list("date", "is_workday", "edition"))


def add_workdays(start: date, count: int) -> date:
    """Give the working day number `count` after `start`, by the table: 2007-04-06 + 20 → 2007-05-09."""
    return calendar().add_workdays(start, count)


def workdays_between(start: date, end: date) -> int:
    """Count the working days after `start` up to and including `end`, by the table."""
    return calendar().workdays_between(start, end)
