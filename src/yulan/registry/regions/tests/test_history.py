"""Golden look-ups of requirements §3.1, and what must hold for every span."""

import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yulan.registry.regions.history import AmbiguousRegion, Gazetteer, UnknownRegion
from yulan.registry.regions.names import GROUPINGS, short_forms, stem

PLAN, TODAY = date(2007, 3, 28), date(2026, 6, 30)
REGISTERED = Gazetteer.load()
SPANS = list(REGISTERED)


def told(text, on):
    span = REGISTERED.lookup(text, on)
    return span.code, span.name


@pytest.mark.parametrize(
    ("text", "on", "code", "name"),
    [
        ("530800", PLAN, "530800", "思茅市"),
        ("530800", TODAY, "530800", "普洱市"),
        ("思茅市", PLAN, "530800", "思茅市"),
        ("思茅市", TODAY, "530800", "普洱市"),
        ("普洱市", PLAN, "530800", "思茅市"),
        ("思茅地区", date(2003, 1, 1), "532700", "思茅地区"),
        ("532700", TODAY, "530800", "普洱市"),
        ("思茅", PLAN, "530800", "思茅市"),
        ("日喀则地区", PLAN, "542300", "日喀则地区"),
        ("日喀则", PLAN, "542300", "日喀则地区"),
        ("日喀则市", PLAN, "542301", "日喀则市"),
        ("日喀则市", TODAY, "540200", "日喀则市"),
        ("日喀则地区", TODAY, "540200", "日喀则市"),
        ("542301", TODAY, "540202", "桑珠孜区"),
        ("阿克苏地区", PLAN, "652900", "阿克苏地区"),
        ("阿克苏市", PLAN, "652901", "阿克苏市"),
        ("库车县", PLAN, "652923", "库车县"),
        ("库车县", TODAY, "652902", "库车市"),
        ("文山", PLAN, "532600", "文山壮族苗族自治州"),
        ("文山州", PLAN, "532600", "文山壮族苗族自治州"),
        ("文山县", TODAY, "532601", "文山市"),
        ("红河", PLAN, "532500", "红河哈尼族彝族自治州"),
        ("532522", TODAY, "532503", "蒙自市"),
        ("迪庆", PLAN, "533400", "迪庆藏族自治州"),
        ("533421", TODAY, "533401", "香格里拉市"),
        ("香格里拉县", PLAN, "533421", "香格里拉县"),
        ("德宏州", PLAN, "533100", "德宏傣族景颇族自治州"),
        ("潞西市", TODAY, "533103", "芒市"),
        ("重庆万州", PLAN, "500101", "万州区"),
        ("万州", PLAN, "500101", "万州区"),
        ("湖北宜昌", PLAN, "420500", "宜昌市"),
        ("宜昌夷陵", PLAN, "420506", "夷陵区"),
        ("宜昌县", date(2000, 1, 1), "420521", "宜昌县"),
        ("宜昌县", TODAY, "420506", "夷陵区"),
        ("西藏", PLAN, "540000", "西藏自治区"),
        ("新疆", PLAN, "650000", "新疆维吾尔自治区"),
        ("内蒙古", PLAN, "150000", "内蒙古自治区"),
        ("上海", PLAN, "310000", "上海市"),
        ("浦东", PLAN, "310115", "浦东新区"),
        ("香港", PLAN, "810000", "香港特别行政区"),
        ("南汇区", PLAN, "310119", "南汇区"),
        ("南汇区", TODAY, "310115", "浦东新区"),
        ("310103", TODAY, "310101", "黄浦区"),
        ("310108", TODAY, "310106", "静安区"),
        ("崇明县", PLAN, "310230", "崇明县"),
        ("310230", TODAY, "310151", "崇明区"),
        ("吉林", PLAN, "220000", "吉林省"),
        (" 350000 ", PLAN, "350000", "福建省"),
    ],
)
def test_golden_lookups(text, on, code, name):
    assert told(text, on) == (code, name)


def test_events_carry_their_documents():
    ended = {(s.code, s.name): (s.event, s.doc_no, s.valid_to) for s in SPANS if s.valid_to}
    assert ended["532700", "思茅地区"] == ("撤地设市", "国函〔2003〕113号", date(2003, 10, 30))
    assert ended["310119", "南汇区"] == ("并入", "国函〔2009〕52号", date(2009, 4, 24))
    assert ended["652923", "库车县"][:2] == ("撤县设市", "民函〔2019〕123号")
    assert ended["532522", "蒙自县"][:2] == ("撤县设市", "民函〔2010〕219号")


def test_ambiguous_and_unknown_names_say_so():
    with pytest.raises(AmbiguousRegion) as ambiguous:
        REGISTERED.lookup("鼓楼区", PLAN)
    assert [s.code for s in ambiguous.value.candidates] == ["320106", "320302", "350102", "410204"]
    with pytest.raises(UnknownRegion) as unknown:
        REGISTERED.lookup("阿克苏地区市", PLAN)
    assert "阿克苏地区" in unknown.value.suggestions
    with pytest.raises(UnknownRegion):
        REGISTERED.lookup("999999", PLAN)


def test_code_of_says_what_was_said():
    assert REGISTERED.code_of("日喀则地区", TODAY) == "542300"
    assert REGISTERED.code_of("日喀则市", TODAY) == "540200"
    assert REGISTERED.code_of("思茅市", TODAY) == "530800"
    assert REGISTERED.code_of("542301", TODAY) == "542301"


def test_shanghai_of_the_plan_has_eighteen_districts_and_a_county():
    assert [s.code for s in REGISTERED.children("310000", PLAN)] == ["310100", "310200"]
    assert len(REGISTERED.children("310100", PLAN)) == 18
    assert [s.name for s in REGISTERED.children("310200", PLAN)] == ["崇明县"]
    assert len([s for s in REGISTERED.within("310000", TODAY) if s.level == "county"]) == 16


AREAS = {"542300": 18, "652900": 9, "532600": 8, "532500": 13, "530800": 10, "533400": 3, "500101": 0, "420506": 0}


@pytest.mark.parametrize(("code", "counties"), AREAS.items())
def test_the_eight_areas_hold_together(code, counties):
    inside = REGISTERED.children(code, PLAN)
    assert len(inside) == counties
    for span in inside:
        heirs = REGISTERED.restate(span.code, PLAN, TODAY)
        assert heirs, span
        assert all(REGISTERED.span(heir, TODAY) for heir in heirs)
        assert span.code in REGISTERED.restate(heirs[0], TODAY, PLAN)
    assert all(any(c.startswith(p) for p in REGISTERED.prefixes(code)) for c in [code, *(s.code for s in inside)])


@pytest.mark.parametrize(
    ("code", "prefixes"),
    [
        ("540200", ("5402", "5423")),
        ("542300", ("5402", "5423")),
        ("530000", ("53",)),
        ("530800", ("5308", "5327")),
        ("532700", ("5308", "5327")),
        ("310101", ("310101", "310103")),
        ("310103", ("310103",)),
        ("652923", ("652902", "652923")),
        ("420506", ("420506", "420521")),
        ("310000", ("31",)),
    ],
)
def test_prefixes(code, prefixes):
    assert REGISTERED.prefixes(code) == prefixes


def test_restating_splits_and_mergers():
    assert REGISTERED.restate("341400", PLAN, TODAY) == ("340100", "340200", "340500")
    assert REGISTERED.restate("310115", TODAY, PLAN) == ("310115", "310119")
    assert REGISTERED.restate("310115", PLAN, TODAY) == ("310115",)
    assert REGISTERED.restate("310151", TODAY, PLAN) == ("310230",)
    assert REGISTERED.restate("440310", TODAY, PLAN) == ()
    with pytest.raises(UnknownRegion):
        REGISTERED.restate("310151", PLAN, TODAY)


@pytest.mark.parametrize(
    ("code", "day", "heirs"),
    [
        ("132101", date(1982, 12, 31), {"130400"}),
        ("232303", date(1990, 12, 31), {"231282"}),
        ("310224", date(1991, 12, 31), {"310115"}),
        ("330502", date(1987, 12, 31), {"330500"}),
        ("370631", date(1993, 12, 31), {"370612", "370613"}),
        ("371200", PLAN, {"370100"}),
        ("372600", date(1984, 12, 31), {"370100", "370800", "370900"}),
        ("420400", date(1993, 12, 31), {"421002"}),
        ("440321", date(1991, 12, 31), {"440306", "440307"}),
        ("450206", date(2001, 12, 31), {"450202", "450203", "450204", "450205"}),
        ("511200", date(1996, 12, 31), {"500000"}),
        ("654100", date(2000, 12, 31), {"654000"}),
    ],
)
def test_what_became_of_the_regions_of_the_eighties_and_nineties(code, day, heirs):
    assert set(REGISTERED.restate(code, day, TODAY)) == heirs


def test_macro_regions_cover_the_country_once():
    found = {s.code: REGISTERED.macro_region(s.code) for s in SPANS if s.level == "province"}
    assert [list(found.values()).count(r) for r in ("东部", "中部", "西部", "东北", "港澳台")] == [10, 6, 12, 3, 3]
    assert REGISTERED.macro_region("533400") == "西部"
    with pytest.raises(KeyError):
        REGISTERED.macro_region("990000")


@pytest.mark.parametrize(
    ("name", "level", "forms"),
    [
        ("文山壮族苗族自治州", "prefecture", ("文山", "文山州")),
        ("巴音郭楞蒙古自治州", "prefecture", ("巴音郭楞", "巴音郭楞州")),
        ("双江拉祜族佤族布朗族傣族自治县", "county", ("双江", "双江县")),
        ("宁夏回族自治区", "province", ("宁夏",)),
        ("神农架林区", "county", ("神农架",)),
        ("梅里斯达斡尔族区", "county", ("梅里斯",)),
        ("易县", "county", ()),
        ("合作市", "county", ()),
        ("市中区", "county", ()),
        ("科尔沁左翼中旗", "county", ()),
        ("阿克苏地区", "prefecture", ("阿克苏",)),
        ("兴安盟", "prefecture", ("兴安",)),
    ],
)
def test_short_forms(name, level, forms):
    assert short_forms(name, level) == forms


def test_names_on_are_the_names_in_force():
    then, now = REGISTERED.names_on(PLAN), REGISTERED.names_on(TODAY)
    assert [s.code for s in then["日喀则"]] == ["542300", "542301"]
    assert "普洱市" not in then
    assert "思茅市" not in now
    assert "合作" not in then
    assert "市辖区" not in then
    assert REGISTERED.names_on(PLAN) is then


def test_counts_of_2023_are_the_ministrys():
    day = date(2023, 12, 31)
    found = [s.level for s in SPANS if s.in_force(day) and s.name not in GROUPINGS]
    assert [found.count(level) for level in ("province", "prefecture", "county")] == [34, 333, 2844]


def test_loading_takes_less_than_half_a_second_of_the_processor():
    before = time.process_time()
    fresh = Gazetteer.load.__wrapped__()
    assert time.process_time() - before < 0.5
    assert list(fresh) == SPANS
    assert len(fresh.names_on(TODAY)) > 5000


def test_spans_of_one_code_do_not_overlap():
    for code in REGISTERED.codes():
        spans = REGISTERED.spans(code)
        for one, other in pairwise(spans):
            assert one.valid_to is not None
            assert one.valid_from < one.valid_to <= other.valid_from


def test_every_successor_is_in_force_when_its_forerunner_ends():
    for span in SPANS:
        for code in span.successors:
            assert REGISTERED.span(code, span.valid_to), (span, code)


def test_every_parent_is_in_force_since_1990():
    for span in SPANS:
        for day in {
            max(span.valid_from, date(1990, 12, 31)),
            span.valid_to and date.fromordinal(span.valid_to.toordinal() - 1),
        }:
            if day and span.parent and span.in_force(day) and day >= date(1990, 12, 31):
                assert REGISTERED.span(span.parent, day), (span, day)


def test_every_region_that_ended_since_2000_has_successors():
    assert [
        s
        for s in SPANS
        if s.valid_to and s.valid_to > date(2000, 1, 1) and not s.successors and s.name not in GROUPINGS
    ] == []
    assert all(s.event for s in SPANS if s.valid_to)
    assert not any(s.event or s.successors for s in SPANS if not s.valid_to)


@given(
    st.sampled_from(
        [s for s in SPANS if (s.valid_to is None or s.valid_to > date(2000, 1, 1)) and s.name not in GROUPINGS]
    ),
    st.dates(date(2001, 1, 1), TODAY),
)
def test_restated_territory_still_exists(span, day):
    start = max(span.valid_from, date(2000, 12, 31))
    if not span.in_force(start):
        return
    later = max(day, start)
    heirs = REGISTERED.restate(span.code, start, later)
    assert heirs
    for heir in heirs:
        assert REGISTERED.span(heir, later)
        assert span.code in REGISTERED.restate(heir, later, start)


@given(st.sampled_from(SPANS), st.dates(date(1981, 1, 1), TODAY))
def test_a_name_in_force_is_found_by_name(span, day):
    if span.in_force(day) and span.name not in GROUPINGS:
        assert span in REGISTERED.candidates(span.name, day)
        assert stem(span.name)
