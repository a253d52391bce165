"""The rules of the house that a reader should be able to rely on everywhere. Imports are checked by lint-imports."""

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from tools import clause_map, messages
from yulan.kernel.secrets import PERSONAL

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "yulan"
ROOMS = [config for config in apps.get_app_configs() if config.name.startswith("yulan.")]
NOT_CODE = {"tests", "migrations", "__pycache__"}
MODULES = sorted(path for path in SOURCE.rglob("*.py") if not NOT_CODE & set(path.parts))
IN_ROOMS = [path for path in MODULES if path.relative_to(SOURCE).parts[0] not in ("kernel", "site")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Give the calls of a module with the last part of the name called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def test_relations_point_down():
    floor = {name: number for number, name in enumerate(settings.INSTALLED_APPS)}
    up = [
        f"{field} → {field.related_model._meta.label}"
        for config in ROOMS
        for model in config.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if floor[field.related_model._meta.app_config.name] > floor[config.name]
    ]
    assert not up


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.label)
def test_room_says_what_it_is_for(room):
    assert (room.module.__doc__ or "").strip(), f"{room.name} has no docstring"
    assert isinstance(room.clauses, tuple)
    assert room.clauses or not room.name.startswith("yulan.work."), f"{room.name} serves no clause of the plan"


def test_every_room_of_work_is_installed():
    there = {f"yulan.work.{path.parent.name}" for path in (SOURCE / "work").glob("*/__init__.py")}
    assert there <= set(settings.INSTALLED_APPS)


def test_every_clause_has_a_room_and_the_map_of_the_plan_is_new():
    assert clause_map.page() == clause_map.PAGE.read_text(encoding="utf-8"), "run python tools/clause_map.py"
    rooms = {name for room in ROOMS if room.clauses for name in room.clauses}
    known = {line.split(" | ")[0].removeprefix("| ") for line in clause_map.page().splitlines()}
    assert rooms <= known, "a room names a clause that the plan does not have"


def test_every_message_has_its_chinese():
    found, catalog = messages.collected(messages.SOURCE), messages.kept(messages.PO)
    assert not list(messages.faults(catalog, found)), "run python tools/messages.py and fill in the Chinese"


def test_no_file_is_named_for_its_kind():
    names = {f"{word}.py" for word in ("utils", "helpers", "constants", "signals", "forms", "filters", "serializers")}
    assert not [path for path in IN_ROOMS if path.name in names]
    assert not [path for path in MODULES if path.name in ("utils.py", "helpers.py", "constants.py", "signals.py")]


def test_only_a_move_assigns_a_state():
    from yulan.kernel.resource import all_resources

    fields = {resource.lifecycle.field for resource in all_resources() if resource.lifecycle}
    wrong = []
    for path in IN_ROOMS:
        for node in ast.walk(tree(path)):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            wrong += [place(path, node) for t in targets if isinstance(t, ast.Attribute) and t.attr in fields]
        for name, call in calls(path):
            if name in ("update", "update_or_create") and fields & {word.arg for word in call.keywords}:
                wrong.append(place(path, call))
            if name in ("setattr", "bulk_update"):
                words = {node.value for node in ast.walk(call) if isinstance(node, ast.Constant)}
                wrong += [place(path, call)] if fields & words else []
    assert not wrong, "states are written by lifecycles only"


def test_whoever_opens_a_change_set_is_told_who_acts():
    silent = []
    for path in IN_ROOMS:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                named = {word.arg for word in (*node.args.args, *node.args.kwonlyargs)}
                opens = any(isinstance(part, ast.Name) and part.id == "change_set" for part in ast.walk(node))
                if path.name == "services.py" and opens and "by" not in named:
                    silent.append(f"{place(path, node)} {node.name}")
    assert not silent


LINES = {"models.py": 300, "rules.py": 250}
ROOM_LINES, FUNCTION_LINES = 1500, 40


@pytest.mark.parametrize("name", LINES)
def test_files_are_short(name):
    long = {
        str(path.relative_to(SOURCE)): count
        for path in MODULES
        if path.name == name and (count := len(path.read_text().splitlines())) > LINES[name]
    }
    assert not long


def test_functions_are_short():
    long = [
        f"{place(path, node)} {node.name}: {size}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (size := node.end_lineno - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not long


def test_rooms_of_work_are_small():
    for room in (SOURCE / "work").glob("*/"):
        size = sum(len(path.read_text().splitlines()) for path in MODULES if room in path.parents)
        assert size <= ROOM_LINES, f"{room.name} is two rooms"


def test_tracked_files_name_no_machine_and_no_registry():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    machine = "|".join(("/" + "work/(main|shared)", "/" + "root/", "/" + "home/[a-z]", r"\.\./" + "shared"))
    registry = r"https?://[^/\s\"']*(" + "|".join(("registry", "mirror", "pypi" + r"\.", "npm" + "js")) + ")"
    words = re.compile(f"({machine})|{registry}")
    found = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content[:8000]:
            lines = content.decode("utf-8", "replace").splitlines()
            found += [f"{name}:{number}: {line[:120]}" for number, line in enumerate(lines, 1) if words.search(line)]
    assert not found


DRIVERS = {"psycopg"}
"""Imported by Django, not by us."""


def test_requirements_are_what_is_imported():
    listed = {
        re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower()
        for line in (ROOT / "requirements.in").read_text().split("\n")
        if line
    }
    homes = importlib.metadata.packages_distributions()
    tops = {top for path in MODULES for top in imported(path)} - set(sys.stdlib_module_names) - {"yulan"}
    tops |= {name.partition(".")[0] for name in (*settings.INSTALLED_APPS, *settings.MIDDLEWARE)} - {"yulan"}
    used = {homes[top][0].lower().replace("_", "-") for top in tops if top in homes}
    assert not tops - set(homes), "imported, but of no package"
    assert used - listed == set(), "imported, but not in requirements.in"
    assert listed - used - DRIVERS == set(), "in requirements.in, but not imported"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
    # importlib.resources.files("package")
    yield from (
        call.args[0].value for name, call in calls(path) if name == "files" and isinstance(call.args[0], ast.Constant)
    )


IDENTITY = re.compile(rf"(?<![0-9A-Za-z])(?:{PERSONAL['identity_number']})(?![0-9A-Za-z])")
PHONE = re.compile(rf"(?<![0-9A-Za-z.]){PERSONAL['phone']}(?![0-9A-Za-z.])")
NOBODYS = ("31000019000101", "11010519491231002")
"""Identity numbers that are nobody's: of no county, on a day of 1900; and the example printed in GB 11643."""


def test_personal_data_in_the_repository_is_nobodys():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = []
    for name in filter(None, listed.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        text = "" if b"\0" in content[:8000] else content.decode("utf-8", "replace")
        found += [f"{name}: {one[0]}" for one in IDENTITY.finditer(text) if not one[0].startswith(NOBODYS)]
        found += [f"{name}: {one[0]}" for one in PHONE.finditer(text) if not one[0].startswith(("160", "161"))]
    assert not found, "use numbers that no county and no operator gives out"
