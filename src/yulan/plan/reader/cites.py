"""Plans, laws and documents that a text names: 《title》 and the document number beside it (GB/T 9704 §7.2.5)."""

import re
from collections.abc import Iterator, Sequence

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.header import DOC_NO, Header
from yulan.plan.reader.reading import Regulation

_TITLE = re.compile("《((?:[^《》]|《[^《》]{1,80}》){2,120})》")
_PAPER = re.compile(
    "(?:规划|计划|纲要|意见|办法|规定|条例|通知|决定|方案|法|细则|规则|制度|标准|准则|公约|协议|协定|章程|公报|目录|指南|要求|纪要|备忘录|宣言|战略|行动|批复|函|令"
    "|政策|措施|框架|安排|规范|守则|议定书|合同|声明|报告|白皮书|规程|要点|若干问题|预案|设想|思路|建议|倡议|指引|决议|公告|通告|通报)"
    "(?:[（(〔][^）)〕]{1,40}[）)〕])?$"
)
_ORDER = r"[\u4e00-\u9fff]{2,12}令\s{0,2}第\s{0,2}\d{1,4}\s{0,2}号"
_STANDARD = r"[A-Z]{2,4}(?:/[TZ])?\s?\d{1,6}(?:\.\d{1,3})?\s?[-—–]\s?(?:19|20)\d\d"
_NUMBER = re.compile(f"{DOC_NO.pattern}|{_ORDER}")
_BEHIND = re.compile(
    rf"\s{{0,2}}(?:[（(〔【](?:以下简称[^（）()]{{0,40}}?[，,；])?)?\s{{0,2}}({_NUMBER.pattern}|{_STANDARD})"
)
_SHORT = re.compile('(?:简称|下称|统称|又称)为?[：:]?[“"]?《([^《》]{1,30})》')
"""A short name that the text gives to a paper it has named: （以下简称《纲要》）."""
_BEFORE = re.compile(rf"({DOC_NO.pattern})[）)]?(?:文件?|号)?\s{{0,2}}$")
_VERB = re.compile("^.*(?:根据|按照|依据|依照|贯彻|落实|执行|遵照|印发|转发|发布|见|的|和|及|与|以|对|《|》)")


def read_regulations(paragraphs: Sequence[Paragraph], header: Header) -> list[Regulation]:
    """Each paper once, at its first mention, the document itself first; a number given only later is filled in."""
    found: dict[str, Regulation] = {}
    if header.title and _PAPER.search(header.title):
        found[_key(header.title)] = Regulation(header.title, header.doc_no, header.title_line)
    numbers = {header.doc_no}
    short = {_key(found[1]) for paragraph in paragraphs for found in _SHORT.finditer(paragraph.text)}
    for paragraph in paragraphs:
        for each in _named(paragraph):
            if _key(each.title) in short:
                continue
            before = found.setdefault(_key(each.title), each)
            if before.doc_no is None and each.doc_no:
                found[_key(each.title)] = Regulation(before.title, each.doc_no, before.line)
            numbers.add(each.doc_no)
    for paragraph in paragraphs:
        for number, line in _numbers(paragraph):
            if number not in numbers:
                numbers.add(number)
                found[number] = Regulation("", number, line)
    return list(found.values())


def _key(title: str) -> str:
    return re.sub(r"[\s“”\"‘’〈〉《》]", "", title)


def _named(paragraph: Paragraph) -> Iterator[Regulation]:
    text = paragraph.text
    for found in _TITLE.finditer(text):
        behind = _BEHIND.match(text, found.end())
        before = _BEFORE.search(text[max(0, found.start() - 40) : found.start()])
        if behind or before or _PAPER.search(found[1]):
            number = behind[1] if behind else _VERB.sub("", before[1]) if before else None
            yield Regulation(found[1], _number(number) if number else None, paragraph.line_at(found.start()))


def _number(printed: str) -> str:
    """A number without the blanks that were set into it; a standard (GB 5749-2006) keeps its own."""
    return printed if printed[0].isascii() else re.sub(r"\s", "", printed)


def _numbers(paragraph: Paragraph) -> Iterator[tuple[str, int]]:
    for found in _NUMBER.finditer(paragraph.text):
        yield _number(_VERB.sub("", found[0])), paragraph.line_at(found.start())
