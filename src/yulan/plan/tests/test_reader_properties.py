"""Properties that hold for any input: the reader answers or refuses, keeps the wording, and its tree is a tree."""

import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yulan.plan.reader.numerals import decimal_string, han_number, narrow, plain
from yulan.plan.reader.quantities import quantities
from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import PlanError, PlanReading

QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HEADINGS = ["一、主要任务", "二、发展目标", "（一）总体目标", "（二）保障措施", "1、发展产业。", "（1）甲类", "——建设项目", "• 增加投入",
            "第一章 总则", "第二节 原则", "附件：", "目录", "三、工作回顾"]  # fmt: skip
PHRASES = ["共投入资金10亿元", "其中甲县3亿元", "乙县4亿元", "合计7亿元", "，", "。", "；", "、", "（", "）", "“十五”期间", "增长8%", "占30%",
           "项目三百二十个", "由5亿元增加到6亿元", "一是", "二是", "五大平台", "上海", "云南文山、红河", "2010年", "《规划》", "国发〔2001〕2号",
           "近", "1,490个", "5—8个", "and", "：", "\t", "百分之五", "GDP"]  # fmt: skip
LINES = st.one_of(st.sampled_from(HEADINGS), st.lists(st.sampled_from(PHRASES), min_size=1, max_size=14).map("".join))
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300)


def answer(data: bytes, suffix: str) -> PlanReading | None:
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(data)
        file.flush()
        try:
            return read_plan(Path(file.name))
        except PlanError:
            return None


@QUICK
@given(st.binary(max_size=3000), st.sampled_from([".txt", ".docx", ".html"]))
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str):
    answer(data, suffix)
    answer(b"PK\x03\x04" + data, suffix)
    answer(b"<html><body>" + data, suffix)


@QUICK
@given(st.lists(st.one_of(ANY_TEXT, LINES), max_size=12))
def test_any_text_is_read_or_refused(lines: list[str]):
    answer(("江州市发展规划\n一、发展工作\n" + "\n".join(lines) + "\n").encode(), ".txt")


@QUICK
@given(st.lists(LINES, min_size=1, max_size=25))
def test_a_reading_is_sound(lines: list[str]):
    text = "江州市经济社会发展规划\n一、主要工作\n" + "\n".join(lines) + "\n"
    reading = answer(text.encode(), ".txt")
    if reading is None:
        return
    printed = "".join(text.split())
    known: dict[str, str] = {}
    for item in reading.outline:
        assert item.parent is None or item.parent in known
        assert item.id not in known
        assert "".join(item.text.split()) in printed
        assert 1 <= item.line <= len(lines) + 2
        known[item.id] = item.kind
    assert sum(reading.counts.values()) == len(reading.outline)
    for figure in reading.figures:
        assert plain(Decimal(figure.value)) == plain(Decimal(decimal_string(figure.value)))
        assert "".join(figure.quote.split()) in printed
    for check in reading.checks:
        assert Decimal(check.computed) - Decimal(check.stated) == Decimal(check.difference)
        assert check.verdict in ("match", "mismatch")
        if check.kind == "sum":
            assert sum(map(Decimal, check.parts)) == Decimal(check.computed)
    assert reading.as_json() == reading.as_json()


@QUICK
@given(st.integers(1, 10**12 - 1))
def test_chinese_numerals_round_trip(number: int):
    assert han_number(spoken(number)) == number


@QUICK
@given(
    st.decimals(0, 10**9, places=2),
    st.sampled_from(["个", "亿元", "万人", "%"]),
    st.sampled_from(["", "近", "约", "共"]),
)
def test_a_printed_number_is_found_as_printed(value: Decimal, unit: str, before: str):
    printed = plain(value)
    found = list(quantities(f"完成项目{before}{printed}{unit}，"))
    assert [(q.value, q.unit) for q in found] == [(printed, unit)]


@QUICK
@given(ANY_TEXT)
def test_narrowing_keeps_offsets(text: str):
    assert len(narrow(text)) == len(text)


def spoken(number: int) -> str:
    """A number in Chinese numerals, as papers write it."""
    for power, word in ((8, "亿"), (4, "万")):
        if number >= 10**power:
            high, low = divmod(number, 10**power)
            zero = "零" if 0 < low < 10 ** (power - 1) else ""
            return spoken(high) + word + zero + (spoken(low) if low else "")
    out, zero = "", False
    for power, word in ((3, "千"), (2, "百"), (1, "十"), (0, "")):
        digit = number // 10**power % 10
        if digit:
            out += ("零" if zero and out else "") + "零一二三四五六七八九"[digit] + word
        zero = not digit if out else False
    return out
