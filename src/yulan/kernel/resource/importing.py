"""A judged workbook into a resource: show what it would do, give the wrong rows back, commit all rows or none.

`planning.plan_import` reads and judges without writing; `commit_import` writes exactly that plan in one change set.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from yulan.kernel.access import Actor, Refused
from yulan.kernel.records import BOOKKEEPING
from yulan.kernel.resource.codec import View
from yulan.kernel.resource.fields import Reference
from yulan.kernel.resource.planning import ImportPlan, ImportRefused
from yulan.kernel.resource.write import ROW, Invalid, check, messages_of
from yulan.kernel.sheets.annotate import annotate
from yulan.kernel.text import _
from yulan.kernel.trail import BATCH, Stale, change_set

REASON = _("What is wrong")


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
        width=plan.width,
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
