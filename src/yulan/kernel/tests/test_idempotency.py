"""One key, one effect: repeats, other bodies, failures, many at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from yulan.kernel.idempotency import Answer, IdempotencyKey, KeyReused, fingerprint, forget_keys, once

PAY = fingerprint("POST", "/api/payments?dry=0", b'{"amount": 100}')


def make_act(done: list[int], status: int = 201):
    def act() -> Answer:
        done.append(1)
        return Answer(status, f'{{"id": {len(done)}}}')

    return act


@pytest.mark.django_db
def test_a_repeat_gets_the_first_answer_and_nothing_happens_twice():
    done: list[int] = []
    assert once("k-1", "fin", PAY, make_act(done)) == Answer(201, '{"id": 1}')
    assert once("k-1", "fin", PAY, make_act(done)) == Answer(201, '{"id": 1}', repeated=True)
    assert len(done) == 1


@pytest.mark.django_db
def test_another_actor_has_keys_of_their_own():
    done: list[int] = []
    once("k-1", "fin", PAY, make_act(done))
    assert once("k-1", "aud", PAY, make_act(done)) == Answer(201, '{"id": 2}')


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [("PUT", "/api/payments?dry=0", b'{"amount": 100}'), ("POST", "/api/payments", b'{"amount": 100}'),
     ("POST", "/api/payments?dry=0", b'{"amount": 101}')],
)  # fmt: skip
def test_the_same_key_with_another_request_is_refused(other):
    done: list[int] = []
    once("k-1", "fin", PAY, make_act(done))
    with pytest.raises(KeyReused, match="another request"):
        once("k-1", "fin", fingerprint(*other), make_act(done))
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_a_failure_keeps_nothing_and_the_key_may_be_tried_again():
    def fail() -> Answer:
        raise RuntimeError("the bank is closed")

    with pytest.raises(RuntimeError), transaction.atomic():
        once("k-1", "fin", PAY, fail)
    assert not IdempotencyKey.objects.exists()
    with transaction.atomic():
        assert once("k-1", "fin", PAY, make_act([])).status == 201


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_refuses():
    with pytest.raises(transaction.TransactionManagementError):
        once("k-1", "fin", PAY, make_act([]))


@pytest.mark.django_db
def test_calling_itself_is_refused():
    with pytest.raises(transaction.TransactionManagementError, match="very transaction"):
        once("k-1", "fin", PAY, lambda: once("k-1", "fin", PAY, make_act([])))


@pytest.mark.parametrize("key", ["", "k" * 101, "键", "a\nb"])
def test_a_strange_key_is_refused(key):
    with pytest.raises(ValueError, match="visible ASCII"):
        once(key, "fin", PAY, make_act([]))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_does_the_work_and_all_get_its_answer():
    done: list[int] = []
    answers: list[Answer] = []
    failures: list[BaseException] = []
    start = threading.Barrier(12)

    def send(number: int) -> None:
        start.wait()
        try:
            with transaction.atomic():
                answers.append(once(f"k-{number % 3}", "fin", PAY, make_act(done)))
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(done) == 3
    assert sorted((a.body, a.repeated) for a in answers) == sorted(
        (f'{{"id": {n}}}', repeated) for n in (1, 2, 3) for repeated in (False, True, True, True)
    )


@pytest.mark.django_db
def test_old_answers_are_forgotten():
    once("k-1", "fin", PAY, make_act([]))
    assert forget_keys(timezone.now() - timedelta(days=1)) == 0
    assert forget_keys(timezone.now() + timedelta(days=1)) == 1
