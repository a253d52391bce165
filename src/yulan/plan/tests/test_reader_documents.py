"""Whole documents of different kinds: what a reading of each must hold."""

from datetime import date
from pathlib import Path

import pytest

from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import PlanReading

DOCUMENTS = Path(__file__).with_name("documents")
KEYS = ["title", "doc_no", "issuer", "issued_on", "published_on", "counts", "outline", "figures", "checks",
        "regulations", "regions", "notes"]  # fmt: skip

# Requirements §2.1: F01–F30 as (noun, value, unit, qualifier, period).
FIGURES = [
    ("无偿援助资金", "11.27", "亿元", ""), ("对口帮扶项目", "1490", "个", ""), ("试点村", "884", "个", "其中"),
    ("挂职干部", "1800", "人", "累计"), ("项目", "924", "个", ""), ("协议资金", "174.82", "亿元", ""),
    ("资金", "4.13", "亿元", ""), ("项目", "259", "个", ""), ("资金", "1.6", "亿元", ""), ("项目", "388", "个", ""),
    ("资金", "4.29", "亿元", ""), ("项目", "1625", "个", ""), ("资金", "1.25", "亿元", ""), ("项目", "218", "个", ""),
    ("移民", "7519", "名", "先后"), ("出访", "9", "批次", "先后"), ("项目", "1654", "个", ""),
    ("金额", "1841.7", "亿元", ""), ("项目", "1507", "个", ""), ("金额", "1534.7", "亿元", ""),
    ("项目", "147", "个", ""), ("金额", "307", "亿元", ""), ("落户企业数平均年增长", "30", "%", "近"),
    ("注册资本平均年增长", "10", "%", ""), ("接待", "8100", "批", "余"), ("办事机构", "900", "家", "近"),
    ("省区市", "17", "个", ""), ("紧急援助", "6000", "万元", "近"), ("专题", "6", "个", ""), ("新设专题", "6", "个", ""),
]  # fmt: skip
CODES = {
    "310000", "310115", "542300", "652900", "652901", "652923", "532600", "532500", "530800", "533400", "533100",
    "500101", "420500", "420506", "530000", "540000", "650000", "420000", "500000",
}  # fmt: skip


def read(name: str) -> PlanReading:
    return read_plan(DOCUMENTS / f"{name}.txt")


@pytest.fixture(scope="module")
def assistance() -> PlanReading:
    return read("assistance-2006-2010")


@pytest.fixture(scope="module")
def bulletin() -> PlanReading:
    return read("bulletin-2008")


def test_keys_of_the_object(assistance: PlanReading):
    shown = assistance.as_json()
    assert list(shown) == KEYS
    assert list(shown["outline"][0]) == ["id", "parent", "kind", "number", "text", "line"]
    assert list(shown["figures"][0]) == [
        "id",
        "indicator",
        "value",
        "unit",
        "qualifier",
        "region",
        "period",
        "line",
        "quote",
    ]
    assert list(shown["checks"][0]) == [
        "kind", "line", "stated", "parts", "computed", "difference", "verdict", "suggestion"
    ]  # fmt: skip
    assert list(shown["regulations"][0]) == ["title", "doc_no", "line"]
    assert list(shown["regions"][0]) == ["name", "code", "valid_on", "successor_code", "line"]
    assert list(shown["notes"][0]) == ["line", "text"]
    assert shown["issued_on"] == "2007-03-28"
    assert shown["published_on"] == "2007-04-06"


def test_identity(assistance: PlanReading):
    assert assistance.title == "上海市对外协作与援助工作“十一五”规划"
    assert assistance.doc_no == "沪试发〔2007〕11号"
    assert assistance.issuer == "上海市人民政府"


def test_counts(assistance: PlanReading):
    counts = assistance.counts
    wanted = {"chapters": 4, "goals": 4, "principles": 5, "tasks": 10, "safeguards": 6, "measures": 57, "groups": 4}
    assert {key: counts[key] for key in wanted} == wanted


def test_measures_stand_under_their_tasks(assistance: PlanReading):
    tasks = [item.id for item in assistance.outline if item.kind == "task"]
    measures = [item.id for item in assistance.outline if item.kind == "measure"]
    under = [sum(measure.startswith(task + ".") for measure in measures) for task in tasks]
    assert under == [16, 6, 4, 4, 3, 4, 3, 3, 10, 4]


def test_the_thirty_figures(assistance: PlanReading):
    found = [(f.value, f.unit, f.qualifier) for f in assistance.figures]
    assert found == [(value, unit, qualifier) for _noun, value, unit, qualifier in FIGURES]
    assert [f.id for f in assistance.figures] == [f"F{n:02d}" for n in range(1, 31)]
    for figure, (noun, *_rest) in zip(assistance.figures, FIGURES, strict=True):
        assert noun in figure.indicator
        assert figure.value in figure.quote


def test_periods_and_regions_of_figures(assistance: PlanReading):
    assert {f.period for f in assistance.figures[:28]} == {"2001–2005"}
    assert {f.period for f in assistance.figures[28:]} == {"2006–2010"}
    assert [f.region for f in assistance.figures[6:14]] == [
        "西藏日喀则地区", "西藏日喀则地区", "新疆阿克苏地区", "新疆阿克苏地区", "云南四州市", "云南四州市",
        "三峡库区重庆万州和湖北宜昌夷陵", "三峡库区重庆万州和湖北宜昌夷陵",
    ]  # fmt: skip
    assert [f.region for f in assistance.figures[18:22]] == ["西部", "西部", "东北地区", "东北地区"]


def test_sums(assistance: PlanReading):
    sums = [(c.stated, c.computed, c.difference, c.verdict) for c in assistance.checks if c.kind == "sum"]
    assert sums == [
        ("11.27", "11.27", "0", "match"),
        ("1490", "2490", "1000", "mismatch"),
        ("1654", "1654", "0", "match"),
        ("1841.7", "1841.7", "0", "match"),
    ]


def test_the_misprint_is_named_and_nothing_else(assistance: PlanReading):
    wrong = [c for c in assistance.checks if c.verdict == "mismatch"]
    assert len(wrong) == 1
    assert wrong[0].parts == ("259", "388", "1625", "218")
    assert wrong[0].suggestion is not None
    assert wrong[0].suggestion.startswith("1625 → 625")


def test_sets_and_their_members(assistance: PlanReading):
    lists = [(c.line, int(c.stated)) for c in assistance.checks if c.kind == "list_count"]
    stated = sorted(number for _line, number in lists)
    assert stated == [2, 2, 3, 3, 3, 3, 4, 4, 5, 6, 6, 6]


def test_regions_with_codes_of_the_day(assistance: PlanReading):
    assert {place.code for place in assistance.regions} == CODES
    successors = {place.code: place.successor_code for place in assistance.regions}
    assert successors["542300"] == "540200"
    assert successors["652923"] == "652902"
    assert successors["530800"] == "530800"
    assert all(place.valid_on == date(2007, 3, 28) for place in assistance.regions)


def test_regulations(assistance: PlanReading):
    numbers = {r.title: r.doc_no for r in assistance.regulations}
    assert numbers["上海市对外协作与援助工作“十一五”规划"] == "沪试发〔2007〕11号"
    assert numbers["中国农村扶贫开发纲要（2001—2010年）"] == "国发〔2001〕23号"
    assert numbers["关于促进西部地区特色优势产业发展的意见"] == "国西办经〔2006〕15号"
    assert numbers["三峡库区经济社会发展规划"] is None
    assert len(numbers) == len(assistance.regulations) == 17
    assert not any("项目" in title for title in numbers)


def test_notes(assistance: PlanReading):
    by_line = {note.line: note.text for note in assistance.notes}
    assert "63" in by_line[61]
    assert "141" in by_line[139]
    assert "and" in by_line[87]
    assert "93" in by_line[101]
    assert "——" in by_line[211]
    assert len(assistance.notes) == 5


def test_joined_paragraph_keeps_its_wording(assistance: PlanReading):
    joined = next(item for item in assistance.outline if item.line == 61)
    assert joined.text.endswith("努力实现各方共同的长远发展和跨地区联动。")


def test_chapters_and_sections_of_another_city():
    reading = read("chapters-2011-2015")
    assert reading.title == "江州市“十二五”对口支援工作规划"
    wanted = {"chapters": 4, "goals": 3, "tasks": 3, "safeguards": 2, "measures": 3}
    assert {key: reading.counts[key] for key in wanted} == wanted
    values = {(f.value, f.unit, f.qualifier) for f in reading.figures}
    assert {("8.6", "亿元", "累计"), ("645", "个", ""), ("120", "名", "累计 余"), ("30", "所", ""),
            ("1000", "张", ""), ("2", "万人次", "不少于"), ("1.5", "亿元", "约"), ("12", "%", "以上")} <= values  # fmt: skip
    verdicts = [(c.kind, c.stated, c.computed, c.verdict) for c in reading.checks]
    assert verdicts == [
        ("sum", "8.6", "8.6", "match"),
        ("sum", "645", "635", "mismatch"),
        ("list_count", "5", "5", "match"),
        ("list_count", "5", "4", "mismatch"),
        ("percent_total", "100", "95", "mismatch"),
    ]


def test_table_of_contents_is_not_the_text():
    reading = read("chapters-2011-2015")
    assert [item.line for item in reading.outline if item.kind == "chapter"] == [10, 20, 26, 44]


def test_statistical_bulletin(bulletin: PlanReading):
    assert bulletin.title == "江州市2008年国民经济和社会发展统计公报"
    assert bulletin.issued_on == date(2009, 2, 20)
    assert bulletin.counts["chapters"] == 3
    assert bulletin.counts["goals"] == bulletin.counts["tasks"] == bulletin.counts["measures"] == 0
    assert {f.period for f in bulletin.figures} == {"2007", "2008"}


def test_bulletin_figures(bulletin: PlanReading):
    named = {f.indicator: (f.value, f.unit, f.qualifier) for f in bulletin.figures}
    assert named["地区生产总值"] == ("1253.6", "亿元", "")
    assert named["地区生产总值比上年增长"] == ("12.5", "%", "")
    assert named["地方财政收入"] == ("98.7", "亿元", "其中")
    assert named["新增床位"] == ("1200", "张", "")
    assert named["培训农民"] == ("320", "名", "")
    assert named["农村人口占比"] == ("52.5", "%", "")


def test_bulletin_checks(bulletin: PlanReading):
    found = [(c.kind, c.stated, c.computed, c.difference, c.verdict) for c in bulletin.checks]
    assert ("sum", "1253.6", "1253.6", "0", "match") in found
    assert ("sum", "437.6", "437.6", "0", "match") in found
    assert ("sum", "320", "320", "0", "match") in found
    assert ("sum", "32.4", "31.4", "-1", "mismatch") in found
    assert ("percent_total", "100", "101", "1", "mismatch") in found
    assert ("share", "52.5", "51.5", "-1", "mismatch") in found
    assert ("growth", "29.3", "29.3", "0", "match") in found
    assert not any(stated in ("186.2", "120", "500") for _kind, stated, *_rest in found)


def test_bulletin_with_lists_that_need_not_be_whole():
    reading = read("bulletin-2015")
    assert reading.title == "江州市2015年国民经济和社会发展统计公报"
    found = [(c.line, c.stated, c.difference, c.verdict) for c in reading.checks if c.kind == "sum"]
    assert found == [
        (7, "2123.45", "0", "match"),
        (15, "12856", "0", "match"),
        (17, "3256.8", "0", "match"),
        (19, "512.36", "0", "match"),
        (22, "1286", "-1", "mismatch"),
    ]
    assert not any(f.unit == "岁" for f in reading.figures)
    assert reading.notes == ()


def test_assistance_of_a_later_period():
    reading = read("assistance-2016-2020")
    wanted = {"chapters": 4, "principles": 3, "tasks": 3, "groups": 4, "safeguards": 3, "goals": 0, "measures": 0}
    assert {key: reading.counts[key] for key in wanted} == wanted
    assert {f.period for f in reading.figures[:14]} == {"2011–2015"}
    assert [f.period for f in reading.figures if f.line == 25] == ["2016–2020", "2016", "2017", "2018", "2019", "2020"]
    found = [(c.kind, c.line, c.stated, c.difference) for c in reading.checks if c.verdict == "mismatch"]
    assert found == [("sum", 5, "35.8", "1"), ("sum", 25, "42", "0.5")]
    assert [place.code for place in reading.regions] == ["650000", "653100", "653122", "653123", "653127", "653128"]


def test_outline_with_parts_and_unnumbered_goals():
    reading = read("outline-2021-2025")
    assert reading.issued_on == date(2021, 2, 3)
    wanted = {"parts": 3, "chapters": 4, "goals": 2, "principles": 3, "tasks": 2, "safeguards": 2, "measures": 0}
    assert {key: reading.counts[key] for key in wanted} == wanted
    assert ("11.3", "年") in [(f.value, f.unit) for f in reading.figures]
    assert not any(c.verdict == "mismatch" for c in reading.checks)


def test_notice_before_the_plan_is_no_part_of_it():
    reading = read("notice-2012")
    assert reading.title == "江州市扶贫协作三年行动计划（2012—2014年）"
    assert (reading.doc_no, reading.issuer) == ("江政办发〔2012〕35号", "江州市人民政府办公室")
    wanted = {"chapters": 3, "goals": 2, "tasks": 2, "groups": 4, "measures": 1, "safeguards": 2}
    assert {key: reading.counts[key] for key in wanted} == wanted
    assert [(c.stated, c.parts, c.verdict) for c in reading.checks] == [("3", ("0.8", "1", "1.2"), "match")]


def test_work_report_of_a_government():
    reading = read("report-2012")
    assert (reading.title, reading.issued_on) == ("2012年政府工作报告", date(2012, 1, 15))
    assert (reading.counts["chapters"], reading.counts["tasks"], reading.counts["goals"]) == (3, 2, 0)
    named = {f.indicator: (f.value, f.unit, f.qualifier, f.period) for f in reading.figures}
    assert named["财政总收入"] == ("156.8", "亿元", "", "2011")
    assert named["生产总值增长"] == ("13", "%", "左右", "2012")
    assert named["农村人口饮水安全问题"] == ("32.6", "万", "", "2011")
    assert named["城镇登记失业率"] == ("3.8", "%", "以内", "2011")
    assert named["审批时限"] == ("5", "个工作日", "", "2012")
    assert not any(value == "8" and unit == "年" for value, unit, *_rest in named.values())
    assert {c.verdict for c in reading.checks} == {"match"}
    assert [(c.kind, c.stated) for c in reading.checks] == [
        ("sum", "23"), ("sum", "2.1"), ("sum", "1.35"), ("sum", "42"), ("growth", "25"), ("sum", "543"), ("growth", "39.3")
    ]  # fmt: skip
    by_code = {place.code: place.successor_code for place in reading.regions}
    assert by_code["542232"] == "540581"


@pytest.mark.parametrize("name", sorted(path.stem for path in DOCUMENTS.glob("*.txt")))
def test_wording_is_untouched_and_parents_exist(name: str):
    printed = "".join((DOCUMENTS / f"{name}.txt").read_text("utf-8").split())
    reading = read(name)
    ids: set[str] = set()
    for item in reading.outline:
        assert "".join(item.text.split()) in printed
        assert item.parent is None or item.parent in ids
        assert item.id not in ids
        ids.add(item.id)
    for figure in reading.figures:
        assert "".join(figure.quote.split()) in printed
