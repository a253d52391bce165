"""kill -9 while posting: what was acknowledged is there, nothing is half there, the next one goes on."""

import os
import random
import select
import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import date

import pytest
from django.db import connections

from yulan.engines.funds.ledger import post
from yulan.engines.funds.models import Entry
from yulan.engines.funds.rules import Posting
from yulan.engines.funds.tests.makers import finance, make_line, total
from yulan.engines.funds.verify import verify_ledger
from yulan.kernel.trail import change_set
from yulan.kernel.verify import verify_trail

KILLS = 200
CHAIN = ("allocate", "instruct", "receive")


def post_until_killed(line: str, life: int, acknowledge: int) -> None:
    """Post chains of three entries, each in one change set; write the number of each chain that is committed."""
    for number in range(1_000_000):
        with change_set(by=finance):
            for kind in CHAIN:
                key = f"{life}:{number}:{kind}"
                post(Posting(kind, line, 1, date(2005, 3, 1), key, f"P{number % 5}"), by=finance)
        os.write(acknowledge, f"{number}\n".encode())


def live_and_die(line: str, life: int, chance: random.Random) -> set[int]:
    """Start a process that posts, kill it at a random moment, give the chains it acknowledged."""
    hear, acknowledge = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            os.close(hear)
            post_until_killed(line, life, acknowledge)
        os._exit(1)
    os.close(acknowledge)
    if life % 10:  # one in ten is killed anywhere, even before it has begun
        select.select([hear], [], [], 20)
    time.sleep(chance.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "the process ended by itself"
    with os.fdopen(hear) as told:
        return {int(row) for row in told.read().splitlines()}


def chains_since(last: int) -> Counter:
    """Count the entries of each chain that the last life has left behind."""
    keys = Entry.objects.filter(pk__gt=last).values_list("key", flat=True)
    return Counter(int(key.split(":")[1]) for key in keys)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_two_hundred_times():
    line, chance = make_line(amount=1_000_000).code, random.Random(20051)
    acknowledged = 0
    for life in range(KILLS):
        last = Entry.objects.latest("pk").pk
        connections.close_all()  # a child must not share its parent's connection
        told = live_and_die(line, life, chance)
        left = chains_since(last)
        assert told <= set(left), "an acknowledged entry is lost"
        assert set(left.values()) <= {len(CHAIN)}, "a change set is half there"
        assert len(left) <= len(told) + 1
        acknowledged += len(told)
        if life % 100 == 99:
            assert verify_ledger() == verify_trail() == []
    assert acknowledged > KILLS
    assert total() == 0
