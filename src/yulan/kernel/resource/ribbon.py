"""Where a record stands on its way: the phases of its lifecycle, the steps of each, done, present and to come. Pure."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

from yulan.kernel.lifecycle import Lifecycle, State
from yulan.kernel.text import Text

Mark = Literal["done", "current", "next"]


@dataclass(frozen=True, slots=True)
class Step:
    """One state on the way."""

    label: Text
    mark: Mark
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps that follow one another in one phase; a lifecycle without phases has one without a name."""

    label: Text
    mark: Mark
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The whole way; the record stands at step `at` of `steps`, and `following` is the usual next one."""

    phases: list[Phase]
    at: int
    steps: int
    following: Text = ""


def ribbon(lifecycle: Lifecycle, name: str) -> Ribbon:
    """Lay out the way of a record in the state of that name."""
    way, at = _way(lifecycle, lifecycle.states[name])
    steps = [(state, Step(state.label, _mark(index, at), state.tone)) for index, state in enumerate(way)]
    phases = []
    for label, group in groupby(steps, key=lambda one: str(one[0].phase)):
        inside = [step for _state, step in group]
        phases.append(Phase(label, _phase_mark(inside), inside))
    following: Any = way[at + 1].label if at + 1 < len(way) else ""
    return Ribbon(phases, at + 1, len(way), following)


def _way(lifecycle: Lifecycle, state: State) -> tuple[list[State], int]:
    """Give the usual way with the state on it, and its place there.

    A state off the usual way stands behind the earliest one it is reached from: so far the record has surely come.
    """
    way = lifecycle.path()
    if state in way:
        return way, way.index(state)
    before, reached = {state.name}, 0
    while not reached:
        wider = before | {s for move in lifecycle.moves if move.target in before for s in move.sources}
        reached = next((index for index, one in enumerate(way, 1) if one.name in wider), 0)
        if wider == before:
            break
        before = wider
    rest = [] if lifecycle.is_terminal(state.name) else way[reached:]
    return [*way[:reached], state, *rest], reached


def _mark(index: int, at: int) -> Mark:
    return "done" if index < at else "current" if index == at else "next"


def _phase_mark(steps: list[Step]) -> Mark:
    marks = {step.mark for step in steps}
    return "current" if "current" in marks else "done" if "done" in marks else "next"
