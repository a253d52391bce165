"""Pinyin of names for search: full and by initials, so that wenshan and ws find 文山.

Character readings and phrases come from pypinyin; the tables here correct what they get wrong for places. Two
readings are given when they differ, character by character and by phrases (市长 shizhang, 长江 changjiang): a
searcher may use either. No tones; ü is v. Whole titles spell in microseconds, which pypinyin's own needs
hundreds for.
"""

import unicodedata
from functools import cache
from operator import add

from pypinyin.phrases_dict import phrases_dict
from pypinyin.pinyin_dict import pinyin_dict

# A more usual reading than the one listed first; alone, 长 is far more often chang than zhang in a title.
CHARACTERS = {"长": "chang", "什": "shi", "都": "du", "曾": "zeng", "棱": "ling", "厦": "xia"}
# Places, mostly, that pypinyin's phrases lack or read otherwise than the people who live there.
PHRASES = {
    "浚县": "xun xian", "大城县": "dai cheng xian", "洪洞": "hong tong", "繁峙": "fan shi", "涡阳": "guo yang",
    "单县": "shan xian", "乐陵": "lao ling", "荥经": "ying jing", "筠连": "jun lian", "珲春": "hun chun",
    "会稽": "kuai ji", "解州": "xie zhou", "宕昌": "tan chang", "称多": "chen duo", "伽师": "jia shi",
    "佛冈": "fo gang", "泊头": "bo tou", "大夫": "dai fu",
}  # fmt: skip
_LONGEST = 5


def _plain(reading: str) -> str:
    bare = reading.replace("ü", "v").replace("ǖ", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v")
    return "".join(char for char in unicodedata.normalize("NFD", bare) if not unicodedata.combining(char))


@cache
def _characters() -> tuple[dict[int, str], dict[int, str]]:
    """Give for each code point its syllable and its initial."""
    full = {code: _plain(readings.split(",")[0]) for code, readings in pinyin_dict.items()}
    full |= {ord(char): syllable for char, syllable in CHARACTERS.items()}
    return full, {code: syllable[:1] for code, syllable in full.items()}


@cache
def _phrases() -> tuple[dict[str, tuple[str, str]], frozenset[str], frozenset[str]]:
    """Give phrases with their full and initial readings, how all begin, and how those begin that read otherwise."""
    full, _initial = _characters()
    phrases: dict[str, tuple[str, str]] = {}
    begin: set[str] = set()
    begin_otherwise: set[str] = set()
    words = {w: [_plain(s[0]) for s in r] for w, r in phrases_dict.items() if len(w) <= _LONGEST}
    for word, syllables in (words | {w: r.split() for w, r in PHRASES.items()}).items():
        phrases[word] = "".join(syllables), "".join(syllable[:1] for syllable in syllables)
        begin.add(word[:2])
        if phrases[word][0] != word.translate(full):
            begin_otherwise.add(word[:2])
    return phrases, frozenset(begin), frozenset(begin_otherwise)


def readings(text: str) -> str:
    """Spell a text in lower case: full, initials, and both again where phrases read otherwise; "" without Chinese.

    文山州 → "wenshanzhou wsz"; what is not a Chinese character stays in its place.
    """
    full, initial = _characters()
    spelt = text.translate(full)
    if spelt == text:
        return ""
    found = [spelt, text.translate(initial)]
    if not _phrases()[2].isdisjoint(map(add, text, text[1:])):
        found += _by_phrases(text)
    return " ".join(dict.fromkeys(found))


def _by_phrases(text: str) -> tuple[str, str]:
    """Spell by the longest phrase at each place, from the left."""
    phrases, begin, _otherwise = _phrases()
    full, initial = _characters()
    spelt, initials, place = [], [], 0
    while place < len(text):
        step = 1
        if text[place : place + 2] in begin:
            sizes = range(min(_LONGEST, len(text) - place), 1, -1)
            step = next((size for size in sizes if text[place : place + size] in phrases), 1)
        piece = text[place : place + step]
        one, first = phrases[piece] if step > 1 else (piece.translate(full), piece.translate(initial))
        spelt.append(one)
        initials.append(first)
        place += step
    return "".join(spelt), "".join(initials)
