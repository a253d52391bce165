"""Pinyin of places and titles; polyphones."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from yulan.kernel.pinyin import PHRASES, readings

# Written from the official romanisation of the places, not from any program.
SPELT = """
文山 wenshan ws · 砚山 yanshan ys · 六安 luan la · 六盘水 liupanshui lps · 浚县 xunxian xx · 厦门 xiamen xm
重庆 chongqing cq · 长江 changjiang cj · 长沙 changsha cs · 长宁 changning cn · 长白 changbai cb
日喀则 rikaze rkz · 阿克苏 akesu aks · 普洱 puer pe · 思茅 simao sm · 红河 honghe hh · 迪庆 diqing dq
夷陵 yiling yl · 万州 wanzhou wz · 乌什 wushi ws · 阿图什 atushi ats · 莎车 shache sc · 尉犁 yuli yl
伽师 jiashi js · 香格里拉 xianggelila xgll · 个旧 gejiu gj · 昌都 changdu cd · 那曲 naqu nq
单县 shanxian sx · 洪洞 hongtong ht · 繁峙 fanshi fs · 铅山 yanshan ys · 蔚县 yuxian yx · 乐亭 laoting lt
番禺 panyu py · 台州 taizhou tz · 丽水 lishui ls · 蚌埠 bengbu bb · 亳州 bozhou bz · 涡阳 guoyang gy
什邡 shifang sf · 宜都 yidu yd · 都匀 duyun dy · 朝阳 chaoyang cy · 珲春 hunchun hc · 宿迁 suqian sq
宕昌 tanchang tc · 荥阳 xingyang xy · 荥经 yingjing yj · 泊头 botou bt · 大埔 dabu db · 大冶 daye dy
吕梁 lvliang ll · 市长 shizhang sz · 校长 xiaozhang xz · 银行 yinhang yh · 会计 kuaiji kj · 大夫 daifu df
"""
PLACES_SPELT = [entry.split() for line in SPELT.strip().splitlines() for entry in line.split("·")]


@pytest.mark.parametrize(("name", "full", "initials"), PLACES_SPELT)
def test_a_place_is_found_by_its_own_spelling(name, full, initials):
    assert {full, initials} <= set(readings(name).split())


def test_both_readings_are_given_where_they_differ():
    assert readings("重庆") == "zhongqing zq chongqing cq"
    assert readings("文山州") == "wenshanzhou wsz"


def test_a_phrase_does_not_reach_over_a_word_boundary():
    assert "shizhangjiang" not in readings("北京市长江路")


def test_what_is_not_chinese_stays_in_its_place():
    assert readings("2007年文山州(二期)") == "2007nianwenshanzhou(erqi) 2007nwsz(eq)"
    assert readings("telemedicine 2007") == ""


def test_every_corrected_place_is_one_that_needs_it():
    for place, spelt in PHRASES.items():
        assert "".join(lazy_pinyin(place)) != spelt.replace(" ", ""), place


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=12))
def test_a_reading_has_no_tones(text):
    spelt = readings(text)
    assert all(char.isascii() or char in text for char in spelt)


def test_whole_titles_agree_with_pypinyin():
    chance = random.Random(7)
    words = [
        "上海市",
        "对口支援",
        "文山州",
        "中心小学",
        "卫生院",
        "长江流域",
        "重点村",
        "行政村",
        "会计",
        "市长",
        "藏族",
    ]
    for _ in range(200):
        title = "".join(chance.sample(words, 5))
        assert "".join(lazy_pinyin(title)) in readings(title).split()
