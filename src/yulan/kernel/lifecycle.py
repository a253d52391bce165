"""Lifecycles as tables: states and one row per move. Pure; `firing.fire` is the only writer of a state.

The same table feeds buttons, API, help page, diagram and the test matrix. A *guard* takes the record and the
firing (who, with what data, on which day) and gives a reason, or None when it has nothing against the move.
"""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from yulan.kernel.access import Actor
from yulan.kernel.text import Text

Clock = Literal["run", "stop", "off"]
Tone = Literal["", "ok", "warn", "bad", "info", "returned"]


@dataclass(frozen=True, slots=True)
class Firing:
    """What a guard may look at besides the record."""

    by: Actor
    today: date
    opinion: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


Guard = Callable[[Any, Firing], Text | None]


def of_inputs(guard: Guard) -> Guard:
    """Mark a guard that judges the inputs of a move: it is not asked before they are given."""
    guard.of_inputs = True  # type: ignore[attr-defined]
    return guard


@dataclass(frozen=True, slots=True)
class State:
    """A state: its label, the phase it belongs to, whether a legal clock runs, whether the fields are open."""

    name: str
    label: Text
    phase: Text = ""
    tone: Tone = "info"
    clock: Clock = "off"
    open: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A move: from which states to which, by which roles, under which guards.

    `needs` names the inputs asked for: fields of the record, which the move then writes, or the resource's
    `inputs`; `stamp` names the field that keeps who did it; `opinion` makes a written opinion obligatory.
    """

    name: str
    label: Text
    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    guards: tuple[Guard, ...] = ()
    needs: tuple[str, ...] = ()
    stamp: str = ""
    opinion: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a record may stay in a state: months and days from the day that its field `since` keeps.

    `source` is the rule in words, `unverified` says that it is still to be confirmed; it holds for clocks that began
    from `valid_from` up to, not on, `valid_to`. The light turns yellow `warn` days before the end.
    """

    state: str
    since: str
    source: Text
    months: int = 0
    days: int = 0
    warn: int = 14
    unverified: bool = False
    valid_from: date = date.min
    valid_to: date = date.max

    def due(self, start: date) -> date:
        """Give the last day of the time that began on `start`; a month ends on its last day where it is shorter."""
        year, month = divmod(start.year * 12 + start.month - 1 + self.months, 12)
        day = min(start.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, day) + timedelta(self.days)

    def light(self, start: date, today: date) -> Tone:
        """Give the light on a day: red once the time is over, yellow shortly before."""
        left = (self.due(start) - today).days
        return "bad" if left < 0 else "warn" if left < self.warn else "ok"


class Lifecycle:
    """States and moves over one field; the first state is the initial one. `limits` are its dated deadlines."""

    def __init__(
        self, field: str, states: Collection[State], moves: Collection[Move], limits: Collection[Limit] = ()
    ) -> None:
        self.field = field
        self.states = {state.name: state for state in states}
        self.moves = tuple(moves)
        self.limits = tuple(limits)
        self.initial = next(iter(self.states))
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))

    def _faults(self) -> Iterator[str]:
        """Find unknown names, two moves of one name from one state, states no move reaches, limits without a clock."""
        seen: set[tuple[str, str]] = set()
        for move in self.moves:
            unknown = ({move.target, *move.sources}) - self.states.keys()
            if unknown:
                yield f"{move.name}: unknown state {sorted(unknown)}"
            for source in move.sources:
                if (move.name, source) in seen:
                    yield f"{move.name} from {source} twice"
                seen.add((move.name, source))
        reached = {self.initial} | {move.target for move in self.moves}
        for name in self.states.keys() - reached:
            yield f"{name} is never reached"
        for limit in self.limits:
            if limit.state not in self.states or self.states[limit.state].clock != "run":
                yield f"a limit on {limit.state}, where no clock runs"

    def from_state(self, state: str) -> list[Move]:
        """Give the moves out of a state, in the table's order."""
        return [move for move in self.moves if state in move.sources]

    def find(self, name: str, state: str) -> Move | None:
        """Give the move of that name out of that state, or None."""
        return next((move for move in self.moves if move.name == name and state in move.sources), None)

    def named(self, name: str) -> Move | None:
        """Give the first move of that name from any state."""
        return next((move for move in self.moves if move.name == name), None)

    def clock_of(self, obj: Any) -> tuple[Limit, date] | None:
        """Give the limit on a record's present state, of the edition then in force, and the day its clock began."""
        for limit in self.limits:
            start: date | None = getattr(obj, limit.since) if limit.state == getattr(obj, self.field) else None
            if start and limit.valid_from <= start < limit.valid_to:
                return limit, start
        return None

    def is_terminal(self, state: str) -> bool:
        """Say whether no move leads out of a state."""
        return not self.from_state(state)

    def choices(self) -> list[tuple[str, Text]]:
        """Give (name, label) of every state."""
        return [(state.name, state.label) for state in self.states.values()]

    def path(self) -> list[State]:
        """Give the usual way through: from the initial state by the first move listed out of each."""
        found, state = [self.states[self.initial]], self.initial
        while moves := self.from_state(state):
            state = moves[0].target
            if self.states[state] in found:
                break
            found.append(self.states[state])
        return found


def other_than(stamp: str, reason: Text) -> Guard:
    """Guard: the acting person is not the one whose name `stamp` keeps (maker ≠ checker)."""

    def guard(obj: Any, firing: Firing) -> Text | None:
        return str(reason) if getattr(obj, stamp) == firing.by.name else None

    guard.__doc__ = reason  # type: ignore[assignment]  # lazy: translated when it is shown
    return guard
