"""A workbook into a resource: read, compare, report, commit all rows or none.

`plan_import` reads and judges everything without writing; `commit_import` writes exactly that plan in one change
set. Rows are matched by the resource's key: new, changed, same or wrong. Work goes column by column; a row is
looked at by itself only where a rule says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError
from django.utils import timezone, translation

from yulan.kernel.access import Actor, Refused
from yulan.kernel.records import BOOKKEEPING
from yulan.kernel.resource.declare import Resource
from yulan.kernel.resource.fields import Codec, Reference, View
from yulan.kernel.resource.write import ROW, Invalid, check, messages_of
from yulan.kernel.sheets.annotate import annotate
from yulan.kernel.sheets.headers import find_header
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.sheets.shapes import Sheet
from yulan.kernel.text import _
from yulan.kernel.trail import BATCH, Stale, change_set

REASON = _("What is wrong")


class ImportRefused(Exception):
    """The workbook as a whole cannot be taken; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that differs from its record."""

    line: int
    pk: int
    version: int
    before: tuple[Any, ...]
    after: tuple[Any, ...]


@dataclass
class ImportPlan:
    """What a commit would do. Lines are the sheet's own row numbers, from 1."""

    resource: Resource
    names: list[str] = field(default_factory=list)
    header_line: int = 1
    sheet_name: str = ""
    unknown: list[str] = field(default_factory=list)
    new: list[tuple[int, tuple[Any, ...]]] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    wrong: dict[int, list[str]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Give new, changed, same, wrong and total."""
        parts = {"new": len(self.new), "changed": len(self.changed), "same": self.same, "wrong": len(self.wrong)}
        return parts | {"total": sum(parts.values())}

    @property
    def attnames(self) -> list[str]:
        """Give the column attributes of `names`."""
        return [_attname(self.resource, name) for name in self.names]

    @property
    def codecs(self) -> list[Codec]:
        """Give the codecs of `names`."""
        return [self.resource.fields[name].codec for name in self.names]

    def reasons(self) -> dict[int, str]:
        """Give one text per wrong row."""
        return {line: "; ".join(texts) for line, texts in sorted(self.wrong.items())}

    def fault(self, line: int, text: str) -> None:
        """Note that a row is wrong."""
        self.wrong.setdefault(line, []).append(text)


def _attname(resource: Resource, name: str) -> str:
    return str(resource.model._meta.get_field(name).attname)  # type: ignore[union-attr]


def labels_of(resource: Resource, names: Sequence[str]) -> dict[str, str]:
    """Give heading → field for both languages and the field's own name."""
    found: dict[str, str] = {}
    for lang in ("en", "zh-hans"):
        with translation.override(lang):
            for name in names:
                found.setdefault(str(resource.fields[name].label), name)
    return found | {name: name for name in names}


def plan_import(resource: Resource, source: bytes | Path, *, name: str, by: Actor) -> ImportPlan:
    """Read a workbook and judge every row. Raises SheetError, ImportRefused, Refused."""
    names = resource.sheet(by)
    if not names:
        raise Refused(str(_("Your role may not import this.")))
    sheet = read_workbook(source, name=name)
    header = find_header(sheet, labels_of(resource, names))
    if header.repeated:
        raise ImportRefused(_("Two columns are headed “%(label)s”.") % {"label": header.repeated[0]})
    plan = ImportPlan(resource, header_line=header.row + 1, sheet_name=sheet.name, unknown=list(header.unknown))
    if resource.key not in header.fields.values():
        label = resource.fields[resource.key].label
        raise ImportRefused(_("The column “%(label)s” is missing: rows are matched by it.") % {"label": label})
    rows = list(zip(*_read_columns(plan, sheet, header), strict=True))
    _sort_rows(plan, rows)
    _apply_checks(plan)
    _apply_unique(plan)
    _apply_places(plan, by)
    _drop_wrong(plan)
    return plan


def _read_columns(plan: ImportPlan, sheet: Sheet, header: Any) -> list[list[Any]]:
    """Read the columns that have a field; a column of the sheet is let go as soon as it is read."""
    columns = []
    start = header.row + 1
    for index, name in header.fields.items():
        cells = sheet.columns[index][start:]
        sheet.columns[index] = []
        codec = plan.resource.fields[name].codec
        values, wrong = codec.parse_column(cells, header.units.get(index) or header.table_unit)
        wrong |= _validate(plan.resource.model._meta.get_field(name), values)
        label = plan.resource.fields[name].label
        for row, text in wrong.items():
            plan.fault(start + row + 1, f"{label}: {text}")
        plan.names.append(name)
        columns.append(values)
    return columns


def _validate(field: Any, values: list[Any]) -> dict[int, str]:
    """Run the field's validators once per distinct value; bounds that the least and the greatest keep, on none."""
    validators = [v for v in field.validators if not type(v).__name__.startswith(("MaxLength", "ProhibitNull"))]
    if not validators or field.is_relation:
        return {}
    faults: dict[Any, str] = {}
    distinct = {value for value in values if value is not None}
    validators = [v for v in validators if not (isinstance(v, BOUNDS) and _holds(v, distinct))]
    for value in distinct if validators else ():
        for validator in validators:
            try:
                validator(value)
            except ValidationError as error:
                faults[value] = " ".join(error.messages)
    return {index: faults[value] for index, value in enumerate(values) if value in faults} if faults else {}


BOUNDS = (MinValueValidator, MaxValueValidator)


def _holds(validator: Any, distinct: set[Any]) -> bool:
    """Say whether a bound holds for all values."""
    try:
        for value in (min(distinct), max(distinct)) if distinct else ():
            validator(value)
    except ValidationError:
        return False
    return True


def _sort_rows(plan: ImportPlan, rows: Sequence[tuple[Any, ...]]) -> None:
    """Tell new, changed, same and wrong rows apart; those in which nothing stands are passed over."""
    resource = plan.resource
    key_index = plan.names.index(resource.key)
    filled = [index for index, row in enumerate(rows) if any(cell is not None for cell in row)]
    first: dict[Any, int] = {}
    offset = plan.header_line + 1
    existing = _existing(plan, {rows[index][key_index] for index in filled} - {None})
    blanks = [_blank(resource, name) for name in plan.names]
    required = [index for index, (name, blank) in enumerate(zip(plan.names, blanks, strict=True)) if blank is _MISSING]
    absent = _absent_required(plan)
    shown = {at: codec.as_is for at, codec in enumerate(plan.codecs) if codec.as_is is not None}
    for index in filled:
        row = rows[index]
        line, key = index + offset, row[key_index]
        for at in required:
            if row[at] is None and not (line in plan.wrong and _is_named(plan, line, at)):
                plan.fault(line, _("%(label)s is required.") % {"label": resource.fields[plan.names[at]].label})
        if key is not None and key in first:
            plan.fault(line, _("The same %(label)s stands in row %(n)s.") % _twice(resource, first[key]))
        first.setdefault(key, line)
        values = (
            row
            if None not in row
            else tuple(blank if cell is None else cell for cell, blank in zip(row, blanks, strict=True))
        )
        found = existing.get(key)
        if shown:
            values = _left_as_is(plan, line, values, found, shown)
        if found is None and absent and line not in plan.wrong:
            plan.fault(line, _("A new row also needs: %(labels)s.") % {"labels": ", ".join(absent)})
        if line in plan.wrong:
            continue
        if found is None:
            plan.new.append((line, values))
        elif found[2:] == values:
            plan.same += 1
        else:
            plan.changed.append(Change(line, found[0], found[1], found[2:], values))


def _left_as_is(plan: ImportPlan, line: int, row: Sequence[Any], found: Any, shown: Mapping[int, Any]) -> Any:
    """Put what is stored where a cell only repeats what its reader was shown; in a new row that is a fault."""
    values = list(row)
    for at, mark in shown.items():
        if values[at] == mark and found is None:
            plan.fault(line, f"{plan.resource.fields[plan.names[at]].label}: {_('Write the whole value.')}")
        elif values[at] == mark:
            values[at] = found[2 + at]
    return tuple(values)


_MISSING = object()


def _blank(resource: Resource, name: str) -> Any:
    field: Any = resource.model._meta.get_field(name)
    if field.null:
        return None
    if field.has_default():
        return field.get_default()
    return "" if field.blank and field.empty_strings_allowed else _MISSING


def _is_named(plan: ImportPlan, line: int, at: int) -> bool:
    label = str(plan.resource.fields[plan.names[at]].label)
    return any(text.startswith(f"{label}:") for text in plan.wrong[line])


def _twice(resource: Resource, line: int) -> dict[str, Any]:
    return {"label": resource.fields[resource.key].label, "n": line}


def _absent_required(plan: ImportPlan) -> list[str]:
    """Give the labels of required fields that the sheet has no column for."""
    missing = (name for name in plan.resource.demanded if name not in plan.names)
    return [str(plan.resource.fields[name].label) for name in missing]


def _existing(plan: ImportPlan, keys: set[Any]) -> dict[Any, tuple[Any, ...]]:
    """Give key → (pk, version, the plan's columns…) of records that are there."""
    resource = plan.resource
    found: dict[Any, tuple[Any, ...]] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 900):
        for key, *row in resource.stored(wanted[start : start + 900], plan.attnames):
            found[key] = tuple(row)
    return found


def _candidates(plan: ImportPlan) -> Iterator[tuple[int, tuple[Any, ...]]]:
    yield from plan.new
    yield from ((change.line, change.after) for change in plan.changed)


def _apply_checks(plan: ImportPlan) -> None:
    if not plan.resource.checks:
        return
    names = plan.attnames
    for line, values in _candidates(plan):
        given = dict(zip(names, values, strict=True))
        for rule in plan.resource.checks:
            fault = rule(given)
            if fault:
                plan.fault(line, str(fault[1]))


def _apply_unique(plan: ImportPlan) -> None:
    """Refuse values that another record holds, for the unique fields besides the key."""
    for index, name in enumerate(plan.names):
        field: Any = plan.resource.model._meta.get_field(name)
        if not field.unique or name == plan.resource.key:
            continue
        own = {change.line: change.pk for change in plan.changed}
        lines: dict[Any, int] = {}
        for line, values in _candidates(plan):
            value = values[index]
            if value in (None, ""):
                continue
            if value in lines:
                plan.fault(line, _("%(label)s: also in row %(n)s.") % {"label": field.verbose_name, "n": lines[value]})
            lines.setdefault(value, line)
        taken = plan.resource.model._default_manager.filter(**{f"{name}__in": list(lines)})
        for value, pk in taken.values_list(name, "pk"):
            if own.get(lines[value]) != pk:
                plan.fault(lines[value], _("%(label)s: already taken.") % {"label": field.verbose_name})


OUTSIDE = _("This record is outside your place of work.")
CLOSED = _("In its present state the record cannot be changed.")


def _apply_places(plan: ImportPlan, by: Actor) -> None:
    """Refuse rows outside the actor's place, as they are and as they would be, and records that are closed."""
    judged = _Places(plan, by)
    creates = plan.resource.can_create(by)
    for line, values in plan.new:
        if creates:
            judged.take(line, values)
        else:
            plan.fault(line, str(_("Your role may not create this.")))
    for start in range(0, len(plan.changed), 900):
        part = plan.changed[start : start + 900]
        objects = plan.resource.model._default_manager.filter(plan.resource.reach(by, plan.resource.writers))
        reached = objects.in_bulk([change.pk for change in part])
        for change in part:
            obj = reached.get(change.pk)
            if obj is None:
                plan.fault(change.line, str(OUTSIDE))
            elif not plan.resource.is_open(obj):
                plan.fault(change.line, str(CLOSED))
            else:
                judged.take(change.line, change.after, obj)


class _Places:
    """Judges rows by what says where they lie, once for each distinct place."""

    def __init__(self, plan: ImportPlan, by: Actor) -> None:
        self.plan, self.by = plan, by
        scope = plan.resource.scope
        paths = [getattr(scope, "organisation", ""), getattr(scope, "region", ""), plan.resource.under]
        self.names = sorted({_attname(plan.resource, path.split("__")[0]) for path in paths if path})
        self.at = {name: index for index, name in enumerate(plan.attnames)}
        self.verdicts: dict[tuple[Any, ...], str] = {}

    def take(self, line: int, values: Sequence[Any], stored: Any = None) -> None:
        """Note a row that may not lie where it would; a column that the sheet leaves out stays as stored."""
        place = tuple(values[self.at[name]] if name in self.at else getattr(stored, name, None) for name in self.names)
        if place not in self.verdicts:
            self.verdicts[place] = self._verdict(self.plan.resource, place)
        if self.verdicts[place]:
            self.plan.fault(line, self.verdicts[place])

    def _verdict(self, resource: Resource, place: tuple[Any, ...]) -> str:
        obj = resource.model(**dict(zip(self.names, place, strict=True)))
        if not resource.covers(self.by, obj, resource.writers):
            return str(OUTSIDE)
        return "" if resource.is_open(obj) else str(CLOSED)


def _drop_wrong(plan: ImportPlan) -> None:
    if plan.wrong:
        plan.new = [row for row in plan.new if row[0] not in plan.wrong]
        plan.changed = [change for change in plan.changed if change.line not in plan.wrong]


def commit_import(plan: ImportPlan, *, by: Actor, reason: str = "", channel: str = "import") -> int | None:
    """Write a plan that has no wrong row, in one change set; give its number. Raises ImportRefused."""
    if plan.wrong:
        raise ImportRefused(_("%(n)s rows are wrong; nothing was imported.") % {"n": len(plan.wrong)})
    try:
        with change_set(by=by, reason=reason, channel=channel) as changes:
            if plan.resource.plain_writes:
                _write_at_once(plan, changes)
            else:
                _write_each(plan, changes, by)
    except Stale:
        raise ImportRefused(_("A record was changed meanwhile. Upload the workbook again.")) from None
    except IntegrityError as error:
        raise ImportRefused(_("The database refuses this: %(what)s") % {"what": error}) from error
    return changes.id


def _write_at_once(plan: ImportPlan, changes: Any) -> None:
    model, names = plan.resource.model, plan.attnames
    rest = [f for f in model._meta.concrete_fields if f.attname not in names and not f.primary_key]
    now = timezone.now()
    same = {f.attname: now if f.attname in ("created_at", "changed_at") else _default(f) for f in rest}
    for start in range(0, len(plan.new), BATCH):
        part = plan.new[start : start + BATCH]
        changes.insert_rows(model, names, [values for _line, values in part], same=same)
        plan.new[start : start + BATCH] = [(line, ()) for line, _values in part]  # lets the values go
    if plan.changed:
        moved = [(c.pk, c.version, c.before, c.after) for c in plan.changed]
        changes.update_rows(model, names, moved)


def _default(field: Any) -> Any:
    if field.name in BOOKKEEPING or field.has_default():
        return field.get_default()
    return None if field.null else ""


def _write_each(plan: ImportPlan, changes: Any, by: Actor) -> None:
    """Use the room's own verbs row by row; the first fault takes everything back."""
    resource, names = plan.resource, plan.attnames
    objects: dict[int, Any] = {}
    for start in range(0, len(plan.changed), 900):
        objects |= resource.model._default_manager.in_bulk([c.pk for c in plan.changed[start : start + 900]])
    work: list[tuple[int, Any, tuple[Any, ...], Any]] = [(line, None, values, None) for line, values in plan.new]
    work += [(change.line, objects[change.pk], change.after, change.before) for change in plan.changed]
    for line, obj, values, before in work:
        given = dict(zip(names, values, strict=True))
        try:
            check(resource, given)
            if obj is None:
                resource.make(changes, given, by)
            else:
                known = dict(zip(names, before, strict=True))
                resource.change(changes, obj, {n: v for n, v in given.items() if v != known[n]}, by)
        except (ValidationError, Invalid, Refused) as error:
            raise ImportRefused(_("Row %(n)s: %(why)s") % {"n": line, "why": _words(error)}) from error


def _words(error: Exception) -> str:
    if isinstance(error, Refused):
        return "; ".join(error.reasons)
    errors: Mapping[str, list[str]] = messages_of(error) if isinstance(error, ValidationError) else error.errors  # type: ignore[attr-defined]
    return "; ".join(text if name == ROW else f"{name}: {text}" for name, texts in errors.items() for text in texts)


def error_workbook(plan: ImportPlan, source: bytes | Path, *, name: str) -> bytes:
    """Give the user's own workbook with a reason beside each wrong row."""
    return annotate(
        source,
        name=name,
        reasons=plan.reasons(),
        heading=str(REASON),
        header_row=plan.header_line,
        sheet=plan.sheet_name or None,
    )


def sample(plan: ImportPlan, view: View, limit: int = 100) -> list[dict[str, Any]]:
    """Give rows for the dry-run page: wrong ones first, then changed, then new."""
    found: list[dict[str, Any]] = [
        {"row": line, "kind": "wrong", "key": "", "changes": [], "reasons": texts}
        for line, texts in sorted(plan.wrong.items())[:limit]
    ]
    columns = [plan.resource.fields[name] for name in plan.names]
    key = plan.names.index(plan.resource.key)
    for change in plan.changed[: limit - len(found)]:
        differences = [
            {"label": c.label, "before": _shown(c, old, view), "after": _shown(c, new, view)}
            for c, old, new in zip(columns, change.before, change.after, strict=True)
            if old != new
        ]
        found.append({"row": change.line, "kind": "changed", "key": change.after[key], "changes": differences})
    for line, values in plan.new[: limit - len(found)]:
        shown = [
            {"label": c.label, "before": "", "after": _shown(c, v, view)}
            for c, v in zip(columns, values, strict=True)
            if v not in (None, "")
        ]
        found.append({"row": line, "kind": "new", "key": values[key], "changes": shown[:6]})
    return found


def _shown(column: Any, value: Any, view: View) -> str:
    if isinstance(column.codec, Reference) and value is not None:
        return str(column.codec.target._default_manager.filter(pk=value).first() or value)
    return str(column.codec.show(value, view))
