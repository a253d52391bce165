"""Posting: what goes in, what is refused, what cannot be undone or changed."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation

from yulan.engines.funds import ledger, services
from yulan.engines.funds.ledger import Short, close_books, post, post_many
from yulan.engines.funds.models import Balance, Entry, Seal
from yulan.engines.funds.tests.makers import finance, holds, make_line, make_posting, officer, play, total
from yulan.engines.funds.verify import verify_ledger
from yulan.kernel.access import Refused
from yulan.kernel.idempotency import KeyReused
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import change_set
from yulan.kernel.verify import verify_trail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class TestChain:
    def test_from_budget_to_verification(self):
        play("""
            2005-01-05 budget   L1    1000.00
            2005-02-01 allocate L1 P1  600.00
            2005-02-10 instruct L1 P1  600.00
            2005-02-15 receive  L1 P1  600.00
            2005-03-01 request  L1 P1  250.00
            2005-03-05 pay      L1 P1  250.00
            2005-04-01 verify   L1 P1  250.00
            = appropriation L1 -1000.00
            = treasury  L1       400.00
            = special   L1 P1    350.00
            = verified  L1 P1    250.00
            = transit   L1 P1      0.00
        """)
        assert total() == 0
        assert verify_ledger() == verify_trail() == []

    def test_nothing_is_given_twice_or_beyond_what_is_there(self):
        play("""
            2005-01-05 budget   L1    1000.00
            2005-02-01 allocate L1 P1  600.00
            2005-02-02 allocate L1 P2  600.00 ! Only 400.00 yuan are left on this line.
            2005-02-10 instruct L1 P2    0.01 ! Only 0.00 yuan are left on this line.
            2005-02-10 instruct L1 P1  600.00
            2005-02-15 receive  L1 P1  600.01 ! Only 600.00 yuan are left on this line.
            2005-02-15 receive  L1 P1  600.00
            2005-02-15 receive  L1 P1    0.01 ! Only 0.00 yuan are left on this line.
            2005-02-16 reduce   L1    1000.00 ! Only 400.00 yuan are left on this line.
            2005-02-16 reduce   L1     400.00
            = appropriation L1 -600.00
        """)
        assert verify_ledger() == []

    def test_held_recalled_carried_recovered(self):
        play("""
            2005-01-05 budget   L1    100.00
            2005-02-01 allocate L1 P1 100.00
            2005-02-02 instruct L1 P1 100.00
            2005-02-03 receive  L1 P1 100.00
            2005-03-01 hold     L1 P1  30.00
            2005-03-02 request  L1 P1  80.00 ! Only 70.00 yuan are left on this line.
            2005-03-05 recall   L1 P1  10.00
            2005-03-05 release  L1 P1  20.00
            2005-12-31 carry    L1 P1  90.00
            2006-04-01 draw     L1 P1  50.00
            2007-01-02 recover  L1 P1  40.00
            = treasury  L1    10.00
            = recovered L1 P1 40.00
            = requested L1 P1 50.00
            = special   L1 P1  0.00
        """)
        assert verify_ledger() == []

    def test_a_line_without_accounts_is_refused(self):
        with pytest.raises(Refused, match="no accounts yet"):
            post(make_posting("NOWHERE"), by=finance)

    def test_faults_are_told_together(self):
        with pytest.raises(Refused) as refused:
            post(make_posting("L1", amount=0, key="", on=timezone.localdate() + timedelta(1)), by=finance)
        assert len(refused.value.reasons) == 3
        assert refused.value.status == 422


class TestIdempotency:
    def test_the_same_again_gives_the_first(self):
        line = make_line(amount=1000)
        posting = make_posting(line.code)
        first = post(posting, by=finance)
        again = post(posting, by=officer)
        assert first.pk == again.pk
        assert holds("allocated", line.code, "P1") == 100

    def test_the_same_key_with_another_content_is_refused(self):
        line = make_line(amount=1000)
        post(make_posting(line.code, key="one"), by=finance)
        with pytest.raises(KeyReused):
            post(make_posting(line.code, key="one", amount=101), by=finance)
        assert holds("allocated", line.code, "P1") == 100

    def test_a_refused_key_may_be_tried_again(self):
        line = make_line(amount=50)
        posting = make_posting(line.code)
        with pytest.raises(Short):
            post(posting, by=finance)
        services.change_line(line, by=finance, amount=200)
        assert post(posting, by=finance).amount == 100

    def test_twice_within_one_change_set(self):
        line = make_line(amount=1000)
        posting = make_posting(line.code)
        with change_set(by=finance):
            assert post(posting, by=finance).pk == post(posting, by=finance).pk
        assert verify_ledger() == []


class TestChangeSets:
    def test_several_entries_of_one_set_are_chained_in_order(self):
        line = make_line(amount=1000)
        with change_set(by=finance):
            entries = [post(make_posting(line.code), by=finance) for _ in range(3)]
        assert [entry.number for entry in entries] == list(range(entries[0].number, entries[0].number + 3))
        assert verify_ledger() == verify_trail() == []

    def test_an_inner_set_given_up_leaves_nothing(self):
        line = make_line(amount=150)
        before = Seal.objects.count()
        with change_set(by=finance):
            post(make_posting(line.code), by=finance)
            with pytest.raises(Short):
                post(make_posting(line.code), by=finance)
        assert holds("treasury", line.code) == 50
        assert Seal.objects.count() == before + 1
        assert verify_ledger() == verify_trail() == []

    def test_the_trail_tells_who_posted(self):
        line = make_line(amount=150)
        entry = post(make_posting(line.code), by=finance)
        (told,) = timeline(entry)
        assert (told["actor"], told["action"], told["after"]["hash"]) == (finance.name, "post", entry.seal.hash)


class TestMany:
    def test_all_go_in_and_later_ones_spend_what_earlier_ones_bring(self):
        line = make_line(amount=10_000)
        chain = [
            make_posting(line.code, kind, project=f"P{n}")
            for n in range(50)
            for kind in ("allocate", "instruct", "receive")
        ]
        ids = post_many(chain, by=finance)
        assert len(set(ids)) == 150
        assert holds("treasury", line.code) == 5000
        assert holds("special", line.code, "P7") == 100
        assert verify_ledger() == verify_trail() == []
        assert timeline(Entry.objects.get(pk=ids[70]))[0]["after"]["seq"] == Entry.objects.get(pk=ids[70]).number

    def test_none_goes_in_when_one_is_short(self):
        line = make_line(amount=250)
        with pytest.raises(Short) as short:
            post_many([make_posting(line.code, project=f"P{n}") for n in range(20)], by=finance)
        assert short.value.left == (50 if connection.vendor == "sqlite" else 250)
        assert holds("treasury", line.code) == 250

    def test_what_is_there_already_is_not_posted_again(self):
        line = make_line(amount=1000)
        postings = [make_posting(line.code, project=f"P{n}") for n in range(4)]
        first = post(postings[2], by=finance)
        ids = post_many([*postings, postings[0]], by=finance)
        assert ids[2] == first.pk
        assert ids[4] == ids[0]
        assert post_many(postings, by=finance) == ids[:4]
        assert holds("treasury", line.code) == 600

    def test_a_key_reused_in_the_batch_is_refused(self):
        line = make_line(amount=1000)
        with pytest.raises(KeyReused):
            post_many([make_posting(line.code, key="a"), make_posting(line.code, key="a", amount=1)], by=finance)

    def test_faults_name_the_posting(self):
        with pytest.raises(Refused, match="bad: The amount must be above 0"):
            post_many([make_posting("L1", key="bad", amount=0)], by=finance)


class TestReversal:
    def test_restores_and_shows(self):
        play("""
            2005-01-05 budget   L1    100.00
            2005-02-01 allocate L1 P1  60.00
            2005-02-02 ~2
            = treasury  L1    100.00
            = allocated L1 P1   0.00
        """)
        assert verify_ledger() == []

    def test_happens_once(self):
        _budget, wrong = play("2005-01-05 budget L1 100.00\n2005-02-01 allocate L1 P1 60.00")
        first = services.reverse_entry(wrong, by=finance, reason="twice", on=date(2005, 2, 2))
        again = services.reverse_entry(wrong, by=finance, reason="twice", on=date(2005, 2, 2))
        assert first.pk == again.pk
        assert first.reverse_of_id == wrong.pk

    def test_is_refused_when_the_money_has_gone_on(self):
        play("""
            2005-01-05 budget   L1    100.00
            2005-02-01 allocate L1 P1  60.00
            2005-02-03 instruct L1 P1  50.00
            2005-02-04 ~2 ! Only 10.00 yuan are left on this line.
        """)

    def test_needs_a_reason_a_role_a_date_and_an_original(self):
        _budget, wrong = play("2005-01-05 budget L1 100.00\n2005-02-01 allocate L1 P1 60.00")
        mirror = services.reverse_entry(wrong, by=finance, reason="error", on=date(2005, 2, 2))
        for entry, by, reason, on in (
            (wrong, finance, " ", None),
            (wrong, officer, "error", None),
            (_budget, finance, "error", date(2005, 1, 4)),
            (mirror, finance, "error", None),
        ):
            with pytest.raises(Refused):
                services.reverse_entry(entry, by=by, reason=reason, on=on)


class TestClosing:
    def test_nothing_is_booked_into_closed_books(self):
        line = make_line(amount=1000)
        close_books(date(2005, 12, 31), by=finance)
        with pytest.raises(Refused, match="closed"):
            post(make_posting(line.code, on=date(2005, 12, 31)), by=finance)
        with pytest.raises(Refused, match="closed"):
            post_many([make_posting(line.code, on=date(2005, 3, 1))], by=finance)
        post(make_posting(line.code, on=date(2006, 1, 1)), by=finance)
        assert verify_ledger() == []

    def test_books_are_closed_forwards_and_for_past_days(self):
        close_books(date(2005, 12, 31), by=finance)
        for until in (date(2005, 12, 31), date(2004, 12, 31), timezone.localdate()):
            with pytest.raises(Refused):
                close_books(until, by=finance)


class TestDatabase:
    """What SQL itself may not do."""

    @pytest.mark.parametrize("table", ["funds_entry", "funds_seal", "funds_account"])
    @pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
    def test_posted_is_posted(self, table, change):
        post(make_posting(make_line(amount=100).code), by=finance)
        statement = change.format(table).replace("id = id", "seq = seq" if table == "funds_seal" else "id = id")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize("table", ["funds_entry", "funds_seal"])
    def test_nothing_is_replaced_or_emptied(self, table):
        post(make_posting(make_line(amount=100).code), by=finance)
        replace = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        statement = (
            replace if connection.vendor == "sqlite" else f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE"
        )
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_no_negative_balance(self):
        line = make_line(amount=100)
        with pytest.raises(DatabaseError, match="funds_balance_covered"), transaction.atomic():
            Balance.objects.filter(account=f"treasury:{line.code}").update(amount=-1)

    def test_no_overdraft_by_a_bare_insert(self):
        line = make_line(amount=100)
        row = {"kind": "allocate", "date": date(2005, 3, 1), "project": "P1", "key": "x", "at": timezone.now()}
        bare = Entry(source_id=f"treasury:{line.code}", target_id=f"allocated:{line.code}", amount=101, **row)
        with pytest.raises(DatabaseError, match="funds_balance_covered"), transaction.atomic():
            bare.save()

    @pytest.mark.parametrize(
        "fields", [{"amount": 0}, {"amount": -1}, {"target_id": "treasury:{}"}, {"kind": "reverse"}]
    )
    def test_no_malformed_entry(self, fields):
        line = make_line(amount=100)
        row = {"kind": "allocate", "date": date(2005, 3, 1), "project": "P1", "key": "x", "at": timezone.now()}
        row |= {"source_id": f"treasury:{line.code}", "target_id": f"allocated:{line.code}", "amount": 1}
        row |= {name: value.format(line.code) if isinstance(value, str) else value for name, value in fields.items()}
        with pytest.raises(DatabaseError), transaction.atomic():
            Entry(**row).save()


class TestVerify:
    """Whoever gets past the triggers is found."""

    @pytest.fixture
    def lines(self):
        line = make_line("L1", amount=1000)
        for _ in range(5):
            post(make_posting(line.code), by=finance)
        assert verify_ledger() == []

    def tamper(self, *statements: str) -> str:
        with connection.cursor() as cursor:
            for table in ("funds_entry", "funds_seal"):
                for name in self.guards(table):
                    cursor.execute(name)
            for statement in statements:
                cursor.execute(statement)
        return "\n".join(verify_ledger())

    def guards(self, table: str) -> list[str]:
        if connection.vendor == "postgresql":
            return [f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"]
        return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("UPDATE", "DELETE")]

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            ("UPDATE funds_entry SET amount = amount + 1 WHERE id = {last}", "hash does not fit"),
            ("UPDATE funds_entry SET payee = 'me' WHERE id = {last}", "hash does not fit"),
            ("UPDATE funds_entry SET project = 'P2' WHERE id = {last}", "its entries say"),
            ("UPDATE funds_balance SET amount = amount + 5 WHERE account_id = 'treasury:L1'", "trial balance is off"),
            ("UPDATE funds_seal SET hash = 'x' WHERE entry_id = {last}", "the trail holds no such seal"),
            ("DELETE FROM funds_seal WHERE entry_id = {last}", "has no seal"),
        ],
    )
    def test_finds(self, lines, statement, found):
        last = Entry.objects.latest("pk").pk
        assert found in self.tamper(statement.format(last=last))

    def test_finds_an_entry_removed_with_its_seal(self, lines):
        last = Entry.objects.latest("pk").pk
        found = self.tamper(
            f"DELETE FROM funds_seal WHERE entry_id = {last}", f"DELETE FROM funds_entry WHERE id = {last}"
        )
        assert "the trail holds its seal, the ledger does not" in found

    def test_finds_an_entry_slipped_in(self, lines):
        row = {"kind": "allocate", "date": date(2005, 3, 1), "project": "P1", "key": "x", "at": timezone.now()}
        Entry(source_id="treasury:L1", target_id="allocated:L1", amount=1, **row).save()
        assert verify_ledger() == ["ledger: the entry x has no seal"]


def test_rows_are_read_back_as_they_were_sealed():
    line = make_line(amount=1000)
    entry = post(make_posting(line.code, memo='引号"与\\反斜杠', payee="某公司", doc_no="沪合〔2005〕1号"), by=finance)
    row = tuple(getattr(Entry.objects.get(pk=entry.pk), name) for name in ledger.NAMES)
    assert row == tuple(getattr(entry, name) for name in ledger.NAMES)
