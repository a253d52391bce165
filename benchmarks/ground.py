"""The data the sides start from, made once and kept under var/bench: nothing is fetched, nothing is random.

`python -m benchmarks.ground NAME` makes the data folder NAME in YULAN_VAR; `prepare` calls it where the folder is
not there yet. A change of the tables, of the search index or of these files makes all of it anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import world
from benchmarks.measure import OURS

ROOT = Path(__file__).resolve().parent.parent
STEP = 5000
MADE_BY = ("src/yulan/**/migrations/*.py", "src/yulan/kernel/search.py", "benchmarks/world.py", "benchmarks/ground.py")
SHEETS = {"warm": (50, 10), "good": (20_000, 0), "wrong": (20_000, 100), "large": (100_000, 0)}
"""Workbooks: rows, and each how manieth is wrong."""


def home() -> Path:
    """Give the folder of what these files would make; older ones are removed."""
    files = sorted(path for pattern in MADE_BY for path in ROOT.glob(pattern))
    mark = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]
    found = ROOT / "var" / "bench" / mark
    for other in found.parent.glob("*"):
        if other != found:
            shutil.rmtree(other)
    found.mkdir(parents=True, exist_ok=True)
    return found


def environment(var: Path, settings: str = OURS) -> dict[str, str]:
    """Give the environment of a process that works on a data folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("YULAN_")}
    paths = {"PYTHONPATH": str(ROOT), "YULAN_VAR": str(var), "DJANGO_SETTINGS_MODULE": settings}
    return ours | paths | {"PYTHONHASHSEED": "0"}


def prepare(name: str) -> Path:
    """Give a data folder or a folder of workbooks, made if it is not there."""
    folder = home() / name
    if not folder.exists():
        print(f"making {name} …", file=sys.stderr)
        new = folder.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        if name not in ("empty", "sheets"):
            shutil.copytree(prepare("empty"), new)
        new.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.ground", name]
        subprocess.run(command, check=True, cwd=ROOT, env=environment(new))
        new.rename(folder)
    return folder


def make(name: str) -> None:
    """Make a folder: empty, sheets, projects-N or search-N."""
    kind, _dash, count = name.partition("-")
    makers: dict[str, Any] = {"empty": empty, "sheets": sheets, "projects": projects, "search": searched}
    makers[kind](*([int(count)] if count else []))


def sheets() -> None:
    """Write the workbooks."""
    for name, (count, wrong) in SHEETS.items():
        world.write_workbook(Path(os.environ["YULAN_VAR"]) / f"{name}.xlsx", count, wrong)


def empty() -> None:
    """Tables, registers and accounts, no project yet."""
    from django.conf import settings
    from django.core.management import call_command

    from yulan.kernel.access import SYSTEM
    from yulan.registry.parties import services
    from yulan.site.loading import load

    settings.STATIC_ROOT.mkdir()
    call_command("migrate", interactive=False, verbosity=0)
    list(load(demo=False))
    account = services.open_account("officer", "officer", by=SYSTEM)
    for role in ("officer", "district", "finance"):
        services.assign_role(account, role, by=SYSTEM, valid_from=date(2001, 1, 1))
    token = services.issue_token("officer", by=SYSTEM, label="benchmark", days=None)
    (settings.VAR / "token").write_text(token)


def desk() -> tuple[Any, Any]:
    """Give the declaration of projects and the city officer who works on them."""
    from yulan.kernel.resource import resource_named
    from yulan.registry.parties.services import actor_of_account

    found = resource_named("projects"), actor_of_account("officer")
    if None in found:
        raise LookupError("the data folder has no officer")
    return found


def projects(count: int) -> None:
    """Put projects in every state into the table."""
    from django.db import connection, transaction

    from yulan.engines.projects.models import AidProject
    from yulan.kernel import bulk
    from yulan.kernel.trail import lock_chain

    with transaction.atomic():
        lock_chain()
        names, rows = stored_projects(count)
        for start in range(0, count, STEP):
            bulk.insert_rows(AidProject, names, [next(rows) for _ in range(min(STEP, count - start))])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def stored_projects(count: int) -> tuple[list[str], Iterator[list[Any]]]:
    """Give the columns of the table of projects and the rows of the world as they are stored."""
    from django.utils import timezone

    from yulan.engines.projects.lifecycle import AID_PROJECT
    from yulan.engines.projects.models import AidProject
    from yulan.engines.projects.rules import PROGRAMMES
    from yulan.registry.parties.models import Organisation
    from yulan.registry.records.terms import terms_of

    units: dict[Any, Any] = dict(Organisation.objects.values_list("code", "pk"))
    codes = {
        "supporter": units,
        "owner": units | {None: None},
        "programme": {str(label): code for code, label in PROGRAMMES},
        "sector": {both.zh: code for code, both in terms_of("sectors").items()},
        "delivery_mode": {both.zh: code for code, both in terms_of("delivery_modes").items()},
    }
    states, now = list(AID_PROJECT.states), timezone.now()
    fields = [f for f in AidProject._meta.concrete_fields if not f.primary_key]

    def stored(number: int) -> list[Any]:
        row = dict(zip(world.NAMES, world.project(number), strict=True))
        row |= {name: known[row[name]] for name, known in codes.items()}
        row |= {"total": round(row["total"] * 100), "aid_amount": round(row["aid_amount"] * 100)}
        row |= {"state": states[number % len(states)], "progress": number % 101, "created_at": now, "changed_at": now}
        rest = (row[f.name] if f.name in row else _default(f) for f in fields)
        return [number + 1, *rest]

    return ["id", *(f.attname for f in fields)], map(stored, range(count))


def _default(field: Any) -> Any:
    return field.get_default() if field.has_default() else None if field.null else ""


def searched(count: int) -> None:
    """Put projects into the search index."""
    from yulan.kernel import search

    for start in range(0, count, STEP):
        rows = (dict(zip(world.NAMES, world.project(number), strict=True)) for number in range(start, start + STEP))
        found = (
            search.SearchRow(
                "projects.aidproject",
                int(row["code"][1:]) + 1,
                f"{row['code']} {row['name']}",
                f"{row['code']}\n{row['name']}\n{row['content']}",
            )
            for row in rows
        )
        search.index(found)


if __name__ == "__main__":
    import django

    django.setup()
    make(sys.argv[1])
