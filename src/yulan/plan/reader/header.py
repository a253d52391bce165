"""What stands before and around the text of a paper: title, document number, issuer, dates (GB/T 9704 §7.2, §7.3)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from yulan.plan.reader.blocks import Paragraph
from yulan.plan.reader.dates import DATE, find_date
from yulan.plan.reader.marks import STRUCTURAL, mark_of

DOC_NO = re.compile(r"[\u4e00-\u9fffA-Z]{1,14}?[〔\[［【﹝（(]\s*(?:19|20)\d{2}\s*[〕\]］】﹞）)]\s*第?\s*\d{1,5}\s*号")
TITLE_END = re.compile(
    r"(?:规划|计划|纲要|方案|公报|报告|意见|办法|通知|决定|要点|规定|细则|条例|行动|决议|通报|预案|战略|思路|蓝皮书|白皮书|总结)"
    r"(?:[（(〔][^）)〕]{1,40}[）)〕]|“[^”]{1,12}”){0,2}$"
)
NOTICE = re.compile(
    "(?:关于)?(?:印发|发布|批转|转发|下达|公布|实施|批准|同意|颁发)(?:《(?P<plan>.+)》|(?P<bare>[^《》]{4,60}(?:规划|计划|纲要|方案|要点|行动)"
    "(?:[（(][^）)]{1,30}[）)])?))(?!.{0,4}(?:意见|细则|办法|方案)).{0,8}?的?(?:通知|公告|批复|决定|函)$"
)
LABEL = re.compile(
    r"(?:^|(?<=[\s\t；;　]))(?P<label>发文机构|发文机关|发布机构|发布机关|制定机关|发文单位|发布单位|发文字号|文号"
    r"|字号|发布时间|发布日期|公布日期"
    r"|公开日期|发文时间|发文日期|成文日期|成文时间|印发日期|印发时间|签发日期|生成日期|标题|名称|索引号|主题分类|政策类型|政策层级|来源|信息来源"
    r"|关键字|关键词|主题词|有效性|浏览次数|字体|作者|责任编辑|时间|日期)\s*[：:\t]\s*(?P<value>[^\t；;　]*)"
)
_ISSUER = ("发文机构", "发文机关", "发布机构", "发布机关", "制定机关", "发文单位", "发布单位")
_ISSUED = ("成文日期", "成文时间", "印发日期", "印发时间", "签发日期", "发文日期", "发文时间", "生成日期")
_PUBLISHED = ("发布时间", "发布日期", "公布日期", "公开日期", "时间", "日期")
_BODY = re.compile(
    r"(?:人民政府|委员会|办公室|办公厅|统计局|调查总队|调查队|领导小组|省委|市委|县委|区委|国务院|[局厅部署院委会])$"
)
_WHOLE_DATE = re.compile(rf"[（(]?\s*(?:{DATE.pattern})\s*[）)]?")
_MONTH = re.compile(r"[（(]?[0-9〇○零一二三四五六七八九]{4}年[0-9一二三四五六七八九十]{1,2}月[）)]?")
_STAMP = re.compile(
    rf"(?:{DATE.pattern})\s*(?:\d{{1,2}}:\d\d(?::\d\d)?\s*$|(?:\d{{1,2}}:\d\d(?::\d\d)?)?\s*[【\[]?(?:来源|浏览|点击|阅读|字体|作者).*)"
)
"""The line of a site below a title: 2011-06-15 09:30 来源：市发改委."""
_DRAFT = re.compile(r"[（(](?:征求意见稿|送审稿|讨论稿|草案|试行|审议稿|(?:19|20)\d\d.{1,4}(?:19|20)\d\d年?)[）)]")
_SPEAKER = re.compile(
    r"[\u4e00-\u9fff]{2,16}(?:市长|省长|县长|区长|州长|主任|局长|主席)\s+[\u4e00-\u9fff](?:\s?[\u4e00-\u9fff]){1,5}"
)
_ADOPTED = re.compile(r"^(?:[（(][^）)]*(?:通过|批准|会议上)[^）)]*[）)]|[—―─-]{1,4}\s?\d{4}年[^。，]{4,60}会议上)$")
FRONT = 200
"""Paragraphs searched for the front matter."""


@dataclass(frozen=True, slots=True)
class Header:
    """The identity of a paper, and ``body``, the index of the first paragraph of its text."""

    title: str
    title_line: int
    doc_no: str | None
    issuer: str | None
    issued_on: date | None
    published_on: date | None
    body: int


def read_header(found: Sequence[Paragraph]) -> Header:
    """The header of a document. What the paper does not say is None; the title falls back to its first short line."""
    labels = dict(reversed(list(_labels(found[:FRONT]))))
    start = _first_heading(found)
    title_at, title, body = _title(found, start)
    doc_no = _matching(DOC_NO, labels.get("发文字号") or labels.get("文号") or labels.get("字号")) or _own_number(
        found[:start]
    )
    signed_at = _signed(found)
    issuer = next((labels[k] for k in _ISSUER if labels.get(k)), None) or _issuer(found, signed_at, start)
    issued = next((d for k in _ISSUED if (d := find_date(labels.get(k, "")))), None)
    issued = issued or (find_date(found[signed_at].text) if signed_at is not None else None)
    stamps = (find_date(p.text) for p in found[:start] if _STAMP.match(p.text))
    published = next((d for k in _PUBLISHED if (d := find_date(labels.get(k, "")))), None) or next(stamps, None)
    return Header(title, found[title_at].line, doc_no, issuer, issued, published, body)


def _labels(front: Sequence[Paragraph]) -> Iterator[tuple[str, str]]:
    for paragraph in front:
        if len(paragraph.text) < 300:
            for match in LABEL.finditer(paragraph.text):
                yield match["label"], match["value"].strip()


def _first_heading(found: Sequence[Paragraph]) -> int:
    """The index of the first structural heading, searched in the front part only."""
    for index, paragraph in enumerate(found[:FRONT]):
        mark = mark_of(paragraph.mark or paragraph.text)
        if mark and mark.style in STRUCTURAL:
            return index
    return min(len(found), FRONT)


def _is_title(text: str) -> bool:
    return (
        4 <= len(text) <= 90
        and not re.search("[。；！？>＞：|]|当前位置", text)
        and bool(TITLE_END.search(_bare_title(text)))
    )


def _bare_title(text: str) -> str:
    """A title without the brackets around it and the mark of a footnote behind it."""
    text = re.sub(r"[\[［]\d{1,2}[\]］]$", "", text.strip())
    return text[1:-1] if re.fullmatch("《[^《》]+》", text) else text


def _title(found: Sequence[Paragraph], start: int) -> tuple[int, str, int]:
    """Where the title stands, the title, and where the text begins."""
    labelled = [i for i in range(start) if LABEL.match(found[i].text)]
    candidates = [i for i in range(start) if _is_title(found[i].text) and i not in labelled and not found[i].cells]
    if not candidates:
        index = next((i for i in range(start) if i not in labelled and 2 <= len(found[i].text) <= 90), 0)
        text = found[index].text
        return index, text if len(text) <= 90 else "", _after(found, index + 1 if index < start else 0, start)
    first = min(
        candidates, key=lambda i: (not NOTICE.search(found[i].text), not found[i].heading, len(found[i].text) < 8, i)
    )
    whole = _above(found, first) + _bare_title(found[first].text)
    if match := NOTICE.search(whole):
        plan = match["plan"] or match["bare"]
        for index in range(first + 1, len(found)):
            if count := _spells(found, index, plan):
                return index, plan, _after(found, index + count, len(found))
        return first, plan, _after(found, first + 1, start)
    years = found[first + 1].text if first + 1 < len(found) else ""
    if re.fullmatch(r"[（(](?:19|20)\d\d[^）)]{1,12}年[）)]", years):
        return first, whole + years, _after(found, first + 2, start)
    return first, whole, _after(found, first + 1, start)


def _above(found: Sequence[Paragraph], index: int) -> str:
    """The first line of a title set in two lines, if the line above is one."""
    if not index:
        return ""
    line, text = found[index - 1].text, found[index].text
    open_end = re.search("关于(?:印发|发布|批转|转发)?$|[的和与及]$", line) or line.count("《") > line.count("》")
    fragment = open_end or re.match(r"第|“|国民经济|关于|二〇|二○|20\d\d|中长期|[十一二三四五]", text) or len(text) <= 8
    if not fragment or len(line) > 50 or re.search("[。；：，:]", line) or DOC_NO.search(line) or find_date(line):
        return ""
    body = _BODY.search(line) and not text.startswith("关于") and not open_end
    return "" if body or LABEL.match(line) else line


def _spells(found: Sequence[Paragraph], index: int, plan: str) -> int:
    """How many paragraphs from this one on spell the title of the plan (0: none)."""
    wanted, text = _bare(plan), ""
    for count in range(1, 4):
        if index + count > len(found) or len(found[index + count - 1].text) > 90:
            return 0
        text += _bare(found[index + count - 1].text)
        if text == wanted:
            return count
        if not wanted.startswith(text):
            return 0
    return 0


def _bare(text: str) -> str:
    return re.sub(r"[\s\u3000“”\"《》]", "", text)


def _after(found: Sequence[Paragraph], index: int, limit: int) -> int:
    """The first paragraph from ``index`` on that is text, not front matter."""
    while index < min(limit, len(found)) and _is_front(found[index].text):
        index += 1
    return min(index, len(found) - 1)


def _is_front(text: str) -> bool:
    text = text.strip()
    if LABEL.match(text) or _STAMP.match(text) or _ADOPTED.match(text):
        return True
    if any(pattern.fullmatch(text) for pattern in (_WHOLE_DATE, _MONTH, _DRAFT, _SPEAKER)):
        return True
    if DOC_NO.fullmatch(text) or re.fullmatch(r"目\s*录|（此件.*）|\(此件.*\)|打印|关闭|分享.*|字体.*|首页.*", text):
        return True
    if len(text) <= 60 and text.endswith(("：", ":")) and re.search("政府|委|办|局|部门|单位|机构|代表", text):
        return True
    return len(text) <= 40 and not re.search("[，。；：]", text) and bool(_BODY.search(text))


def _matching(pattern: "re.Pattern[str]", text: str | None) -> str | None:
    match = pattern.search(text or "")
    return re.sub(r"\s", "", match[0]) if match else None


def _own_number(front: Sequence[Paragraph]) -> str | None:
    """The document number that stands on a line of its own."""
    for paragraph in front:
        if match := re.fullmatch(
            rf"[（(]?\s*({DOC_NO.pattern}|[\u4e00-\u9fff]{{2,20}}(?:令|公告)\s*第?\s*\d{{1,5}}\s*号)\s*[）)]?",
            paragraph.text,
        ):
            return re.sub(r"\s", "", match[1])
    return None


def _signed(found: Sequence[Paragraph]) -> int | None:
    """The paragraph that holds the date of signature: a line of its own after an organisation, or any such line."""
    dated = [i for i, p in enumerate(found) if len(p.text) < 80 and _is_date_line(p.text)]
    below = [i for i in dated if i and _BODY.search(found[i - 1].text) and len(found[i - 1].text) <= 60]
    return next(iter(below or dated), None)


def _is_date_line(text: str) -> bool:
    text = text.strip()
    if _WHOLE_DATE.fullmatch(text) or (_ADOPTED.match(text) and DATE.search(text)):
        return True
    return (
        bool(DATE.search(text))
        and bool(re.fullmatch(rf"[\u4e00-\u9fff 　]{{2,30}}[ 　]*(?:{DATE.pattern})", text))
        and bool(_BODY.search(DATE.sub("", text).strip()))
    )


def _issuer(found: Sequence[Paragraph], signed_at: int | None, start: int) -> str | None:
    if signed_at is not None:
        own = DATE.sub("", found[signed_at].text).strip()
        if _is_body(own):
            return own
        if adopted := re.search("日\\s?([\u4e00-\u9fff]{4,40}?)(?:审议)?(?:通过|批准)", found[signed_at].text):
            return adopted[1]
        if bodies := _signatures(found[:signed_at]):
            return bodies
    for paragraph in found[:start]:
        if match := re.match(r"^(.{2,30}?)关于(?:印发|发布|批转|转发|下达|公布)", paragraph.text):
            return match[1]
        if (match := re.match(r"^(.{2,40}?)关于", paragraph.text)) and _is_body(match[1]) and _is_title(paragraph.text):
            return match[1]
    return next((p.text for p in found[: min(start, 12)] if _is_body(p.text)), None)


def _signatures(above: Sequence[Paragraph]) -> str | None:
    """The organisations that sign, one on each line above the date; 财 政 部 is set wide."""
    first = len(above)
    while first and _is_body(above[first - 1].text):
        first -= 1
    names = (paragraph.text.strip() for paragraph in above[first:])
    return " ".join("".join(n.split()) if re.fullmatch(r"\S(?:\s+\S)+", n) else n for n in names) or None


def _is_body(text: str) -> bool:
    text = text.strip()
    return 2 <= len(text) <= 60 and not re.search("[，。；：:《》]", text) and bool(_BODY.search(text))
