"""Delivering the feed: every entry, in the order of commits, also after a failure and under many hands."""

import threading

import pytest
from django.apps import apps
from django.db import connection

from yulan.kernel.access import SYSTEM
from yulan.kernel.feed import Cursor, deliver
from yulan.kernel.trail import change_set, head
from yulan.kernel.workdays import Holiday

TAKEN: list[int] = []
FAILING = threading.Event()


def listen(entries):
    """A subscriber that fails after it has written, as long as it is told to."""
    Cursor.objects.get_or_create(subscriber="written")
    if FAILING.is_set():
        raise RuntimeError("not now")
    TAKEN.extend(entry.seq for entry in entries)


@pytest.fixture
def taken(monkeypatch):
    TAKEN.clear()
    FAILING.clear()
    monkeypatch.setattr(apps.get_app_config("kernel"), "subscribers", (f"{__name__}.listen",))
    return TAKEN


def make_holiday(year: int, name: str = "元旦") -> Holiday:
    with change_set(by=SYSTEM, channel="api") as changes:
        return changes.create(Holiday(date=f"{year}-01-01", is_workday=False, edition=2031, name=name))


@pytest.mark.django_db
def test_what_failed_comes_again_and_nothing_twice(taken, caplog):
    make_holiday(2101)
    FAILING.set()
    deliver()
    assert "could not take the feed" in caplog.text
    assert not Cursor.objects.exists(), "what it wrote is taken back with it"
    FAILING.clear()
    make_holiday(2102)
    deliver()
    deliver()
    assert taken == list(range(1, head()[0] + 1))
    assert Cursor.objects.exclude(subscriber="written").get().seq == head()[0]


@pytest.mark.django_db
def test_nothing_new_costs_one_question(taken, django_assert_max_num_queries):
    make_holiday(2101)
    deliver()
    with django_assert_max_num_queries(2):
        deliver()


@pytest.mark.django_db(transaction=True)
def test_under_many_writers_and_deliverers_nothing_is_left_out(taken):
    def work(number: int) -> None:
        try:
            for turn in range(6):
                make_holiday(2100 + 10 * number + turn, str(number))
                deliver()
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert taken == list(range(1, head()[0] + 1))
    assert head()[0] == 24
