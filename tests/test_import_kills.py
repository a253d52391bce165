"""kill -9 during an import: all rows or none, and the next import goes on."""

import os
import random
import signal
import time
from contextlib import suppress
from io import BytesIO

import pytest
import xlsxwriter
from django.db import connections

from yulan.engines.projects.models import AidProject
from yulan.kernel.access import SYSTEM
from yulan.kernel.resource import resource_named
from yulan.kernel.resource.importing import commit_import
from yulan.kernel.resource.planning import plan_import
from yulan.kernel.verify import verify_trail
from yulan.registry.parties.tests.makers import make_organisation
from yulan.registry.records.services import load_records

KILLS, ROWS, LONGEST = 50, 1000, 0.5
HEADS = ("code", "name", "year", "region", "supporter", "sector", "total", "content", "planned_start")


def workbook(life: int) -> bytes:
    """Make a workbook of projects that no other life has."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADS)
        for row in range(ROWS):
            values = (
                f"K{life}-{row:05}",
                f"项目{row}",
                2007,
                "532600",
                "KILL-T",
                "education",
                1000 + row,
                "内容",
                "2007-05-01",
            )
            page.write_row(row + 1, 0, values)
    return target.getvalue()


def import_and_die(source: bytes, chance: random.Random) -> None:
    """Start a process that imports; kill it at a random moment from the beginning of the commit on."""
    hear, tell = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            plan = plan_import(resource_named("projects"), source, name="k.xlsx", by=SYSTEM)
            os.write(tell, b"!")
            commit_import(plan, by=SYSTEM, reason="k.xlsx")
            time.sleep(30)
        os._exit(1)
    os.close(tell)
    with os.fdopen(hear, "rb") as told:
        assert told.read(1) == b"!", "the import was refused"
    time.sleep(chance.uniform(0, LONGEST))
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_fifty_times():
    load_records(by=SYSTEM)
    make_organisation("KILL-T")
    warm = plan_import(resource_named("projects"), workbook(-1), name="k.xlsx", by=SYSTEM)
    commit_import(warm, by=SYSTEM)  # what is loaded once per process is loaded before the children are born
    chance, whole, expected = random.Random(532600), 0, ROWS
    source = workbook(0)
    for life in range(KILLS):
        connections.close_all()
        import_and_die(source, chance)
        found = AidProject.objects.count()
        assert found in (expected, expected + ROWS), f"{found - expected} rows of {ROWS} are half there"
        if found > expected:
            whole, expected = whole + 1, found
            source = workbook(life + 1)
    assert 0 < whole < KILLS, "the kills missed the commit"
    assert verify_trail() == []
