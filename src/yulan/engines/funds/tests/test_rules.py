"""Rules without a database: steps, postings, chains, the lifecycle's table."""

from datetime import date
from types import SimpleNamespace

import pytest

from yulan.engines.funds.disbursement import DISBURSEMENT, MONEY_AT, STEP_OF, is_surplus
from yulan.engines.funds.rules import ACCOUNT_KINDS, STEPS, Chain, Posting, faults
from yulan.kernel.access import SYSTEM
from yulan.kernel.lifecycle import Firing

TRANSITIONS = """
BUDGETED allocate ALLOCATED
ALLOCATED approve APPROVED_TRANCHE
APPROVED_TRANCHE instruct INSTRUCTED
INSTRUCTED confirm_receipt RECEIVED
RECEIVED request_use REQUESTED
REQUESTED pay PAID
REQUESTED refuse RECEIVED
PAID verify VERIFIED
PAID reverse REVERSED
RECEIVED hold HELD
HELD release RECEIVED
HELD recall RECALLED
RECEIVED carry_over CARRIED
CARRIED request_use REQUESTED
CARRIED recover RECOVERED
"""
TODAY = date(2010, 6, 18)


class TestLifecycle:
    def test_has_the_transitions_of_the_model_and_no_other(self):
        wanted = {tuple(row.split()) for row in TRANSITIONS.strip().splitlines()}
        found = {(source, move.name, move.target) for move in DISBURSEMENT.moves for source in move.sources}
        assert found == wanted
        assert len(DISBURSEMENT.states) == 13

    def test_every_other_pair_is_refused(self):
        legal = {tuple(row.split()[:2]) for row in TRANSITIONS.strip().splitlines()}
        names = {move.name for move in DISBURSEMENT.moves}
        refused = [
            (state, name) for state in DISBURSEMENT.states for name in names if DISBURSEMENT.find(name, state) is None
        ]
        assert len(refused) == len(DISBURSEMENT.states) * len(names) - len(legal)

    def test_money_lies_where_the_step_puts_it(self):
        for move, kind in STEP_OF.items():
            target = DISBURSEMENT.named(move).target
            if target in MONEY_AT:
                assert STEPS[kind][1] == MONEY_AT[target], move

    @pytest.mark.parametrize(("day", "free"), [(date(2006, 12, 31), False), (date(2007, 1, 1), True)])
    def test_carried_money_goes_back_after_two_budget_years(self, day, free):
        obj = SimpleNamespace(line=SimpleNamespace(fund=SimpleNamespace(year=2005)))
        assert (is_surplus(obj, Firing(SYSTEM, day)) is None) is free


class TestPosting:
    def test_steps_stand_on_known_accounts(self):
        assert {kind for step in STEPS.values() for kind in step[:2]} == set(ACCOUNT_KINDS)

    def test_a_posting_names_its_accounts(self):
        posting = Posting("instruct", "L1", 100, TODAY, "k", "P1")
        assert (posting.source, posting.target) == ("allocated:L1", "transit:L1")

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"amount": 0}, "The amount must be above 0."),
            ({"amount": -5}, "The amount must be above 0."),
            ({"amount": 1.5}, "The amount must be above 0."),
            ({"amount": True}, "The amount must be above 0."),
            ({"on": date(2010, 6, 19)}, "The booking date lies in the future."),
            ({"key": ""}, "An entry needs an idempotency key."),
            ({"project": ""}, "Name the project."),
            ({"kind": "gift"}, "There is no kind of entry “gift”."),
            ({"memo": "a\nb"}, "“memo” takes 200 characters on one line."),
            ({"payee": "x" * 121}, "“payee” takes 120 characters on one line."),
        ],
    )
    def test_says_what_is_wrong(self, changes, reason):
        values = {"kind": "pay", "line": "L1", "amount": 100, "on": TODAY, "key": "k", "project": "P1", **changes}
        assert list(faults(Posting(**values), TODAY)) == [reason]

    def test_says_everything_that_is_wrong(self):
        assert len(list(faults(Posting("pay", "L1", 0, date(2011, 1, 1), ""), TODAY))) == 4


class TestChain:
    chain = Chain(
        {
            "appropriation": -1000, "treasury": 100, "allocated": 50, "transit": 150, "special": 100, "requested": 80,
            "held": 20, "carried": 40, "payee": 60, "verified": 370, "recovered": 30,
        }
    )  # fmt: skip

    def test_stages_are_cumulative(self):
        assert self.chain.stages == {
            "budgeted": 1000,
            "allocated": 900,
            "instructed": 850,
            "received": 700,
            "requested": 510,
            "paid": 430,
            "verified": 370,
        }

    def test_what_is_left_and_under_way(self):
        assert (self.chain.in_transit, self.chain.left, self.chain.recovered) == (150, 240, 30)
        assert self.chain.under_way == 500

    def test_an_empty_chain_is_settled(self):
        assert Chain({}).under_way == 0
        assert Chain({"verified": 5, "recovered": 2}).under_way == 0
