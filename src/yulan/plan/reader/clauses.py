"""Clauses, strands and sentences of a paragraph by offset; they end at ，。；：！？, at 。；！？ and at 。！？.

Brackets that hold a number or a comma are clauses of their own; a bracketed word (种养植（殖）) is part of its clause.
"""

import re
from bisect import bisect_right

_CLAUSE = re.compile(r"[，。；：！？\t\n!?;]|,(?!\d{3})")
_ASIDE = re.compile(r"[（(](?=[^（）()]{0,200}[\d，；])[^（）()]{0,200}[）)]")
_SENTENCE = re.compile(r"[。！？!?\n]")
_STRAND = re.compile(r"[。！？；!?;\n]")


class Clauses:
    """Where each clause, strand (part of a sentence between semicolons) and sentence of a text begins and ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        cuts = {found.end() for found in _CLAUSE.finditer(text)}
        for aside in _ASIDE.finditer(text):
            cuts |= {aside.start() + 1, aside.end()}
        self._clauses = sorted(cuts)
        self._strands = [found.end() for found in _STRAND.finditer(text)]
        self._sentences = [found.end() for found in _SENTENCE.finditer(text)]

    def clause(self, at: int) -> tuple[int, int]:
        """Start and end (without its stop) of the clause that holds the offset."""
        return _bounds(self._clauses, at, len(self.text))

    def strand(self, at: int) -> tuple[int, int]:
        """Start and end (without its stop) of the strand that holds the offset."""
        return _bounds(self._strands, at, len(self.text))

    def sentence(self, at: int) -> tuple[int, int]:
        """Start and end (without its stop) of the sentence that holds the offset."""
        return _bounds(self._sentences, at, len(self.text))

    def sentences(self) -> list[tuple[int, int]]:
        """Start and end of every sentence, its stop included."""
        starts = [0, *self._sentences]
        ends = [*self._sentences, len(self.text)]
        return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _bounds(cuts: list[int], at: int, length: int) -> tuple[int, int]:
    index = bisect_right(cuts, at)
    start = cuts[index - 1] if index else 0
    return start, (cuts[index] - 1 if index < len(cuts) else length)
