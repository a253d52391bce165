"""What a careful editor would point out: foreign words, changed or repeated bullets, stutters, open brackets."""

import re
from collections.abc import Iterator, Sequence

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.figures import text_start
from yulan.plan.reader.reading import Item, Note

_LATIN = re.compile(r"(?<![A-Za-z0-9./:@_-])\s?([a-z]{2,}(?: [a-z]{2,})*)\s?(?![A-Za-z0-9./:@_-])")
_UNITS_TEXT = (
    "km kg cm mm kw kwh mw gw ha hm mg ml pm gb tb db teu hz khz mhz ghz kv ppm ph www com cn gov org "
    "http https xlsx docx pdf"
)
_UNITS = frozenset(_UNITS_TEXT.split())
_STUTTER = re.compile("((?![一两几每逐个各])[\u4e00-\u9fff]{2,8})\\1(?![\u4e00-\u9fff]?\\1)")
_PAIRS = (("“", "”"), ("‘", "’"), ("（", "）"), ("《", "》"), ("〔", "〕"), ("【", "】"))
_CLAUSE_NUMBER = re.compile("(?<![（(\\w])[\\d一二三四五六七八九十a-zA-Z]{1,3}[）)]")
_REPEATED = 12
"""Characters from which two bullets of the same wording are worth a note."""


def read_notes(paragraphs: Sequence[Paragraph], items: Sequence[Item]) -> list[Note]:
    """The notes on a text, in the order of its lines."""
    found = [*_bullet_styles(items), *_repeated(items)]
    for paragraph in paragraphs:
        if not paragraph.cells:
            found.extend(_of(paragraph))
    return sorted(found, key=lambda note: note.line)


def _of(paragraph: Paragraph) -> Iterator[Note]:
    text = paragraph.text
    for found in _LATIN.finditer(text):
        around = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
        if found[1] not in _UNITS and len(around) == 2 and all("\u4e00" <= c <= "\u9fff" for c in around):
            yield Note(
                paragraph.line_at(found.start(1)),
                f"中文中夹有外文“{found[1]}” / Foreign word “{found[1]}” inside Chinese text",
            )
    for found in _STUTTER.finditer(text):
        yield Note(paragraph.line_at(found.start()), f"词语重复“{found[0]}” / Repeated word “{found[0]}”")
    body = _CLAUSE_NUMBER.sub("", text[text_start(paragraph) :])
    for opening, closing in _PAIRS:
        if body.count(opening) != body.count(closing):
            yield Note(paragraph.line, f"{opening}{closing}不成对 / {opening}{closing} are not balanced")


def _bullet_styles(items: Sequence[Item]) -> Iterator[Note]:
    """Each first change of the bullet among measures of one depth."""
    last: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for item in items:
        if not item.number or re.search(r"[\w（(①-⑳]", item.number):
            continue
        before = last.get(item.kind, item.number)
        if before != item.number and (before, item.number) not in seen:
            seen |= {(before, item.number), (item.number, before)}
            yield Note(
                item.line,
                f"项目符号由“{before}”变为“{item.number}” / Bullet changes from “{before}” to “{item.number}”",
            )
        last[item.kind] = item.number


def _repeated(items: Sequence[Item]) -> Iterator[Note]:
    first: dict[str, int] = {}
    for item in items:
        if item.kind == "paragraph" or len(item.text) < _REPEATED:
            continue
        if item.text in first:
            yield Note(item.line, f"与第 {first[item.text]} 行文字相同 / Same wording as line {first[item.text]}")
        else:
            first[item.text] = item.line
