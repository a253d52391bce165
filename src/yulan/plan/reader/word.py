"""The paragraphs of a .docx as a stream: no tree is built, a DTD is refused, sizes are capped (ECMA-376 part 1 §17).

Numbers that Word computes (automatic lists) are not in the text; they are worked out from numbering.xml, because a plan
without its 一、（一）1、 has no outline.
"""

import re
import zipfile
from collections import defaultdict
from io import BytesIO
from typing import Any

from lxml import etree

from yulan.plan.reader.blocks import Block
from yulan.plan.reader.reading import PlanError

BODY, NUMBERING, STYLES = "word/document.xml", "word/numbering.xml", "word/styles.xml"
MAX_PART = 24 * 2**20
MAX_RATIO = 150
MAX_ELEMENTS = 1_200_000
MAX_SPAN = 40
"""Columns that one cell may stretch over."""
DAMAGED = "The Word file is truncated or damaged; open it in Word, save it again, or get the whole file."
BOMB = "The Word file unpacks to far more than a plan can hold; it was not read."
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_TEN = "〇一二三四五六七八九"


def read_docx(data: bytes) -> list[Block]:
    """One block for each paragraph that has text, one for each table row; ``line`` is the paragraph's number."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as box:
            names = set(box.namelist())
            if BODY not in names:
                raise PlanError("This is a zip file, not a Word document (.docx).")
            numbering, styles = _Numbering(), _Styles()
            for name, sink in ((NUMBERING, numbering), (STYLES, styles)):
                if name in names:
                    _parse(_unpack(box, name), sink)
            body = _Body(numbering, styles)
            _parse(_unpack(box, BODY), body)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, PlanError):
            raise
        raise PlanError(DAMAGED) from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise PlanError(DAMAGED) from error
        raise
    return body.blocks


def _unpack(box: zipfile.ZipFile, name: str) -> bytes:
    info = box.getinfo(name)
    if info.file_size > MAX_PART or info.file_size > MAX_RATIO * max(info.compress_size, 10_000):
        raise PlanError(BOMB)
    with box.open(info) as part:
        content = part.read(MAX_PART + 1)
    if len(content) > MAX_PART:
        raise PlanError(BOMB)
    return content


def _parse(xml: bytes, target: "_Sink") -> None:
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        for at in range(0, len(xml), 65_536):
            parser.feed(xml[at : at + 65_536])
        parser.close()
    except etree.LxmlError as error:
        raise PlanError(DAMAGED) from error


class _Sink:
    """Receives a part's elements with the namespace taken off. Refuses a DTD and endless markup."""

    def __init__(self) -> None:
        self.seen = 0

    def doctype(self, *_: object) -> None:
        raise PlanError("The Word file declares entities (a DTD), which Word never does; it was not read.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.seen += 1
        if self.seen > MAX_ELEMENTS:
            raise PlanError(BOMB)
        if tag.startswith((_W, _STRICT)):
            name = tag.rpartition("}")[2]
            if begin := getattr(self, f"begin_{name.lower()}", None):
                begin({key.rpartition("}")[2]: value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        if tag.startswith((_W, _STRICT)) and (
            finish := getattr(self, f"finish_{tag.rpartition('}')[2].lower()}", None)
        ):
            finish()

    def data(self, text: str) -> None:
        """Characters between tags."""

    def close(self) -> None:
        """End of the part."""


class _Numbering(_Sink):
    """List levels: (list id, level) → (number format, text pattern, start), and the counting of them."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[tuple[str, int], list[Any]] = {}
        self.lists: dict[str, str] = {}
        self.counters: dict[str, dict[int, int]] = defaultdict(dict)
        self._abstract = self._list = ""
        self._level = 0

    def begin_abstractnum(self, a: dict[str, str]) -> None:
        self._abstract, self._list = a.get("abstractNumId", ""), ""

    def begin_num(self, a: dict[str, str]) -> None:
        self._list = a.get("numId", "")

    def begin_abstractnumid(self, a: dict[str, str]) -> None:
        self.lists[self._list] = a.get("val", "")

    def begin_lvl(self, a: dict[str, str]) -> None:
        self._level = _whole(a.get("ilvl"))
        if not self._list:
            self.levels[self._abstract, self._level] = ["decimal", "%1", 1]

    def begin_numfmt(self, a: dict[str, str]) -> None:
        self._set(0, a.get("val", "decimal"))

    def begin_lvltext(self, a: dict[str, str]) -> None:
        self._set(1, a.get("val", ""))

    def begin_start(self, a: dict[str, str]) -> None:
        self._set(2, _whole(a.get("val"), 1))

    def _set(self, at: int, value: object) -> None:
        if not self._list and (self._abstract, self._level) in self.levels:
            self.levels[self._abstract, self._level][at] = value

    def mark(self, list_id: str, level: int) -> str:
        """The mark of the next paragraph of this list at this level, as Word would print it; "" if none."""
        abstract = self.lists.get(list_id, "")
        if (abstract, level) not in self.levels:
            return ""
        counts = self.counters[abstract]
        counts[level] = counts.get(level, self.levels[abstract, level][2] - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        form, pattern, _start = self.levels[abstract, level]
        if form == "bullet":
            return "•"

        def number(found: re.Match[str]) -> str:
            at = int(found.group(1)) - 1
            its = self.levels.get((abstract, at), [form, "", 1])
            return _numeral(counts.get(at, its[2]), its[0])

        return re.sub(r"%([1-9])", number, pattern)


class _Styles(_Sink):
    """Styles that carry a heading level or a list: style id → (outline level or None, list id, list level)."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: dict[str, int] = {}
        self.lists: dict[str, tuple[str, int]] = {}
        self._style, self._level = "", 0

    def begin_style(self, a: dict[str, str]) -> None:
        self._style, self._level = a.get("styleId", ""), 0

    def begin_outlinelvl(self, a: dict[str, str]) -> None:
        if _whole(a.get("val"), 9) < 9:
            self.headings[self._style] = _whole(a.get("val")) + 1

    def begin_ilvl(self, a: dict[str, str]) -> None:
        self._level = _whole(a.get("val"))

    def begin_numid(self, a: dict[str, str]) -> None:
        self.lists[self._style] = (a.get("val", ""), self._level)


class _Body(_Sink):
    """The document's paragraphs and table rows, in order. A row of one cell is a box of text, not a table."""

    def __init__(self, numbering: _Numbering, styles: _Styles) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._numbering, self._styles = numbering, styles
        self._open: list[tuple[list[str], list[str]]] = []
        self._rows: list[tuple[int, list[str]]] = []
        self._number = self._hidden = 0
        self._reading, self._row_line, self._span, self._filled = False, 0, 1, False

    def begin_p(self, _a: dict[str, str]) -> None:
        self._number += 1
        self._open.append(([], ["", "", "0", str(self._number)]))

    def begin_pstyle(self, a: dict[str, str]) -> None:
        self._fact(0, a.get("val", ""))

    def begin_numid(self, a: dict[str, str]) -> None:
        self._fact(1, a.get("val", ""))

    def begin_ilvl(self, a: dict[str, str]) -> None:
        self._fact(2, a.get("val", "0"))

    def _fact(self, at: int, value: str) -> None:
        if self._open:
            self._open[-1][1][at] = value

    def begin_t(self, _a: dict[str, str]) -> None:
        self._reading = not self._hidden

    def finish_t(self) -> None:
        self._reading = False

    def begin_tab(self, _a: dict[str, str]) -> None:
        self._add(" ")

    def begin_br(self, _a: dict[str, str]) -> None:
        self._add("\n")

    def begin_nobreakhyphen(self, _a: dict[str, str]) -> None:
        self._add("-")

    def begin_tr(self, _a: dict[str, str]) -> None:
        self._rows.append((self._number + 1, []))

    def begin_tc(self, _a: dict[str, str]) -> None:
        self._span, self._filled = 1, False
        if self._rows:
            self._rows[-1][1].append("")

    def begin_gridspan(self, a: dict[str, str]) -> None:
        self._span = min(max(_whole(a.get("val"), 1), 1), MAX_SPAN)

    def finish_tc(self) -> None:
        if self._rows:
            self._rows[-1][1].extend([""] * (self._span - 1))
        self._span = 1

    def finish_tr(self) -> None:
        if self._rows:
            line, cells = self._rows.pop()
            texts = [" ".join(cell.split("\n")).strip() for cell in cells]
            if self._rows:
                self._cell(" ".join(texts))
            elif len(cells) == 1:
                boxed = enumerate(cells[0].split("\n"), line)
                self.blocks.extend(Block(number, text) for number, text in boxed if text.strip())
            elif any(texts):
                self.blocks.append(Block(line, "\t".join(texts), cells=True))

    def data(self, text: str) -> None:
        if self._reading and self._open:
            self._open[-1][0].append(text)

    def _add(self, text: str) -> None:
        if self._open and self._open[-1][0]:
            self._open[-1][0].append(text)

    def finish_p(self) -> None:
        if not self._open:
            return
        pieces, (style, list_id, level, number) = self._open.pop()
        text = "".join(pieces)
        if self._rows:
            self._cell(text.replace("\n", " ").strip())
            return
        mark = self._mark(style, list_id, _whole(level)) if text.strip() else ""
        for n, each in enumerate(text.split("\n")):
            if each.strip():
                self.blocks.append(Block(int(number), each, mark if not n else "", self._styles.headings.get(style, 0)))

    def _mark(self, style: str, list_id: str, level: int) -> str:
        if not list_id and style in self._styles.lists:
            list_id, level = self._styles.lists[style]
        return self._numbering.mark(list_id, level) if list_id not in ("", "0") else ""

    def _cell(self, text: str) -> None:
        """One more paragraph of the open cell."""
        cells = self._rows[-1][1]
        if cells:
            cells[-1] = f"{cells[-1]}\n{text}" if self._filled else text
            self._filled = True


def _whole(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else otherwise


def _numeral(number: int, form: str) -> str:
    if form in ("chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting") and number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens < 2 else _TEN[tens]) + ("十" if tens else "") + ("" if tens and not ones else _TEN[ones])
    if form.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        return chr((97 if form == "lowerLetter" else 65) + number - 1)
    return str(number)
