"""Look-ups for inputs, the map, and the keys of rows."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from yulan.kernel.access import SYSTEM
from yulan.kernel.trail import change_set
from yulan.registry.regions.models import Region, RegionGroupMember
from yulan.registry.regions.pages import lookup, map_of_provinces
from yulan.registry.regions.resources import RegionGroupMembers, Regions
from yulan.registry.regions.selectors import refresh
from yulan.registry.regions.services import load_regions

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    load_regions(by=SYSTEM)
    refresh()
    yield
    refresh()


def asked(words):
    return lookup(RequestFactory().get("/regions/lookup", {"region": words})).content.decode()


def test_lookup_offers_codes_with_what_lies_above(loaded):
    options = asked("日喀则")
    assert '<option value="540200">日喀则市 · 西藏自治区</option>' in options
    assert options.index("540200") < options.index("542300")
    assert "日喀则地区 (–2014)" in options
    assert '<option value="420506">夷陵区 · 宜昌市 · 湖北省</option>' in asked("420506")
    assert asked("") == "\n"


def test_the_map_is_served_whole(loaded):
    answer = map_of_provinces(RequestFactory().get("/maps/provinces.json"))
    assert "max-age" in answer["Cache-Control"]
    assert len(json.loads(answer.content)["features"]) > 34


def test_keys_follow_from_the_row(loaded):
    with change_set(by=SYSTEM) as changes:
        made = Regions().make(
            changes,
            {
                "code": "659013",
                "name": "新市",
                "level": "county",
                "parent_code": "659000",
                "valid_from": date(2026, 1, 1),
            },
            SYSTEM,
        )
        assert made.key == "659013-20260101"
        Regions().change(changes, made, {"valid_from": date(2026, 2, 1), "key": made.key}, SYSTEM)
    assert Region.objects.get(code="659013").key == "659013-20260201"
    with pytest.raises(ValidationError), change_set(by=SYSTEM) as changes:
        changes.update(made, key="659013-20200101")


def test_a_members_key_follows(loaded):
    member = RegionGroupMember.objects.get(key="paired8-533400-20040101")
    with change_set(by=SYSTEM) as changes:
        RegionGroupMembers().change(changes, member, {"valid_from": date(2004, 9, 1), "unverified": False}, SYSTEM)
    member.refresh_from_db()
    assert member.key == "paired8-533400-20040901"
