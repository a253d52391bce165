"""The outline: marks of every style, what headings make of their items, broken paragraphs, front matter."""

from pathlib import Path

import pytest

from yulan.plan.reader.marks import mark_of
from yulan.plan.reader.outline import categories, is_review
from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import PlanReading


def read(text: str, folder: Path) -> PlanReading:
    path = folder / "plan.txt"
    path.write_text(text, "utf-8")
    return read_plan(path)


def kinds(text: str, folder: Path) -> list[tuple[str, str]]:
    reading = read(f"江州市发展工作规划\n{text}\n", folder)
    return [(item.kind, item.text[:8]) for item in reading.outline]


@pytest.mark.parametrize(
    ("text", "style", "number", "rest"),
    [
        ("一、回顾", "han", "一", "回顾"), ("十一、回顾", "han", "十一", "回顾"), ("（一）总体", "han_bracket", "（一）", "总体"),
        ("(二)主要", "han_bracket", "(二)", "主要"), ("㈠甲", "han_bracket", "㈠", "甲"), ("1、坚持", "arabic", "1", "坚持"),
        ("1.坚持", "arabic", "1", "坚持"), ("１２．坚持", "arabic", "１２", "坚持"), ("（1）对口", "arabic_bracket", "（1）", "对口"),
        ("（１）对口", "arabic_bracket", "（１）", "对口"), ("⑴甲", "arabic_bracket", "⑴", "甲"), ("3）甲", "arabic_bracket", "3）", "甲"),
        ("①甲", "circled", "①", "甲"), ("——重点", "bullet", "——", "重点"), ("—推进", "bullet", "—", "推进"),
        ("• 甲", "bullet", "•", "甲"), ("·甲", "bullet", "·", "甲"), ("- 重点", "bullet", "-", "重点"), ("\uf0b2 重点", "bullet", "\uf0b2", "重点"),
        ("第一章 总则", "chapter", "第一章", "总则"), ("第 二 章　目标", "chapter", "第 二 章", "目标"),
        ("第十二节　甲", "section", "第十二节", "甲"), ("第一篇 总则", "part", "第一篇", "总则"), ("1.1 指导思想", "decimal", "1.1", "指导思想"),
        ("　　三、任务", "han", "三", "任务"), ("A、甲类", "letter", "A", "甲类"),
    ],
)  # fmt: skip
def test_marks(text: str, style: str, number: str, rest: str):
    mark = mark_of(text)
    assert mark is not None
    assert (mark.style, mark.number, text[mark.end :]) == (style, number, rest)


@pytest.mark.parametrize(
    "text",
    ["一、二、三产业协调发展", "1.6亿元的资金", "1．６亿元", "2006年以来", "12.5%的企业", "-5.2%", "第一节课", "第一章节",
     "第一产业", "一是加强", "2、3号线", "", "“三个代表”", "5个"],
)  # fmt: skip
def test_no_marks(text: str):
    assert mark_of(text) is None


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("总体目标", ["goal"]), ("“十一五”工作的总体目标和主要任务", ["goal", "task"]), ("指导思想和基本原则", ["principle"]),
        ("保障措施和主要政策", ["safeguard"]), ("主要任务和措施", ["task"]), ("完善社会保障体系", []), ("保障和改善民生", []),
        ("主要目标任务完成情况", []), ("实现绿色发展目标", []), ("组织保障", ["safeguard"]), ("规划实施保障", ["safeguard"]),
        ("组织实施", ["safeguard"]), ("组织实施重大项目", []),
        ("重点工作", ["task"]), ("加快产业升级", []),
    ],
)  # fmt: skip
def test_what_a_heading_names(title: str, named: list[str]):
    assert categories(title) == named


def test_reviews():
    assert is_review("“十五”工作的回顾")
    assert is_review("主要任务完成情况")
    assert is_review("发展成就")
    assert is_review("合作基础")
    assert not is_review("面临的形势和主要任务")


def test_items_of_a_review_are_no_tasks(tmp_path: Path):
    text = "一、主要任务完成情况\n（一）产业协作\n——建设园区。\n二、主要任务\n（一）产业协作\n——建设园区。"
    assert [kind for kind, _text in kinds(text, tmp_path)] == [
        "chapter", "section", "paragraph", "chapter", "task", "measure"
    ]  # fmt: skip


def test_goals_as_bullets_and_as_labels(tmp_path: Path):
    text = "一、发展目标\n（一）经济目标。增长8%。\n（二）社会目标。\n1、就业。\n2、教育。\n二、主要任务\n1、发展产业。"
    assert [kind for kind, _text in kinds(text, tmp_path)] == [
        "chapter",
        "goal",
        "section",
        "goal",
        "goal",
        "chapter",
        "task",
    ]


def test_labels_under_a_mixed_heading(tmp_path: Path):
    text = (
        "一、指导思想、基本原则和发展目标\n（一）指导思想\n（二）基本原则\n1、坚持创新。\n（三）发展目标\n1、总量翻番。"
    )
    assert [kind for kind, _text in kinds(text, tmp_path)] == [
        "chapter",
        "section",
        "section",
        "principle",
        "section",
        "goal",
    ]


def test_safeguards_with_bullets_and_no_other(tmp_path: Path):
    text = "一、主要工作\n1、发展产业。\n二、保障措施\n——加强领导。\n——加大投入。"
    assert [kind for kind, _text in kinds(text, tmp_path)] == ["chapter", "task", "chapter", "safeguard", "safeguard"]


def test_decimal_numbers(tmp_path: Path):
    text = "1 总则\n1.1 编制目的\n为加强管理工作。\n1.2 工作原则\n2. 组织体系\n2.1 领导机构\n3. 保障措施\n3.1 资金保障"
    found = kinds(text, tmp_path)
    assert ("chapter", "组织体系") in found
    assert ("section", "领导机构") in found
    assert ("safeguard", "资金保障") in found


def test_headings_without_numbers_in_a_page(tmp_path: Path):
    path = tmp_path / "plan.html"
    path.write_text(
        "<html><body><h1>江州市发展规划</h1><h2>发展目标</h2><p>——增长8%。</p><h2>主要任务</h2><h3>发展产业</h3>"
        "<p>加快发展。</p></body></html>",
        "utf-8",
    )
    reading = read_plan(path)
    assert [item.kind for item in reading.outline] == ["chapter", "goal", "chapter", "task", "paragraph"]


def test_ids_tell_the_place(tmp_path: Path):
    text = "引言。\n一、甲工作\n（一）乙\n说明。\n1、丙\n二、丁"
    reading = read(f"江州市发展工作规划\n{text}\n", tmp_path)
    assert [(item.id, item.parent) for item in reading.outline] == [
        ("p1", None), ("1", None), ("1.1", "1"), ("1.1.p1", "1.1"), ("1.1.1", "1.1"), ("2", None)
    ]  # fmt: skip


def test_boxes_are_not_items_of_the_text(tmp_path: Path):
    text = (
        "一、主要目标\n1、增加投入。\n专栏1  重大工程\n（1）水利工程。\n（2）交通工程。\n2、扩大就业。\n二、主要任务\n1、发展产业。\n"
        "专栏 2 重大项目\n1、园区建设。\n2、道路建设。\n3、仓储建设。\n2、协作劳务。"
    )
    reading = read(f"江州市发展工作规划\n{text}\n", tmp_path)
    assert (reading.counts["goals"], reading.counts["tasks"]) == (2, 2)
    assert [item.text for item in reading.outline if item.kind == "task"] == ["发展产业。", "协作劳务。"]


def test_annexes_are_not_items_of_the_last_safeguard(tmp_path: Path):
    text = "一、主要任务\n1、发展产业。\n二、保障措施\n（一）加强领导\n附件：1.任务表\n2.名单"
    reading = read(f"江州市发展工作规划\n{text}\n", tmp_path)
    assert reading.counts["safeguards"] == 1
    assert [item.parent for item in reading.outline[-2:]] == [None, None]


BROKEN = "——共建水运。建设水运信息平台，与沿江城市共同发展集装箱运输，带动相关产业，促进沿江地区经济"


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (BROKEN, "发展。", True),
        (
            "2、坚持协调发展，兼顾各方利益，方便各地往来，促进各类要素流动，增强服务功能，努力实现跨地",
            "区联动发展。",
            True,
        ),
        ("全市各级各部门要认真贯彻落实规划，", "确保完成任务。", True),
        (BROKEN, "——共建平台。", False),
        (BROKEN + "发展。", "各地要抓好落实。", False),
        ("（一）强化资金管理，提升工作水平", "修订专项资金办法。", False),
        ("1、完善工作机制", "要健全各项制度。", False),
        (BROKEN, "（二）加强协作", False),
    ],
)
def test_broken_paragraphs(first: str, second: str, joined: bool, tmp_path: Path):
    text = f"江州市发展规划\n一、主要任务\n（一）协作工作\n{first}\n\n{second}\n二、保障措施\n（一）加强领导。\n"
    reading = read(text, tmp_path)
    whole = [item for item in reading.outline if item.line == 4]
    assert whole[0].text.endswith(second) is joined
    assert bool([note for note in reading.notes if note.line == 4]) is joined


def test_a_number_broken_in_two_is_read_whole(tmp_path: Path):
    text = "江州市发展规划\n一、工作回顾\n五年来，全市各级部门通力合作，共投入援助资金11.\n27亿元，实施项目1490个。\n"
    reading = read(text, tmp_path)
    assert [(f.value, f.unit, f.line) for f in reading.figures] == [("11.27", "亿元", 3), ("1490", "个", 4)]


@pytest.mark.parametrize(
    ("text", "title", "issuer", "number"),
    [
        ("江州市人民政府关于印发江州市协作规划的通知\n江府〔2011〕5号\n各区县人民政府：\n一、目标\n", "江州市协作规划", "江州市人民政府", "江府〔2011〕5号"),
        ("江州市国民经济和社会发展\n第十二个五年规划纲要\n（2011年1月20日江州市第六届人民代表大会第五次会议批准）\n一、目标\n",
         "江州市国民经济和社会发展第十二个五年规划纲要", "江州市第六届人民代表大会第五次会议", None),
        ("中共江州市委 江州市人民政府关于打赢脱贫攻坚战的实施意见\n（2016年2月3日）\n一、目标\n",
         "中共江州市委 江州市人民政府关于打赢脱贫攻坚战的实施意见", "中共江州市委 江州市人民政府", None),
        ("关于印发《江河库区协作方案》实施意见的通知\n江发〔2014〕8号\n江州市发展改革局\n2014年5月20日\n一、目标\n",
         "关于印发《江河库区协作方案》实施意见的通知", "江州市发展改革局", "江发〔2014〕8号"),
        ("江州市人民政府\n关于印发江州市国民经济和社会发展\n第十二个五年规划纲要的通知\n江发〔2011〕9号\n二〇一一年三月八日\n"
         "江州市国民经济和社会发展第十二个五年规划纲要\n（2011—2015年）\n一、目标\n",
         "江州市国民经济和社会发展第十二个五年规划纲要", "江州市人民政府", "江发〔2011〕9号"),
        ("江州市发展改革委 江州市财政局\n关于印发《老区协作规划》的通知\n江发改〔2013〕8号\n江州市发展改革委\n财 政 局\n2013 年 6 月 28 日\n"
         "老区协作规划\n（征求意见稿）\n一、目标\n", "老区协作规划", "江州市发展改革委 财政局", "江发改〔2013〕8号"),
        ("标题：江州市扶贫规划\n发文机关：江州市扶贫办\n文号：江扶发[2011]7号\n江州市扶贫规划\n一、目标\n", "江州市扶贫规划", "江州市扶贫办", "江扶发[2011]7号"),
    ],
)  # fmt: skip
def test_front_matter(text: str, title: str, issuer: str, number: str | None, tmp_path: Path):
    reading = read(text + "1、发展产业项目，增加财政收入。\n", tmp_path)
    assert (reading.title, reading.issuer, reading.doc_no) == (title, issuer, number)
    assert reading.counts["chapters"] == 1


def test_the_stamp_of_a_site_is_the_day_of_publication(tmp_path: Path):
    text = "江州市“十二五”协作规划\n2011-06-15 09:30  来源：市发改委  点击：12次\n一、主要任务\n1、发展产业项目。\n"
    reading = read(text, tmp_path)
    assert (str(reading.published_on), reading.issued_on) == ("2011-06-15", None)
    assert reading.outline[0].kind == "chapter"


def test_papers_and_their_numbers(tmp_path: Path):
    text = (
        "江州市工作规划\n一、主要任务\n1、根据《江州市协作规划》（以下简称《规划》，江发〔2011〕12 号）、国务院令第735号和《饮水标准》"
        "（GB 5749-2006），落实《规划》，发展产业项目。\n2、排演话剧《援藏日记》。\n"
    )
    assert [(each.title, each.doc_no) for each in read(text, tmp_path).regulations[1:]] == [
        ("江州市协作规划", "江发〔2011〕12号"), ("饮水标准", "GB 5749-2006"), ("", "国务院令第735号")
    ]  # fmt: skip


def test_notes_of_an_editor(tmp_path: Path):
    text = (
        "江州市发展规划\n一、主要任务\n1、发展产业。\n——建设产业园区，引进各类企业发展项目。\n—推进“一卡通建设。\n"
        "——建设产业园区，引进各类企业发展项目。\n2、进一步进一步加强 the 管理，发展GDP和R&D，建设200km道路。\n"
    )
    notes = [(note.line, note.text) for note in read(text, tmp_path).notes]
    assert [line for line, _text in notes] == [5, 5, 6, 7, 7]
    assert any("the" in text for _line, text in notes)
    assert any("进一步进一步" in text for _line, text in notes)
    assert not any("GDP" in text or "km" in text for _line, text in notes)


def figures(text: str, folder: Path) -> list[tuple[str, str, str | None, str | None]]:
    return [(f.indicator, f.value, f.region, f.period) for f in read(text, folder).figures]


def test_periods_of_figures(tmp_path: Path):
    text = (
        "江州市“十三五”规划纲要\n一、发展基础\n“十二五”时期，生产总值由2010年的100亿元增加到2015年的160亿元。"
        "财政收入18亿元，是2010年的2.1倍。\n二、发展目标\n到2020年，实现以下目标：\n1、创新成效显著。专利达到800件。\n"
        "三、主要任务\n1、改造危房2万户，其中2016年1万户，2017年1万户；新建住房3万户。\n"
    )
    assert [(value, period) for _name, value, _region, period in figures(text, tmp_path)] == [
        ("100", "2010"), ("160", "2015"), ("18", "2011–2015"), ("2.1", "2011–2015"), ("800", "2020"),
        ("2", "2016–2020"), ("1", "2016"), ("1", "2017"), ("3", "2016–2020"),
    ]  # fmt: skip


def test_indicators_of_parts_and_changes(tmp_path: Path):
    text = (
        "江州市工作总结\n一、工作情况\n1、资金保障。2014年安排3亿元，其中，甲县1亿元、乙县2亿元。\n"
        "2、税收收入80亿元，增长9%，占财政收入的比重为74%，比上年提高2个百分点。三次产业比重分别为9%、49%和42%。\n"
        "3、建设茶园2万亩、果园3万亩，合计5万亩。\n4、对口支援西藏墨竹工卡县和新疆伊宁县资金4亿元。\n"
    )
    assert [(name, value, region) for name, value, region, _period in figures(text, tmp_path)] == [
        ("资金保障", "3", None), ("资金保障", "1", "甲县"), ("资金保障", "2", "乙县"),
        ("税收收入", "80", None), ("税收收入增长", "9", None), ("税收收入占财政收入的比重", "74", None),
        ("税收收入占财政收入的比重比上年提高", "2", None), ("三次产业比重", "9", None), ("三次产业比重", "49", None),
        ("三次产业比重", "42", None), ("建设茶园", "2", None), ("果园", "3", None), ("合计", "5", None),
        ("资金", "4", "西藏墨竹工卡县和新疆伊宁县"),
    ]  # fmt: skip


def test_indicators_that_go_on(tmp_path: Path):
    text = (
        "江州市工作总结\n一、工作情况\n1、到2017年，游客达到500万人次，收入达到50亿元；到2020年，分别达到800万人次、100亿元。\n"
        "2、安排项目118个，总投资15亿元，已完成95个。\n3、生产总值年均增长8%-10%。\n4、全省投资30亿元，全市投资4亿元。\n"
    )
    assert [(name, value, region) for name, value, region, _period in figures(text, tmp_path)] == [
        ("游客", "500", None), ("收入", "50", None), ("游客", "800", None), ("收入", "100", None), ("项目", "118", None),
        ("总投资", "15", None), ("项目", "95", None), ("生产总值年均增长", "8", None), ("生产总值年均增长", "10", None),
        ("投资", "30", "全省"), ("投资", "4", "江州市"),
    ]  # fmt: skip


def test_periods_and_places_of_parts(tmp_path: Path):
    text = (
        "江州市支援规划（2016—2020年）\n一、主要任务\n1、江州市累计向西藏墨竹工卡县选派干部90名，引导18家企业投资7亿元。\n"
        "2、分年度看，资金2016年1亿元、2017年2亿元，合计3亿元。\n3、甲县4亿元、乙县5亿元，共计9亿元。\n"
        "4、投资额5亿元（其中2016年2亿元、2017年3亿元）。\n"
    )
    assert figures(text, tmp_path) == [
        ("选派干部", "90", "西藏墨竹工卡县", "2016–2020"), ("企业", "18", "西藏墨竹工卡县", "2016–2020"),
        ("企业投资", "7", "西藏墨竹工卡县", "2016–2020"), ("资金", "1", None, "2016"), ("资金", "2", None, "2017"),
        ("合计", "3", None, "2016–2020"), ("甲县", "4", "甲县", "2016–2020"), ("乙县", "5", "乙县", "2016–2020"),
        ("共计", "9", None, "2016–2020"), ("投资额", "5", None, "2016–2020"), ("投资额", "2", None, "2016"),
        ("投资额", "3", None, "2017"),
    ]  # fmt: skip


def test_a_review_is_of_the_period_it_names_and_not_of_the_plan(tmp_path: Path):
    path = tmp_path / "plan.txt"
    path.write_text(
        "江州市对口支援“十四五”规划\n一、主要成效\n“十三五”期间，帮助98个贫困县、约550万贫困人口脱贫。\n"
        "1、产业合作。引导1800余家企业投资。\n二、主要任务\n1、产业合作。共建园区20个。\n",
        "utf-8",
    )
    found = [(f.value, f.indicator, f.period) for f in read_plan(path).figures]
    assert found == [
        ("98", "贫困县", "2016–2020"),
        ("550", "贫困人口脱贫", "2016–2020"),
        ("1800", "企业投资", "2016–2020"),
        ("20", "共建园区", "2021–2025"),
    ]
