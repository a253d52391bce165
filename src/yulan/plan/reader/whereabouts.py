"""Where and when a figure holds: the place and period that govern it, from the words around it (地区口径, 时间口径).

A place governs what follows it in its clause, or, set off at the head of an earlier clause (在西藏日喀则地区，), the
rest of that part of the sentence. Failing both, the place of the current topic (二是支持东北地区…), then 全市 for home.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.clauses import Clauses
from yulan.plan.reader.dates import PERIOD, period_of
from yulan.plan.reader.phrases import strip_lead
from yulan.plan.reader.places import Mention, Places, Run, generic_place
from yulan.plan.reader.quantities import Quantity

REACH = 2000
"""How far back, in characters, the place and period of a figure are looked for within its paragraph."""
_THIS_YEAR = re.compile("全年|当年|本年|今年|年末|年底")
_TOPIC = re.compile("(?:^|[。；：，])(?:[一二三四五六七八九十]是|第[一二三四五六七八九十][，、])")
_LOCATIVE = re.compile(
    "(?:其中[，：]?)?(?:[，、和及并先后累计分别共已]*)(?:在|对|于|向|为|给|赴|援助|支援|帮扶|对口支援|面向)?"
)
_TIMES = re.compile("[末底]?的[近约]?\\d[\\d.]*倍")
_FOR = re.compile("(?:支援|帮扶|援助|协作|受援地|[向对])$")
_WHOLE = re.compile("(?<![比于占])(?:全国|全省|全市|全区|全县|全州|我省|我市|我县|本市|本省|全自治区)")


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for a paragraph from above: the period its headings name, and the year of a bulletin."""

    period: str | None
    year: str | None


class Whereabouts:
    """The places and periods of one paragraph."""

    def __init__(
        self, paragraph: Paragraph, clauses: Clauses, scope: Scope, places: Places, mentions: Sequence[Mention]
    ) -> None:
        self._paragraph, self._clauses, self._scope, self._places = paragraph, clauses, scope, places
        self._text = paragraph.plain
        self._runs = places.runs(self._text, mentions)
        self._periods = [
            (m.start(), m.end(), p)
            for m in PERIOD.finditer(self._text)
            if (p := period_of(m)) and not _TIMES.match(self._text, m.end())
        ]

    def period(self, at: int, head: int) -> str | None:
        """The period of the number at this offset, whose own words begin at ``head``.

        比2005年 and 是2005年的2倍 name no period of what they compare; 由2005年的 names that of the next number only,
        one behind other numbers that of its own strand.
        """
        clause, sentence = self._clauses.clause(at), self._clauses.sentence(at)
        last = bisect_right(self._periods, at, key=lambda period: period[1])
        near = bisect_left(self._periods, at - REACH, key=lambda period: period[0])
        earlier = [p for p in self._periods[near:last] if p[0] >= head or not self._preceded(p[0], "由从")]
        if inside := [p for p in earlier if p[0] >= clause[0] and not self._preceded(p[0], "比较与")]:
            return inside[-1][2]
        strand = self._clauses.strand(at)[0]
        free = [
            p for p in earlier if not self._preceded(p[0], "比较与由从自") and (p[0] >= strand or self._leads(p[0]))
        ]
        if inside := [p for p in free if p[0] >= sentence[0]]:
            return inside[-1][2]
        above = self._scope.period
        dated = above if above and len(above) == 4 else None
        if (dated or self._scope.year) and _THIS_YEAR.search(self._text, max(sentence[0], at - REACH), at):
            return dated or self._scope.year
        return free[-1][2] if free and not (dated and len(free[-1][2]) > 4) else above

    def common_period(self, at: int) -> str | None:
        """The period of a closing total (2016年3亿元、2017年4亿元，合计7亿元): none of one part only."""
        start = self._clauses.sentence(at)[0]
        parts = {period for begin, _end, period in self._periods if start <= begin < at}
        return self._scope.period if len(parts) > 1 else self.period(at, at)

    def _leads(self, at: int) -> bool:
        """True if no number stands before this period in its strand: it holds for what follows, too."""
        return not re.search("\\d", self._text[max(self._clauses.strand(at)[0], at - REACH) : at])

    def _preceded(self, at: int, words: str) -> bool:
        return at > 0 and self._text[at - 1] in words

    def head_place(self, head: int, end: int) -> int:
        """Where the place ends that opens the words from ``head`` on (甲县投入…, 向西藏投入…), or ``head``."""
        index = bisect_left(self._runs, head, key=lambda run: run.start)
        if index < len(self._runs) and self._runs[index].end <= end:
            run = self._runs[index]
            if _LOCATIVE.fullmatch(self._text, head, run.start):
                return run.end
        bare = strip_lead(self._text[head:end])
        named = generic_place(bare)
        return self._text.index(bare, head) + len(named) if named else head

    def past_places(self, head: int, end: int) -> int:
        """Where the words of a number begin behind the places that stand in or before them (支援甲县和乙县资金)."""
        start = self.head_place(head, end)
        index = bisect_right(self._runs, end - 2, key=lambda run: run.end) - 1
        if index < 0 or self._runs[index].start <= start:
            return start
        run = self._runs[index]
        led = _FOR.search(self._text, start, run.start) and self._text[run.end] not in "级籍"
        return run.end if led else start

    def region(self, quantity: Quantity, head: int, noun: str) -> str | None:
        """The place that governs a quantity, as printed, or None."""
        at, clause = quantity.start, self._clauses.clause(quantity.start)
        first = max(self._clauses.strand(at)[0], at - REACH)
        last = bisect_right(self._runs, at, key=lambda run: run.end)
        before = self._runs[bisect_left(self._runs, first, key=lambda run: run.start) : last]
        here = [run for run in before if run.start >= clause[0]]
        aided = [run for run in here if run.start >= head and self._is_aided(run)]
        if aided:
            return self._shown(aided[-1])
        for start in (head, clause[0]):
            opening = next((run for run in here if run.start >= start), None)
            if opening and _LOCATIVE.fullmatch(self._text, start, opening.start):
                return self._shown(opening)
        for run in reversed(before):
            start = self._clauses.clause(run.start)[0]
            if start < clause[0] and _LOCATIVE.fullmatch(self._text, start, run.start):
                return self._shown(run)
        for start in (head, clause[0]):
            if named := generic_place(strip_lead(self._text[start : min(at, start + 40)])):
                return named
        limit = min(clause[1], quantity.end + len(noun) + 2)
        behind = [run for run in self._runs[last : last + 3] if quantity.end <= run.start < limit]
        if near := here[-1:] or behind[:1]:
            return self._shown(near[0])
        others = [run for run in before if not self._is_home(run)]
        return self._topic(at) or (self._shown(others[-1]) if others else self._home(clause[0], at))

    def _topic(self, at: int) -> str | None:
        """The place named in the sentence with which the current 一是, 二是 … begins."""
        start = max((m.start() for m in _TOPIC.finditer(self._text, max(0, at - REACH), at)), default=None)
        if start is None:
            return None
        end = self._clauses.sentence(start + 1)[1]
        named = self._runs[bisect_left(self._runs, start, key=lambda run: run.start) :][:1]
        return self._shown(named[0]) if named and named[0].start < end else None

    def _home(self, start: int, at: int) -> str | None:
        found = _WHOLE.search(self._text, max(start, at - 200), at)
        home = self._places.home_name or ""
        return (home if found and home.endswith(found[0][-1]) else found[0]) if found else None

    def _is_aided(self, run: Run) -> bool:
        """True for a place that something is done for (向甲县选派, 对口支援乙县), whoever does it."""
        return bool(_FOR.search(self._text, max(0, run.start - 4), run.start)) and not self._is_home(run)

    def _is_home(self, run: Run) -> bool:
        home = self._places.home
        return home is not None and home.name.startswith(self._text[run.start : run.end])

    def _shown(self, run: Run) -> str:
        return self._paragraph.text[run.start : run.end]
