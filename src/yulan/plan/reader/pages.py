"""Page numbers and running heads that the text of a paged file has between its lines; they are no wording of it."""

import re
from collections import Counter
from collections.abc import Sequence

from yulan.plan.reader.blocks import Block
from yulan.plan.reader.numerals import narrow
from yulan.plan.reader.reading import Note

_DRESSED = re.compile(r"[-—–─]{1,3}\s?\d{1,4}\s?[-—–─]{1,3}|第\s?\d{1,4}\s?页(?:\s?[，,/]?\s?共\s?\d{1,4}\s?页)?")
_BARE = re.compile(r"(\d{1,4})(?:\s?/\s?\d{1,4})?")
APART = 5
"""Lines that lie at least between two page numbers which are printed bare."""
_HEAD = 40
"""Characters that a running head has at most."""


def without_pages(blocks: Sequence[Block]) -> tuple[list[Block], set[int], list[Note]]:
    """The blocks without page numbers and running heads, the lines that begin a page, a note on what is left out."""
    out = _numbers(blocks)
    out |= _heads(blocks, out)
    kept = [block for index, block in enumerate(blocks) if index not in out]
    turned = {block.line for index, block in enumerate(blocks) if index - 1 in out and index not in out}
    if not out or not kept:
        return list(blocks), set(), []
    zh, en = f"已略去页码、页眉 {len(out)} 行", f"{len(out)} lines with page numbers or running heads were left out"
    return kept, turned, [Note(blocks[min(out)].line, f"{zh} / {en}")]


def _numbers(blocks: Sequence[Block]) -> set[int]:
    """The indexes of page numbers: dressed as such (— 3 —, 第3页), or bare and rising by one from page to page."""
    dressed: set[int] = set()
    run: list[tuple[int, int]] = []
    for index, block in enumerate(blocks):
        text = narrow(block.text).strip()
        if block.cells or block.mark or len(text) > 20:
            continue
        if _DRESSED.fullmatch(text):
            dressed.add(index)
        elif found := _BARE.fullmatch(text):
            follows = run and int(found[1]) == run[-1][1] + 1 and index - run[-1][0] >= APART
            if follows or len(run) < 2:
                run = [*run, (index, int(found[1]))] if follows else [(index, int(found[1]))]
    return dressed | {index for index, _number in run if len(run) > 1}


def _heads(blocks: Sequence[Block], numbers: set[int]) -> set[int]:
    """The indexes of lines beside page numbers that stand there again and again."""
    beside = {at for index in numbers for at in (index - 1, index + 1) if 0 <= at < len(blocks)} - numbers
    short = {at: blocks[at].text.strip() for at in beside if not blocks[at].cells}
    often = Counter(text for text in short.values() if len(text) <= _HEAD and not re.search("[。；，：]", text))
    return {at for at, text in short.items() if often[text] > 1}
