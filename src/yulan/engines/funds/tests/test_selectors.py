"""What higher floors read, checked against a ledger written as text."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yulan.engines.funds import selectors, services
from yulan.engines.funds.models import BudgetLine
from yulan.engines.funds.tests.makers import finance, head, make_fund, make_line, officer, play
from yulan.kernel.access import Actor, Grant
from yulan.kernel.period import Period

pytestmark = pytest.mark.django_db

LEDGER = """
    2005-01-05 budget   TIBET   1000.00
    2005-02-01 allocate TIBET   P1  600.00
    2005-02-02 allocate TIBET   P2  300.00
    2005-02-10 instruct TIBET   P1  500.00
    2005-02-20 instruct TIBET   P2  300.00
    2005-03-01 receive  TIBET   P1  450.00
    2005-03-10 request  TIBET   P1  200.00
    2005-03-12 pay      TIBET   P1  200.00
    2005-12-31 carry    TIBET   P1  100.00
    2006-01-05 budget   YUNNAN  800.00
    2006-02-01 allocate YUNNAN  P3  800.00
    2006-02-05 draw     TIBET   P1   80.00
    2006-02-09 pay      TIBET   P1   80.00
    2006-02-10 instruct YUNNAN  P3  800.00
    2006-02-12 ~13
"""


@pytest.fixture
def _ledger():
    make_line("TIBET", fund=make_fund(2005), region="542300")
    make_line("YUNNAN", fund=make_fund(2006, source="district_own"), region="530800")
    play(LEDGER)


@pytest.mark.usefixtures("_ledger")
class TestChains:
    def test_by_region_and_budget_year_in_one_query(self):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = selectors.chains("region", "year")
        assert len(queries) == 1
        assert found["542300", 2005].stages == {
            "budgeted": 100_000, "allocated": 90_000, "instructed": 80_000, "received": 45_000, "requested": 28_000,
            "paid": 20_000, "verified": 0,
        }  # fmt: skip
        assert found["542300", 2005].in_transit == 35_000
        assert found["530800", 2006].at("instructed") == 80_000

    def test_of_many_projects_in_one_query(self):
        with CaptureQueriesContext(connection) as queries:
            found = selectors.chains("project", project=["P1", "P2", "P9"])
        assert len(queries) == 1
        assert {key: chain.at("received") for key, chain in found.items()} == {("P1",): 45_000, ("P2",): 0}

    def test_of_one_project_and_of_none(self):
        assert selectors.chain_of("P1").at("paid") == 20_000
        assert selectors.chain_of("P1").left == 25_000
        assert selectors.chain_of("NOBODY").under_way == 0

    def test_filtered(self):
        assert set(selectors.chains("line", source="district_own")) == {("YUNNAN",)}
        assert selectors.chains(year=2005)[()].at("budgeted") == 100_000
        assert selectors.chains(owner="NOBODY") == {}


@pytest.mark.usefixtures("_ledger")
class TestFlows:
    def test_by_region_and_year_of_payment(self):
        paid = selectors.flows("pay", "region", "booked")
        assert paid == {("542300", 2005): 20_000, ("542300", 2006): 0}

    def test_a_reversal_counts_on_its_own_day(self):
        in_the_week = Period(date(2006, 2, 9), date(2006, 2, 9))
        assert selectors.flows("pay", period=in_the_week) == {(): 8_000}
        assert selectors.flows("pay", "month", year=2005) == {(2,): 0, (3,): 20_000}

    def test_nothing_flows_to_nobody(self):
        assert selectors.flows("pay", project="NOBODY") == {(): 0}


@pytest.mark.usefixtures("_ledger")
class TestInTransit:
    def told(self, on=None):
        return [(row.sent_on, row.project, row.amount, row.age) for row in selectors.in_transit(on)]

    def test_what_has_not_arrived_with_its_age(self):
        with CaptureQueriesContext(connection) as queries:
            assert self.told(date(2006, 3, 2)) == [
                (date(2005, 2, 10), "P1", 5_000, 385),
                (date(2005, 2, 20), "P2", 30_000, 375),
                (date(2006, 2, 10), "P3", 80_000, 20),
            ]
        assert len(queries) == 1

    def test_on_an_earlier_day(self):
        assert self.told(date(2005, 2, 20)) == [
            (date(2005, 2, 10), "P1", 50_000, 10),
            (date(2005, 2, 20), "P2", 30_000, 0),
        ]
        assert self.told(date(2005, 1, 1)) == []

    def test_now_agrees_with_the_balances(self):
        assert sum(row.amount for row in selectors.in_transit()) == selectors.trial_balance()["transit"]

    def test_receipts_match_the_oldest_first(self):
        play("""
            2006-05-01 allocate TIBET P4 60.00
            2006-05-01 instruct TIBET P4 10.00
            2006-05-02 instruct TIBET P4 20.00
            2006-05-03 instruct TIBET P4 30.00
            2006-05-05 receive  TIBET P4 15.00
        """)
        assert self.told()[-2:] == [
            (date(2006, 5, 2), "P4", 1_500, self.told()[-2][3]),
            (date(2006, 5, 3), "P4", 3_000, self.told()[-1][3]),
        ]

    def test_a_reversed_transfer_is_not_missed(self):
        _allocate, sent = play("2006-05-01 allocate TIBET P4 60.00\n2006-05-01 instruct TIBET P4 60.00")
        services.reverse_entry(sent, by=finance, reason="not sent", on=date(2006, 5, 4))
        assert "P4" not in [row.project for row in selectors.in_transit()]
        assert self.told(date(2006, 5, 3))[-1] == (date(2006, 5, 1), "P4", 6_000, 2)

    def test_a_receipt_matches_its_own_disbursement(self):
        line = make_line("XINJIANG", amount=100_000, region="652900")
        sent = []
        for amount in (10_000, 20_000):
            d = services.plan_disbursement(line, "P5", amount, by=officer)
            d = services.move_disbursement(d, "allocate", by=officer, on=date(2006, 6, 1))
            d = services.move_disbursement(d, "approve", by=head)
            sent.append(
                services.move_disbursement(d, "instruct", by=finance, on=date(2006, 6, 1), doc_no=f"拨{amount}")
            )
        keeper = Actor("keeper", (Grant("finance", regions=("6529",)),))
        services.move_disbursement(sent[1], "confirm_receipt", by=keeper, received=20_000, on=date(2006, 6, 9))
        (open_,) = [row for row in selectors.in_transit() if row.project == "P5"]
        assert (open_.disbursement, open_.doc_no, open_.amount) == (sent[0].pk, "拨10000", 10_000)


@pytest.mark.usefixtures("_ledger")
class TestStatement:
    def rows(self, book, **narrowed):
        line = BudgetLine.objects.get(code="TIBET")
        return [
            (row.date.isoformat(), row.received, row.spent, row.balance)
            for row in selectors.statement(book, [line], **narrowed)
        ]

    def test_of_the_special_account(self):
        assert self.rows("recipient") == [
            ("2005-03-01", 45_000, 0, 45_000),
            ("2005-03-12", 0, 20_000, 25_000),
            ("2006-02-09", 0, 8_000, 17_000),
            ("2006-02-12", 8_000, 0, 25_000),
        ]

    def test_of_the_giver(self):
        assert self.rows("giver")[-1] == ("2005-02-20", 0, 30_000, 20_000)

    def test_of_a_year_carries_the_balance_forward(self):
        assert self.rows("recipient", period=Period.year(2006)) == [
            ("2006-01-01", 0, 0, 25_000),
            ("2006-02-09", 0, 8_000, 17_000),
            ("2006-02-12", 8_000, 0, 25_000),
        ]

    def test_of_a_project_with_subject_and_source(self):
        line = BudgetLine.objects.get(code="TIBET")
        assert list(selectors.statement("recipient", [line], project="P2")) == []
        row = next(selectors.statement("recipient", [line]))
        assert (row.subject, row.source, row.memo, row.project) == ("2190100", "municipal", "文本账", "P1")
        assert row.number >= 1


@pytest.mark.usefixtures("_ledger")
def test_the_trial_balance_is_zero():
    found = selectors.trial_balance()
    assert sum(found.values()) == 0
    assert found["appropriation"] == -180_000
