"""The blocks of an .html page: paragraphs, headings, list items, table rows. Nothing is fetched or expanded."""

import re

from lxml import etree

from yulan.plan.reader.blocks import Block
from yulan.plan.reader.reading import PlanError

_BLOCKS_TEXT = (
    "address article aside blockquote body br center dd div dl dt fieldset figcaption figure footer h1 "
    "h2 h3 h4 h5 h6 header hr html li main ol p pre section table tbody thead tfoot tr ul"
)
BLOCKS = frozenset(_BLOCKS_TEXT.split())
_SILENT_TEXT = "script style noscript template head nav select option button textarea svg math iframe object"
SILENT = frozenset(_SILENT_TEXT.split())
MAX_PAGE = 6_000_000
"""Characters of a page with its markup."""
MAX_ELEMENTS = 600_000
MAX_SPAN = 100
"""Columns or rows that one cell may stretch over."""
_PAGE = re.compile(r"\s*(?:<!--.*?-->\s*)?(?:<\?xml[^>]{0,200}\?>\s*)?<(?:!doctype|html|head|body)\b", re.I | re.S)
_FURNITURE = re.compile("版权所有|ICP备|网站标识码|公网安备|当前位置|Copyright")
_TAIL = re.compile(
    r"分享(?:到|至)?(?:[：:].*)?|相关(?:链接|阅读|文件|解读|新闻|信息|附件|稿件|文章)[：:>]?|扫一扫.{0,30}|返回顶部|网站地图.*"
    r"|(?:[【\[]?(?:打印|关闭|收藏)(?:本页|窗口|页面)?[】\]]?\s*)+|[上下]一[篇条][：:].*|责任编辑[：:].*"
)
"""With such words the part of a page begins that comes after the paper."""
_SPACES = re.compile(r"[ \t\r\n\xa0]+")


def looks_like_html(text: str) -> bool:
    """True if the text begins as a page does."""
    return bool(_PAGE.match(text[:4000]))


def read_html(text: str) -> list[Block]:
    """One block for each element that has text of its own; ``line`` is the block's number. Raises PlanError."""
    if len(text) > MAX_PAGE:
        raise PlanError("The page is far larger than a plan can be; save its text alone.")
    if re.search(r"<!ENTITY", text, re.I):
        raise PlanError("The page declares entities, which a plan never needs; it was not read.")
    lower = text.lower()
    if re.search(r"<(?:html|body)\b", lower) and not re.search(r"</(?:html|body)\s*>", lower):
        raise PlanError("The page has no end: the file is truncated. Get the whole file again.")
    target = _Page()
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=False)
    data = text.encode("utf-8", "replace")
    try:
        for at in range(0, len(data), 65_536):
            parser.feed(data[at : at + 65_536])
        parser.close()
    except etree.LxmlError as error:
        raise PlanError("The page is damaged and cannot be read; save it again.") from error
    return _without_tail(target.blocks)


def _without_tail(blocks: list[Block]) -> list[Block]:
    """The blocks up to the links and tools that a site sets below a paper."""
    for index in range(len(blocks) // 2 + 1, len(blocks)):
        if not blocks[index].cells and len(blocks[index].text) < 60 and _TAIL.fullmatch(blocks[index].text):
            return blocks[:index]
    return blocks


def _span(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "").strip()
    return max(1, min(int(text), MAX_SPAN)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


class _Page:
    """Receives the page's elements. A table row is one block of cells; a row of one cell is layout, not a table.

    A cell over several columns or rows leaves the others empty, so that every number stays in its column.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._rows: list[list[str]] = []
        self._spans: list[tuple[int, int]] = []
        self._below: list[dict[int, int]] = []
        self._silent: list[str] = []
        self._seen = self._heading = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen > MAX_ELEMENTS:
            raise PlanError("The page holds far more elements than a plan can have; it was not read.")
        if tag in SILENT:
            self._silent.append(tag)
        elif tag in ("td", "th"):
            self._finish_cell()
            if self._rows:
                self._spans[-1] = _span(attributes, "colspan"), _span(attributes, "rowspan")
        elif tag in BLOCKS:
            self._finish(tag)
            if tag == "table":
                self._below.append({})
            elif tag == "tr":
                self._rows.append([])
                self._spans.append((0, 0))

    def end(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag == "tr" and self._rows:
            self._finish_cell()
            self._skip()
            self._spans.pop()
            self._finish_row(self._rows.pop())
        elif tag in ("td", "th"):
            self._finish_cell()
        elif tag in BLOCKS:
            self._finish("")
            if tag == "table" and self._below:
                self._below.pop()

    def data(self, text: str) -> None:
        if not self._silent:
            self._text.append(_SPACES.sub(" ", text))

    def close(self) -> None:
        while self._rows:
            self.end("tr")
        self._finish("")

    def _taken(self) -> list[str]:
        lines, self._text = "".join(self._text).split("\n"), []
        return [line.strip() for line in lines if line.strip()]

    def _finish_cell(self) -> None:
        lines = self._taken() if self._rows else []
        if not self._rows or not (lines or self._spans[-1][0]):
            return
        self._skip()
        row, (wide, deep) = self._rows[-1], self._spans[-1]
        for column in range(len(row), len(row) + wide if self._below and deep > 1 else 0):
            self._below[-1][column] = deep - 1
        row.extend(["\n".join(lines), *[""] * (wide - 1)])
        self._spans[-1] = 0, 0

    def _skip(self) -> None:
        """Leave the columns empty into which a cell of a row above reaches."""
        below, row = self._below[-1] if self._below else {}, self._rows[-1]
        while below.get(len(row)):
            below[len(row)] -= 1
            row.append("")

    def _finish_row(self, cells: list[str]) -> None:
        if self._rows:
            self._text += ["\n", "\n".join(cells), "\n"]
        elif len(cells) == 1:
            for line in filter(None, cells[0].split("\n")):
                self._emit(line)
        elif any(cells):
            self._emit("\t".join(cell.replace("\n", " ") for cell in cells), cells=True)

    def _finish(self, tag: str) -> None:
        if self._rows:
            self._text.append("\n")
            return
        for line in self._taken():
            self._emit(line)
        self._heading = int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0

    def _emit(self, text: str, cells: bool = False) -> None:
        if _FURNITURE.search(text) and len(text) < 200:
            return
        self.blocks.append(Block(len(self.blocks) + 1, text, heading=self._heading, cells=cells))
