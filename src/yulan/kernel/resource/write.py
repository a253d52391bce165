"""Writing through a resource: the verbs that pages, API and import share. Raw values in, rules applied."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from inspect import signature
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError

from yulan.kernel.access import Actor, Allowed, Denied, Refused, Verdict
from yulan.kernel.firing import fire, is_theirs
from yulan.kernel.resource.declare import Resource, RowCheck, is_required
from yulan.kernel.text import _
from yulan.kernel.trail import Stale, change_set

ROW = "*"
"""The field under which errors of the whole row stand."""


class Invalid(Exception):
    """Values cannot be taken: messages by field (ROW: the whole record)."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = dict(errors)


def may_create(resource: Resource, by: Actor) -> Verdict:
    """Say whether the actor creates records here at all."""
    return Allowed() if resource.can_create(by) else Denied((str(_("Your role may not create this.")),))


def may_edit(resource: Resource, obj: Any, by: Actor) -> Verdict:
    """Say whether the actor may change this record now."""
    if not resource.writable(by):
        return Denied((str(_("Your role may not change this.")),))
    if not resource.covers(by, obj, resource.writers):
        return Denied((str(_("This record is outside your place of work.")),))
    if not resource.is_open(obj):
        return Denied((str(_("In its present state the record cannot be changed.")),))
    return Allowed()


def demand_edit(resource: Resource, obj: Any, by: Actor) -> None:
    """Raise Refused unless the actor may change this record now: 409 when only its state is against it."""
    verdict = may_edit(resource, obj, by)
    theirs = resource.writable(by) and resource.covers(by, obj, resource.writers)
    if not verdict:
        raise Refused(*verdict.reasons, status=409 if theirs else 403)


def read_values(resource: Resource, raw: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Read raw values of writable fields by their codecs. Raises Invalid with every fault."""
    allowed = resource.writable(by)
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in allowed:
            known = name in resource.fields
            errors[name] = [str(_("You may not set this field.") if known else _("There is no such field."))]
            continue
        field: Any = resource.model._meta.get_field(name)
        try:
            if _is_empty(value) and is_required(field):
                raise ValueError(_("This has to be filled in."))
            read = None if _is_empty(value) else resource.fields[name].codec.parse(value)
        except ValueError as error:
            errors[name] = [str(error)]
            continue
        values[field.attname] = _blank(field) if read is None else read
    if errors:
        raise Invalid(errors)
    return values


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _blank(field: Any) -> Any:
    """Give what an empty cell means for a field."""
    if field.null:
        return None
    return field.get_default() if field.has_default() else ("" if field.empty_strings_allowed else None)


def check(resource: Resource, values: Mapping[str, Any]) -> None:
    """Apply the declared rules over one row's values. Raises Invalid."""
    errors: dict[str, list[str]] = {}
    for rule in resource.checks:
        given = [values.get(name) for name in asked_by(rule)]
        if None not in given and (fault := rule(*given)):
            errors.setdefault(fault[0], []).append(str(fault[1]))
    if errors:
        raise Invalid(errors)


@cache
def asked_by(rule: RowCheck) -> tuple[str, ...]:
    """Name the columns that a rule looks at: its parameters."""
    return tuple(signature(rule).parameters)


def create(resource: Resource, raw: Mapping[str, Any], *, by: Actor, channel: str = "page", reason: str = "") -> Any:
    """Create a record. Raises Refused, Invalid."""
    verdict = may_create(resource, by)
    if not verdict:
        raise Refused(*verdict.reasons)
    values = read_values(resource, dict.fromkeys(resource.demanded) | dict(raw), by)
    check(resource, values)
    with _as_invalid(), change_set(by=by, channel=channel, reason=reason) as changes:
        obj = resource.make(changes, values, by)
        if not resource.covers(by, obj, resource.writers):
            raise Refused(str(_("This record is outside your place of work.")))
        if not resource.is_open(obj):
            raise Refused(str(_("In its present state the record cannot be changed.")), status=409)
        return obj


def edit(
    resource: Resource,
    obj: Any,
    raw: Mapping[str, Any],
    *,
    version: int,
    by: Actor,
    channel: str = "page",
    reason: str = "",
) -> Any:
    """Change a record as it was at `version`. Raises Refused, Invalid, Stale."""
    demand_edit(resource, obj, by)
    if obj.version != version:
        raise Stale(str(obj))
    values = read_values(resource, raw, by)
    check(resource, {name: getattr(obj, name) for name in _attnames(resource)} | values)
    with _as_invalid(), change_set(by=by, channel=channel, reason=reason) as changes:
        changed = resource.change(changes, obj, values, by)
        if not resource.covers(by, changed, resource.writers):
            raise Refused(str(_("This record is outside your place of work.")))
        return changed


def _attnames(resource: Resource) -> list[str]:
    return [resource.model._meta.get_field(name).attname for name in resource.fields]  # type: ignore[union-attr]


def move(
    resource: Resource,
    obj: Any,
    name: str,
    *,
    by: Actor,
    opinion: str = "",
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
    channel: str = "page",
    on: date | None = None,
) -> Any:
    """Fire a move of the resource's lifecycle, judged as of `on` (default: today). Raises Refused, Invalid, Stale."""
    if resource.lifecycle is None:
        raise Refused(str(_("This kind of record has no moves.")), status=409)
    state = resource.model._default_manager.values_list(resource.lifecycle.field, flat=True).get(pk=obj.pk)
    chosen = resource.lifecycle.find(name, state)
    needed = chosen.needs if chosen and is_theirs(chosen, obj, by, resource.covers) else ()
    with _as_invalid():
        return fire(
            obj,
            name,
            by=by,
            lifecycle=resource.lifecycle,
            covers=resource.covers,
            opinion=opinion,
            data=read_inputs(resource, needed, data or {}),
            version=version,
            channel=channel,
            on=on,
        )


def read_inputs(resource: Resource, names: Sequence[str], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read the inputs of a move. Raises Invalid; also when one is missing that has to be given."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name in names:
        column = resource.input(name)
        field = column.codec.field
        try:
            if _is_empty(raw.get(name)):
                if field is not None and not field.blank:
                    raise ValueError(_("This has to be filled in."))
                values[name] = _blank(field)
            else:
                values[name] = column.codec.parse(raw[name])
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        raise Invalid(errors)
    return values


class _as_invalid:  # noqa: N801 - reads as a word in `with`
    """Turn the model's and the database's refusals into Invalid."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValidationError):
            raise Invalid(messages_of(error)) from error
        if isinstance(error, IntegrityError):
            raise Invalid({ROW: [str(_("The database refuses this: %(what)s") % {"what": error})]}) from error


def messages_of(error: ValidationError) -> dict[str, list[str]]:
    """Give Django's messages by field."""
    if hasattr(error, "error_dict"):
        return {ROW if name == NON_FIELD_ERRORS else name: list(m) for name, m in error.message_dict.items()}
    return {ROW: list(error.messages)}
