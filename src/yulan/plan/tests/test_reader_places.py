"""Places in running text: names that are words too, names borne by many, names of another time."""

from datetime import date

import pytest

from yulan.plan.reader.places import Places, generic_place

IN_2007 = date(2007, 3, 28)


def codes(text: str, on: date = IN_2007, home: str = "") -> list[str]:
    return [mention.span.code for mention in Places(on, home).mentions(text) if mention.span]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("西藏日喀则地区", ["540000", "542300"]),
        ("云南文山、红河、思茅、迪庆四州市", ["530000", "532600", "532500", "530800", "533400"]),
        ("三峡库区重庆万州和湖北宜昌夷陵", ["500000", "500101", "420000", "420500", "420506"]),
        ("阿克苏市和库车县", ["652901", "652923"]),
        ("德宏州德昂族和思茅市苦聪人", ["533100", "530800"]),
        ("北京市朝阳区和辽宁省朝阳市", ["110000", "110105", "210000", "211300"]),
        ("在南京市鼓楼区设点", ["320100", "320106"]),
        ("万州区、夷陵区建设基地", ["500101", "420506"]),
        ("陕西安康", ["610000", "610900"]),
        ("吉林市与吉林省", ["220200", "220000"]),
        ("内蒙古自治区赤峰市", ["150000", "150400"]),
    ],
)  # fmt: skip
def test_places(text: str, wanted: list[str]):
    assert codes(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "实施“安康工程”", "推进“白玉兰”远程医学网", "加强合作交流", "公安机关和司法机关", "长治久安", "重大理论问题", "集中卫生资源",
        "新乡村建设", "日照时数充足", "朝阳产业", "和平发展", "沿海南部地区", "长江西岸", "旧城区改造和新城区建设", "城乡平安建设",
        "来宾和嘉宾", "滨海区域合作", "港口和通道", "鼓楼区",
    ],
)  # fmt: skip
def test_words_that_are_no_places(text: str):
    assert codes(text) == []


def test_home_makes_its_districts_known():
    assert codes("浦东进行改革试点", home="上海市人民政府") == ["310115"]
    assert codes("浦东进行改革试点", home="广东省人民政府") == []
    assert codes("朝阳区建设园区", home="北京市人民政府") == ["110105"]


def test_codes_are_those_of_the_day():
    assert codes("思茅市") == ["530800"]
    assert codes("日喀则地区", date(2007, 3, 28)) == ["542300"]
    assert codes("日喀则市", date(2020, 1, 1)) == ["540200"]
    places = Places(IN_2007)
    span = next(m.span for m in places.mentions("库车县") if m.span)
    shown = places.place(span, 7)
    assert (shown.name, shown.code, shown.successor_code, shown.line) == ("库车县", "652923", "652902", 7)


def test_a_name_given_up_is_followed_to_the_day():
    assert codes("思茅市和日喀则地区", date(2020, 1, 1)) == ["530800", "540200"]
    assert codes("南汇区、卢湾区", date(2015, 1, 1)) == ["310115", "310101"]
    assert codes("普洱市", date(2001, 1, 1)) == []
    assert codes("重庆市开县", date(2016, 12, 31)) == ["500000", "500154"]
    assert codes("公开县级账目", date(2016, 12, 31)) == []


def test_the_party_committee_is_no_part_of_the_name():
    assert Places(IN_2007, "中共江州市委").home_name == "江州市"


def test_runs_are_whole_phrases():
    places = Places(IN_2007)
    text = "在云南文山、红河、思茅、迪庆四州市和三峡库区重庆万州等地，以及长三角地区"
    runs = [text[run.start : run.end] for run in places.runs(text, places.mentions(text))]
    assert runs == ["云南文山、红河、思茅、迪庆四州市和三峡库区重庆万州等地", "长三角地区"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("甲县投入", "甲县"), ("东山镇项目", "东山镇"), ("江州市“十二五”", "江州市"), ("全市投入", None), ("我县投入", None),
     ("城镇化率", None), ("受援地区", None), ("农村人口", None), ("城市建设", None), ("资金", None),
     ("非重点县", None), ("重点村镇", None)],
)  # fmt: skip
def test_places_by_their_form(text: str, name: str | None):
    assert generic_place(text) == name
