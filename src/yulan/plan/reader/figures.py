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
_HEADINGS = frozenset(("part", "chapter", "section", "goal", "task", "safeguard", "group"))
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

    The period of a plan does not hold for its review of the past: there the first one that the review names does.
    """
    year = last_period(title)
    own: dict[str | None, str | None] = {None: year}
    reviews: dict[str | None, str | None] = {}
    told: dict[str, str | None] = {}
    found = []
    for item in items:
        words = heading_of(item.text) if item.kind in _HEADINGS else ""
        review = reviews.get(item.parent) or (item.id if is_review(words) and year and len(year) > 4 else None)
        if review:
            told[review] = told.get(review) or first_period(item.text[:QUOTE])
        reviews[item.id] = review
        own[item.id] = last_period(words) or (told[review] if review else own[item.parent])
        found.append(Scope(own[item.id], year))
    return found


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
        self._where = Whereabouts(paragraph, self._clauses, scope, places, mentions)

    def statements(self) -> Iterator[Statement]:
        found = list(quantities(self._text, self._start))
        _refuse_excess(len(found), len(self._text))
        before: Statement | None = None
        for position, quantity in enumerate(found):
            following = found[position + 1].start if position + 1 < len(found) else None
            before = self._statement(quantity, before, following)
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
        lead = lead[self._where.head_place(head, head + len(lead)) - head :]
        noun = self._noun(lead, quantity, clause, following)
        region = None if _CLOSING.search(lead) else self._where.region(quantity, head, noun)
        figure = Figure(
            "", self._indicator(noun, lead, quantity, before, sentence), quantity.value, quantity.unit, qualifier,
            region,
            self._where.period(quantity.start, head), self._paragraph.line_at(quantity.start),
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
        after = noun_after(self._text[quantity.end : min(clause[1], quantity.end + 60)])
        if not after:
            return before
        near = following is not None and following < clause[1] and following - quantity.end <= len(after) + 3
        head, comma, _rest = self._text[quantity.end : following].partition("、")
        taken = near and not (head and comma)
        after = after.partition("、")[0] if near and not taken else after
        if takes_after(quantity.base):
            whole = before and not lead.rstrip().endswith(("的", "等")) and taken
            return before if whole else after
        return before or ("" if taken else after)

    def _indicator(
        self, noun: str, lead: str, quantity: Quantity, before: Statement | None, sentence: tuple[int, int]
    ) -> str:
        same = before if before and before.sentence == sentence else None
        subject = _subject(same) if same else self._topic_noun(quantity.start)
        if is_growth(noun) or is_share(noun):
            return f"{subject}{noun}{'比' if noun == '占' else ''}"
        if noun.endswith("占"):
            return f"{noun}比"
        if noun:
            return noun
        if closing := _CLOSING.search(lead):
            return closing[0]
        return subject or lead.strip("，、的 ") or quantity.unit

    def _topic_noun(self, at: int) -> str:
        """The words of the clause before, if they can be the subject of a bare 增长8%."""
        clause = self._clauses.clause(at)
        if not clause[0]:
            return ""
        words = strip_lead(self._text[slice(*self._clauses.clause(clause[0] - 1))])
        named = 2 <= len(words) <= 16 and not re.search("^[用经自截]|[年月日间]$", words)
        return words if named and self._text[clause[0] - 1] == "，" else ""


def _subject(statement: Statement) -> str:
    """The indicator of the figure before, without its growth or share."""
    return re.sub("(?:比上年|同比|占|年均|平均).*$", "", statement.figure.indicator) or statement.figure.indicator
