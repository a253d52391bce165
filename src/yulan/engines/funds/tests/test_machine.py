"""The ledger under random orders: whatever is asked, the books balance and nothing that was posted changes."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from yulan.engines.funds import services
from yulan.engines.funds.ledger import Short, close_books, post, post_many
from yulan.engines.funds.models import Balance, Entry, Seal
from yulan.engines.funds.rules import ACCOUNT_KINDS, STEPS, Posting, account
from yulan.engines.funds.tests.makers import finance, make_line
from yulan.engines.funds.verify import verify_ledger
from yulan.kernel.access import Refused
from yulan.kernel.idempotency import KeyReused

LINES, PROJECTS = ("L1", "L2"), ("P1", "P2", "P3")
orders = st.tuples(
    st.sampled_from(sorted(STEPS)), st.sampled_from(LINES), st.sampled_from(PROJECTS), st.integers(1, 500)
)


class LedgerMachine(RuleBasedStateMachine):
    """Compares the ledger with a dictionary of balances kept by hand."""

    entries = Bundle("entries")

    @initialize()
    def open(self):
        self.point = transaction.atomic()
        self.point.__enter__()
        self.model: dict[tuple[str, str], int] = {}
        self.posted: dict[str, tuple] = {}
        self.reversed: set[int] = set()
        self.day, self.closed = date(2005, 1, 1), date.min
        for line in LINES:
            make_line(line)

    def teardown(self):
        if hasattr(self, "point"):
            assert verify_ledger() == []
            transaction.set_rollback(True)
            self.point.__exit__(None, None, None)

    def pot(self, kind: str, line: str, project: str) -> tuple[str, str]:
        return account(kind, line), project if ACCOUNT_KINDS[kind].by_project else ""

    def move(self, source: tuple[str, str], target: tuple[str, str], amount: int) -> None:
        self.model[source] = self.model.get(source, 0) - amount
        self.model[target] = self.model.get(target, 0) + amount

    def lacks(self, pot: tuple[str, str], amount: int) -> bool:
        return ACCOUNT_KINDS[pot[0].partition(":")[0]].limited and self.model.get(pot, 0) < amount

    @rule(target=entries, order=orders)
    def post_one(self, order):
        kind, line, project, amount = order
        posting = Posting(kind, line, amount, self.day, f"k{len(self.posted)}", project)
        source, target = self.pot(STEPS[kind][0], line, project), self.pot(STEPS[kind][1], line, project)
        if self.lacks(source, amount):
            with pytest.raises(Short) as short:
                post(posting, by=finance)
            assert short.value.left == self.model.get(source, 0)
            return multiple()
        entry = post(posting, by=finance)
        self.move(source, target, amount)
        self.posted[posting.key] = (posting, entry.pk)
        return entry

    @rule(amount=st.integers(100, 2000), line=st.sampled_from(LINES), project=st.sampled_from(PROJECTS))
    def post_a_whole_chain_at_once(self, amount, line, project):
        kinds = ("budget", "allocate", "instruct", "receive", "request")
        start = len(self.posted)
        batch = [Posting(kind, line, amount, self.day, f"k{start + n}", project) for n, kind in enumerate(kinds)]
        for posting, key in zip(batch, post_many(batch, by=finance), strict=True):
            self.posted[posting.key] = (posting, key)
            source, target, _label = STEPS[posting.kind]
            self.move(self.pot(source, line, project), self.pot(target, line, project), amount)

    @precondition(lambda self: self.posted)
    @rule(data=st.data(), extra=st.integers(0, 1))
    def send_again(self, data, extra):
        posting, key = self.posted[data.draw(st.sampled_from(sorted(self.posted)))]
        if extra:
            changed = Posting(posting.kind, posting.line, posting.amount + 1, posting.on, posting.key, posting.project)
            with pytest.raises(KeyReused):
                post(changed, by=finance)
        else:
            assert post(posting, by=finance).pk == key

    @rule(entry=entries)
    def reverse(self, entry):
        kind, line = entry.target_id.split(":")
        source, target = (
            self.pot(kind, line, entry.project),
            self.pot(entry.source_id.split(":")[0], line, entry.project),
        )
        if entry.pk in self.reversed:
            assert services.reverse_entry(entry, by=finance, reason="error", on=self.day).reverse_of_id == entry.pk
        elif self.lacks(source, entry.amount):
            with pytest.raises(Short):
                services.reverse_entry(entry, by=finance, reason="error", on=self.day)
        else:
            services.reverse_entry(entry, by=finance, reason="error", on=self.day)
            self.reversed.add(entry.pk)
            self.move(source, target, entry.amount)

    @rule(days=st.integers(1, 40))
    def days_pass(self, days):
        self.day += timedelta(days)

    @rule()
    def close(self):
        if self.day - timedelta(1) > self.closed:
            self.closed = self.day - timedelta(1)
            close_books(self.closed, by=finance)
        with pytest.raises(Refused):
            post(Posting("budget", "L1", 1, self.closed, "late"), by=finance)

    @rule(table=st.sampled_from(("funds_entry", "funds_seal", "funds_account", "funds_closing")), wipe=st.booleans())
    def tamper(self, table, wipe):
        column = {"funds_entry": "memo", "funds_seal": "hash", "funds_account": "kind", "funds_closing": "by"}[table]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            if not cursor.fetchone()[0]:
                return
        statement = f"DELETE FROM {table}" if wipe else f"UPDATE {table} SET {column} = 'x'"
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @invariant()
    def books_balance(self):
        if not hasattr(self, "model"):
            return
        held = {(code, project): amount for code, project, amount, _ in self.balances()}
        assert {pot: amount for pot, amount in held.items() if amount} == {p: a for p, a in self.model.items() if a}
        assert sum(held.values()) == 0
        assert all(amount >= 0 for *_, amount, limited in self.balances() if limited)

    def balances(self):
        return Balance.objects.values_list("account_id", "project", "amount", "limited")

    @invariant()
    def entries_are_numbered(self):
        if hasattr(self, "model"):
            assert Seal.objects.count() == Entry.objects.count()


@pytest.mark.django_db
class TestMachine(LedgerMachine.TestCase):
    settings = settings(
        max_examples=25,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),  # shrinking forty steps on a database takes minutes
    )
