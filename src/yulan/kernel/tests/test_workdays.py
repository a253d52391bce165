"""Working days: the golden dates of requirements §4.7, unannounced years, edits of the table."""

from datetime import date, timedelta

import pytest
from chinese_calendar import is_workday
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from yulan.kernel.access import SYSTEM
from yulan.kernel.trail import change_set
from yulan.kernel.workdays import Calendar, Holiday, add_workdays, calendar, load_holidays, workdays_between

KNOWN = Calendar.of((row.date, row.is_workday, row.edition) for row in load_holidays())
GOLDEN = [
    (date(2007, 4, 6), 20, date(2007, 5, 9)),
    (date(2024, 9, 25), 20, date(2024, 10, 28)),
    (date(2025, 9, 26), 20, date(2025, 10, 30)),
    (date(2026, 1, 26), 20, date(2026, 2, 28)),
    (date(2026, 9, 21), 5, date(2026, 9, 29)),
]
DAYS = st.dates(date(2003, 6, 1), date(2028, 6, 1))


@pytest.mark.parametrize(("start", "count", "end"), GOLDEN)
def test_the_golden_dates(start, count, end):
    assert KNOWN.add_workdays(start, count) == end
    assert KNOWN.workdays_between(start, end) == count
    assert KNOWN.unannounced(start, end) == ()


def test_every_known_day_agrees_with_the_package():
    day = date(2004, 1, 1)
    while day <= date(2026, 12, 31):
        assert KNOWN.is_workday(day) == is_workday(day), day
        day += timedelta(days=1)


@given(DAYS, st.integers(0, 60))
def test_adding_and_counting_agree(start, count):
    end = KNOWN.add_workdays(start, count)
    assert KNOWN.workdays_between(start, end) == count
    assert KNOWN.workdays_between(end, start) == -count
    assert end == start or KNOWN.is_workday(end)


@given(DAYS, DAYS, DAYS)
def test_counts_add_up(a, b, c):
    a, b, c = sorted((a, b, c))
    assert KNOWN.workdays_between(a, c) == KNOWN.workdays_between(a, b) + KNOWN.workdays_between(b, c)


def test_a_deadline_in_the_past_is_refused():
    with pytest.raises(ValueError, match="no end"):
        KNOWN.add_workdays(date(2007, 1, 1), -1)


def test_years_not_announced_count_weekends_and_say_so():
    last = max(KNOWN.years)
    assert KNOWN.until_known == date(last, 12, 31)
    assert KNOWN.add_workdays(date(last + 3, 5, 1), 5) == date(last + 3, 5, 8)
    assert KNOWN.unannounced(date(last, 12, 20), date(last + 1, 1, 10)) == (last + 1,)
    assert KNOWN.unannounced(date(2003, 1, 1), date(2004, 1, 1)) == (2003,)
    assert Calendar.of(()).until_known is None


def test_days_before_new_year_belong_to_the_next_year():
    editions = {row.date: row.edition for row in load_holidays()}
    assert editions[date(2007, 12, 30)] == editions[date(2007, 12, 29)] == 2008
    assert editions[date(2007, 10, 1)] == 2007
    assert min(KNOWN.years) == 2004


def test_festivals_are_named_in_both_languages():
    names = {row.date: row.festival for row in load_holidays()}
    assert names[date(2007, 2, 18)].in_("zh") == "春节"
    assert names[date(2007, 2, 18)].in_("en") == "Spring Festival"
    assert all(festival.zh != festival.en for festival in names.values())
    assert Holiday(name="进博会调休").festival.in_("en") == "进博会调休"


@pytest.fixture
def table(db):
    with change_set(by=SYSTEM) as cs:
        Holiday.objects.exists() or cs.insert_many(Holiday, list(load_holidays()))


@pytest.mark.usefixtures("table")
class TestTable:
    def test_the_golden_dates(self):
        for start, count, end in GOLDEN:
            assert add_workdays(start, count) == end
            assert workdays_between(start, end) == count

    def test_it_is_read_once_until_it_is_edited(self, django_assert_num_queries):
        before = calendar()
        with django_assert_num_queries(2):
            assert calendar() is before
        storm = date(2026, 9, 22)
        with change_set(by=SYSTEM, reason="typhoon") as cs:
            cs.create(Holiday(date=storm, name="台风停工", edition=2026))
        assert not calendar().is_workday(storm)
        assert add_workdays(date(2026, 9, 21), 5) == date(2026, 9, 30)

    def test_a_day_has_one_row(self):
        with pytest.raises(ValidationError), change_set(by=SYSTEM) as cs:
            cs.create(Holiday(date=date(2007, 10, 1), name="again", edition=2007))
