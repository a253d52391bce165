"""Where a record stands on its way."""

import pytest

from yulan.kernel.lifecycle import Lifecycle, Move, State
from yulan.kernel.resource.ribbon import Ribbon, ribbon

WAY = Lifecycle(
    "state",
    (
        State("draft", "Draft", "Before"),
        State("asked", "Asked", "Before"),
        State("back", "Sent back", "Before", "returned"),
        State("built", "Built", "Works", "ok"),
        State("halted", "Halted", "Works", "warn"),
        State("frozen", "Frozen", "Works", "bad"),
        State("done", "Done", "After"),
        State("refused", "Refused", "Before", "bad"),
    ),
    (
        Move("ask", "Ask", ("draft", "back"), "asked", ("officer",)),
        Move("build", "Build", ("asked",), "built", ("officer",)),
        Move("return", "Send back", ("asked",), "back", ("officer",)),
        Move("refuse", "Refuse", ("asked",), "refused", ("officer",)),
        Move("finish", "Finish", ("built",), "done", ("officer",)),
        Move("halt", "Halt", ("built",), "halted", ("officer",)),
        Move("freeze", "Freeze", ("halted",), "frozen", ("officer",)),
        Move("thaw", "Thaw", ("frozen",), "built", ("officer",)),
    ),
)
FLAT = Lifecycle("state", (State("on", "On"), State("off", "Off")), (Move("stop", "Stop", ("on",), "off", ("x",)),))


def told(found: Ribbon) -> str:
    """Write a ribbon in a line: phases, steps done (+), present (*) and to come (-)."""
    marks = {"done": "+", "current": "*", "next": "-"}
    return " | ".join(
        f"{phase.label}{marks[phase.mark]} " + " ".join(f"{marks[s.mark]}{s.label}" for s in phase.steps)
        for phase in found.phases
    )


@pytest.mark.parametrize(
    ("state", "line", "at", "following"),
    [
        ("draft", "Before* *Draft -Asked | Works- -Built | After- -Done", 1, "Asked"),
        ("built", "Before+ +Draft +Asked | Works* *Built | After- -Done", 3, "Done"),
        ("done", "Before+ +Draft +Asked | Works+ +Built | After* *Done", 4, ""),
        ("back", "Before* +Draft +Asked *Sent back | Works- -Built | After- -Done", 3, "Built"),
        ("halted", "Before+ +Draft +Asked | Works* +Built *Halted | After- -Done", 4, "Done"),
        ("frozen", "Before+ +Draft +Asked | Works* +Built *Frozen | After- -Done", 4, "Done"),
        ("refused", "Before* +Draft +Asked *Refused", 3, ""),
    ],
)
def test_the_way_is_told_from_every_state(state, line, at, following):
    found = ribbon(WAY, state)
    assert told(found) == line
    assert (found.at, found.steps, str(found.following)) == (at, sum(len(p.steps) for p in found.phases), following)


def test_a_lifecycle_without_phases_is_one_row():
    assert told(ribbon(FLAT, "on")) == "* *On -Off"
