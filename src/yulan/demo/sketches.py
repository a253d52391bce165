"""Three thousand projects, drawn with one seed: what, where, for how much, and on which day each step came. Pure.

A sketch is what the register, the ledger and the reports of one project are then written from. Its days run on past
HORIZON as planned; `reached` gives those that have come.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from yulan.demo.places import (
    AREA,
    AREAS,
    HORIZON,
    NINTH,
    VILLAGES,
    YEARS,
    Area,
    aid_of,
    count_of,
    counties,
    county_name,
    data,
)

STEPS = {
    "issued": "ISSUED",
    "agreed": "PREPARE",
    "started": "CONSTRUCT",
    "completed": "COMPLETED",
    "accepted": "ACCEPTED",
    "settled": "SETTLED",
    "audited": "AUDITED",
    "handed": "HANDED",
    "evaluated": "EVALUATED",
    "closed": "CLOSED",
}
"""Day of a step → the state that begins on it."""
AFTER = (
    ("accepted", 20, 50),
    ("settled", 30, 80),
    ("audited", 30, 80),
    ("handed", 15, 45),
    ("evaluated", 40, 110),
    ("closed", 15, 60),
)
"""Steps after completion, with the least and the most days since the one before."""
BATCHES = {"spring": ((2, 10), (5, 20)), "summer": ((6, 5), (10, 10))}
DEHONG = ("533103", "533122", "533123")
THOUSAND = 100_000
"""A thousand yuan in fen: what budgets are rounded to."""
GRANARY = THOUSAND * 20
"""The smallest aid to one project."""
VILLAGE_KINDS = ("pilot_village", "key_village")


@dataclass(slots=True)
class Sketch:
    """One project. `days` are its steps, `shares` the parts in which its money comes, in per cent.

    `stage` is its state on HORIZON; `lag` how far the works are behind plan, in points; `plant` the anomaly it bears;
    `surplus` what is left over of its last part, in per cent, and goes back after two years; `slow` for how many days
    its second part has been on the way.
    """

    code: str
    area: Area
    year: int
    county: str
    work: dict[str, Any]
    title: tuple[str, str, int]
    supporter: str
    source: str
    days: dict[str, date]
    shares: tuple[int, ...]
    weight: float
    town: str
    landmark: str = ""
    aid: int = 0
    extra: dict[str, int] = field(default_factory=dict)
    households: int = 0
    persons: int = 0
    poor: int = 0
    villages: list[tuple[str, str]] = field(default_factory=list)
    stage: str = ""
    lag: int = 0
    plant: str = ""
    surplus: int = 0
    slow: int = 0

    @property
    def sector(self) -> str:
        """The sector, a term of the dictionary."""
        return str(self.work["sector"])

    @property
    def is_outside(self) -> bool:
        """True where the county is none of the area's (the De'ang people, R025)."""
        return self.county[:4] != self.area.region[:4]

    @property
    def fund(self) -> str:
        """Whose money of the plan year it is: MUN, POOL or the district."""
        own = {"municipal": "MUN", "district_pooled": "POOL"}
        return own.get(self.source) or self.supporter.removeprefix("SH-")

    @property
    def line(self) -> str:
        """The budget line that pays."""
        return f"L{self.year}-{self.fund}-{self.area.code}"

    @property
    def total(self) -> int:
        """The whole budget in fen."""
        return self.aid + sum(self.extra.values())

    @property
    def is_issued(self) -> bool:
        """True once the plan was issued, whatever came after."""
        return "issued" in self.days

    @property
    def name(self) -> str:
        """The project's name: county, town, village, work."""
        if self.landmark:
            return self.landmark
        title, place = self.title[0], self.work["place"]
        if place == "area":
            return f"{self.area.short}{title}（{self.year}年第{int(self.code[-3:]) % 9 + 1}期）"
        county = county_name(self.county, self.days["planned_start"])
        if place == "county":
            return f"{county}{title}"
        first = self.villages[0][0] if place == "village" and self.villages else ""
        many = f"等{len(self.villages)}个村" if len(self.villages) > 1 else ""
        return f"{county}{self.town}{first}{many}{title}"

    def reached(self, step: str) -> date | None:
        """Give the day of a step if it has come by HORIZON."""
        day = self.days.get(step)
        return day if day and day <= HORIZON else None

    def need(self, part: int) -> date:
        """Give the day on which the works reach the end of a part of the money."""
        start, end = self.days["started"], self.days["completed"]
        return start + timedelta((end - start).days * sum(self.shares[: part + 1]) // 100)

    def planned(self, on: date) -> int:
        """Give the planned progress in per cent on a day."""
        start, end = self.days["started"], self.days["completed"]
        return max(0, min(100, 100 * (on - start).days // max(1, (end - start).days)))

    def actual(self, on: date) -> int:
        """Give the progress reached on a day."""
        if "started" not in self.days or on < self.days["started"]:
            return 0
        end = self.reached("completed")
        return 100 if end and on >= end else max(0, min(99, self.planned(on) - self.lag))

    @property
    def stopped(self) -> date:
        """The day until which it was worked on."""
        return min(self.days.get(step, HORIZON) for step in ("completed", "suspended", "terminated"))

    @property
    def reported(self) -> date:
        """The last day that a monthly report tells of; works in their first part are still to report the last month."""
        if self.plant == "no_report":
            return date(2010, 10, 31)
        waits = self.stage == "CONSTRUCT" and not self.plant and self.need(0) > HORIZON
        return min(self.stopped, date(2010, 11, 30) if waits else HORIZON)

    @property
    def progress(self) -> int:
        """Progress as reported by HORIZON, in per cent."""
        return self.actual(self.reported)


def stage_of(days: dict[str, date]) -> str:
    """Give the state on HORIZON of a project that runs its usual way."""
    return [state for step, state in STEPS.items() if step in days and days[step] <= HORIZON][-1]


def draw(rng: Random) -> list[Sketch]:
    """Draw all projects, in the order of years and areas, on their usual way."""
    drawn: list[Sketch] = []
    for year in YEARS:
        for block in ("XZ", "XJ", "YN", "SX"):
            here = list(_block(rng, block, year))
            _share_aid(rng, here, aid_of(block, year))
            drawn += here
    _settle_villages(rng, [one for one in drawn if one.sector == "whole_village"])
    for one in drawn:
        _fill(rng, one)
    return drawn


def _block(rng: Random, block: str, year: int) -> Iterator[Sketch]:
    """Draw the projects of one block and year."""
    areas = [area for area in AREAS if area.block == block and area.since.year <= year]
    chosen = rng.choices(areas, [area.part for area in areas], k=count_of(block, year))
    works = data("works")["work"]
    parts = [work["share"][block] for work in works]
    numbers: dict[str, int] = {}
    outside = 3 if block == "YN" and year not in NINTH else 0
    for place, area in enumerate(sorted(chosen, key=AREAS.index)):
        if place < outside:
            area = AREA["WS"]  # the line that pays for Dehong
        numbers[area.code] = number = numbers.get(area.code, 0) + 1
        county = DEHONG[place] if place < outside else rng.choice(counties(area.region))
        work = rng.choices(works, parts)[0]
        if work["place"] == "area" and place >= outside:
            county = area.region
        yield _sketch(rng, f"YS-{year}-{area.code}-{number:03}", area, year, county, work)


def _sketch(rng: Random, code: str, area: Area, year: int, county: str, work: dict[str, Any]) -> Sketch:
    landmark = ""
    marks = data("works")["landmarks"].get(area.code)
    if marks and year in NINTH and code.endswith("-001"):
        landmark, sector = marks[year - NINTH[0]]
        work = next(w for w in data("works")["work"] if w["sector"] == sector)
        county = counties(area.region)[0]
    soft = work["sector"] == "training"
    shares = rng.choices(_SHARES, (55, 35, 10) if year < 2009 else (40, 42, 18))[0]
    shares = _SHARES[2] if landmark else _SHARES[0] if soft else shares
    months = rng.randint(*(1, 3) if soft else _MONTHS[len(shares)])
    supporter, source = _giver(rng, area, year) if not landmark else ("SH", "municipal")
    title, unit, least, most = rng.choice(work["titles"])
    size = 6.0 if landmark else work["size"] * (1, 1.5, 2.4)[len(shares) - 1] * rng.lognormvariate(0, 0.45)
    words = data("words")["places"].split()
    return Sketch(
        code, area, year, county, work, (title, unit, rng.randint(least, most)), supporter, source,
        _days(rng, area, year, months, soft=soft), shares, size,
        rng.choice(words) + rng.choice("乡乡乡镇"), landmark, lag=rng.randint(0, 5),
    )  # fmt: skip


_SHARES: tuple[tuple[int, ...], ...] = ((100,), (50, 50), (30, 40, 30))
_MONTHS = {1: (2, 4), 2: (5, 8), 3: (9, 13)}


def _giver(rng: Random, area: Area, year: int) -> tuple[str, str]:
    """Give the supporter and the source of its money: the city, or a district that helps the area."""
    helpers = [name for name, areas in data("cast")["districts"].items() if area.code in areas]
    if (year, "NANHUI") >= (2010, "") and "NANHUI" in helpers:
        helpers.remove("NANHUI")  # merged into Pudong on 2009-04-24
    if rng.random() < 0.36:
        return f"SH-{rng.choice(helpers)}", "district_own"
    pooled = year >= 2007 and rng.random() < 0.2
    return "SH", "district_pooled" if pooled else "municipal"


def _later(rng: Random, day: date, least: int, most: int) -> date:
    return day + timedelta(rng.randint(least, most))


def _days(rng: Random, area: Area, year: int, months: int, *, soft: bool) -> dict[str, date]:
    """Draw the usual way of a project through the years."""
    late = area.since > date(year, 1, 31) or rng.random() < 0.35
    (m1, d1), (m2, d2) = BATCHES["summer" if late else "spring"]
    first, last = date(year, m1, d1), date(year, m2, d2)
    return days_from(rng, _later(rng, first, 0, (last - first).days), months)


def days_from(rng: Random, issued: date, months: int) -> dict[str, date]:
    """Draw the steps of a project from the day its plan was issued."""
    days = {"issued": issued, "publicity": issued - timedelta(rng.randint(5, 15))}
    days["agreed"] = _later(rng, issued, 10, 30)
    days["sent"] = _later(rng, issued, 10, 25)
    days["arrived"] = _later(rng, days["sent"], 5, 15)
    days["planned_start"] = _later(rng, issued, 25, 45)
    days["planned_end"] = days["planned_start"] + timedelta(round(months * 30.4))
    days["started"] = _later(rng, max(days["agreed"], days["arrived"]), 5, 30)
    days["completed"] = _later(rng, days["started"] + timedelta(round(months * 30.4)), -10, 10)
    day = days["completed"]
    for step, least, most in AFTER:
        days[step] = day = _later(rng, day, least, most)
    return days


def _share_aid(rng: Random, sketches: Sequence[Sketch], whole: int) -> None:
    """Share the year's aid of a block among its projects, in thousands of yuan, to the last of them."""
    weight = sum(one.weight for one in sketches)
    for one in sketches:
        one.aid = max(GRANARY, round(whole * one.weight / weight / THOUSAND) * THOUSAND)
    largest = max(sketches, key=lambda one: one.aid)
    largest.aid += whole - sum(one.aid for one in sketches)
    for one in sketches:
        one.extra = _extra(rng, one)


_OTHERS = (("recipient", 0.6, 10, 50), ("donation", 0.12, 3, 15), ("central", 0.08, 5, 30))
_FIRMS = (("state_enterprise", 0.05, 5, 25), ("private_enterprise", 0.05, 5, 20))


def _extra(rng: Random, one: Sketch) -> dict[str, int]:
    """Draw what others add to the aid: source → fen."""
    found = {}
    for source, chance, least, most in (*_OTHERS, *_FIRMS):
        if rng.random() < chance:
            found[source] = max(THOUSAND, round(one.aid * rng.randint(least, most) / 100 / THOUSAND) * THOUSAND)
    return found


def _settle_villages(rng: Random, works: Sequence[Sketch]) -> None:
    """Give whole-village works their villages: those of 2001–2005 add to VILLAGES."""
    ninth = [one for one in works if one.year in NINTH]
    counts = [1] * len(ninth)
    while sum(counts) < VILLAGES:
        place = rng.randrange(len(counts))
        counts[place] += counts[place] < 5
    for one, count in zip(ninth, counts, strict=True):
        one.villages = _villages(rng, one, count)
    for one in works:
        if one.year not in NINTH:
            one.villages = _villages(rng, one, rng.randint(1, 4))


def _villages(rng: Random, one: Sketch, count: int) -> list[tuple[str, str]]:
    magnolia = one.year not in NINTH and one.area.block in ("YN", "XJ")
    names = rng.sample(data("words")["places"].split(), count)
    return [(f"{name}村", "magnolia_village" if magnolia else rng.choice(VILLAGE_KINDS)) for name in names]


def _fill(rng: Random, one: Sketch) -> None:
    """Draw whom it helps and where it stands; find its state on HORIZON."""
    least, most = one.work["households"]
    one.households = rng.randint(least, most) * max(1, len(one.villages))
    one.persons = round(one.households * rng.uniform(3.6, 5.2)) or one.title[2]
    one.poor = round(one.persons * rng.uniform(0.3, 0.8))
    if one.work["place"] == "village" and not one.villages and one.work["site"]:
        one.villages = [(rng.choice(data("words")["places"].split()) + "村", one.work["site"])]
    one.stage = stage_of(one.days)
