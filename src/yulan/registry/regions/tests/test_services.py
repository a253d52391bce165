"""The register in the database: loading, editing, reading."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from yulan.kernel.access import SYSTEM, Actor
from yulan.kernel.resource.codec import View
from yulan.kernel.trail import change_set
from yulan.registry.regions.fields import RegionCodeField
from yulan.registry.regions.history import Gazetteer
from yulan.registry.regions.models import Region, RegionGroup, RegionGroupMember
from yulan.registry.regions.selectors import gazetteer, group_members, refresh, region_on, restate_rows
from yulan.registry.regions.services import load_regions

pytestmark = pytest.mark.django_db
PLAN, TODAY = date(2007, 3, 28), date(2026, 6, 30)
CLERK = Actor("clerk", unlimited=True)


@pytest.fixture
def loaded():
    load_regions(by=SYSTEM)
    refresh()
    yield
    refresh()


def test_loading_twice_changes_nothing(loaded, django_assert_max_num_queries):
    assert Region.objects.count() == len(list(Gazetteer.load()))
    assert load_regions(by=SYSTEM) == (0, 0, 0)
    assert [row.span() for row in Region.objects.all()] == list(Gazetteer.load())


def test_a_persons_edit_is_seen_and_survives_a_reload(loaded):
    row = Region.objects.get(code="530800", valid_to=None)
    with change_set(by=CLERK) as changes:
        changes.update(row, name="普洱新市")
    refresh()
    assert region_on("530800", TODAY).name == "普洱新市"
    assert load_regions(by=SYSTEM) == (0, 0, 1)
    assert Region.objects.get(pk=row.pk).name == "普洱新市"


def test_a_stale_row_of_the_loader_is_brought_up_to_date(loaded):
    row = Region.objects.get(code="652902")
    with change_set(by=SYSTEM) as changes:
        changes.update(row, doc_no="")
        changes.update(Region.objects.get(code="652923"), event="")
    assert load_regions(by=SYSTEM).updated == 1


def test_without_rows_the_shipped_register_serves():
    Region.objects.all().delete()
    refresh()
    assert region_on("思茅市", PLAN).code == "530800"
    refresh()


def test_groups_on_two_days(loaded):
    assert len(group_members("yrd", date(2006, 11, 1))) == 16
    then = {span.code: span.name for span in group_members("paired8", PLAN)}
    assert then == {
        "420506": "夷陵区",
        "500101": "万州区",
        "530800": "思茅市",
        "532500": "红河哈尼族彝族自治州",
        "532600": "文山壮族苗族自治州",
        "533400": "迪庆藏族自治州",
        "542300": "日喀则地区",
        "652900": "阿克苏地区",
    }
    assert {span.code for span in group_members("paired8", TODAY)} >= {"540200", "530800"}


def test_group_members_with_a_wrong_code_are_refused(loaded):
    group = RegionGroup.objects.get(code="yrd")
    with pytest.raises(ValidationError, match="310999"), change_set(by=CLERK) as changes:
        changes.create(RegionGroupMember(group=group, region_code="310999", valid_from=PLAN))


def test_a_span_may_not_overlap_another(loaded):
    twin = Region(code="530800", name="思茅市", level="prefecture", parent_code="530000", valid_from=date(2010, 1, 1))
    with pytest.raises(ValidationError, match="valid_from"):
        twin.full_clean()
    twin.valid_from, twin.successor_codes, twin.key = date(1990, 1, 1), "999999", ""
    twin.valid_to = date(1991, 1, 1)
    with pytest.raises(ValidationError, match="999999"):
        twin.full_clean()


def test_restated_rows_report_splits_and_keep_the_total(loaded):
    printed = {"310115": 5, "310119": 7, "341400": 9, "542300": 11, "999999": 1}
    done = restate_rows(printed, PLAN, TODAY)
    assert done.values == {"310115": 12, "540200": 11}
    assert done.split == {"341400": (9, ("340100", "340200", "340500"))}
    assert done.lost == {"999999": 1}
    assert sum(done.values.values()) + sum(v for v, _ in done.split.values()) + sum(done.lost.values()) == 33
    back = restate_rows({"310115": 12}, TODAY, PLAN)
    assert back.split == {"310115": (12, ("310115", "310119"))}


def test_codec_reads_and_shows_as_of_the_records_day(loaded):
    codec = RegionCodeField(on="valid_from").codec()
    assert codec.companion == "valid_from"
    assert codec.parse("日喀则地区") == "542300"
    assert codec.parse(" 湖北宜昌夷陵区 ") == "420506"
    assert codec.parse(310115.0) == "310115"
    assert codec.show("530800", View(), PLAN) == "思茅市"
    assert codec.show("530800", View()) == "普洱市"
    assert codec.show("530800", View("en"), PLAN) == "Simao"
    assert codec.cell("530800", PLAN) == "530800 思茅市"
    assert codec.parse(codec.cell("542300", PLAN)) == "542300"
    assert codec.show("", View()) == ""
    with pytest.raises(ValueError, match="320106"):
        codec.parse("鼓楼区")
    with pytest.raises(ValueError, match="夷陵"):
        codec.parse("夷陵取")


def test_gazetteer_is_held_between_calls(loaded, django_assert_num_queries):
    gazetteer()
    with django_assert_num_queries(0):
        assert gazetteer() is gazetteer()
