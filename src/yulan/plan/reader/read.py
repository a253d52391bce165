"""A file to a reading: the one door of the reader. Says why when a file is no plan."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from yulan.plan.reader.blocks import Block
from yulan.plan.reader.checks import read_checks
from yulan.plan.reader.cites import read_regulations
from yulan.plan.reader.dates import first_period
from yulan.plan.reader.figures import numbered, read_figures, renamed, scopes
from yulan.plan.reader.header import TITLE_END, Header, read_header
from yulan.plan.reader.notes import read_notes
from yulan.plan.reader.outline import count, read_outline
from yulan.plan.reader.paragraphs import paragraphs, unfinished
from yulan.plan.reader.places import Places, first_mentions
from yulan.plan.reader.reading import Item, PlanError, PlanReading
from yulan.plan.reader.source import read_blocks
from yulan.plan.reader.sums import breakdowns
from yulan.plan.reader.tables import read_tables

_WORDS_TEXT = (
    "规划 计划 纲要 方案 公报 报告 发展 建设 工作 项目 资金 政府 目标 任务 保障 措施 经济 社会 实施 推进 "
    "加强 完成 增长 全年 投资 扶贫 支援 帮扶 援助 管理 制度 机制 体系 部门 产业 企业 地区 区域 合作 服务 "
    "投入 万元 亿元 其中 完善 促进 健全 组织 领导 改革 创新 财政 城镇 农村 农业 工业 教育 卫生 就业 民生 "
    "基础设施 指标 比上年 生产总值 收入 增加 提高 落实 责任 监督 考核 统计 重点 全市 全省 全县 全区 我市 "
    "我省 指导思想 原则 协调 政策"
)
WORDS = _WORDS_TEXT.split()
"""Words of plans and bulletins. In a plan they make up a tenth of the text and more, elsewhere next to nothing."""
DENSITY = 0.04


def read_plan(path: Path) -> PlanReading:
    """Read a plan or bulletin from a .txt, .docx or .html file.

    Raises PlanError, with a message that says what to do, for a file that is empty, binary, truncated, hostile, larger
    than 20 MB, or no plan.
    """
    blocks = read_blocks(Path(path))
    _require_wording(blocks)
    whole, joints = paragraphs(blocks)
    header = read_header(whole)
    items, sources = read_outline(whole[header.body :], header.title)
    _require_form(items, header)
    places = Places(_day(header), header.issuer or header.title)
    mentions = {id(paragraph): places.mentions(paragraph.plain) for paragraph in whole}
    named = {index: mentions[id(paragraph)] for index, paragraph in enumerate(sources)}
    above = scopes(items, header.title)
    cells, totals = read_tables(sources, above)
    text = numbered([*read_figures(sources, above, places, named), *cells])
    running = [each for each in text if not sources[each.paragraph].cells]
    found = breakdowns(sources, running)
    text = renamed(text, {part.figure.id: each.total for each in found for part in each.parts})
    return PlanReading(
        title=header.title,
        doc_no=header.doc_no,
        issuer=header.issuer,
        issued_on=header.issued_on,
        published_on=header.published_on,
        counts=count(items),
        outline=tuple(items),
        figures=tuple(statement.figure for statement in text),
        checks=tuple(read_checks(sources, running, found, totals)),
        regulations=tuple(read_regulations(whole, header)),
        regions=tuple(first_mentions(places, ((p, mentions[id(p)]) for p in whole))),
        notes=tuple(sorted([*joints, *unfinished(whole), *read_notes(sources, items)], key=lambda note: note.line)),
    )


def _day(header: Header) -> date:
    """The day on which the document's place names held: its date, or the end of the year its title names, or today."""
    if day := header.issued_on or header.published_on:
        return day
    period = first_period(header.title)
    return date(int(period[:4]), 12, 31) if period and re.match(r"\d{4}", period) else date.today()


def _require_wording(blocks: Sequence[Block]) -> None:
    """Raise PlanError for a text that does not speak as plans and bulletins do. Cheap, so it comes first."""
    text = "\n".join(block.text for block in blocks)
    han = len(re.findall("[\u4e00-\u9fff]", text))
    if han < 10 or han < 0.2 * len(text):
        raise PlanError("This is not a plan in Chinese: there is hardly any Chinese text in it.")
    if sum(len(word) * text.count(word) for word in WORDS) < DENSITY * han:
        raise PlanError("This is not a plan: it does not speak of goals, tasks, projects or figures as plans do.")


def _require_form(items: Sequence[Item], header: Header) -> None:
    """Raise PlanError for a text with neither a title nor numbered headings of a paper."""
    headings = any(item.kind in ("part", "chapter", "section") for item in items)
    if not headings and not TITLE_END.search(header.title):
        raise PlanError("This is not a plan: it has no title of one and no numbered headings (一、 （一） 1、).")
