"""The figures of a text: each quantity with its indicator, qualifier, place, period and the clause it stands in (口径).

Nothing is converted or corrected: value and unit are as printed, and the calibre is what the words around them say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.clauses import Clauses
from yulan.plan.reader.dates import first_period, last_period
from yulan.plan.reader.marks import mark_of
from yulan.plan.reader.numerals import narrow
from yulan.plan.reader.outline import heading_of, is_review
from yulan.plan.reader.phrases import (
    is_growth,
    is_share,
    noun_after,
    noun_before,
    qualifier_of,
    strip_lead,
    takes_after,
)
from yulan.plan.reader.places import Mention, Places
from yulan.plan.reader.quantities import Quantity, quantities
from yulan.plan.reader.reading import Figure, Item, PlanError
from yulan.plan.reader.whereabouts import Scope, Whereabouts

QUOTE = 200
"""Characters of the clause kept on either side of a figure; clauses are hardly ever as long."""
_CLOSING = re.compile("合计|共计|总计")
_STRUCTURAL = frozenset(("part", "chapter", "section"))
_HEADINGS = _STRUCTURAL | {"goal", "task", "safeguard", "group"}
_DOING = re.compile("(?P<who>[\u4e00-\u9fff]{2,10}?)(?:投资|捐赠|捐款|参加|参与|采购|购买)")
"""引导186家企业投资78亿元: what is counted, and what it did with the next number."""
_RATES = frozenset(("%", "‰", "倍", "个百分点"))
_RANGE = re.compile(r"[%％‰]?\s?[—–\-－~～至到]{1,4}\s?")
_ENUMERATES = re.compile(rf"[、和及与]|{_RANGE.pattern}")
_CHANGE = re.compile(
    "(?:比上年|较上年|同比|占|年均|平均|[比较](?:“|\\d)).*$|(?:增长|增加(?!值)|下降|减少|提高|上升|上涨|增产|减产|增幅)了?$"
)
MANY, SPACING, MOST = 1_000, 10, 40_000
"""Beyond ``MANY`` figures there must be ``SPACING`` characters to each, in bulletins thirteen; ``MOST`` is the end."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure with what the checks need: its quantity, where it stands, its bare noun and the words before it."""

    figure: Figure
    quantity: Quantity
    paragraph: int
    clause: tuple[int, int]
    sentence: tuple[int, int]
    noun: str
    lead: str


def text_start(paragraph: Paragraph) -> int:
    """Where the text of a paragraph begins behind its mark."""
    if paragraph.mark or paragraph.cells:
        return 0
    mark = mark_of(paragraph.text)
    return mark.end if mark else 0


def scopes(items: Sequence[Item], title: str) -> list[Scope]:
    """The scope of each item: the last period named by the title or a heading above it, the nearest heading first.

    The period of a plan does not hold for its review of the past: there the first one that the review names does. A
    paragraph that leads in a list (到2020年，实现以下目标：) tells the period of the list.
    """
    year = last_period(title)
    own: dict[str | None, str | None] = {None: year}
    reviews: dict[str | None, str | None] = {}
    told: dict[str, str | None] = {}
    led: dict[str | None, str | None] = {}
    found = []
    for item in items:
        words = heading_of(item.text) if item.kind in _HEADINGS else ""
        past = item.kind in _STRUCTURAL and is_review(words) and year and len(year) > 4
        review = reviews.get(item.parent) or (item.id if past else None)
        if review:
            told[review] = told.get(review) or first_period(item.text[:QUOTE])
        reviews[item.id] = review
        above = led.get(item.parent) or own[item.parent]
        own[item.id] = _headed(words) or (told[review] if review else above)
        if item.kind == "paragraph" and item.text.endswith(("：", ":")):
            led[item.parent] = last_period(item.text[:QUOTE])
        found.append(Scope(own[item.id], year))
    return found


def _headed(words: str) -> str | None:
    """The period a heading names; those behind a number are of its parts (改造2万户（其中2016年1万户…）)."""
    opening = narrow(words.partition("，")[0])
    first = next(quantities(opening), None)
    return last_period(opening[: first.start] if first else opening)


def read_figures(
    paragraphs: Sequence[Paragraph], above: Sequence[Scope], places: Places, mentions: Mapping[int, Sequence[Mention]]
) -> list[Statement]:  # fmt: skip
    """Every figure of the running text, in order, without id. ``mentions``: the places of each paragraph by index."""
    found: list[Statement] = []
    length = 0
    for index, (paragraph, scope) in enumerate(zip(paragraphs, above, strict=True)):
        if not paragraph.cells and any(c.isdigit() or c in "十百千万亿两三四五六七八九" for c in paragraph.plain):
            reader = _Reader(paragraph, index, scope, places, mentions.get(index, ()))
            found.extend(reader.statements())
        length += len(paragraph.text)
        _refuse_excess(len(found), length)
    return found


def _refuse_excess(figures: int, length: int) -> None:
    if figures > MOST or (figures > MANY and figures * SPACING > length):
        raise PlanError("The text is little but numbers; give the text of a plan or bulletin, not its tables.")


def numbered(statements: Iterable[Statement]) -> list[Statement]:
    """The statements in the order of the text, their figures called F01, F02 …."""
    ordered = sorted(statements, key=lambda each: (each.paragraph, each.clause, each.quantity.start))
    return [replace(s, figure=replace(s.figure, id=f"F{n:02d}")) for n, s in enumerate(ordered, 1)]


def renamed(statements: Iterable[Statement], totals: Mapping[str, Statement]) -> list[Statement]:
    """The parts that the text names by their place or year only (其中甲县3亿元) called as their total is."""
    found = []
    for each in statements:
        total = totals.get(each.figure.id)
        if total and total.noun and not each.noun:
            each = replace(each, figure=replace(each.figure, indicator=total.figure.indicator))
        found.append(each)
    return found


class _Reader:
    """Reads one paragraph."""

    def __init__(
        self, paragraph: Paragraph, index: int, scope: Scope, places: Places, mentions: Sequence[Mention]
    ) -> None:
        self._paragraph, self._index = paragraph, index
        self._text = paragraph.plain
        self._start = text_start(paragraph)
        self._clauses = Clauses(self._text)
        self._places = places
        self._of_base: dict[str, Statement] = {}
        self._where = Whereabouts(paragraph, self._clauses, scope, places, mentions)

    def statements(self) -> Iterator[Statement]:
        found = list(quantities(self._text, self._start))
        _refuse_excess(len(found), len(self._text))
        before: Statement | None = None
        for position, quantity in enumerate(found):
            following = found[position + 1].start if position + 1 < len(found) else None
            before = self._statement(quantity, before, following)
            self._of_base[quantity.base] = before
            yield before

    def _statement(self, quantity: Quantity, before: Statement | None, following: int | None) -> Statement:
        clause, sentence = self._clauses.clause(quantity.start), self._clauses.sentence(quantity.start)
        clause = max(clause[0], self._start), clause[1]
        head = max(clause[0], before.quantity.end if before else 0)
        head_of_clause = max(clause[0], quantity.start - QUOTE)
        head = max(head, head_of_clause)
        qualifier, end = qualifier_of(self._text[head_of_clause : quantity.start], quantity.after)
        qualifier = self._with_of_which(qualifier, clause)
        lead = self._text[head : max(head, head_of_clause + end)]
        lead = "" if _RANGE.fullmatch(lead) else lead
        lead = lead[self._where.past_places(head, head + len(lead)) - head :]
        noun = self._noun(lead, quantity, clause, following)
        said = lead if noun else self._text[head : quantity.start]
        closing = _CLOSING.search(said)
        region = None if closing else self._where.region(quantity, head, noun)
        period = self._where.common_period(quantity.start) if closing else self._where.period(quantity.start, head)
        noun = "" if noun == region else noun
        figure = Figure(
            "", self._indicator(noun, said, quantity, before, sentence), quantity.value, quantity.unit, qualifier,
            region,
            period, self._paragraph.line_at(quantity.start),
            self._paragraph.text[max(clause[0], head - QUOTE) : min(clause[1], quantity.end + QUOTE)].strip(),
        )  # fmt: skip
        return Statement(figure, quantity, self._index, clause, sentence, noun, self._text[head : quantity.start])

    def _with_of_which(self, qualifier: str, clause: tuple[int, int]) -> str:
        """其中 set off by a comma belongs to the clause behind it, and to no later one."""
        if "其中" not in qualifier and re.search("其中[，：、]$", self._text[max(0, clause[0] - 3) : clause[0]]):
            return " ".join(["其中", *qualifier.split()][:2])
        return qualifier

    def _noun(self, lead: str, quantity: Quantity, clause: tuple[int, int], following: int | None) -> str:
        before = noun_before(lead)
        after = noun_after(self._text[quantity.end : min(clause[1], quantity.end + 60, following or clause[1])])
        if not after:
            return before
        near = following is not None and following < clause[1] and following - quantity.end <= len(after) + 3
        head, comma, _rest = self._text[quantity.end : following].partition("、")
        taken = near and not (head and comma)
        after = after.partition("、")[0] if near and not taken else after
        if takes_after(quantity.base):
            whole = before and not lead.rstrip().endswith(("的", "等")) and taken
            doing = _DOING.fullmatch(after) if near and len(before) == 2 else None
            return doing["who"] if doing else before if whole else after
        return before or ("" if taken else after)

    def _indicator(
        self, noun: str, lead: str, quantity: Quantity, before: Statement | None, sentence: tuple[int, int]
    ) -> str:
        same = self._goes_on(noun, quantity, before)
        same = same if same and same.sentence == sentence else None
        subject = self._subject(same, quantity) if same else self._topic_noun(quantity.start)
        if is_growth(noun) or is_share(noun):
            return f"{subject}{noun}{'比' if noun == '占' else ''}"
        if noun.endswith("占"):
            return f"{noun}比"
        if noun:
            return noun
        if closing := _CLOSING.search(lead):
            return closing[0]
        return subject or lead.strip("，、的 ") or quantity.unit

    def _goes_on(self, noun: str, quantity: Quantity, before: Statement | None) -> Statement | None:
        """The figure that a number without noun goes on with: the last one of its unit (…投资3亿元，已完成95个)."""
        if noun or before is None or quantity.base in _RATES:
            return before
        earlier = self._of_base.get(quantity.base)
        return earlier if earlier and earlier.sentence == before.sentence else before

    def _topic_noun(self, at: int) -> str:
        """The words of the clause before, or of the heading at the head of the paragraph, for a bare 增长8%."""
        clause = self._clauses.clause(at)
        if not clause[0]:
            return ""
        start, end = self._clauses.clause(clause[0] - 1)
        words = strip_lead(self._text[max(start, self._start) : end])
        named = 2 <= len(words) <= 16 and not re.search("^[用经自截按分]|[年月日间]$", words)
        heads = start <= self._start and self._text[clause[0] - 1] == "。"
        return words if named and (heads or self._text[clause[0] - 1] == "，") else ""

    def _subject(self, before: Statement, quantity: Quantity) -> str:
        """The indicator of the figure before: whole in a list (9%和42%) and for points, else without its change."""
        indicator = before.figure.indicator
        if indicator == before.figure.region:
            return ""
        listed = _ENUMERATES.fullmatch(self._text[before.quantity.end : quantity.start])
        points = quantity.base == "个百分点" and before.figure.unit == "%"
        return indicator if listed or points else _CHANGE.sub("", indicator) or indicator
