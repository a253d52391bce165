"""Sums that a text states and breaks down: 共…，其中…; 共…。一是…二是…; …，合计…. Parts against total, exact decimals.

A list behind 其中 need not be complete, so a sum that falls short counts as a mismatch only where the text shows that
the list means to be whole: another series of the same parts adds up, the parts are places or classes, or a slip of the
hand explains it.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.clauses import Clauses
from yulan.plan.reader.explain import ROUNDING, explain_sum, in_unit, slip
from yulan.plan.reader.figures import Statement
from yulan.plan.reader.phrases import is_share, names_change
from yulan.plan.reader.reading import Check

_RATES = frozenset(("%", "‰", "倍", "个百分点", "个基点", "年", "岁"))
_JOINTLY = "(?<!公)共(?!同|享|建|识|产|有制|和国|青|卫生|服务|安全)"
_TOTAL = re.compile(f"{_JOINTLY}|总|合计|累计")
_CLOSING = re.compile(f"(?P<word>合计|共计|总计|总共|合共|{_JOINTLY})[^，。；]{{0,12}}$")
_ADDED_UP = re.compile(f"{_JOINTLY}(?!有)|合计|总计")
_OF_WHICH = re.compile(
    "其中|(?:^|[。；，])(?:按|分)[^，。；：\\d价标]{1,10}?(?:统计|划分|分|看|来看|类)(?=[，：])"
    "|分(?:年度|[两三四五六七八九十]个?(?:年|期|批|类|步))[^，。；：\\d]{0,4}(?=[，：])"
)
"""Words behind which a total is broken down: 其中, 按区域分, 分城乡看, 分三年实施."""
_TOPIC = re.compile(
    "(?:(?<=[。；：，])|^)(?:[一二三四五六七八九十]是|第[一二三四五六七八九十][，、是]|[（(][一二三四五六七八九十\\d][）)])"
)
_COLON = re.compile("[^：:。；\\d]{0,14}[：:]")
_BRACKET = re.compile("[^：:。；，、\\d（(]{0,12}[（(](?!其中|比|较)[^（）()。；]{4,200}[）)]")
_ROUGH = re.compile("近|约|余|多|超|逾|以上|以下|左右|上下|突破|接近|不|至少")
_ASIDE_VERB = re.compile(
    "带动|拉动|撬动|吸引|辐射|新增|实现|形成|创造|引进|惠及|受益|覆盖|比(?:上年|去年)|另|还|此外|人均|平均|每"
)
_OVERLAP = re.compile("国有控股|股份制|私营|民营|非公|女性?|党员|少数民族|残疾|青年|贫困|大学|高级|骨干|重点")
_WHOLES = (
    ("城镇", "农村"), ("城镇", "乡村"), ("男", "女"), ("国内", "入境"), ("国内", "境外"), ("国内", "国际"),
    ("中央", "地方"),
    ("出口", "进口"),
    ("第一产业", "第二产业", "第三产业"), ("内资", "外资"), ("公办", "民办"), ("市级", "区县"), ("省级", "市县"),
)  # fmt: skip
MAX_PARTS, MAX_MARKS, MAX_SENTENCE = 120, 30, 8000
"""Beyond these a sentence is a table that has lost its shape; it is not checked."""
LONG = 4
"""Digits from which a whole number of 万吨 or 亿元 is taken to be rounded."""
NEAR = Decimal("0.12")
"""A sum that falls short by no more than this share of the total is taken for a whole list with a slip in it."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A total, the parts that the text sets under it, and how sure it is that they mean to be all."""

    total: Statement
    parts: tuple[Statement, ...]
    sure: bool

    @property
    def part_ids(self) -> frozenset[str]:
        """The figures that are the parts."""
        return frozenset(part.figure.id for part in self.parts)

    @property
    def excess(self) -> Decimal:
        """The sum of the parts less the total, in base units."""
        return sum((part.quantity.amount for part in self.parts), Decimal(0)) - self.total.quantity.amount

    @property
    def agrees(self) -> bool:
        """True if the parts make the total, or miss it by no more than rounding may.

        A total printed more coarsely than its parts may be off by half of its last place; where the total and at least
        two parts are rounded (have decimals, or are long numbers of 万 and 亿), one of the last place. Short whole
        numbers (6亿元) are meant exactly.
        """
        if not self.excess:
            return True
        total, printed = self.total.quantity, self.total.figure.value
        steps = [part.quantity.step for part in self.parts]
        decimals = [part.quantity.step for part in self.parts if "." in part.figure.value]
        if "." in printed and total.step > max(steps):
            return abs(self.excess) <= total.step / 2
        if "." not in printed and total.step > 1 and len(printed) >= LONG and set(steps) == {total.step}:
            return abs(self.excess) <= total.step
        if len(decimals) < 2 or ("." not in printed and len(printed) < 3):
            return False
        if total.step > max(decimals):
            return abs(self.excess) <= total.step / 2
        return "." in printed and abs(self.excess) <= min(total.step, *decimals)


def breakdowns(paragraphs: Sequence[Paragraph], statements: Sequence[Statement]) -> list[Breakdown]:
    """Every total that the text itself breaks down, once for each breakdown (by kind, by place), in their order."""
    by_paragraph: dict[int, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_paragraph[statement.paragraph].append(statement)
    found: list[Breakdown] = []
    for index, inside in by_paragraph.items():
        if len(inside) > 2:
            found.extend(_Reader(paragraphs[index], inside).breakdowns())
    found.extend(_listed(paragraphs, by_paragraph))
    chosen: dict[str, list[Breakdown]] = defaultdict(list)
    for each in sorted(found, key=lambda each: (not each.agrees, abs(each.excess))):
        of_total = chosen[each.total.figure.id]
        if not of_total or (each.agrees and not any(each.part_ids & other.part_ids for other in of_total)):
            of_total.append(each)
    kept = [each for of_total in chosen.values() for each in of_total]
    return sorted(kept, key=lambda b: (b.total.paragraph, b.total.quantity.start, b.parts[0].quantity.start))


def sum_checks(found: Sequence[Breakdown]) -> list[Check]:
    """One check for each breakdown."""
    return [_check(each) for each in found]


def _check(found: Breakdown) -> Check:
    unit = found.total.figure.unit
    return Check(
        "sum",
        found.total.figure.line,
        found.total.figure.value,
        tuple(in_unit(part.quantity.amount, unit) for part in found.parts),
        in_unit(found.total.quantity.amount + found.excess, unit),
        in_unit(found.excess, unit),
        "match" if found.agrees else "mismatch",
        ROUNDING if found.agrees and found.excess else explain_sum(found.total, found.parts) if found.excess else None,
    )


def _nearly(found: Breakdown) -> bool:
    return -found.excess <= NEAR * found.total.quantity.amount


def _same_class(nouns: Sequence[str]) -> bool:
    """True for 教育类, 卫生类, 产业类: the parts of one classification, which leaves nothing out."""
    return len({noun[-1:] for noun in nouns} & set("类型级期批档")) == 1 and len({noun[-1:] for noun in nouns}) == 1


def _looks_like_slip(found: Breakdown) -> bool:
    """True if the shortfall is one digit in one place, or one misprint explains it.

    Short numbers and the last place of rounded ones (with decimals) prove nothing: any difference is one digit there.
    """
    off = found.excess
    rounded = any("." in each.figure.value for each in (found.total, *found.parts))
    if (rounded and abs(off) < 10 * found.total.quantity.step) or len(found.total.figure.value) < 3:
        return False
    return len(off.normalize().as_tuple().digits) == 1 or explain_sum(found.total, found.parts) is not None


def _swallows(found: Breakdown) -> bool:
    """True if a part is greater than the total and no slip of the hand: it is no part at all."""
    greater = [part for part in found.parts if part.quantity.amount > found.total.quantity.amount]
    meant = [part.quantity.amount - found.excess for part in greater]
    return any(
        value <= 0 or not slip(part.figure.value, in_unit(value, part.figure.unit))
        for part, value in zip(greater, meant, strict=True)
    )


def _comparable(total: Statement, part: Statement) -> bool:
    """True if both have one unit; a bare number of people (12.6万贫困人口) has that of its parts (3.8万人)."""
    if not total.quantity.base:
        return part.quantity.base == "人" and bool(re.search("[人口民工员]", total.noun))
    return total.quantity.base == part.quantity.base


def _additive(statement: Statement) -> bool:
    return (
        statement.quantity.base not in _RATES
        and not names_change(statement.noun)
        and not is_share(statement.noun)
        and not re.search("人均|平均|每[人户亩个]|单位", statement.noun)
        and statement.quantity.amount >= 0
    )


def _alike(part: Statement, total: Statement) -> bool:
    """True if both count the same thing: the head nouns agree, or the part is named by its place only."""
    one, other = part.noun, total.noun
    if not one or part.figure.region == one:
        return True
    return one[-2:] == other[-2:] or one in other or (other in one and len(other) > 1)


class _Reader:
    """Finds the breakdowns of one paragraph."""

    def __init__(self, paragraph: Paragraph, statements: Sequence[Statement]) -> None:
        self._text = paragraph.plain
        self._clauses = Clauses(self._text)
        self._sentences = self._clauses.sentences()
        self._all = [s for s in statements if _additive(s)]
        self._starts = [s.quantity.start for s in self._all]
        self._dense = {s for s, n in Counter(s.sentence for s in statements).items() if n > MAX_PARTS}
        self._dense |= {s.sentence for s in statements if s.sentence[1] - s.sentence[0] > MAX_SENTENCE}

    def breakdowns(self) -> Iterator[Breakdown]:
        yield from self._of_which()
        yield from self._topics()
        yield from self._closings()
        yield from self._plain_lists()

    def _between(self, start: int, end: int) -> list[Statement]:
        return self._all[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _of_which(self) -> Iterator[Breakdown]:
        """其中 and what follows it, up to the end of the sentence, its bracket, or the strand of an inner 其中."""
        by_sentence: dict[tuple[int, int], list[int]] = defaultdict(list)
        for found in _OF_WHICH.finditer(self._text):
            by_sentence[self._clauses.sentence(found.end())].append(found.end() - 1)
        for sentence, marks in by_sentence.items():
            if sentence not in self._dense and len(marks) <= MAX_MARKS:
                yield from self._of_which_in(sentence, marks)

    def _of_which_in(self, sentence: tuple[int, int], marks: Sequence[int]) -> Iterator[Breakdown]:
        for mark in marks:
            start, end = sentence
            opened = max(self._text.rfind("（", start, mark), self._text.rfind("(", start, mark))
            aside = opened > max(self._text.rfind("）", start, mark), self._text.rfind(")", start, mark))
            if aside:
                end = next((at for at in range(mark, end) if self._text[at] in "）)"), end)
            inner = [m for m in marks if mark < m < end and not self._in_brackets(start, m)]
            parts = self._between(mark, end)
            if not aside:
                parts = [s for s in parts if not self._in_brackets(start, s.quantity.start)]
            for each in inner:
                stop = self._clauses.strand(each)[1]
                parts = [s for s in parts if not each < s.quantity.start < stop]
            if mark > marks[0] and not aside:
                parts = [s for s in parts if s.quantity.start < self._clauses.strand(mark)[1]]
            yield from self._match(self._totals(start, mark), self._groups(parts))

    def _in_brackets(self, start: int, at: int) -> bool:
        opened = max(self._text.rfind("（", start, at), self._text.rfind("(", start, at))
        return opened > max(self._text.rfind("）", start, at), self._text.rfind(")", start, at))

    def _totals(self, start: int, mark: int) -> list[Statement]:
        """What may be broken down: the figures before 其中 in its sentence, or else in the four sentences before."""
        if inside := self._between(start, mark):
            return inside
        last = bisect_right(self._sentences, start, key=lambda sentence: sentence[1])
        return self._between(self._sentences[max(0, last - 4)][0], start)[-MAX_PARTS:] if last else []

    def _groups(self, parts: Sequence[Statement]) -> list[list[Statement]]:
        groups: dict[str, list[Statement]] = defaultdict(list)
        for part in parts:
            groups[part.quantity.base].append(part)
        return [group for group in groups.values() if len(group) > 1]

    def _match(self, totals: Sequence[Statement], groups: Sequence[Sequence[Statement]]) -> Iterator[Breakdown]:
        """The breakdown of each series of parts; a series that adds up tells where the total of the others stands."""
        anchor: tuple[int, int] | None = None
        open_groups = []
        for group in groups:
            candidates = [t for t in totals if _comparable(t, group[0])]
            agreeing = [b for t in reversed(candidates) for b in self._choices(t, group) if b.agrees]
            exact = min(agreeing, key=lambda b: abs(b.excess), default=None)
            if exact:
                anchor = anchor or exact.total.sentence
                yield exact
            elif candidates:
                open_groups.append((candidates, group))
        for candidates, group in open_groups:
            if found := self._best(candidates, group, anchor):
                yield found

    def _readings(self, total: Statement, group: Sequence[Statement]) -> list[Breakdown]:
        """The natural readings of a series under a total: parts of its noun, one for each strand, up to an aside."""
        alike = [part for part in group if _alike(part, total)]
        strands: dict[int, Statement] = {}
        for part in sorted(group, key=lambda part: not _alike(part, total)):
            strands.setdefault(self._clauses.strand(part.quantity.start)[0], part)
        one_each = sorted(strands.values(), key=lambda part: part.quantity.start)
        ways = [alike, one_each, self._until_aside(group, total)]
        return [Breakdown(total, tuple(way), False) for way in ways if len(way) > 1]

    def _choices(self, total: Statement, group: Sequence[Statement]) -> list[Breakdown]:
        """Every way to read a series under a total; what adds up may also be all of it, its head or its tail."""
        ways = [list(group)] + [list(group[:n]) for n in range(2, len(group))]
        ways += [list(group[n:]) for n in range(1, len(group) - 1)]
        return self._readings(total, group) + [Breakdown(total, tuple(way), False) for way in ways]

    def _until_aside(self, group: Sequence[Statement], total: Statement) -> list[Statement]:
        """The parts before the first that says what came of them (带动就业…), in other words than the total does."""
        kept: list[Statement] = []
        for part in group:
            aside = _ASIDE_VERB.search(self._text, part.clause[0], part.quantity.start)
            if kept and aside and aside[0] not in total.lead:
                break
            kept.append(part)
        return kept

    def _best(
        self, candidates: Sequence[Statement], group: Sequence[Statement], anchor: tuple[int, int] | None
    ) -> Breakdown | None:
        """The likeliest total of a series that adds up to none, if the series means to be whole."""

        def likely(total: Statement) -> tuple[bool, bool, bool, int]:
            marked = bool(_TOTAL.search(self._text, total.sentence[0], total.quantity.start))
            of_which = "其中" in total.figure.qualifier
            return (
                total.sentence == anchor and not of_which,
                marked and not of_which,
                _alike(group[0], total),
                total.quantity.start,
            )

        total = max(candidates, key=likely)
        anchored, marked, alike, _at = likely(total)
        same = total.sentence == group[0].sentence
        alone = len([c for c in candidates if _alike(group[0], c)] or candidates) == 1
        if not (anchored or same or (alike and (marked or alone)) or (marked and alone)):
            return None
        kept = self._until_aside(group, total)
        if len(kept) < 2:
            return None
        found = replace(min(self._readings(total, kept), key=lambda b: abs(b.excess)), sure=anchored)
        return found if self._whole(found) else None

    def _whole(self, found: Breakdown) -> bool:
        """True if the parts mean to be all of the total, so that a difference is a mismatch."""
        figures = [found.total, *found.parts]
        if any(_ROUGH.search(s.figure.qualifier) for s in figures):
            return False
        if found.agrees or found.sure:
            return True
        if found.excess > 0:
            overlap = any(_OVERLAP.search(part.noun) for part in found.parts)
            return not overlap and (self._by_place(found.parts) or not _swallows(found))
        last = found.parts[-1]
        if self._text[last.quantity.end : last.quantity.end + 1] == "等":
            return False
        nouns = [part.noun for part in found.parts]
        if any(len(whole) == len(nouns) and all(any(w in n for n in nouns) for w in whole) for whole in _WHOLES):
            return True
        return self._by_place(found.parts) or (
            _nearly(found) and (_same_class(nouns) or self._added_up(found) or _looks_like_slip(found))
        )

    def _added_up(self, found: Breakdown) -> bool:
        """True for 共…，其中… and …，其中：…; the list of such a sentence is hardly ever left open."""
        between = self._text[found.total.quantity.end : found.parts[0].quantity.start]
        return bool(_ADDED_UP.search(found.total.lead)) or "，其中：" in between

    def _by_place(self, parts: Sequence[Statement]) -> bool:
        regions = [part.figure.region for part in parts]
        return None not in regions and len(set(regions)) == len(parts)

    def _topics(self) -> Iterator[Breakdown]:
        """共…。一是…，二是…: the figures of the same noun, at most one for each topic."""
        starts = [m.start() for m in _TOPIC.finditer(self._text)]
        if not 2 <= len(starts) <= MAX_MARKS:
            return
        ends = [*starts[1:], len(self._text)]
        for total in self._between(0, starts[0])[-MAX_MARKS:]:
            if (
                not _TOTAL.search(self._text, total.sentence[0], total.quantity.start)
                or "其中" in total.figure.qualifier
            ):
                continue
            parts = []
            for start, end in zip(starts, ends, strict=True):
                of_topic = [s for s in self._between(start, end) if _comparable(total, s)]
                parts += [s for s in of_topic if len(s.noun) > 1 and _alike(s, total)][:1]
            found = Breakdown(total, tuple(parts), False)
            if len(parts) > 1 and self._whole(found):
                yield found

    def _closings(self) -> Iterator[Breakdown]:
        """…3亿元、…4亿元，合计7亿元: what stands before the closing total in its sentence."""
        for total in self._all:
            clause = max(total.clause[0], total.quantity.start - 24)
            closing = _CLOSING.search(self._text[clause : total.quantity.start])
            if total.sentence in self._dense or not closing:
                continue
            before = self._between(total.sentence[0], total.quantity.start)
            before = [s for s in before if _comparable(total, s) and "其中" not in s.figure.qualifier]
            if len(closing["word"]) == 1:
                before = [s for s in before if not _TOTAL.search(s.lead)]
            listed = closing.end("word") == closing.end() and len({s.clause for s in before}) == 1
            if len(before) > 1 and (not total.noun or listed or any(_alike(s, total) for s in before)):
                found = Breakdown(total, tuple(before), True)
                if self._whole(found):
                    yield found

    def _plain_lists(self) -> Iterator[Breakdown]:
        """共10亿元：甲县…、乙县…: without 其中, parts behind a colon, in a bracket, or places to the next sentence."""
        following = {one[0]: other for one, other in pairwise(self._sentences)}
        for total in self._all:
            start, end = total.sentence
            bracket = _BRACKET.match(self._text, total.quantity.end)
            if total.sentence in self._dense or ("其中" in self._text[start:end] and not bracket):
                continue
            if bracket:
                rest, sure = [s for s in self._between(*bracket.span()) if _comparable(total, s)], False
            elif colon := _COLON.match(self._text, total.quantity.end):
                rest = [s for s in self._between(colon.end(), end) if _comparable(total, s)]
                sure = bool(_TOTAL.search(total.lead))
            elif _TOTAL.search(total.lead):
                rest, sure = self._places_after(total, end, following.get(start)), False
            else:
                continue
            found = Breakdown(total, tuple(rest), sure)
            if len(rest) > 1 and self._whole(found):
                yield found

    def _places_after(self, total: Statement, end: int, following: tuple[int, int] | None) -> list[Statement]:
        rest = self._alike_after(total, total.quantity.end, end)
        if not rest and following and "其中" not in self._text[slice(*following)]:
            rest = self._alike_after(total, *following)
        return rest if self._by_place(rest) else []

    def _alike_after(self, total: Statement, start: int, end: int) -> list[Statement]:
        return [
            s for s in self._between(start, end)
            if _comparable(total, s) and _alike(s, total) and not _TOTAL.search(s.lead)
        ]  # fmt: skip


def _listed(paragraphs: Sequence[Paragraph], inside: Mapping[int, Sequence[Statement]]) -> Iterator[Breakdown]:
    """A total in a paragraph that ends in a colon, its parts in the short paragraphs that follow, one in each."""
    for index, statements in inside.items():
        if not paragraphs[index].text.endswith(("：", ":")):
            continue
        for total in statements:
            if not _additive(total) or not _TOTAL.search(total.lead + total.noun):
                continue
            parts = []
            for at in range(index + 1, min(index + 40, len(paragraphs))):
                alike = [s for s in inside.get(at, ()) if _additive(s) and _comparable(total, s)]
                if not alike or len(paragraphs[at].text) > 200:
                    break
                parts.append(next((s for s in alike if _alike(s, total)), alike[0]))
            found = Breakdown(total, tuple(parts), True)
            if len(parts) > 1 and not any(_ROUGH.search(s.figure.qualifier) for s in (total, *parts)):
                yield found
