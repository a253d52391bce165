"""The tree of a plan: chapters, sections, goals, principles, tasks, safeguards, groups, measures, paragraphs.

What an item is follows from the heading above it: items under …目标 are goals, under …原则 principles, under …任务
tasks, under 保障/措施 safeguards; bullets under tasks are measures. A review of the past holds none of these.
Clause numbers are data: nothing here knows how many levels a plan has.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.marks import Mark, mark_of
from yulan.plan.reader.reading import Item, Kind

COUNTS: dict[Kind, str] = {
    "part": "parts", "chapter": "chapters", "section": "sections", "goal": "goals", "principle": "principles",
    "task": "tasks", "safeguard": "safeguards", "group": "groups", "measure": "measures", "paragraph": "paragraphs",
}  # fmt: skip
_REVIEW = re.compile("回顾|(?:完成|执行|落实|实施|进展)情况")
_PAST = re.compile("成效|成绩|成就|现状|总结|背景|形势|问题|(?:发展|工作|合作|协作|实践|现实)基础|工作进展")
_VERB_LED = re.compile("实现|完成|圆满|围绕|确保|聚焦|锚定|瞄准|明确|分解|落实|强化|加强|建立|实行|对照|紧扣")
_GOAL = re.compile("目标(?=$|和|与|及|、|任务(?!分)|要求|指标|定位|[（(])")
_PRINCIPLE = re.compile("原则(?!上)")
_TASK = re.compile("任务(?!分工|分解|落实|完成|书)|重点工作|工作重点|主要工作")
_SAFEGUARD = re.compile(
    "措施|组织实施$|(?<!社会)(?<!住房)(?<!医疗)(?<!养老)(?<!生活)(?<!就业)(?<!民生)(?<!安全)(?<!救助)"
    "保障(?!民生|性|房|和改善|体系建设|水平|基本|供给|供应|住房|安全|人民|改善)"
)
_BOX = re.compile(r"专栏\s?[\d一二三四五六七八九十]{1,3}(?![\d、和])")
_LABEL = re.compile(
    "(?:“[^”]{1,6}”|[0-9—–年到至]|总体|主要|发展|工作|具体|奋斗|预期|战略|阶段性?|近期|远期|中期|建设|经济|社会|基本|重点|规划|指导|量化|核心|时期|期间"
    "|的|和|、|与|及|特点|定位|要求|思想|方针|思路|原则|目标|任务|指标|布局|路线){1,14}$"
)
"""A heading made of such words only is a label (（一）总体目标): it names what follows and is no item itself."""


_NAMES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("goal", _GOAL),
    ("principle", _PRINCIPLE),
    ("task", _TASK),
    ("safeguard", _SAFEGUARD),
)


def categories(title: str) -> list[Kind]:
    """What the items under a heading of this title are, in the order named; empty if it does not say."""
    if _REVIEW.search(title):
        return []
    names = _NAMES[3:] if _VERB_LED.match(title) else _NAMES
    named = sorted((found.start(), kind) for kind, pattern in names if (found := pattern.search(title)))
    kinds = [kind for _start, kind in named]
    return [kind for kind in kinds if kind != "safeguard"] if "task" in kinds else kinds


def is_review(title: str) -> bool:
    """True for a heading over what has been done: 工作回顾, 主要成效. What stands under it is no goal or task."""
    return bool(_REVIEW.search(title)) or (bool(_PAST.search(title)) and not categories(title))


def heading_of(text: str) -> str:
    """The heading part of a numbered paragraph: up to its first full stop, at most 60 characters."""
    return re.split("[。：；]", text, maxsplit=1)[0][:60]


@dataclass(slots=True)
class _Node:
    """An open heading on the way down: where it stands and what its items are."""

    id: str
    rank: float
    kind: Kind
    title: str = ""
    names: list[Kind] = field(default_factory=list)
    past: bool = False
    marked: int = 0
    loose: int = 0
    value: int = 0


def read_outline(body: Sequence[Paragraph], title: str = "") -> tuple[list[Item], list[Paragraph]]:
    """The items of the text in order, and the paragraph each came from. Every parent precedes its children."""
    marked = [(paragraph, _mark(paragraph)) for paragraph in _without_contents(body)]
    tree = _Tree(_chapter_ranks(marked))
    items, sources = [], []
    for paragraph, mark in marked:
        if mark is None and paragraph.heading and _same(paragraph.text, title):
            continue
        items.append(tree.add(paragraph, mark))
        sources.append(paragraph)
    return [replace(item, kind=tree.bare.get(item.id, item.kind)) for item in items], sources


def count(items: Iterable[Item]) -> dict[str, int]:
    """How many there are of each kind, 0 where there is none."""
    found = Counter(item.kind for item in items)
    return {name: found[kind] for kind, name in COUNTS.items()}


def _same(one: str, other: str) -> bool:
    return re.sub(r"\s", "", one) == re.sub(r"\s", "", other)


def _mark(paragraph: Paragraph) -> Mark | None:
    if paragraph.cells:
        return None
    if paragraph.mark:
        mark = mark_of(paragraph.mark if paragraph.mark[-1] in "、.．）)" else paragraph.mark + " 条")
        return Mark(mark.style, mark.rank, mark.number, mark.value, 0) if mark else None
    return mark_of(paragraph.text)


def _chapter_ranks(marked: Sequence[tuple[Paragraph, Mark | None]]) -> tuple[float, float]:
    """The ranks of part and chapter in this document (0: none). The highest numbered style is the chapter."""
    ranks = Counter(mark.rank for _p, mark in marked if mark)
    if 2.0 in ranks:
        return (1.0 if 1.0 in ranks else 0.0), 2.0
    for rank in (1.0, 4.0):
        if rank in ranks:
            return 0.0, rank
    if 3.0 in ranks:
        return 0.0, 3.0
    if 5.0 not in ranks and 6.0 in ranks and 6.1 in ranks:
        return 0.0, 6.0
    levels = [p.heading for p, mark in marked if p.heading and not mark]
    return 0.0, (2.5 + min(levels) / 100 if levels and 5.0 not in ranks else 0.0)


def _without_contents(body: Sequence[Paragraph]) -> list[Paragraph]:
    """The text without its table of contents: the run of headings after 目录 that all come again later."""
    leader = re.compile(r"(?:[.…·．]{3,}|\t+|\s{2,})\s*\d{1,3}\s*$")
    rest = [p for p in body if not (leader.search(p.text) and mark_of(p.text) and not p.cells)]
    first = next((i for i, p in enumerate(rest) if _mark(p)), None)
    if first is None:
        return rest
    again = next((i for i in range(first + 1, min(len(rest), 400)) if _same(rest[i].text, rest[first].text)), None)
    if again is None or again - first < 3 or any(len(p.text) > 60 or "。" in p.text for p in rest[first:again]):
        return rest
    return rest[:first] + rest[again:]


class _Tree:
    """Grows the outline paragraph by paragraph with a stack of open headings.

    ``bare`` holds the labels (（一）经济目标 under 三、主要目标) that name no items: they are items themselves.
    """

    def __init__(self, ranks: tuple[float, float]) -> None:
        self._part, self._chapter = ranks
        self._root = _Node("", 0.0, "paragraph")
        self._open: list[_Node] = [self._root]
        self._annexed = False
        self._boxed: list[Mark] | None = None
        self.bare: dict[str, Kind] = {}

    def add(self, paragraph: Paragraph, mark: Mark | None) -> Item:
        """The item for this paragraph, placed below the nearest heading of a higher rank."""
        if mark is None and paragraph.heading and 2.5 < self._chapter < 3:
            mark = Mark("heading", 2.5 + paragraph.heading / 100, "", 0, 0)
        self._annexed = self._annexed and (mark is None or mark.rank >= 6.0)
        if mark is None or self._annexed or self._in_box(mark):
            return self._loose(paragraph)
        while self._open[-1].rank >= mark.rank:
            self._open.pop()
        above = self._open[-1]
        above.marked += 1
        text = paragraph.text[mark.end :]
        kind = self._kind(mark, above, heading_of(text))
        node = _Node(f"{above.id}.{above.marked}".lstrip("."), mark.rank, kind, heading_of(text), value=mark.value)
        node.names = categories(node.title) if self._names(kind) else []
        if kind == "chapter" and above.kind == "part" and not node.names:
            node.names = above.names
        if kind == "section" and above.names and node.names[-1:] == above.names[-1:] and not above.past:
            self.bare[node.id] = above.names[-1]
        elif kind == self.bare.get(above.id):
            del self.bare[above.id]
        node.past = above.past or (self._names(kind) and is_review(node.title))
        self._open.append(node)
        return Item(node.id, above.id or None, kind, mark.number, text, paragraph.line)

    def _in_box(self, mark: Mark) -> bool:
        """True for an item of the box (专栏) that is open: its numbers begin anew and do not go on with the text's."""
        if self._boxed is None or mark.rank < 6.0:
            self._boxed = None
            return False
        last = next((each.value for each in reversed(self._boxed) if each.style == mark.style), 0)
        goes_on = any(node.rank == mark.rank and node.value and node.value == mark.value - 1 for node in self._open)
        if goes_on and mark.value != last + 1:
            self._boxed = None
            return False
        self._boxed.append(mark)
        return True

    def _loose(self, paragraph: Paragraph) -> Item:
        if _BOX.match(paragraph.text):
            self._boxed = []
        if re.match(r"附(?:件|录|表)\s*\d{0,2}\s*(?:[：:]|$)", paragraph.text):
            del self._open[1:]
            self._annexed = True
        while self._open[-1].rank >= 9.0:
            self._open.pop()
        above = self._open[-1]
        above.loose += 1
        return Item(
            f"{above.id}.p{above.loose}".lstrip("."), above.id or None, "paragraph", "", paragraph.text, paragraph.line
        )

    @staticmethod
    def _names(kind: Kind) -> bool:
        return kind in ("part", "chapter", "section")

    def _kind(self, mark: Mark, above: _Node, title: str) -> Kind:
        if mark.rank == self._part:
            return "part"
        if mark.rank == self._chapter:
            return "chapter"
        if mark.style == "bullet":
            return self._bullet_kind(above)
        if above.names and not above.past and not _LABEL.match(title):
            return above.names[-1]
        if above is self._root and not self._chapter and mark.rank > 5.0:
            return "group"
        if self._names(above.kind) and (
            mark.rank <= 5.0 or mark.style in ("heading", "decimal") or above.kind == "chapter"
        ):
            return "section"
        return "section" if above is self._root else "group"

    def _bullet_kind(self, above: _Node) -> Kind:
        if above.past:
            return "paragraph"
        if above.names:
            return "measure" if above.names[-1] == "task" else above.names[-1]
        kinds = {node.kind for node in self._open}
        return "measure" if kinds & {"task", "safeguard"} else "paragraph"
