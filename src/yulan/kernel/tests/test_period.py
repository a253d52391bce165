"""Days, periods and dated rows as people write them."""

from datetime import date, datetime

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from yulan.kernel.period import Period, in_force, parse_date, parse_period, plan_number, show_date, valid_on

DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2010年6月18日", date(2010, 6, 18)),
        (" 2010 年 6 月 18 日 ", date(2010, 6, 18)),
        ("2010年06月18号", date(2010, 6, 18)),
        ("２０１０年６月１８日", date(2010, 6, 18)),
        ("2010-06-18", date(2010, 6, 18)),
        ("2010-6-18", date(2010, 6, 18)),
        ("2010/6/18", date(2010, 6, 18)),
        ("2010.6.18", date(2010, 6, 18)),
        ("20100618", date(2010, 6, 18)),
        ("18 June 2010", date(2010, 6, 18)),
        ("2010-06-18 00:00:00", date(2010, 6, 18)),
        ("2010-06-18T23:59", date(2010, 6, 18)),
        ("2010.6", date(2010, 6, 1)),
        ("2010.10", date(2010, 10, 1)),
        ("2010-06", date(2010, 6, 1)),
        ("2010年6月", date(2010, 6, 1)),
        ("二〇〇七年三月二十八日", date(2007, 3, 28)),
        ("二○○七年三月二十八日", date(2007, 3, 28)),
        ("二零零七年十二月三十一日", date(2007, 12, 31)),
        ("一九九五年十月十日", date(1995, 10, 10)),
        ("二〇一〇年十一月", date(2010, 11, 1)),
        (39169, date(2007, 3, 28)),
        (39169.75, date(2007, 3, 28)),
        (36526, date(2000, 1, 1)),
        (date(2007, 3, 28), date(2007, 3, 28)),
        (datetime(2007, 3, 28, 23, 59), date(2007, 3, 28)),
    ],
)
def test_a_date_is_read(written, expected):
    found = parse_date(written)
    assert found == expected
    assert type(found) is date


@pytest.mark.parametrize(
    "written",
    [
        "", "2010", "10-06-18", "6/18/2010", "18/6/2010", "2010-6/18", "2010年13月1日", "2010-02-30",
        "二〇〇七年三月二十八", "二〇〇七年十十月", "0000-01-01", "yesterday", "2010-06-18 noon", "=TODAY()",
        "1" * 9999, "2010年2月三十日", 2010, 2010.6, -1, 10**9, float("nan"), float("inf"), True, None, [2010],
    ],
)  # fmt: skip
def test_what_is_not_a_date_is_refused_with_advice(written):
    with pytest.raises(ValueError, match=r"2010-06-18|calendar"):
        parse_date(written)


@given(DAYS, st.sampled_from(["zh-hans", "en"]))
def test_a_date_shown_reads_back(day, lang):
    assert parse_date(show_date(day, lang)) == day
    assert parse_date(day.isoformat()) == day


def test_dates_are_shown_in_both_languages():
    assert show_date(date(2010, 6, 18), "zh-hans") == "2010年6月18日"
    assert show_date(date(2010, 6, 18), "en") == "18 June 2010"


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [(1, 1953, 1957), (2, 1958, 1962), (3, 1966, 1970), (7, 1986, 1990), (10, 2001, 2005), (11, 2006, 2010),
     (12, 2011, 2015), (13, 2016, 2020), (14, 2021, 2025), (15, 2026, 2030)],
)  # fmt: skip
def test_the_five_year_plans(number, first, last):
    plan = Period.five_year_plan(number)
    assert plan == Period.year(first, last)
    assert plan_number(plan) == number
    for lang in ("zh", "en"):
        assert parse_period(plan.label(lang)) == plan


def test_years_between_two_plans_are_no_plan():
    assert plan_number(Period.year(1961, 1965)) is None
    assert plan_number(Period.year(1963, 1965)) is None
    assert plan_number(Period.year(2001)) is None


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        (Period.five_year_plan(10), "“十五”（2001–2005年）", "10th Five-Year Plan (2001–2005)"),
        (Period.five_year_plan(11), "“十一五”（2006–2010年）", "11th Five-Year Plan (2006–2010)"),
        (Period.year(2006), "2006年", "2006"),
        (Period.year(2001, 2010), "2001–2010年", "2001–2010"),
        (Period.quarter(2006, 1), "2006年第一季度", "Q1 2006"),
        (Period.quarter(2006, 4), "2006年第四季度", "Q4 2006"),
        (Period.month(2008, 2), "2008年2月", "February 2008"),
        (Period(date(2006, 1, 1), date(2010, 6, 18)), "2006年1月1日至2010年6月18日", "1 January 2006 – 18 June 2010"),
    ],
)
def test_a_period_is_named(period, zh, en):
    assert (period.label("zh-hans"), period.label("en")) == (zh, en)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("十五", Period.year(2001, 2005)),
        ("“十五”计划", Period.year(2001, 2005)),
        ("十一五期间", Period.year(2006, 2010)),
        ("“十四五”规划", Period.year(2021, 2025)),
        ("十五五", Period.year(2026, 2030)),
        ("九五", Period.year(1996, 2000)),
        ("2006", Period.year(2006)),
        ("2006年度", Period.year(2006)),
        ("二〇〇六年", Period.year(2006)),
        ("2001-2005", Period.year(2001, 2005)),
        ("2001年至2005年", Period.year(2001, 2005)),
        ("2006Q1", Period.quarter(2006, 1)),
        ("2006年3季度", Period.quarter(2006, 3)),
        ("2006年二季度", Period.quarter(2006, 2)),
        ("2006-03", Period.month(2006, 3)),
        ("2006年3月", Period.month(2006, 3)),
        ("2006-01-01至2010-06-18", Period(date(2006, 1, 1), date(2010, 6, 18))),
        ("2006年1月1日—2006年3月1日", Period(date(2006, 1, 1), date(2006, 3, 1))),
        ("2007-03-28", Period(date(2007, 3, 28), date(2007, 3, 28))),
    ],
)
def test_a_period_is_read(written, expected):
    assert parse_period(written) == expected


@pytest.mark.parametrize(
    "written",
    ["", "十一五（2001–2005年）", "十十五", "2006Q5", "2006年13月", "2010-2006", "2010-06-18至2006-01-01", "0000",
     "去年", "x" * 9999],
)  # fmt: skip
def test_what_is_not_a_period_is_refused(written):
    with pytest.raises(ValueError, match="is not a period"):
        parse_period(written)


@given(
    st.one_of(
        st.builds(Period.year, st.integers(1000, 5000), st.integers(5000, 9999)),
        st.builds(Period.quarter, st.integers(1000, 9999), st.integers(1, 4)),
        st.builds(Period.month, st.integers(1000, 9999), st.integers(1, 12)),
        st.builds(lambda a, b: Period(min(a, b), max(a, b)), DAYS, DAYS),
    ),
    st.sampled_from(["zh-hans", "en"]),
)
def test_a_period_named_reads_back(period, lang):
    assert parse_period(period.label(lang)) == period


@given(DAYS, DAYS, DAYS, DAYS)
def test_an_overlap_is_the_days_in_both(a, b, c, d):
    one, other = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
    common = one.overlap(other)
    assert common == other.overlap(one)
    for day in (a, b, c, d):
        assert (day in one and day in other) == (common is not None and day in common)


def test_a_period_counts_its_days_and_years():
    assert Period.year(2008).days == 366
    assert list(Period.five_year_plan(11).years()) == [2006, 2007, 2008, 2009, 2010]
    with pytest.raises(ValueError, match="before it begins"):
        Period(date(2007, 1, 2), date(2007, 1, 1))


@pytest.mark.django_db(transaction=True)
@isolate_apps("yulan.kernel")
def test_dated_rows_hold_from_the_first_day_up_to_but_not_on_the_last():
    class Pairing(models.Model):
        name = models.CharField(max_length=20)
        valid_from = models.DateField(null=True)
        valid_to = models.DateField(null=True)

        class Meta:
            app_label = "kernel"

        def __str__(self):
            return self.name

    with connection.schema_editor() as editor:
        editor.create_model(Pairing)
    Pairing.objects.create(name="old", valid_to=date(2007, 1, 21))
    Pairing.objects.create(name="new", valid_from=date(2007, 1, 21))
    Pairing.objects.create(name="always")
    Pairing.objects.create(name="2008", valid_from=date(2008, 1, 1), valid_to=date(2009, 1, 1))

    def names(on):
        found = valid_on(Pairing.objects.all(), on)
        assert found.query.where == Pairing.objects.filter(in_force(on)).query.where
        return sorted(found.values_list("name", flat=True))

    assert names(date(2007, 1, 20)) == ["always", "old"]
    assert names(date(2007, 1, 21)) == ["always", "new"]
    assert names(date(2008, 12, 31)) == ["2008", "always", "new"]
    assert names(date(2009, 1, 1)) == ["always", "new"]
    with connection.schema_editor() as editor:
        editor.delete_model(Pairing)
