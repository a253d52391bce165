"""Shipped groups: known codes, dated members."""

from collections import Counter
from datetime import date

import pytest

from yulan.registry.regions.groups import group_names, shipped_groups
from yulan.registry.regions.history import Gazetteer

PLAN, TODAY = date(2007, 3, 28), date(2026, 6, 30)
GROUPS = {group.code: group for group in shipped_groups()}


def count(code, on):
    return sum(member.in_force(on) for member in GROUPS[code].members)


@pytest.mark.parametrize(
    ("code", "on", "members"),
    [
        ("yrd", date(2006, 11, 1), 16),
        ("yrd", date(2000, 1, 1), 15),
        ("yrd", TODAY, 41),
        ("west", PLAN, 12),
        ("northeast", PLAN, 3),
        ("central", PLAN, 6),
        ("east", PLAN, 10),
        ("northwest", PLAN, 5),
        ("pprd", PLAN, 11),
        ("jjj", PLAN, 3),
        ("tgr", PLAN, 26),
        ("yangtze", PLAN, 9),
        ("yangtze", TODAY, 11),
        ("hkmac", PLAN, 2),
        ("paired8", PLAN, 8),
    ],
)
def test_numbers_of_members(code, on, members):
    assert count(code, on) == members


def test_members_are_known_regions_and_listed_once():
    register = Gazetteer.load()
    for group in GROUPS.values():
        assert max(Counter(m.region_code for m in group.members).values()) == 1
        for member in group.members:
            assert len(register.on_date(member.region_code, TODAY)) == 1, member


def test_the_yangtze_delta_of_the_plan_is_shanghai_eight_and_seven():
    members = [m.region_code[:2] for m in GROUPS["yrd"].members if m.in_force(PLAN)]
    assert Counter(members) == {"31": 1, "32": 8, "33": 7}


def test_names_lead_to_groups():
    assert group_names()["长江三角洲"] == "yrd"
    assert group_names()["沿江"] == "yangtze"
