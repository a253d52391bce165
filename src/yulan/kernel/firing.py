"""Firing a move of a lifecycle: the one place where a state is written."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from django.db import connection
from django.utils.text import format_lazy

from yulan.kernel.access import Actor, Denied, Refused, Verdict, judge
from yulan.kernel.lifecycle import Firing, Lifecycle, Move
from yulan.kernel.period import today
from yulan.kernel.records import Record
from yulan.kernel.text import _
from yulan.kernel.trail import ChangeSet, Stale, change_set

R = TypeVar("R", bound=Record)
Effect = Callable[[ChangeSet, Any, Firing], Mapping[str, Any] | None]
Covers = Callable[[Actor, Any, tuple[str, ...]], bool]

_effects: dict[tuple[int, str], Effect] = {}


def effect(lifecycle: Lifecycle, *moves: str) -> Callable[[Effect], Effect]:
    """Register what moves do besides changing the state.

    The function writes through the change set and gives further field values of the record, or None.
    """

    def register(function: Effect) -> Effect:
        for name in moves:
            if lifecycle.named(name) is None:
                raise ValueError(f"no move {name}")
            _effects[id(lifecycle), name] = function
        return function

    return register


def may_fire(
    lifecycle: Lifecycle, obj: Any, move: Move, firing: Firing, covers: Covers, *, inputs: bool = True
) -> Verdict:
    """Collect everything that speaks against a move: role, place, guards; without `inputs` those not on them."""
    by = firing.by
    if not by.has(move.roles):
        return Denied((str(_("Your role may not do this.")),))
    if not covers(by, obj, move.roles):
        return Denied((str(_("This record is outside your place of work.")),))
    asked = (guard for guard in move.guards if inputs or not getattr(guard, "of_inputs", False))
    reasons = [guard(obj, firing) for guard in asked]
    return judge(str(reason) if reason else None for reason in reasons)


def is_theirs(move: Move, obj: Any, by: Actor, covers: Covers) -> bool:
    """Say whether role and place let the actor make a move."""
    return by.has(move.roles) and covers(by, obj, move.roles)


def fire(
    obj: R,
    name: str,
    *,
    by: Actor,
    lifecycle: Lifecycle,
    covers: Covers,
    opinion: str = "",
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
    channel: str = "service",
    on: date | None = None,
) -> R:
    """Lock the record, collect all reasons, apply the effect, write the state and the trail.

    Deadlines are judged as of `on` (default: today). Raises Refused (409 with all reasons; 403 for role or place) and
    Stale when `version` is not the current.
    """
    with change_set(by=by, reason=opinion, channel=channel) as changes:
        locked = _lock(obj)
        if version is not None and version != locked.version:
            raise Stale(str(locked))
        state = getattr(locked, lifecycle.field)
        move = lifecycle.find(name, state)
        if move is None:
            raise Refused(_not_from(lifecycle, name, state), status=409)
        firing = Firing(by, on or today(), opinion.strip(), data or {})
        verdict = may_fire(lifecycle, locked, move, firing, covers)
        if not verdict:
            raise Refused(*verdict.reasons, status=409 if is_theirs(move, locked, by, covers) else 403)
        if move.opinion and not firing.opinion:
            raise Refused(str(_("Write an opinion.")), status=409)
        apply = _effects.get((id(lifecycle), name))
        stored = {field.name for field in locked._meta.concrete_fields}
        values = {name: firing.data[name] for name in move.needs if name in stored and name in firing.data}
        values |= (apply(changes, locked, firing) if apply else None) or {}
        if move.stamp:
            values[move.stamp] = by.name
        changes.update(locked, action=name, **{lifecycle.field: move.target}, **values)
        return locked


def _lock(obj: R) -> R:
    rows = type(obj)._default_manager.all()
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=obj.pk)


def _not_from(lifecycle: Lifecycle, name: str, state: str) -> str:
    move = lifecycle.named(name)
    label = lifecycle.states[state].label
    if move is None:
        return str(format_lazy(_("There is no move “{name}”."), name=name))
    return str(format_lazy(_("“{move}” is not possible from “{state}”."), move=move.label, state=label))
