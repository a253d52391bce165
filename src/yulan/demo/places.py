"""The eight recipient areas, how many projects and how much money each block of them got each year. Pure."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from yulan.kernel.money import fen
from yulan.registry.regions.history import Gazetteer
from yulan.registry.regions.names import stem

SEED = 20070328
HORIZON = date(2010, 12, 31)
"""The last day of the demonstration world."""
PLAN_DAY = date(2007, 3, 28)
"""Regions bear the codes of this day, as the plan and the pairings print them."""
YEARS = range(2001, 2011)
NINTH = range(2001, 2006)
"""The years whose results the plan publishes (“十五”)."""
VILLAGES = 884
"""Pilot and key villages of 2001–2005 (F03)."""


@cache
def data(name: str) -> dict[str, Any]:
    """Read a table of this room."""
    return tomllib.loads((Path(__file__).parent / "data" / f"{name}.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Area:
    """A recipient area: `part` is its share of its block, `root` the organisation that governs it."""

    code: str
    slug: str
    short: str
    region: str
    block: str
    part: int
    pairing: str
    root: str
    since: date = date(2001, 1, 1)

    @property
    def treasury(self) -> str:
        """The organisation that keeps the special account."""
        return f"{self.root}-FIN"


AREAS = (
    Area("RKZ", "shigatse", "日喀则", "542300", "XZ", 100, "PAIR-01", "XZ-RKZ"),
    Area("AKS", "aksu", "阿克苏", "652900", "XJ", 100, "PAIR-02", "XJ-AKS"),
    Area("WS", "wenshan", "文山", "532600", "YN", 32, "PAIR-03", "YN-WS"),
    Area("HH", "honghe", "红河", "532500", "YN", 30, "PAIR-04", "YN-HH"),
    Area("SM", "simao", "思茅", "530800", "YN", 28, "PAIR-05", "YN-SM"),
    Area("DQ", "diqing", "迪庆", "533400", "YN", 10, "PAIR-06", "YN-DQ", date(2004, 4, 1)),
    Area("WZ", "wanzhou", "万州", "500101", "SX", 62, "PAIR-07", "CQ-WZ"),
    Area("YL", "yiling", "夷陵", "420506", "SX", 38, "PAIR-08", "HB-YL", date(2001, 3, 22)),
)
AREA = {area.code: area for area in AREAS}

COUNTS = {
    "XZ": (33, 40, 49, 59, 78, 44, 46, 48, 51, 76),
    "XJ": (50, 60, 74, 88, 116, 65, 68, 71, 76, 113),
    "YN": (79, 98, 118, 142, 188, 106, 111, 117, 123, 184),
    "SX": (28, 34, 41, 49, 66, 35, 37, 39, 40, 60),
}
"""Projects by block and plan year; 2001–2005 add to 259, 388, 625 and 218, the year 2005 to 448.

In the last year a quarter still waits for its plan to be issued.
"""

AID = {
    "XZ": "0.56 0.66 0.78 0.93 1.20 1.28 1.40 1.55 1.70 2.48",
    "XJ": "0.21 0.26 0.30 0.36 0.47 0.52 0.58 0.66 0.75 1.12",
    "YN": "0.58 0.69 0.81 0.96 1.25 1.38 1.52 1.70 1.90 2.80",
    "SX": "0.17 0.20 0.23 0.28 0.37 0.41 0.45 0.50 0.56 0.82",
}
"""Aid in 亿元 by block and plan year; 2001–2005 add to 4.13, 1.60, 4.29 and 1.25, the year 2005 to 3.29."""


def count_of(block: str, year: int) -> int:
    """Give the number of projects."""
    return COUNTS[block][year - YEARS[0]]


def aid_of(block: str, year: int) -> int:
    """Give the aid in fen."""
    return fen(AID[block].split()[year - YEARS[0]], "亿元")


@cache
def counties(region: str) -> tuple[str, ...]:
    """Give the codes of an area's counties as of the plan; its own where it is a district itself."""
    below = Gazetteer.load().children(region, PLAN_DAY) if region.endswith("00") else ()
    return tuple(span.code for span in below) or (region,)


def county_name(code: str, on: date) -> str:
    """Give the everyday name of a county on a day: 墨江县 for 墨江哈尼族自治县."""
    name = Gazetteer.load().name(code, on)
    return f"{stem(name)}县" if name.endswith("自治县") else name
