"""Watches that nothing is written without the trail: every statement as it runs, every row as the trail tells it."""

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.apps import apps
from django.db import connection, models

from yulan.kernel.records import Record, canonical, recorded_fields, snapshot
from yulan.kernel.trail import TrailEntry, head, in_change_set

WRITES = re.compile(r'\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+"?(\w+)"?', re.IGNORECASE)
TOLD_WITHOUT_VALUE = {("parties.account", "password")}
"""Columns whose change the trail tells without the value."""

State = dict[tuple[str, str], dict[str, Any]]


def record_models() -> dict[str, type[models.Model]]:
    """Give every table of records, by its name in the database."""
    return {model._meta.db_table: model for model in apps.get_models() if issubclass(model, Record)}


class Witness:
    """Sees every write to a table of records; `verdict` says what the trail does not account for."""

    def __init__(self) -> None:
        self.tables = record_models()
        self.faults: list[str] = []
        self.written: set[str] = set()
        self.seq, self.state = 0, State()
        self._stack = ExitStack()

    def __enter__(self) -> "Witness":
        self._stack.enter_context(connection.execute_wrapper(self._see))
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def _see(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
        found = WRITES.match(sql)
        if found and found.group(1) in self.tables:
            self.written.add(found.group(1))
            if not in_change_set():
                self.faults.append(f"outside a change set: {sql[:160]}")
        return execute(sql, params, many, context)

    def settle(self) -> None:
        """Take what the trail tells up to now as known."""
        self.seq, self.state = head()[0], self.told()

    def told(self) -> State:
        """Give every record as the trail tells it, and note where an entry's "before" is not what it told before."""
        state = dict(self.state)
        for body in TrailEntry.objects.filter(seq__gt=self.seq).order_by("seq").values_list("body", flat=True):
            entry = orjson.loads(body)
            for key, before, after in _rows_of(entry):
                self._tell(state, entry, (entry["model"], str(key)), before, after)
        return state

    def _tell(self, state: State, entry: dict[str, Any], at: tuple[str, str], before: Any, after: Any) -> None:
        known = state.get(at)
        for name, value in (before or {}).items():
            if known is not None and name in known and not _same(known[name], value):
                self.faults.append(f"trail {entry['seq']} {at}: before.{name} is {value!r}, was {known[name]!r}")
        if entry["action"] == "remove":
            state.pop(at, None)
        elif after is not None:
            state[at] = {**(known or {}), **after}

    def verdict(self) -> list[str]:
        """Give the writes that left no trail, and the rows that are not as the trail tells them."""
        state = self.told()
        for table in sorted(self.written):
            self.faults += _differences(self.tables[table], state)
        self.written.clear()
        found, self.faults = self.faults, []
        return found


def _rows_of(entry: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    if "rows" not in entry:
        return [(entry["object"], entry["before"], entry["after"])]
    names, same = entry["fields"], entry.get("same", {})
    return [
        (key, before and dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True)) | same)
        for key, before, after in entry["rows"]
    ]


def _differences(model: type[models.Model], state: State) -> list[str]:
    label, names = model._meta.label_lower, recorded_fields(model)
    there = {str(obj.pk): orjson.loads(canonical(snapshot(obj, names))) for obj in model._base_manager.all()}
    told = {key: row for (kind, key), row in state.items() if kind == label}
    faults = [f"{label} {key}: the trail does not know it" for key in there.keys() - told.keys()]
    faults += [f"{label} {key}: gone without a trace" for key in told.keys() - there.keys()]
    for key in there.keys() & told.keys():
        for name in names:
            if (label, name) in TOLD_WITHOUT_VALUE or name == "id":
                continue
            if not _same(there[key][name], told[key].get(name)):
                faults.append(f"{label} {key}: {name} is {there[key][name]!r}, told {told[key].get(name)!r}")
    return faults


def _same(one: Any, other: Any) -> bool:
    """Compare values as the trail writes them; numbers and moments by what they mean."""
    if one == other:
        return True
    for read in (Decimal, datetime.fromisoformat):
        try:
            return bool(read(one) == read(other))
        except (ArithmeticError, TypeError, ValueError):
            continue
    return False
