"""Figures in the tables of a plan (专栏, 指标表): a named row, a headed column, the unit in either or above the table.

A row 合计 states the sum of its columns, which are checked like any other total.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.dates import last_period
from yulan.plan.reader.figures import Statement
from yulan.plan.reader.quantities import Quantity, is_unit, quantity_of
from yulan.plan.reader.reading import Figure, PlanError
from yulan.plan.reader.sums import Breakdown
from yulan.plan.reader.whereabouts import Scope

_NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d{1,16}(?:\.\d{1,8})?")
_VALUE = re.compile(
    rf"(?P<near>[近约＞>≥＜<≤])?\s?(?P<number>{_NUMBER.pattern})\s?(?P<unit>[^\d\s]{{0,6}}?)(?P<after>以上|左右|以内|以下)?"
)
_UNIT_IN = re.compile("[（(]([^（）()]{1,12})[）)]")
_UNIT_ABOVE = re.compile("单位[：:]\\s?([^\\s，。；、）)]{1,8})")
_TOTAL = re.compile("^(?:合\\s*计|总\\s*计|总\\s*数)$")


MAX_CELLS = 20_000
"""Figures in tables beyond which a file is a data set, not a plan."""


def read_tables(paragraphs: Sequence[Paragraph], scopes: Sequence[Scope]) -> tuple[list[Statement], list[Breakdown]]:
    """Every figure in a table, and the totals that the tables state. Figures have no id yet."""
    statements: list[Statement] = []
    totals: list[Breakdown] = []
    for cells, group in groupby(range(len(paragraphs)), key=lambda index: paragraphs[index].cells):
        if not cells:
            continue
        rows = list(group)
        first = rows[0]
        above = _UNIT_ABOVE.search(paragraphs[first - 1].plain) if first else None
        columns, names = _columns(paragraphs, rows, above[1] if above else "", scopes[first].period)
        statements.extend(statement for column in columns for statement in column.values())
        totals.extend(_totals(columns, names))
        if len(statements) > MAX_CELLS:
            raise PlanError("The tables hold more numbers than a plan can have; import them as data instead.")
    return statements, totals


def _columns(
    paragraphs: Sequence[Paragraph], rows: Sequence[int], unit: str, period: str | None
) -> tuple[list[dict[int, Statement]], dict[int, str]]:
    """The figures of each column by row, and the names of the rows below the head."""
    head = paragraphs[rows[0]].plain.split("\t")
    headed = not any(_NUMBER.fullmatch(cell.strip()) for cell in head)
    columns: dict[int, dict[int, Statement]] = {}
    names = {row: paragraphs[row].plain.split("\t")[0].strip() for row in rows[headed:]}
    for row in names:
        for column, statement in _row(paragraphs[row], row, head if headed else [], unit, period):
            columns.setdefault(column, {})[row] = statement
    return list(columns.values()), names


def _totals(columns: Sequence[Mapping[int, Statement]], names: Mapping[int, str]) -> Iterator[Breakdown]:
    """A first or last row 合计 over columns that are filled in every row."""
    rows = list(names)
    for row in rows[:1] + rows[-1:]:
        for column in columns if _TOTAL.match(names[row]) else ():
            if len(column) == len(rows) > 2:
                parts = [column[other] for other in rows if other != row]
                if _summable(column[row], parts):
                    yield Breakdown(column[row], tuple(parts), True)


def _summable(total: Statement, parts: Sequence[Statement]) -> bool:
    return total.quantity.base not in ("%", "‰", "倍", "") and all(
        p.quantity.base == total.quantity.base for p in parts
    )


def _row(
    paragraph: Paragraph, index: int, head: Sequence[str], unit: str, period: str | None
) -> Iterator[tuple[int, Statement]]:
    cells = paragraph.plain.split("\t")
    name = next((cell.strip() for cell in cells if cell.strip() and not _VALUE.fullmatch(cell.strip())), "")
    for column, cell in enumerate(cells):
        heading = head[column].strip() if column < len(head) else ""
        found = _VALUE.fullmatch(cell.strip())
        if not found or not name or re.search("序号|代码|编号|属性", heading):
            continue
        its = next((u for u in (found["unit"], _bracketed(heading), _bracketed(name), unit) if u and is_unit(u)), "")
        if its:
            quantity = quantity_of(found["number"], its)
            yield column, _statement(paragraph, index, column, name, heading, found, quantity, period)


def _bracketed(text: str) -> str:
    found = _UNIT_IN.search(text)
    return found[1] if found else ""


def _statement(
    paragraph: Paragraph, index: int, column: int, name: str, heading: str, found: "re.Match[str]",
    quantity: Quantity, period: str | None,
) -> Statement:  # fmt: skip
    named = _UNIT_IN.sub("", name)
    change = re.search("增长|增速|比重|占比", _UNIT_IN.sub("", heading))
    figure = Figure(
        "", named + (_UNIT_IN.sub("", heading) if change else ""), quantity.value, quantity.unit,
        " ".join(filter(None, (found["near"], found["after"]))), None, last_period(heading) or _year(heading) or period,
        paragraph.line, paragraph.text.replace("\t", " "),
    )  # fmt: skip
    return Statement(figure, quantity, index, (column, column), (0, len(paragraph.text)), named, "")


def _year(heading: str) -> str | None:
    found = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", heading)
    return found[1] if found else None
