"""Numbers that no room gives yet, entered as staff would: persons sent and trained, cooperation, by area and year.

What the plan publishes for 2001–2005 (F04, F05) is shared out among areas and years; the rest is invented. The last
year lacks a few cells, for somebody to fill in.
"""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from yulan.demo.money import demo_no
from yulan.demo.places import AREAS, HORIZON, NINTH, SEED, YEARS, Area, aid_of
from yulan.demo.rows import moment
from yulan.insight.forms.models import Fact
from yulan.kernel.access import Actor
from yulan.kernel.money import shares
from yulan.kernel.trail import change_set
from yulan.plan.models import Indicator

WHOLE = {
    "dispatched": (1800, 2150),
    "trained": (21_400, 34_600),
    "coop_projects_paired": (924, 1010),
    "coop_paid_in": (214_000, 386_000),
}
"""Indicator → its sum over 2001–2005 and over 2006–2010, in the indicator's unit."""
MISSING = (("trained", "SM"), ("trained", "DQ"), ("coop_paid_in", "SM"), ("coop_paid_in", "DQ"), ("coop_paid_in", "YL"))
"""Cells of the last year that are still to be entered."""


def enter_facts(*, by: Actor) -> int:
    """Enter the facts; give how many."""
    known = {found.code: found for found in Indicator.objects.filter(code__in=WHOLE)}
    with change_set(by=by, reason="统计年报（演示）", channel="import") as cs:
        return len(cs.insert_many(Fact, [fact for code in known for fact in _facts(known[code])]))


def _facts(indicator: Indicator) -> Iterator[Fact]:
    """Share the sums of an indicator out among areas and years, by the aid they got."""
    rng = Random(f"{SEED}{indicator.code}")  # noqa: S311
    for years, whole in zip((NINTH, range(NINTH[-1] + 1, YEARS[-1] + 1)), WHOLE[indicator.code], strict=True):
        cells = [(area, year) for year in years for area in AREAS if year >= area.since.year]
        weights = [aid_of(area.block, year) * area.part * rng.randint(80, 120) for area, year in cells]
        for (area, year), value in zip(cells, portions(whole, weights), strict=True):
            if year < HORIZON.year or (indicator.code, area.code) not in MISSING:
                yield _fact(indicator, area, year, value)


def portions(whole: int, weights: list[int]) -> list[int]:
    """Cut a whole number by weights, to the last unit."""
    steps, before, found = Decimal(0), 0, []
    for share in shares(weights, 6):
        steps += share
        now = int(steps * whole / 100)
        found.append(now - before)
        before = now
    return found


def _fact(indicator: Indicator, area: Area, year: int, value: int) -> Fact:
    entered = moment(HORIZON.replace(year=year, day=20))
    return Fact(
        code=f"{indicator.code}:{area.region}:{year}", indicator=indicator, region=area.region, year=year,
        value=Decimal(value), source=f"{area.short}统计年报 {demo_no('统', year, 1 + AREAS.index(area))}",
        created_at=entered, changed_at=entered,
    )  # fmt: skip
