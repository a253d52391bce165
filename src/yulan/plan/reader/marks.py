"""The marks that open headings and items of papers: 第一章, 一、, （一）, 1、, （1）, ①, —— (GB/T 9704 §7.3.3)."""

import re
from dataclasses import dataclass

from yulan.plan.reader.numerals import han_number, narrow

RANKS = {
    "part": 1.0, "chapter": 2.0, "heading": 2.5, "section": 3.0, "han": 4.0, "han_bracket": 5.0, "arabic": 6.0,
    "arabic_bracket": 7.0, "circled": 8.0, "letter": 8.5, "bullet": 9.0,
}  # fmt: skip
"""How deep each style of mark stands; a decimal mark (1.1, 1.1.1) stands between arabic and arabic_bracket."""
STRUCTURAL = frozenset(("part", "chapter", "section", "han", "han_bracket"))
_SIGNS = (0x2460, 0x2474, 0x3220)
_HAN = "[〇零○一二三四五六七八九十百]"
_GAP = r"[ \u3000\t]*"
_STYLES = tuple(
    (style, re.compile(pattern))
    for style, pattern in (
        ("part", rf"(?P<n>第{_GAP}(?:{_HAN}+|\d+){_GAP}(?:篇|编|部分))(?:{_GAP}[、：:.])?(?![的中内])"),
        ("chapter", rf"(?P<n>第{_GAP}(?:{_HAN}+|\d+){_GAP}章)(?:{_GAP}[、：:.])?(?![的中内节])"),
        ("section", rf"(?P<n>第{_GAP}(?:{_HAN}+|\d+){_GAP}节)(?:{_GAP}[、：:.])?(?![的中内课点能约])"),
        ("han", rf"(?P<n>{_HAN}{{1,4}}){_GAP}(?:、(?!{_HAN}{{1,3}}[、产级线])|[.．](?!\d))"),
        ("han_bracket", rf"(?P<n>[（(]{_GAP}{_HAN}{{1,4}}{_GAP}[）)]|[㈠-㈩])[、.]?"),
        ("arabic_bracket", rf"(?P<n>[（(]{_GAP}\d{{1,2}}{_GAP}[）)]|\d{{1,2}}[）)]|[⑴-⒇])[、.]?"),
        ("decimal", r"(?P<n>\d{1,2}(?:\.\d{1,2}){1,3})\.?(?:[ \u3000\t]+(?!\d)|(?=[\u4e00-\u9fff]))"
         r"(?![百千万亿元个名家年月日余多倍%])"),
        ("arabic", rf"(?P<n>\d{{1,2}})(?:{_GAP}、(?!\d)|{_GAP}[.．](?!\d))"),
        ("circled", r"(?P<n>[①-⑳❶-❿➀-➓])[、.]?"),
        ("letter", r"(?P<n>[A-Za-z])(?:[、.．]|[）)])(?=[\u4e00-\u9fff“《])"),
        ("bullet", r"(?P<n>[—–―─]{1,4}|[•·●○■□◆◇▪▫◦‣►▶▲★☆※\uf000-\uf0ff]"
         r"|[-*+](?=[ \u3000\t]*[\u4e00-\u9fff“《]))(?!\d)"),
    )
)  # fmt: skip


_LONGEST = 40
"""Characters within which every mark ends."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark at the head of a paragraph: its style, depth, printed form, ordinal (0: none), where text begins."""

    style: str
    rank: float
    number: str
    value: int
    end: int


def mark_of(text: str) -> Mark | None:
    """The mark that opens this text, or None. Offsets are those of the text given."""
    lead = len(text) - len(text.lstrip())
    shown = narrow(text[lead : lead + _LONGEST])
    for style, pattern in _STYLES:
        if found := pattern.match(shown):
            number = found["n"]
            end = lead + found.end()
            end += len(text[end:]) - len(text[end:].lstrip())
            depth = 6.0 + 0.1 * number.count(".") if style == "decimal" else RANKS[style]
            return Mark(style, depth, text[lead : lead + len(number)].strip(), _ordinal(number), end)
    return None


def _ordinal(number: str) -> int:
    core = re.sub(r"[第篇编部分章节（()）\s]", "", number)
    if core.isascii() and core.isdigit():
        return int(core)
    if len(core) == 1 and (base := next((b for b in _SIGNS if b <= ord(core) < b + 20), 0)):
        return ord(core) - base + 1
    return han_number(core) or 0
