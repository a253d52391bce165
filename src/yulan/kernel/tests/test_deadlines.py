"""The house's day, limits on states, and deadlines as people read them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import override

from yulan.kernel.access import SYSTEM
from yulan.kernel.deadlines import deadlines_of
from yulan.kernel.lifecycle import Lifecycle, Limit, Move, State
from yulan.kernel.period import now, today
from yulan.kernel.text import _
from yulan.kernel.trail import TrailEntry, change_set
from yulan.kernel.workdays import Holiday, load_holidays
from yulan.site import settings as site

LAST = date(2010, 12, 31)
OLD = Limit("open", "since", "old rule", months=3, unverified=True, valid_to=date(2010, 6, 1))
NEW = Limit("open", "since", "new rule", days=10, warn=5, valid_from=date(2010, 6, 1))
STATES = (State("open", _("Open"), clock="run"), State("shut", _("Shut")))
MOVES = (Move("shut", _("Shut"), ("open",), "shut", ("officer",)),)
CASE = Lifecycle("state", STATES, MOVES, (OLD, NEW))


@dataclass
class Case:
    """A record with a clock."""

    since: date | None
    state: str = "open"


# The house's day


def test_the_day_is_the_calendars_unless_one_is_set(settings):
    assert settings.TODAY is None, "outside demonstration mode the clock is not touched"
    assert today() == timezone.localdate()
    settings.TODAY = LAST
    assert today() == LAST


def test_now_is_the_houses_day_at_the_real_time(settings):
    settings.TODAY = LAST
    shown = now()
    assert shown.date() == LAST
    assert abs(datetime.combine(LAST, timezone.localtime().timetz()) - shown) < timedelta(seconds=5)


def test_a_day_that_is_none_is_refused():
    assert site._day("2010-12-31") == LAST
    with pytest.raises(ImproperlyConfigured, match="write a day as 2010-12-31"):
        site._day("New Year's Eve")


@pytest.mark.django_db
def test_evidence_keeps_the_computers_clock(settings):
    settings.TODAY = LAST
    with change_set(by=SYSTEM) as changes:
        made = changes.create(Holiday(date=LAST, name="x", edition=2010))
    assert made.created_at.year > LAST.year
    assert TrailEntry.objects.latest("seq").at.year > LAST.year


# Limits


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        (OLD, date(2010, 2, 14), date(2010, 5, 14)),
        (OLD, date(2009, 11, 30), date(2010, 2, 28)),
        (OLD, date(2010, 10, 31), date(2011, 1, 31)),
        (OLD, date(2010, 9, 1), date(2010, 12, 1)),
        (NEW, date(2010, 12, 25), date(2011, 1, 4)),
        (Limit("open", "since", "its own day"), LAST, LAST),
    ],
)
def test_the_last_day(limit, start, due):
    assert limit.due(start) == due


@pytest.mark.parametrize(("after", "tone"), [(0, "ok"), (5, "ok"), (6, "warn"), (10, "warn"), (11, "bad")])
def test_the_light_turns_yellow_before_the_last_day_and_red_after(after, tone):
    assert NEW.light(LAST, LAST + timedelta(after)) == tone


def test_the_edition_is_that_of_the_day_the_clock_began():
    assert CASE.clock_of(Case(date(2010, 5, 31))) == (OLD, date(2010, 5, 31))
    assert CASE.clock_of(Case(date(2010, 6, 1))) == (NEW, date(2010, 6, 1))
    assert CASE.clock_of(Case(None)) is None
    assert CASE.clock_of(Case(LAST, state="shut")) is None


def test_a_limit_needs_a_clock_that_runs():
    with pytest.raises(ValueError, match="no clock runs"):
        Lifecycle("state", STATES, MOVES, (Limit("shut", "since", "x", days=1),))


# Deadlines


@pytest.mark.django_db
def test_deadlines_are_told_in_working_days(settings):
    with change_set(by=SYSTEM) as changes:
        changes.insert_many(Holiday, [day for day in load_holidays() if day.edition in (2010, 2011)])
    settings.TODAY = LAST
    cases = [Case(date(2010, 12, 25)), Case(date(2010, 12, 10)), Case(None), Case(date(2010, 12, 21))]
    left, over, none, last = deadlines_of(CASE, cases)
    assert (left.text, left.tone) == ("4 January 2011 · working days left: 1", "warn")  # 1 to 3 January are days off
    assert (over.text, over.tone) == ("20 December 2010 · working days overdue: 9", "bad")
    assert none is None
    assert (last.text, last.tone) == ("31 December 2010 · working days left: 0", "warn")
    assert (left.source, left.unverified) == ("new rule", False)
    with override("zh-hans"):
        assert deadlines_of(CASE, cases[:2])[1].text == "2010年12月20日 · 已逾期9个工作日"


@pytest.mark.django_db
def test_a_year_without_announced_holidays_is_told_about(settings):
    settings.TODAY = LAST
    (found,) = deadlines_of(CASE, [Case(date(2010, 12, 28))])
    assert found.text == "7 January 2011 · working days left: ≈5"
