"""Of requests that come at the same moment one is done; what the others get tells them so."""

import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client

from yulan.kernel.access import SYSTEM
from yulan.registry.parties import services as parties
from yulan.registry.regions.models import RegionGroup

JSON = {"content_type": "application/json"}


@pytest.fixture
def token(transactional_db: None) -> str:
    keeper = parties.open_account("keeper", "Keeper", by=SYSTEM)
    parties.assign_role(keeper, "sysadmin", by=SYSTEM)
    return parties.issue_token("keeper", by=SYSTEM, label="t")


def at_once(call: Callable[[Client, int], Any], token: str) -> list[Any]:
    """Make a call from four threads at the same moment; give the answers."""
    start, answers = threading.Barrier(4), []

    def send(turn: int) -> None:
        start.wait()
        answers.append(call(Client(headers={"authorization": f"Bearer {token}"}), turn))
        connection.close()

    threads = [threading.Thread(target=send, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_one_key_makes_one_record_and_one_version_takes_one_change(token):
    sent = orjson.dumps({"code": "twice", "name_zh": "两次", "name_en": "Twice"})

    def create(client: Client, _turn: int) -> Any:
        return client.post("/api/v1/region-groups/", sent, headers={"idempotency-key": "k-1"}, **JSON)

    made = at_once(create, token)
    assert [answer.status_code for answer in made] == [201] * 4, [answer.content for answer in made]
    assert len({answer.content for answer in made}) == 1
    assert RegionGroup.objects.count() == 1
    url, tag = made[0]["Location"], made[0]["ETag"]

    def change(client: Client, turn: int) -> Any:
        return client.patch(url, orjson.dumps({"note": f"{turn}"}), headers={"if-match": tag}, **JSON)

    assert sorted(answer.status_code for answer in at_once(change, token)) == [200, 412, 412, 412]
