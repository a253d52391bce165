"""Sixty-four at once: nothing is spent twice, nothing is lost, the same order sent twice happens once."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, connections

from yulan.engines.funds.ledger import Short, close_books, post, post_many
from yulan.engines.funds.models import Entry, Seal
from yulan.engines.funds.rules import Posting
from yulan.engines.funds.tests.makers import finance, holds, make_line, make_posting, total
from yulan.engines.funds.verify import verify_ledger
from yulan.kernel.access import Refused
from yulan.kernel.trail import change_set
from yulan.kernel.verify import verify_trail

pytestmark = pytest.mark.django_db(transaction=True)
CHAIN = ("allocate", "instruct", "receive", "request", "pay")
THREADS = 64


def together(act: Callable[[int], object]) -> list[object]:
    """Run act(0) … act(63) at the same time, each on a connection of its own; give what each gave or raised."""
    gate, answers = threading.Barrier(THREADS), [None] * THREADS

    def run(n: int) -> None:
        gate.wait()
        try:
            answers[n] = act(n)
        except Exception as error:
            answers[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    connection.close()
    return answers


def kinds(answers: list[object]) -> Counter:
    return Counter(type(answer).__name__ for answer in answers)


def assert_whole() -> None:
    assert total() == 0
    assert verify_ledger() == verify_trail() == []


def test_payments_never_exceed_the_budget_line():
    line = make_line(amount=4000).code

    def pay(n: int) -> None:
        with change_set(by=finance):
            for kind in CHAIN:
                post(Posting(kind, line, 100, date(2005, 3, 1), f"{kind}:{n}", f"P{n % 7}"), by=finance)

    answers = together(pay)
    assert kinds(answers) == {"NoneType": 40, "Short": 24}
    assert {answer.left for answer in answers if isinstance(answer, Short)} == {0}
    assert holds("treasury", line) == 0
    assert sum(holds("payee", line, f"P{n}") for n in range(7)) == 4000
    assert_whole()


def test_payments_never_exceed_what_was_requested():
    line = make_line(amount=1000).code
    for kind in CHAIN[:-1]:
        post(make_posting(line, kind, amount=1000), by=finance)
    answers = together(lambda n: post(make_posting(line, "pay", amount=130, key=f"pay:{n}"), by=finance))
    assert kinds(answers) == {"Entry": 7, "Short": 57}
    assert (holds("requested", line, "P1"), holds("payee", line, "P1")) == (90, 910)
    assert_whole()


def test_the_same_order_sent_64_times_is_posted_once():
    line = make_line(amount=1000).code
    order = make_posting(line, key="the order")
    answers = together(lambda n: post(order, by=finance))
    assert len({answer.pk for answer in answers}) == 1
    assert holds("allocated", line, "P1") == 100
    assert_whole()


def test_opposite_moves_do_not_wait_for_each_other_in_a_circle():
    line = make_line(amount=64_000).code
    for kind in CHAIN[:-2]:
        post(make_posting(line, kind, amount=64_000), by=finance)
    post(make_posting(line, "request", amount=32_000), by=finance)
    answers = together(
        lambda n: post(make_posting(line, ("request", "refuse")[n % 2], amount=100 + n, key=f"x:{n}"), by=finance)
    )
    assert kinds(answers) == {"Entry": THREADS}
    assert_whole()


def test_batches_and_single_entries_mix():
    line = make_line(amount=1_000_000).code

    def act(n: int) -> object:
        if n % 4:
            return post(make_posting(line, project=f"P{n}", key=f"one:{n}"), by=finance)
        batch = [make_posting(line, project=f"P{i}", key=f"many:{n}:{i}") for i in range(50)]
        return post_many(batch, by=finance)

    answers = together(act)
    assert kinds(answers) == {"Entry": 48, "list": 16}
    assert holds("treasury", line) == 1_000_000 - 100 * (48 + 16 * 50)
    numbers = list(Seal.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert_whole()


def test_books_close_between_postings_not_through_them():
    line = make_line(amount=100_000).code

    def act(n: int) -> object:
        if n == 32:
            return close_books(date(2005, 12, 31), by=finance)
        return post(make_posting(line, key=f"c:{n}"), by=finance)

    answers = together(act)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert Entry.objects.filter(kind="allocate").count() == 63 - len(refused)
    assert {type(answer) for answer in answers} <= {Entry, Refused, type(None)}
    assert_whole()
