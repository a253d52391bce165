"""What a workbook would do to a resource: read it, compare it, judge every row. Nothing is written here.

Rows are matched by the resource's key: new, changed, same or wrong. Work goes column by column; a row is looked at by
itself only where a rule says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import translation

from yulan.kernel import bulk
from yulan.kernel.access import Actor, Refused
from yulan.kernel.resource.codec import Codec
from yulan.kernel.resource.declare import Resource
from yulan.kernel.resource.write import asked_by
from yulan.kernel.sheets.headers import find_header
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.sheets.shapes import Sheet
from yulan.kernel.text import _


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
    width: int = 0
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
    plan = ImportPlan(resource, header_line=header.row + 1, sheet_name=sheet.name, width=sheet.width)
    plan.unknown += header.unknown
    if resource.key not in header.fields.values():
        label = resource.fields[resource.key].label
        raise ImportRefused(_("The column “%(label)s” is missing: rows are matched by it.") % {"label": label})
    columns = _read_columns(plan, sheet, header)
    lines, columns = _without_hollow(range(header.row + 2, sheet.rows + 1), columns, plan.names.index(resource.key))
    _demand(plan, lines, columns)
    _demand_once(plan, lines, columns[plan.names.index(resource.key)])
    _sort_rows(plan, lines, columns)
    _apply_checks(plan)
    _apply_unique(plan)
    _apply_places(plan, by)
    _drop_wrong(plan)
    return plan


Cells = list[Any]


def _read_columns(plan: ImportPlan, sheet: Sheet, header: Any) -> list[Cells]:
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


def _without_hollow(lines: Sequence[int], columns: list[Cells], key_at: int) -> tuple[Sequence[int], list[Cells]]:
    """Pass over rows in which nothing stands."""
    keys = columns[key_at]
    unnamed = [at for at, key in enumerate(keys) if key is None] if None in keys else []
    hollow = {at for at in unnamed if all(column[at] is None for column in columns)}
    if not hollow:
        return lines, columns
    kept = [at for at in range(len(keys)) if at not in hollow]
    return [lines[at] for at in kept], [[column[at] for at in kept] for column in columns]


def _demand(plan: ImportPlan, lines: Sequence[int], columns: Sequence[Cells]) -> None:
    """Note where something required is missing; elsewhere what an empty cell means takes its place."""
    for name, column in zip(plan.names, columns, strict=True):
        if None not in column:
            continue
        blank = _blank(plan.resource, name)
        if blank is not _MISSING:
            column[:] = [blank if cell is None else cell for cell in column]
            continue
        label = plan.resource.fields[name].label
        for line, cell in zip(lines, column, strict=True):
            if cell is None and not _is_named(plan, line, str(label)):
                plan.fault(line, _("%(label)s is required.") % {"label": label})


def _demand_once(plan: ImportPlan, lines: Sequence[int], keys: Cells) -> None:
    """Note rows whose key stands in an earlier row."""
    if len(set(keys)) == len(keys):
        return
    first: dict[Any, int] = {}
    label = plan.resource.fields[plan.resource.key].label
    for line, key in zip(lines, keys, strict=True):
        if key is not None and first.setdefault(key, line) != line:
            plan.fault(line, _("The same %(label)s stands in row %(n)s.") % {"label": label, "n": first[key]})


def _sort_rows(plan: ImportPlan, lines: Sequence[int], columns: Sequence[Cells]) -> None:
    """Tell new, changed and same rows apart; wrong ones are left out."""
    keys = columns[plan.names.index(plan.resource.key)]
    existing = _existing(plan, set(keys) - {None})
    absent = ", ".join(_absent_required(plan))
    shown = {at: codec.as_is for at, codec in enumerate(plan.codecs) if codec.as_is is not None}
    rows = zip(lines, zip(*columns, strict=True), strict=True)
    if not (existing or absent or shown):
        plan.new = [(line, row) for line, row in rows if line not in plan.wrong]
        return
    for key, (line, row) in zip(keys, rows, strict=True):
        found = existing.get(key)
        values = _left_as_is(plan, line, row, found, shown) if shown else row
        if found is None and absent and line not in plan.wrong:
            plan.fault(line, _("A new row also needs: %(labels)s.") % {"labels": absent})
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


def _is_named(plan: ImportPlan, line: int, label: str) -> bool:
    return any(text.startswith(f"{label}:") for text in plan.wrong.get(line, ()))


def _absent_required(plan: ImportPlan) -> list[str]:
    """Give the labels of required fields that the sheet has no column for."""
    missing = (name for name in plan.resource.demanded if name not in plan.names)
    return [str(plan.resource.fields[name].label) for name in missing]


def _existing(plan: ImportPlan, keys: set[Any]) -> dict[Any, tuple[Any, ...]]:
    """Give key → (pk, version, the plan's columns…) of records that are there."""
    resource = plan.resource
    found: dict[Any, tuple[Any, ...]] = {}
    there = bulk.held(resource.model, resource.key, keys)
    for start in range(0, len(there), 900):
        for key, *row in resource.stored(there[start : start + 900], plan.attnames):
            found[key] = tuple(row)
    return found


def _candidates(plan: ImportPlan) -> Iterator[tuple[int, tuple[Any, ...]]]:
    yield from plan.new
    yield from ((change.line, change.after) for change in plan.changed)


def _apply_checks(plan: ImportPlan) -> None:
    """Ask each rule about the rows in which all that it looks at stands."""
    places = {name: at for at, name in enumerate(plan.attnames)}
    for rule in plan.resource.checks:
        asked = asked_by(rule)
        if not places.keys() >= set(asked):
            continue
        looked_at = _picker([places[name] for name in asked])
        for line, values in _candidates(plan):
            given = looked_at(values)
            if None not in given and (fault := rule(*given)):
                plan.fault(line, str(fault[1]))


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Give what takes these places out of a row, as a tuple however few they are."""
    return itemgetter(*places) if len(places) > 1 else lambda row: tuple(row[at] for at in places)


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
        names = sorted({_attname(plan.resource, path.split("__")[0]) for path in paths if path})
        places = {name: at for at, name in enumerate(plan.attnames)}
        given, self.rest = [name for name in names if name in places], [name for name in names if name not in places]
        self.names, self.pick = given + self.rest, _picker([places[name] for name in given])
        self.unknown = (None,) * len(self.rest)
        self.verdicts: dict[tuple[Any, ...], str] = {}

    def take(self, line: int, values: Sequence[Any], stored: Any = None) -> None:
        """Note a row that may not lie where it would; a column that the sheet leaves out stays as stored."""
        kept = self.unknown if stored is None else tuple(getattr(stored, name) for name in self.rest)
        place = self.pick(values) + kept
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
