"""What is wrong in the demonstration world on purpose, so that rules have something to find. Pure.

`planted()` tells where each anomaly lies: the truth against which recall and precision are measured (R060). On HORIZON
nothing else in the generated projects breaks the same rule.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from yulan.demo.places import HORIZON
from yulan.demo.sketches import Sketch
from yulan.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class Anomaly:
    """An anomaly: its code, the rule of requirements §4.4 it breaks, what it is, and how many projects bear it."""

    code: str
    rule: str
    name: Bilingual
    count: int


ANOMALIES = (
    Anomaly("transit", "FR12", Bilingual("在途超过60天", "More than 60 days in transit"), 6),
    Anomaly("late_receipt", "FR12", Bilingual("到账延迟60天以上", "Received after more than 60 days"), 6),
    Anomaly("idle", "FR02", Bilingual("到账后闲置一年以上", "Received, then idle for more than a year"), 6),
    Anomaly("idle_two", "FR02", Bilingual("到账后闲置两年以上", "Received, then idle for more than two years"), 3),
    Anomaly("carried", "FR03", Bilingual("结转满两年未收回", "Carried over for two budget years, not recovered"), 5),
    Anomaly("paid_ahead", "FR04", Bilingual("支付超过形象进度", "Paid beyond physical progress"), 6),
    Anomaly("personal_payee", "FR05", Bilingual("付给个人账户", "Paid to a personal account"), 5),
    Anomaly("same_invoice", "FR06", Bilingual("同一发票报两次", "One invoice for two payments"), 8),
    Anomaly("same_village", "FR06", Bilingual("同一村同年补助两次", "One village helped twice in a year"), 8),
    Anomaly("not_public", "FR08", Bilingual("未经公示即拨付", "Paid without publicity"), 5),
    Anomaly("behind", "FR09", Bilingual("进度落后20个百分点以上", "More than 20 points behind schedule"), 6),
    Anomaly("no_report", "FR09", Bilingual("月报缺报", "Monthly reports missing"), 5),
    Anomaly("not_settled", "FR10", Bilingual("验收后三个月未决算", "Not settled three months after acceptance"), 5),
)
BY_CODE = {one.code: one for one in ANOMALIES}


def planted() -> dict[str, tuple[str, ...]]:
    """Give the codes of the projects that bear each anomaly."""
    from yulan.demo.world import world

    found: dict[str, list[str]] = {one.code: [] for one in ANOMALIES}
    for sketch in world():
        if sketch.plant:
            found[sketch.plant].append(sketch.code)
    return {code: tuple(projects) for code, projects in found.items()}


def _is_building(one: Sketch) -> bool:
    return one.stage == "CONSTRUCT" and one.year >= 2009


FITS: dict[str, Callable[[Sketch], bool]] = {
    "transit": lambda one: _is_building(one) and len(one.shares) > 1
    and one.days["arrived"] < date(2010, 7, 15) and one.need(1) > HORIZON,
    "late_receipt": lambda one: one.stage == "CLOSED" and 2007 <= one.year <= 2008 and len(one.shares) == 2
    and one.days["closed"] > one.days["completed"] + timedelta(220),
    "idle": lambda one: one.year == 2009 and one.days["arrived"] < date(2009, 11, 1),
    "idle_two": lambda one: one.year == 2008 and one.days["arrived"] < date(2008, 11, 1),
    "carried": lambda one: one.stage == "CLOSED" and one.year in (2007, 2008) and len(one.shares) > 1
    and one.need(len(one.shares) - 1) < date(one.year, 12, 20),
    "paid_ahead": lambda one: _is_building(one) and 20 <= one.actual(HORIZON) <= 60
    and one.days["started"] < date(2010, 10, 20) and len(one.shares) < 3,
    "personal_payee": lambda one: one.year >= 2008 and one.stage in ("AUDITED", "HANDED", "EVALUATED", "CLOSED"),
    "same_invoice": lambda one: one.year == 2009 and one.stage in ("AUDITED", "HANDED", "EVALUATED", "CLOSED"),
    "not_public": lambda one: one.year >= 2008 and one.stage in ("HANDED", "EVALUATED", "CLOSED"),
    "behind": lambda one: _is_building(one) and one.need(0) > HORIZON and one.planned(HORIZON) >= 40,
    "no_report": lambda one: _is_building(one) and one.need(0) > HORIZON and one.days["started"] < date(2010, 11, 1),
    "not_settled": lambda one: one.year == 2009 and one.days["accepted"] < date(2010, 7, 1),
}  # fmt: skip
"""Which projects may bear an anomaly without breaking another rule."""


def plant(rng: Random, sketches: list[Sketch]) -> None:
    """Plant every anomaly in projects that fit it, one in each."""
    for anomaly in ANOMALIES:
        if anomaly.code == "same_village":
            _double_villages(rng, sketches, anomaly.count // 2)
            continue
        free = [one for one in sketches if is_free(one) and FITS[anomaly.code](one)]
        for one in rng.sample(free, anomaly.count):
            one.plant = anomaly.code
            _spoil(rng, one)


def is_free(one: Sketch) -> bool:
    """Say whether a project goes its usual way and bears no anomaly yet."""
    return one.is_issued and not one.plant and not {"suspended", "change", "terminated"} & one.days.keys()


def _drop(one: Sketch, steps: Iterable[str]) -> None:
    for step in steps:
        one.days.pop(step, None)


def _spoil(rng: Random, one: Sketch) -> None:
    """Change the days of a project that bears an anomaly; its money follows in `money`."""
    if one.plant in ("idle", "idle_two"):
        _drop(one, ("started", "completed", "accepted", "settled", "audited", "handed", "evaluated", "closed"))
        one.stage = "PREPARE"
    elif one.plant == "carried":
        _drop(one, ("evaluated", "closed"))
        one.stage = "HANDED"
    elif one.plant == "not_public":
        _drop(one, ("publicity",))
    elif one.plant == "not_settled":
        _drop(one, ("settled", "audited", "handed", "evaluated", "closed"))
        one.stage = "ACCEPTED"
    elif one.plant == "behind":
        one.lag = rng.randint(26, 34)


def _double_villages(rng: Random, sketches: list[Sketch], pairs: int) -> None:
    """Have two works of one county and year name the same village."""
    groups: dict[tuple[str, int], list[Sketch]] = {}
    for one in sketches:
        if one.sector == "whole_village" and one.year >= 2006 and is_free(one):
            groups.setdefault((one.county, one.year), []).append(one)
    for group in rng.sample([group for group in groups.values() if len(group) > 1], pairs):
        first, second = group[:2]
        second.villages[0] = first.villages[0]
        second.town = first.town
        first.plant = second.plant = "same_village"
