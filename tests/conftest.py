"""Fixtures of the whole-house tests: the one named world, made once for a module and watched."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.witness import Witness
from tests.world import World, build, forget, undone
from yulan.kernel.feed import deliver
from yulan.kernel.trail import catch_up


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, made once for a module and taken back after it."""
    with django_db_blocker.unblock():
        with undone():
            yield build()
        connection.close()


@pytest.fixture(scope="module")
def furnished(world: World) -> World:
    """The world with one record of every resource in every place, its feed delivered and its rows indexed.

    What a test does is taken back: left undone, all of that would be done again by every request that writes.
    """
    world.furnish()
    deliver()
    catch_up()
    return world


@pytest.fixture(scope="module")
def witness(furnished: World) -> Iterator[Witness]:
    """Who watches, in a furnished world, that every write leaves its trail."""
    with Witness() as found:
        found.written.update(found.tables)
        demand(found)
        found.settle()
        yield found


@pytest.fixture
def house(furnished: World, witness: Witness, db: None) -> Iterator[World]:
    """The furnished world, under watch; what a test does to it is taken back."""
    forget()
    yield furnished
    forget()
    demand(witness)


def demand(witness: Witness) -> None:
    """Fail when the trail does not account for every write and every row."""
    faults = witness.verdict()
    assert not faults, "\n".join(faults[:20])
