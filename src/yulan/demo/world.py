"""The world as a whole: sketches, those that left the usual way, and what is wrong with some. Pure, the same always."""

from datetime import date, timedelta
from functools import cache
from random import Random

from yulan.demo.anomalies import FITS, is_free, plant
from yulan.demo.places import HORIZON, SEED
from yulan.demo.sketches import Sketch, days_from, draw, stage_of

PENDING = {
    "IDEA": 14, "DRAFT": 16, "SUBMITTED": 14, "PRECHECK": 12, "RETURNED": 10, "REVIEW": 14, "APPROVED": 10,
    "PUBLICITY": 12,
}  # fmt: skip
"""How many projects of the last year wait in each state before the plan's issue."""
LATE, REJECTED, TERMINATED, SUSPENDED, CHANGE, SURPLUS, SLOW, BUILT = 45, 6, 3, 8, 8, 14, 5, 8
"""Projects issued at the end of the last year; and by plan year from 2006, or in all, those in other states."""


@cache
def world() -> tuple[Sketch, ...]:
    """Give every generated project, in the order of years and areas."""
    rng = Random(SEED)  # noqa: S311
    sketches = draw(rng)
    _hold_back(rng, [one for one in sketches if one.year == HORIZON.year])
    for year in range(2006, HORIZON.year + 1):
        _turn_away(rng, [one for one in sketches if one.year == year and one.is_issued])
    _halt(rng, sketches)
    plant(rng, sketches)
    _leave_over(rng, sketches)
    _keep_waiting(rng, sketches)
    return tuple(sketches)


def _hold_back(rng: Random, last: list[Sketch]) -> None:
    """Leave projects of the last year in the states before issue; issue others only at its end."""
    chosen = rng.sample(last, sum(PENDING.values()) + LATE)
    for stage, count in PENDING.items():
        for one in chosen[:count]:
            start = HORIZON - timedelta(rng.randint(0, 25))
            one.days = {
                "planned_start": start,
                "planned_end": start + timedelta(rng.randint(90, 300)),
                "created": HORIZON - timedelta(rng.randint(60, 110)),
                "changed": HORIZON - timedelta(rng.randint(1, 50)),
            }
            if stage == "PUBLICITY":
                one.days["publicity"] = HORIZON - timedelta(rng.randint(0, 8))
            one.stage = stage
        chosen = chosen[count:]
    for one in chosen:
        one.days = days_from(rng, HORIZON - timedelta(rng.randint(11, 56)), rng.randint(2, 8))
        one.stage = stage_of(one.days)


def _turn_away(rng: Random, issued: list[Sketch]) -> None:
    """Reject some projects of a year, and terminate some that had begun."""
    rejected = rng.sample(issued, REJECTED)
    for one in rejected:
        decided = one.days["issued"]
        one.days = {name: one.days[name] for name in ("planned_start", "planned_end")} | {
            "created": decided - timedelta(100),
            "changed": decided,
        }
        one.stage = "REJECTED"
    begun = [one for one in issued if one not in rejected and _giving_up(one) < HORIZON - timedelta(30)]
    for one in rng.sample(begun, TERMINATED):
        one.shares = (100,)
        one.days["terminated"] = _giving_up(one)
        for step in ("accepted", "settled", "audited", "handed", "evaluated", "closed"):
            del one.days[step]
        one.stage = "TERMINATED"


def _leave_over(rng: Random, sketches: list[Sketch]) -> None:
    """Have some projects cost less than they were given: the rest is recovered before they close."""
    fit = [one for one in sketches if one.stage == "CLOSED" and one.year in (2006, 2007) and not one.plant]
    for one in rng.sample([one for one in fit if len(one.shares) > 1], SURPLUS):
        one.surplus = rng.randint(4, 9)
        one.days["closed"] = max(one.days["closed"], date(one.year + 2, 3, 20))


def _keep_waiting(rng: Random, sketches: list[Sketch]) -> None:
    """Have some transfers be longer on the way than usual, and some works be built but not yet reported complete."""
    for one in rng.sample([one for one in sketches if is_free(one) and FITS["transit"](one)], SLOW):
        one.slow = rng.randint(32, 55)
    built = [one for one in sketches if is_free(one) and one.stage == "COMPLETED" and one.days["completed"].month == 12]
    for one in rng.sample(built, BUILT):
        one.stage = "CONSTRUCT"


def _giving_up(one: Sketch) -> date:
    """Give the day on which a project may end before its time."""
    return one.days["started"] + (one.days["completed"] - one.days["started"]) * 2 // 5


def _halt(rng: Random, sketches: list[Sketch]) -> None:
    """Suspend some projects under way, and have some wait for a change."""
    building = [one for one in sketches if one.stage == "CONSTRUCT" and one.days["started"] > date(2010, 7, 20)]
    chosen = rng.sample(building, SUSPENDED + CHANGE)
    for one in chosen[:SUSPENDED]:
        one.days["suspended"] = max(one.days["started"] + timedelta(10), HORIZON - timedelta(rng.randint(5, 60)))
        one.stage = "SUSPENDED"
    for one in chosen[SUSPENDED:]:
        one.days["change"] = HORIZON - timedelta(rng.randint(3, 20))
        one.stage = "CHANGE"
