"""Figures in the tables of a plan (专栏, 指标表): a named row, a headed column, the unit in either or above the table.

A row 合计 states the sum of its columns, which are checked like any other total.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.dates import last_period
from yulan.plan.reader.figures import Statement
from yulan.plan.reader.marks import mark_of
from yulan.plan.reader.quantities import Quantity, is_unit, quantity_of
from yulan.plan.reader.reading import Figure, PlanError
from yulan.plan.reader.sums import Breakdown
from yulan.plan.reader.whereabouts import Scope

_NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d{1,16}(?:\.\d{1,8})?")
_VALUE = re.compile(
    rf"(?P<near>[近约＞>≥＜<≤])?\s?[\[［]?(?P<number>{_NUMBER.pattern})[\]］]?\s?(?P<unit>(?![、.．)）])[^\d\s]{{0,6}}?)(?P<after>以上|左右|以内|以下)?"
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
    headed = not any(_NUMBER.fullmatch(cell.strip()) and not _year(cell) for cell in head)
    columns: dict[int, dict[int, Statement]] = {}
    names = {row: _first_name(paragraphs[row].plain.split("\t")) for row in rows[headed:]}
    for row in names:
        for column, statement in _row(paragraphs[row], row, head if headed else [], unit, period):
            columns.setdefault(column, {})[row] = statement
    return list(columns.values()), names


def _totals(columns: Sequence[Mapping[int, Statement]], names: Mapping[int, str]) -> Iterator[Breakdown]:
    """A first or last row 合计 over columns that are filled in every row."""
    rows = list(names)
    for row in rows[:1] + rows[-1:]:
        if not _TOTAL.match(names[row]):
            continue
        readings = _readings({other: name for other, name in names.items() if other != row})
        for column in columns:
            if len(column) == len(rows) > 2:
                found = [
                    Breakdown(column[row], tuple(column[other] for other in reading), True) for reading in readings
                ]
                found = [each for each in found if _summable(each.total, each.parts)]
                agreeing = [each for each in found if each.agrees]
                yield from agreeing[:1] or (found if len(found) == 1 else [])


def _readings(names: Mapping[int, str]) -> list[list[int]]:
    """The rows that may make up a total: all but 其中, the 小计 only, all but these, or those of the highest number.

    Where several readings are possible and none comes out, nothing is known of the total.
    """
    plain = [row for row, name in names.items() if not re.match("其中|#", name)]
    sub = [row for row in plain if re.search("小\\s*计$", names[row])]
    ranks = {row: mark.rank for row in plain if (mark := mark_of(names[row]) or mark_of(f"{names[row]}、甲"))}
    top = [row for row, rank in ranks.items() if rank == min(ranks.values())]
    found: list[list[int]] = []
    for reading in (plain, sub, [row for row in plain if row not in sub], top):
        if len(reading) > 1 and reading not in found:
            found.append(reading)
    return found


def _summable(total: Statement, parts: Sequence[Statement]) -> bool:
    return total.quantity.base not in ("%", "‰", "倍", "") and all(
        p.quantity.base == total.quantity.base for p in parts
    )


def _row(
    paragraph: Paragraph, index: int, head: Sequence[str], unit: str, period: str | None
) -> Iterator[tuple[int, Statement]]:
    cells = [cell.strip() for cell in paragraph.plain.split("\t")]
    name = _cell(cells, head, "指标|指标名称|项目|项目名称|名称") or _first_name(cells)
    own = _cell(cells, head, "(?:计量)?单位").strip("（）()")
    for column, cell in enumerate(cells):
        heading = head[column].strip() if column < len(head) else ""
        found = _VALUE.fullmatch(cell)
        if not found or not name or re.search("序号|代码|编号|属性", heading):
            continue
        rate = "%" if re.search("增长率?$|增速$|比重$|占比$", heading) else ""
        units = (found["unit"], _bracketed(heading), rate, own, _bracketed(name), unit)
        its = next((u for u in units if u and is_unit(u)), "")
        if its:
            quantity = quantity_of(found["number"], its)
            yield column, _statement(paragraph, index, column, name, heading, found, quantity, period)


def _first_name(cells: Sequence[str]) -> str:
    return next((cell.strip() for cell in cells if cell.strip() and not _VALUE.fullmatch(cell.strip())), "")


def _cell(cells: Sequence[str], head: Sequence[str], heading: str) -> str:
    """The cell of a row under this heading, or ""."""
    column = next((at for at, text in enumerate(head) if re.fullmatch(heading, re.sub(r"\s", "", text))), len(cells))
    return cells[column] if column < len(cells) else ""


def _bracketed(text: str) -> str:
    found = _UNIT_IN.search(text)
    return found[1] if found else ""


def _statement(
    paragraph: Paragraph, index: int, column: int, name: str, heading: str, found: "re.Match[str]",
    quantity: Quantity, period: str | None,
) -> Statement:  # fmt: skip
    named = _UNIT_IN.sub("", name)
    of_which = heading.startswith("其中")
    column_name = re.sub("^其中[：:]?", "", _UNIT_IN.sub("", heading))
    tells = column_name and not (_year(column_name) or last_period(column_name)) and column_name != named
    qualifier = " ".join(filter(None, ("其中" if of_which else "", found["near"], found["after"])))
    figure = Figure(
        "", named + (column_name if tells else ""), quantity.value, quantity.unit, qualifier, None,
        last_period(heading) or _year(heading) or period, paragraph.line, paragraph.text.replace("\t", " "),
    )  # fmt: skip
    return Statement(figure, quantity, index, (column, column), (0, len(paragraph.text)), named, "")


def _year(heading: str) -> str | None:
    found = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", heading)
    return found[1] if found else None
