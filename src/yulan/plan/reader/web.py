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
_PAGE = re.compile(r"\s*(?:<!--.*?-->\s*)?(?:<\?xml[^>]{0,200}\?>\s*)?<(?:!doctype|html|head|body)\b", re.I | re.S)
_FURNITURE = re.compile("版权所有|ICP备|网站标识码|公网安备|当前位置|Copyright")
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
    return target.blocks


class _Page:
    """Receives the page's elements. A table row is one block of cells; a row of one cell is layout, not a table."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._rows: list[list[str]] = []
        self._silent: list[str] = []
        self._seen = self._heading = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen > MAX_ELEMENTS:
            raise PlanError("The page holds far more elements than a plan can have; it was not read.")
        if tag in SILENT:
            self._silent.append(tag)
        elif tag in ("td", "th"):
            self._finish_cell()
        elif tag in BLOCKS:
            self._finish(tag)
            if tag == "tr":
                self._rows.append([])

    def end(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag == "tr" and self._rows:
            self._finish_cell()
            self._finish_row(self._rows.pop())
        elif tag in ("td", "th"):
            self._finish_cell()
        elif tag in BLOCKS:
            self._finish("")

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
        if self._rows and (lines := self._taken()):
            self._rows[-1].append("\n".join(lines))

    def _finish_row(self, cells: list[str]) -> None:
        if self._rows:
            self._text += ["\n", "\n".join(cells), "\n"]
        elif len(cells) == 1:
            for line in cells[0].split("\n"):
                self._emit(line)
        elif cells:
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
