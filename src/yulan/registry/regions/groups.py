"""Groups of regions with dated members, as shipped (row R109): 长三角, 西部, 三峡库区, the eight paired areas… Pure.

Membership that no document at hand confirms is marked unverified; an administrator corrects it in the database.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

ROOM = Path(__file__).parent


@dataclass(frozen=True)
class Member:
    """One region's membership, from ``valid_from`` until ``valid_to`` (exclusive; None: still a member)."""

    region_code: str
    valid_from: date
    valid_to: date | None
    source: str
    unverified: bool

    def in_force(self, on: date) -> bool:
        """True if the region was a member on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class Group:
    """A named group; ``aliases`` are other names a text may use for it."""

    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]
    note: str
    members: tuple[Member, ...]


@cache
def shipped_groups() -> tuple[Group, ...]:
    """The groups of groups.csv with their members of group_members.csv."""
    members: dict[str, list[Member]] = {}
    for row in _rows("group_members.csv"):
        until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
        member = Member(
            row["region_code"], date.fromisoformat(row["valid_from"]), until, row["source"], row["unverified"] == "yes"
        )
        members.setdefault(row["group"], []).append(member)
    return tuple(
        Group(
            row["code"],
            row["name_zh"],
            row["name_en"],
            tuple(row["aliases"].split("|")),
            row["note"],
            tuple(members.get(row["code"], ())),
        )
        for row in _rows("groups.csv")
    )


@cache
def group_names() -> dict[str, str]:
    """Every name and alias of a group, in Chinese, and its code: for reading plans."""
    return {name: group.code for group in shipped_groups() for name in (group.name_zh, *group.aliases)}


def _rows(name: str) -> list[dict[str, str]]:
    with (ROOM / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
