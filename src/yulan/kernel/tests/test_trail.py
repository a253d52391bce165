"""The trail: nothing is written without it, nothing in it can be changed unnoticed."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from yulan.kernel import trail
from yulan.kernel.access import SYSTEM, Actor
from yulan.kernel.append_only import statements
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import BLOCK, GENESIS, Stale, TrailBlock, TrailEntry, change_set, head, version_of
from yulan.kernel.verify import verify_trail
from yulan.kernel.workdays import Holiday

pytestmark = pytest.mark.django_db
DAY0 = date(2032, 1, 1)


def make_holiday(day: str = "2031-01-01", name: str = "元旦", by: Actor = SYSTEM) -> Holiday:
    with change_set(by=by, reason="test") as changes:
        return changes.create(Holiday(date=day, is_workday=False, edition=2031, name=name))


def insert_holidays(count: int, **same: object) -> list[Holiday]:
    """Insert rows that differ in their day alone."""
    now = timezone.now()
    alike = {"is_workday": False, "edition": 2032, "name": "元旦", "source": "", "version": 1}
    alike |= {"created_at": now, "changed_at": now}
    with change_set(by=SYSTEM) as changes:
        days = [[DAY0 + timedelta(number)] for number in range(count)]
        changes.insert_rows(Holiday, ["date"], days, same=alike | same)
    return list(Holiday.objects.filter(edition=2032).order_by("date"))


class TestManyRows:
    @pytest.mark.parametrize("count", [3, 300])
    @pytest.mark.parametrize("name", ["元旦", "100 % 'quoted' \"x\" %s \\", ""])
    def test_what_is_equal_in_all_rows_is_told_once_and_of_each(self, count: int, name: str) -> None:
        found = insert_holidays(count, name=name)
        assert [(obj.name, obj.is_workday, obj.edition) for obj in found] == [(name, False, 2032)] * count
        (entry,) = timeline(found[-1])
        assert entry["after"]["name"] == name
        assert entry["after"]["date"] == found[-1].date.isoformat()
        assert TrailEntry.objects.latest("seq").body.count("is_workday") == 1
        assert not verify_trail()

    def test_search_takes_many_rows_before_it_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        taken: list[int] = []
        monkeypatch.setitem(trail._indexers, Holiday, lambda ids: taken.extend(ids))
        found = insert_holidays(trail.MANY + 1)
        assert (taken, trail.Unindexed.objects.count()) == ([], 1)
        trail.catch_up()
        assert (taken, trail.Unindexed.objects.count()) == ([obj.pk for obj in found], 0)
        trail.catch_up()
        assert len(taken) == len(found)


class TestWriting:
    def test_create_leaves_an_entry_with_everything(self) -> None:
        obj = make_holiday(by=Actor("li"))
        (entry,) = timeline(obj)
        assert entry["actor"] == "li"
        assert entry["before"] is None
        assert entry["after"]["name"] == "元旦"
        assert entry["reason"] == "test"

    def test_update_keeps_only_what_differs(self) -> None:
        obj = make_holiday()
        with change_set(by=SYSTEM) as changes:
            changes.update(obj, name="新年", is_workday=False)
        assert (timeline(obj)[0]["before"], timeline(obj)[0]["after"]) == ({"name": "元旦"}, {"name": "新年"})
        assert Holiday.objects.get(pk=obj.pk).version == 2

    def test_an_edit_that_changes_nothing_leaves_nothing(self) -> None:
        obj, before = make_holiday(), head()
        with change_set(by=SYSTEM) as changes:
            changes.update(obj, name="元旦")
        assert head() == before
        assert obj.version == 1

    def test_stale_is_refused(self) -> None:
        obj = make_holiday()
        mine, theirs = Holiday.objects.get(pk=obj.pk), Holiday.objects.get(pk=obj.pk)
        with change_set(by=SYSTEM) as changes:
            changes.update(theirs, name="他")
        with pytest.raises(Stale), change_set(by=SYSTEM) as changes:
            changes.update(mine, name="我")
        assert Holiday.objects.get(pk=obj.pk).name == "他"

    def test_invalid_is_refused_and_nothing_stays(self) -> None:
        make_holiday()
        before = head()
        with pytest.raises(ValidationError), change_set(by=SYSTEM) as changes:
            changes.create(Holiday(date="2031-01-02", is_workday=False, edition=2031, name="x"))
            changes.create(Holiday(date="2031-01-01", is_workday=False, edition=2031, name="y"))
        assert head() == before
        assert Holiday.objects.filter(date="2031-01-02").count() == 0

    def test_a_failed_inner_set_leaves_no_entry_in_the_outer_one(self) -> None:
        with change_set(by=SYSTEM) as changes:
            kept = changes.create(Holiday(date="2031-02-01", is_workday=False, edition=2031, name="a"))
            with pytest.raises(RuntimeError), change_set(by=SYSTEM) as inner:
                inner.create(Holiday(date="2031-02-02", is_workday=False, edition=2031, name="b"))
                raise RuntimeError
        assert [e.object_id for e in TrailEntry.objects.filter(set_id=changes.id)] == [str(kept.pk)]
        assert verify_trail() == []

    def test_remove_keeps_what_was(self) -> None:
        obj = make_holiday()
        with change_set(by=SYSTEM) as changes:
            changes.remove(obj)
        assert timeline(obj)[0]["before"]["name"] == "元旦"

    def test_many_rows_are_one_set_and_each_row_is_recoverable(self) -> None:
        days = [Holiday(date=DAY0 + timedelta(n), is_workday=False, edition=2031, name=str(n)) for n in range(2500)]
        with change_set(by=SYSTEM) as changes:
            changes.insert_many(Holiday, days)
        rows = list(Holiday.objects.order_by("pk"))
        with change_set(by=SYSTEM) as later:
            later.update_rows(Holiday, ["name"], [(row.pk, 1, (row.name,), (row.name + "!",)) for row in rows])
        assert TrailEntry.objects.filter(set_id=changes.id).count() == 2
        entries = timeline(rows[2100])
        assert [entry["after"]["name"] for entry in entries] == ["2100!", "2100"]
        assert entries[0]["before"] == {"name": "2100"}
        assert verify_trail() == []

    def test_a_neighbour_is_told_nothing_of_other_rows_changed_at_once(self) -> None:
        days = [Holiday(date=DAY0 + timedelta(n), is_workday=False, edition=2031, name=str(n)) for n in range(6)]
        with change_set(by=SYSTEM) as changes:
            changes.insert_many(Holiday, days)
        with change_set(by=SYSTEM) as later:
            later.update_rows(Holiday, ["name"], [(days[n].pk, 1, (str(n),), ("new",)) for n in (0, 2)])
        assert [len(timeline(day)) for day in days] == [2, 1, 2, 1, 1, 1]
        assert {day.pk // BLOCK for day in days} == set(
            TrailBlock.objects.filter(seq=head()[0] - 1).values_list("block", flat=True)
        )

    def test_version_of_follows(self) -> None:
        before = version_of(Holiday)
        make_holiday()
        assert version_of(Holiday) == head()[0] > before


class TestChain:
    def test_empty_is_whole(self) -> None:
        assert verify_trail() == []
        assert head()[1] == GENESIS or head()[0] > 0

    @pytest.mark.parametrize(
        "harm",
        [
            "UPDATE kernel_trailentry SET body = replace(body, '元旦', '国庆') WHERE seq = {n}",
            "UPDATE kernel_trailentry SET actor = 'other' WHERE seq = {n}",
            "UPDATE kernel_trailentry SET object_id = '77' WHERE seq = {n}",
            "UPDATE kernel_trailentry SET signature = '' WHERE seq = {n}",
            "DELETE FROM kernel_trailentry WHERE seq = {n}",
            "DELETE FROM kernel_trailentry WHERE seq >= {n}",
        ],
    )
    def test_harm_is_found(self, harm: str) -> None:
        make_holiday("2031-03-01")
        middle = head()[0]
        make_holiday("2031-03-02")
        unlock()
        with connection.cursor() as cursor:
            cursor.execute(harm.format(n=middle))
        assert verify_trail()

    @pytest.mark.parametrize("sql", ["UPDATE kernel_trailentry SET actor = 'x'", "DELETE FROM kernel_trailentry"])
    def test_the_database_refuses(self, sql: str) -> None:
        make_holiday()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def unlock() -> None:
    """Take the triggers away, as somebody with the run of the machine could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER kernel_trailentry_append_only ON kernel_trailentry")
        else:
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER kernel_trailentry_no_{verb}")
    assert statements(connection.vendor, "kernel_trailentry")


@pytest.mark.django_db(transaction=True)
def test_fifty_writers_leave_no_gap() -> None:
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for step in range(4):
                make_holiday(f"20{40 + number}-05-{step + 1:02}", str(number))
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    seqs = list(TrailEntry.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 201))
    assert verify_trail() == []
