"""Numerals, quantities, indicators and qualifiers, phrase by phrase."""

from decimal import Decimal

import pytest

from yulan.plan.reader.dates import find_date, first_period, five_years
from yulan.plan.reader.numerals import han_number, narrow, plain
from yulan.plan.reader.phrases import noun_after, noun_before, qualifier_of
from yulan.plan.reader.quantities import base_of, quantities


def found(text: str) -> list[tuple[str, str, str]]:
    return [(q.value, q.unit, "".join(q.after)) for q in quantities(narrow(text))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百二十", 320), ("一百零八", 108), ("三万二", 32_000), ("三万零二", 30_002), ("二〇〇七", 2007), ("十", 10),
        ("十二", 12), ("二十", 20), ("两千五", 2500), ("三亿五千万", 350_000_000), ("一千零五十", 1050), ("二百五", 250),
    ],
)  # fmt: skip
def test_chinese_numerals(text: str, value: int):
    assert han_number(text) == value


@pytest.mark.parametrize("text", ["", "百", "十十", "一二十", "万", "零百", "abc", "三百百"])
def test_not_numerals(text: str):
    assert han_number(text) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("共投入无偿援助资金11.27亿元", ("11.27", "亿元", "")),
        ("接待8100余批", ("8100", "批", "余")),
        ("30余万元", ("30", "万元", "余")),
        ("3万余人", ("3", "万人", "余")),
        ("培训三百二十名", ("320", "名", "")),
        ("资金六千余万元", ("6000", "万元", "余")),
        ("十二万人", ("12", "万人", "")),
        ("三万二千人", ("32000", "人", "")),
        ("１，４９０个".replace("，", ","), ("1490", "个", "")),
        ("1,490个", ("1490", "个", "")),
        ("３０％以上", ("30", "%", "以上")),
        ("百分之八点五", ("8.5", "%", "")),
        ("提高3.2个百分点", ("3.2", "个百分点", "")),
        ("能耗0.8吨标准煤/万元", ("0.8", "吨标准煤/万元", "")),
        ("GDP3000亿元", ("3000", "亿元", "")),
        ("120km²", ("120", "km²", "")),
        ("增长率为-5.2%", ("-5.2", "%", "")),
        ("二百余家", ("200", "家", "余")),
        ("近百家企业", ("100", "家", "")),
        ("建成三所学校", ("3", "所", "")),
        ("增长一倍", ("1", "倍", "")),
        ("平均受教育年限达到10.5年", ("10.5", "年", "")),
        ("20台（套）", ("20", "台（套）", "")),
        ("接待游客突破千万人次", ("1000", "万人次", "")),
        ("举办培训班五十期", ("50", "期", "")),
        ("新建幼儿园六所", ("6", "所", "")),
        ("十亿元以上项目60个", ("60", "个", "")),
    ],
)
def test_one_quantity(text: str, wanted: tuple[str, str, str]):
    assert found(text) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "国发〔2004〕6号", "沪府发[2001]43号", "第3次会议", "2006年3月5日", "2001—2010年", "“十五”时期", "“三个代表”",
        "“6122”工程", "四个中心", "三个方面", "十一届三中全会", "二十一世纪", "前10位", "500强", "5A级景区", "G60高速",
        "PM2.5浓度", "12345热线", "第三产业", "一批项目", "90年代", "3.1:45.2:51.7", "http://a.cn/1个", "用5年时间",
        "021-12345678", "5亿元以上的企业", "六个一批", "一体两翼", "1、坚持",
        "专栏1 项目表", "表2 项目", "十五期间", "十五期末", "十亿元以上项目",
    ],
)  # fmt: skip
def test_no_quantity(text: str):
    assert found(text) == []


def test_a_range_gives_both_ends():
    assert found("增长8%—10%") == [("8", "%", ""), ("10", "%", "")]
    assert found("建设5至8个") == [("5", "个", ""), ("8", "个", "")]


def test_bases_make_units_comparable():
    assert base_of("亿元") == ("元", 8)
    assert base_of("万人次") == ("人次", 4)
    assert base_of("名")[0] == base_of("人")[0] == base_of("位")[0]
    assert base_of("千瓦") == ("千瓦", 0)
    one, other = quantities("2亿元和20000万元")
    assert one.amount == other.amount == Decimal(200_000_000)
    assert one.step == Decimal(100_000_000)


@pytest.mark.parametrize(
    ("head", "after", "qualifier"),
    [
        ("平均年增长近", (), "近"), ("先后", (), "先后"), ("累计派出干部", (), "累计"), ("其中援建重点村", (), "其中"),
        ("总金额达到", (), ""), ("累计培训近", (), "累计 近"), ("不少于", (), "不少于"), ("其中约", ("余",), "其中 约"),
        ("节约", (), ""), ("最近", (), ""), ("达", ("以上",), "以上"), ("超过", (), "超过"), ("共投入资金", (), ""),
    ],
)  # fmt: skip
def test_qualifiers(head: str, after: tuple[str, ...], qualifier: str):
    assert qualifier_of(head, after)[0] == qualifier


@pytest.mark.parametrize(
    ("before", "noun"),
    [
        ("共投入无偿援助资金", "无偿援助资金"), ("实施对口帮扶项目", "对口帮扶项目"), ("共达成合作项目", "合作项目"),
        ("重点援建了广场、学校等一批公共设施项目", "公共设施项目"), ("援助资金由2015年的", "援助资金"), ("共安排", ""),
        ("与有关方面签署合作项目", "合作项目"), ("惠及", "惠及"),
        ("全市从业人员", "从业人员"), ("重点项目", "重点项目"), ("约束性指标", "约束性指标"), ("三年募集资金", "募集资金"),
        ("固定资产投资五年累计完成", "固定资产投资"), ("生产总值[2]", "生产总值"),
    ],
)  # fmt: skip
def test_noun_before_a_number(before: str, noun: str):
    assert noun_before(before) == noun


@pytest.mark.parametrize(
    ("after", "noun"),
    [("、乙县0.9万户", ""), ("三峡库区农村外迁移民。", "三峡库区农村外迁移民"), ("省区市受灾地区紧急援助资金", "省区市受灾地区"),
     ("新设专题取得实质性进展", "新设专题"), ("，完成投资", ""), ("“示范园区”建设", "“示范园区”建设")],
)  # fmt: skip
def test_noun_after_a_number(after: str, noun: str):
    assert noun_after(after) == noun


def test_dates_and_periods():
    assert str(find_date("二〇〇七年三月二十八日")) == "2007-03-28"
    assert str(find_date("发布时间：2007-04-06")) == "2007-04-06"
    assert str(find_date("二OO七年十二月三日")) == "2007-12-03"
    assert find_date("2007年13月45日") is None
    assert [five_years(n) for n in (9, 10, 11, 14)] == ["1996–2000", "2001–2005", "2006–2010", "2021–2025"]
    assert first_period("“十一五”期末") == "2010"
    assert first_period("到2020年") == "2020"
    assert first_period("2001—2010年") == "2001–2010"
    assert first_period("十五个项目") is None


def test_plain_decimals():
    assert [plain(Decimal(text)) for text in ("1E+3", "2.50", "0.0", "-0", "11.27")] == [
        "1000",
        "2.5",
        "0",
        "0",
        "11.27",
    ]
