"""A disbursement on its way: who may do which step, what each step posts, what happens to the rest."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from yulan.engines.funds import services
from yulan.engines.funds.disbursement import DISBURSEMENT, MONEY_AT
from yulan.engines.funds.ledger import Short
from yulan.engines.funds.models import Disbursement, Entry
from yulan.engines.funds.selectors import chain_of
from yulan.engines.funds.tests.makers import (
    auditor,
    cashier,
    field,
    finance,
    head,
    holds,
    make_line,
    officer,
    recipient,
    stranger,
    total,
    treasurer,
)
from yulan.engines.funds.verify import verify_ledger
from yulan.kernel.access import Actor, Refused
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import Stale

pytestmark = pytest.mark.django_db
PAPERS = {"payee": "日喀则某建筑公司", "invoice_no": "00012345", "contract_no": "HT-2005-7"}
STEPS = {
    "ALLOCATED": ("allocate", officer, {}),
    "APPROVED_TRANCHE": ("approve", head, {}),
    "INSTRUCTED": ("instruct", finance, {"doc_no": "拨2005-001"}),
    "RECEIVED": ("confirm_receipt", treasurer, {"received": None}),
    "REQUESTED": ("request_use", recipient, PAPERS),
    "PAID": ("pay", treasurer, {}),
    "VERIFIED": ("verify", auditor, {}),
}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def step(d, name, by, day=None, opinion="", **papers):
    return services.move_disbursement(d, name, by=by, on=day, opinion=opinion, **papers)


def make_disbursement(state="BUDGETED", amount=60_000, line=None, project="P1", day=date(2005, 3, 1)):
    """Take a new disbursement to a state of the usual way."""
    d = services.plan_disbursement(line or make_line(amount=100_000), project, amount, by=officer)
    for reached, (move, by, papers) in STEPS.items():
        if d.status == state:
            return d
        papers = {name: amount if value is None else value for name, value in papers.items()}
        d = step(d, move, by, None if move == "approve" else day, **papers)
        assert d.status == reached
    return d


def test_the_whole_way():
    d = make_disbursement("VERIFIED")
    stamps = [d.made_by, d.allocated_by, d.approved_by, d.instructed_by, d.received_by, d.requested_by, d.paid_by]
    assert [name.partition(".")[0] for name in stamps] == [
        "officer", "officer", "head", "finance", "treasurer", "recipient", "treasurer",
    ]  # fmt: skip
    kinds = list(Entry.objects.filter(disbursement=d).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["allocate", "instruct", "receive", "request", "pay", "verify"]
    assert chain_of("P1").stages == {
        "budgeted": 0, "allocated": 60_000, "instructed": 60_000, "received": 60_000, "requested": 60_000,
        "paid": 60_000, "verified": 60_000,
    }  # fmt: skip
    assert Entry.objects.filter(kind="pay").get().payee == PAPERS["payee"]
    assert [told["action"] for told in reversed(timeline(d))] == ["create", *(move for move, _, _ in STEPS.values())]
    assert verify_ledger() == []


class TestWhoMay:
    @pytest.mark.parametrize("state", list(STEPS))
    def test_each_step_is_its_role_s(self, state):
        move, by, papers = STEPS[state]
        before = list(STEPS)[list(STEPS).index(state) - 1] if move != "allocate" else "BUDGETED"
        d = make_disbursement(before)
        papers = {name: d.amount if value is None else value for name, value in papers.items()}
        allowed = DISBURSEMENT.find(move, before).roles
        for other in (officer, head, finance, recipient, treasurer, field, auditor, stranger):
            if not other.has(allowed):
                with pytest.raises(Refused) as refused:
                    step(d, move, other, **papers)
                assert refused.value.status == 403
        assert step(d, move, by, **papers).status == state

    def test_nobody_checks_their_own_act(self):
        d = make_disbursement("ALLOCATED")
        with pytest.raises(Refused, match="nobody checks their own act"):
            step(d, "approve", Actor(officer.name, head.grants))
        paid = make_disbursement("REQUESTED", project="P2")
        both = Actor(recipient.name, (*recipient.grants, *treasurer.grants))
        with pytest.raises(Refused, match="nobody checks their own act"):
            step(paid, "pay", both)

    def test_the_database_refuses_it_too(self):
        d = make_disbursement("PAID")
        with pytest.raises(IntegrityError), transaction.atomic():
            Disbursement.objects.filter(pk=d.pk).update(paid_by=d.requested_by)

    def test_the_giver_does_not_confirm_receipt_nor_the_recipient_send(self):
        d = make_disbursement("INSTRUCTED")
        with pytest.raises(Refused, match="Only the recipient side"):
            step(d, "confirm_receipt", cashier, received=d.amount)
        approved = make_disbursement("APPROVED_TRANCHE", project="P2")
        with pytest.raises(Refused, match="Only the giving side"):
            step(approved, "instruct", treasurer, doc_no="x")

    def test_another_district_and_another_area_are_outside(self):
        d = make_disbursement("APPROVED_TRANCHE")
        with pytest.raises(Refused, match="outside your place of work"):
            step(d, "instruct", stranger, doc_no="x")


class TestGuards:
    def test_the_line_must_have_it(self):
        line = make_line(amount=100_000)
        make_disbursement("ALLOCATED", line=line)
        d = services.plan_disbursement(line, "P2", 60_000, by=officer)
        with pytest.raises(Refused, match=r"Only 400\.00 yuan are left on this line"):
            step(d, "allocate", officer)

    def test_what_arrived_is_what_was_sent(self):
        d = make_disbursement("INSTRUCTED")
        with pytest.raises(Refused, match=r"600\.00 yuan were sent"):
            step(d, "confirm_receipt", treasurer, received=59_999)

    def test_dates_go_forward_and_not_into_the_future(self):
        d = make_disbursement("INSTRUCTED", day=date(2005, 3, 10))
        for day in (date(2005, 3, 9), timezone.localdate() + timedelta(1)):
            with pytest.raises(Refused):
                step(d, "confirm_receipt", treasurer, day, received=d.amount)

    def test_papers_are_named(self):
        d = make_disbursement("RECEIVED")
        with pytest.raises(Refused, match="Still missing: Invoice number, Contract number"):
            step(d, "request_use", recipient, payee="x")
        with pytest.raises(Refused, match="Still missing: Transfer order number"):
            step(make_disbursement("APPROVED_TRANCHE", project="P2"), "instruct", finance)

    def test_a_stale_page_is_told_so(self):
        d = make_disbursement("ALLOCATED")
        with pytest.raises(Stale):
            services.move_disbursement(d, "approve", by=head, version=d.version - 1)

    def test_a_refusal_posts_nothing(self):
        d = make_disbursement("REQUESTED")
        before = Entry.objects.count()
        with pytest.raises(Refused):
            step(d, "pay", recipient)
        assert Entry.objects.count() == before


class TestParts:
    def test_a_tranche_is_approved_and_the_rest_stays_allocated(self):
        d = make_disbursement("ALLOCATED")
        step(d, "approve", head, amount=20_000)
        rest = Disbursement.objects.get(tranche=2)
        assert (rest.amount, rest.status, rest.code) == (40_000, "ALLOCATED", "P1-02")
        assert verify_ledger() == []

    def test_a_part_is_requested_and_the_rest_stays_received(self):
        d = make_disbursement("RECEIVED")
        step(d, "request_use", recipient, amount=25_000, **PAPERS)
        rest = Disbursement.objects.get(tranche=2)
        assert (rest.amount, rest.status, rest.received_by) == (35_000, "RECEIVED", treasurer.name)
        assert holds("requested", rest.line.code, "P1") == 25_000
        step(rest, "request_use", recipient, amount=10_000, **PAPERS)
        assert Disbursement.objects.get(tranche=3).amount == 25_000
        assert verify_ledger() == []

    @pytest.mark.parametrize("asked", [0, 60_001])
    def test_more_than_is_there_or_nothing_is_refused(self, asked):
        with pytest.raises(Refused):
            step(make_disbursement("RECEIVED"), "request_use", recipient, amount=asked, **PAPERS)


class TestBackwards:
    def test_a_refused_request_returns_to_the_account(self):
        d = step(make_disbursement("REQUESTED"), "refuse", treasurer, opinion="invoice is not ours")
        assert d.status == "RECEIVED"
        assert holds("special", d.line.code, "P1") == 60_000
        again = step(d, "request_use", recipient, **PAPERS)
        assert again.status == "REQUESTED"
        assert verify_ledger() == []

    def test_a_reversed_payment_lies_in_the_special_account_again(self):
        d = make_disbursement("PAID")
        with pytest.raises(Refused, match="opinion"):
            step(d, "reverse", treasurer)
        d = step(d, "reverse", treasurer, opinion="paid to the wrong account")
        new = Disbursement.objects.get(tranche=2)
        assert (d.status, new.status, new.amount) == ("REVERSED", "RECEIVED", 60_000)
        assert holds("special", d.line.code, "P1") == 60_000
        step(new, "request_use", recipient, **PAPERS)
        assert total() == 0
        assert verify_ledger() == []

    def test_an_entry_of_a_disbursement_is_not_reversed_alone(self):
        d = make_disbursement("PAID")
        with pytest.raises(Refused, match="Reverse the disbursement"):
            services.reverse_entry(d.entries.get(kind="pay"), by=finance, reason="wrong")

    def test_held_and_released_or_recalled(self):
        d = step(make_disbursement("RECEIVED"), "hold", head, opinion="FR01: no movement for six months")
        assert holds("special", d.line.code, "P1") == 0
        d = step(d, "release", officer, opinion="work has begun")
        d = step(d, "hold", head, opinion="FR02")
        d = step(d, "recall", finance, opinion="to another project")
        assert (d.status, holds("treasury", d.line.code)) == ("RECALLED", 100_000)
        assert verify_ledger() == []

    def test_carried_drawn_and_recovered(self):
        d = step(make_disbursement("RECEIVED"), "carry_over", treasurer, date(2005, 12, 31))
        d = step(d, "request_use", recipient, date(2006, 5, 1), amount=20_000, **PAPERS)
        rest = Disbursement.objects.get(tranche=2)
        assert (d.status, rest.status, rest.amount) == ("REQUESTED", "CARRIED", 40_000)
        with pytest.raises(Refused, match="until the end of 2006"):
            step(rest, "recover", finance, date(2006, 12, 31))
        rest = step(rest, "recover", finance, date(2007, 1, 15))
        assert (rest.status, holds("recovered", rest.line.code, "P1")) == ("RECOVERED", 40_000)
        d = step(d, "pay", treasurer, date(2006, 6, 1))
        d = step(d, "reverse", treasurer, date(2006, 7, 1), opinion="wrong payee")
        assert Disbursement.objects.get(tranche=3).status == "CARRIED"
        assert verify_ledger() == []


class TestAllocationByDecision:
    def decide(self, line, **changes):
        wanted = {
            "project": "P9",
            "amount": 30_000,
            "on": date(2005, 3, 1),
            "doc_no": "沪合发〔2005〕3号",
            "key": "issue:P9",
        }
        return services.allocate(line, by=head, **{**wanted, **changes})

    def test_opens_an_allocated_disbursement_once(self):
        line = make_line(amount=100_000)
        d = self.decide(line)
        assert self.decide(line).pk == d.pk
        assert (d.status, d.moved_on, holds("allocated", line.code, "P9")) == ("ALLOCATED", date(2005, 3, 1), 30_000)
        assert verify_ledger() == []

    def test_is_refused_beyond_the_line(self):
        line = make_line(amount=100_000)
        with pytest.raises(Short):
            self.decide(line, amount=100_001)
        assert not Disbursement.objects.exists()


class TestLines:
    def test_the_ledger_follows_the_approved_budget(self):
        line = make_line(amount=100_000)
        services.change_line(line, by=finance, amount=150_000, approved_on=date(2005, 7, 1))
        assert (line.left, holds("appropriation", line.code)) == (150_000, -150_000)
        services.change_line(line, by=finance, amount=120_000)
        assert line.left == 120_000
        services.change_line(line, by=finance, doc_no="x")
        kinds = list(Entry.objects.order_by("pk").values_list("kind", "amount"))
        assert kinds == [("budget", 100_000), ("budget", 50_000), ("reduce", 30_000)]

    def test_is_not_cut_below_what_is_allocated(self):
        line = make_line(amount=100_000)
        make_disbursement("ALLOCATED", line=line)
        with pytest.raises(Short):
            services.change_line(line, by=finance, amount=50_000)
        line.refresh_from_db()
        assert (line.amount, line.left) == (100_000, 40_000)


def test_every_state_with_money_has_an_account():
    without = set(DISBURSEMENT.states) - set(MONEY_AT)
    assert without == {"BUDGETED", "RECALLED", "REVERSED"}
