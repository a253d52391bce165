"""Blocks to paragraphs: joins what extraction has broken, and says so. Never changes a character of the wording.

Two faults are mended: a paragraph broken in mid-sentence by a page, and a text wrapped at a fixed width. A heading has
no stop either, so only prose counts as broken.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

from yulan.plan.reader.blocks import Block, Paragraph
from yulan.plan.reader.marks import STRUCTURAL, mark_of
from yulan.plan.reader.pages import without_pages
from yulan.plan.reader.reading import Note, PlanError

STOPS = "。！？；：…!?;:.”’）》】〕)]"
CONTINUES = "，。、；：！？）》”’】〕%％"
CUT = "The text stops in mid-sentence: the file is truncated. Get the whole file again."
LONGEST = 10_000
"""Characters beyond which lines are not joined into one paragraph."""
_SHORT_LINE = re.compile(
    r"^\s*(?:[\u4e00-\u9fff]{2,10}[：:]|附件|附表|附录|抄送|主题词|[（(]?[\d〇○一二三四五六七八九十]+年[\d一二三四五六七八九十]+月)"
)
_SIGNATURE = re.compile(r"(?:政府|委员会|办公室|办公厅|[局厅部委院队]|领导小组)\s*$")


def paragraphs(blocks: Sequence[Block]) -> tuple[list[Paragraph], list[Note]]:
    """The whole paragraphs of a document, and a note for each joint. Linear in the length of the text."""
    blocks, turned, notes = without_pages(blocks)
    wrap = _wrapped_at(blocks)
    joins = _Joins(blocks, wrap, turned)
    groups: list[list[Block]] = []
    length = 0
    for block in blocks:
        length += len(block.text)
        if groups and length < LONGEST and joins.continues(groups[-1], block):
            if not wrap:
                notes.append(_joint(groups[-1][-1], block))
            groups[-1].append(block)
        else:
            groups.append([block])
            length = len(block.text)
    if wrap and (joined := len(blocks) - len(groups)):
        zh, en = f"文本按固定宽度折行，已合并 {joined} 处", f"Lines are wrapped at a fixed width; {joined} were joined"
        notes.append(Note(blocks[0].line, f"{zh} / {en}"))
    return [_paragraph(group) for group in groups], notes


def refuse_cut(text: str, blocks: Sequence[Block]) -> None:
    """Raise PlanError if a text without a last line end stops inside a sentence: half a plan must not pass for one."""
    last = blocks[-1].text.rstrip()
    mark = mark_of(last)
    dangling = last[-1] in "（《“〔，、" or any(last.count(a) > last.count(b) for a, b in ("（）", "《》", "“”"))
    bare = mark is not None and not last[mark.end :]
    if not text.endswith("\n") and (dangling or bare or (_is_open(last) and not _careless(blocks))):
        raise PlanError(CUT)


def unfinished(found: Sequence[Paragraph]) -> list[Note]:
    """A note if the text ends without a stop: it may be cut, or only lack its full stop."""
    last = found[-1]
    if last.cells or not _is_open(last.text):
        return []
    return [
        Note(last.line_at(len(last.text)), "文末没有句号，文本可能不完整 / The text ends without a stop; it may be cut")
    ]


def _careless(blocks: Sequence[Block]) -> bool:
    """True if the document leaves out the stop after many of its paragraphs."""
    prose = [block for block in blocks if not block.cells and _is_prose(block.text)]
    return len(prose) >= 5 and sum(_is_open(block.text) for block in prose) > 0.25 * len(prose)


def _is_prose(text: str) -> bool:
    """True for running text, False for a heading, a title or a signature, which end without a stop too."""
    mark = mark_of(text)
    body = text[mark.end :] if mark else text.strip()
    if "。" in body:
        return True
    if mark is None:
        return len(body) >= 20 and bool(re.search("[，；]", body)) and not _SHORT_LINE.match(body)
    if mark.style in STRUCTURAL:
        return len(body) >= 60
    return len(body) >= 45 or (len(body) >= 30 and body.count("，") > 2)


def _is_open(text: str) -> bool:
    text = text.rstrip()
    return bool(text) and (text[-1] not in STOPS or bool(re.search(r"\d\.$", text))) and _is_prose(text)


def _indented(block: Block) -> bool:
    return block.text.startswith(("\u3000", "  ", "\t", "\xa0\xa0"))


@dataclass(frozen=True, slots=True)
class _Wrap:
    """The width at which the lines of a text are wrapped, in columns or in characters, give or take ``slack``."""

    measure: Callable[[str], int]
    width: int
    slack: int

    def fills(self, text: str) -> bool:
        """True if a line is as long as the text is wide."""
        return self.measure(text) >= self.width - self.slack


class _Joins:
    """The habits of one document, by which a break is told from the end of a paragraph. ``turned``: first on a page."""

    def __init__(self, blocks: Sequence[Block], wrap: _Wrap | None, turned: set[int]) -> None:
        self.careless = not wrap and _careless(blocks)
        self.indents = sum(map(_indented, blocks)) > 0.2 * len(blocks)
        self.spaced = any(b.line > a.line + 1 and b.line not in turned for a, b in pairwise(blocks))
        self.wrap, self.turned = wrap, turned

    def continues(self, group: Sequence[Block], block: Block) -> bool:
        """True if this block goes on with the paragraph that the group has begun."""
        last = group[-1]
        if last.cells or block.cells or block.mark or block.heading or (last.heading and last.heading != block.heading):
            return False
        if (mark_of(block.text) and not self._midway(last, block)) or (self.indents and _indented(block)):
            return False
        head = mark_of(last.text) if len(group) == 1 else None
        if head and head.style in STRUCTURAL and not last.text[head.end :].strip():
            return True
        start, end = block.text.lstrip()[:1], last.text.rstrip()[-1:]
        if start in CONTINUES and end not in "。！？；：":
            return True
        return self._wraps(self.wrap, last, block) if self.wrap else self._broken(group, block)

    def _midway(self, last: Block, block: Block) -> bool:
        """True if an indented, wrapped text goes on here in mid-sentence, whatever the line begins with."""
        full = self.wrap is not None and self.wrap.fills(last.text)
        return full and self.indents and not _indented(block) and last.text.rstrip()[-1] not in STOPS

    def _wraps(self, wrap: _Wrap, last: Block, block: Block) -> bool:
        next_line = block.line == last.line + 1 or block.line in self.turned
        if not next_line or _SHORT_LINE.match(block.text):
            return False
        if not wrap.fills(last.text):
            return last.text.rstrip()[-1] in "，、"
        return self.indents or self.spaced or last.text.rstrip()[-1] not in STOPS

    def _broken(self, group: Sequence[Block], block: Block) -> bool:
        text = group[0].text if len(group) == 1 else group[0].text + group[-1].text
        if text.rstrip()[-1] in "，、":
            return not _SHORT_LINE.match(block.text)
        if self.careless or not _is_open(text) or _SHORT_LINE.match(block.text):
            return False
        return not (len(block.text.strip()) < 40 and _SIGNATURE.search(block.text))


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WFA" else 1 for c in text.rstrip())


def _characters(text: str) -> int:
    return len(text.rstrip())


def _wrapped_at(blocks: Sequence[Block]) -> _Wrap | None:
    """How the lines of a text are wrapped, or None if they are not. Digits are narrow in some texts, in others not."""
    texts = [block.text for block in blocks if not block.cells]
    found = filter(None, (_wrapped_by(texts, _columns, 4), _wrapped_by(texts, _characters, 2)))
    return max(found, key=lambda wrap: sum(map(wrap.fills, texts)), default=None)


def _wrapped_by(texts: Sequence[str], measure: Callable[[str], int], slack: int) -> _Wrap | None:
    """Many lines of the greatest length, or fewer that nearly all break off in mid-sentence and none that is longer."""
    widths = sorted(map(measure, texts))
    if len(widths) < 8:
        return None
    wrap = _Wrap(measure, widths[int(len(widths) * 0.95) - 1], slack)
    full = [text for text, width in zip(texts, map(measure, texts), strict=True) if abs(width - wrap.width) <= slack]
    broken = sum(text.rstrip()[-1:] not in STOPS for text in full)
    bounded = widths[-1] <= wrap.width + slack and len(full) >= 6 and broken >= 0.8 * len(full)
    least = 40 if measure is _columns else 20
    many = len(full) >= (0.25 if bounded else 0.4) * len(widths)
    return wrap if least <= wrap.width <= 4 * least and many else None


def _joint(last: Block, block: Block) -> Note:
    shown = f"…{last.text.rstrip()[-8:]}｜{block.text.lstrip()[:8]}…"
    return Note(last.line, f"段落在此断开，已与第 {block.line} 行合并：{shown} / "
                f"The paragraph is broken here; joined with line {block.line}")  # fmt: skip


def _paragraph(group: Sequence[Block]) -> Paragraph:
    opening = group[0].text.strip(" \n" if group[0].cells else None)
    parts, pieces, length = [opening], [(0, group[0].line)], len(opening)
    for block in group[1:]:
        more = block.text.strip()
        if _latin(parts[-1][-1:]) and _latin(more[:1]):
            more = " " + more
        pieces.append((length, block.line))
        parts.append(more)
        length += len(more)
    first = group[0]
    return Paragraph("".join(parts), tuple(pieces), first.mark, first.heading, first.cells)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalpha()
