"""Child side: add a reason column to a user's own file and leave everything else as it is.

In a workbook only the sheet's XML, the styles and (where styles are missing) two lists change; every other part
keeps its packed bytes. Rows stream through, so a large sheet needs little memory. What is odd (comments or CDATA
in the sheet, another encoding, rows out of order) raises SheetError("odd") and the parent rebuilds the workbook.
Source: ECMA-376 Part 1 §18.3.1 (sheetData, row, c, cols, dimension).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html import unescape
from itertools import chain, islice
from typing import Any, NamedTuple

from yulan.kernel.sheets import guard, patch_text
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.guard import Entry
from yulan.kernel.sheets.parts import Tab, column_index, column_letters, prefix, repack, row_pieces, tabs
from yulan.kernel.sheets.patch_styles import add_styles

LAST_COLUMN = 16_383
CELL_TEXT = 32_767
COLUMN_WIDTH = 60
TRIES = 10  # columns in which something may stand in the way before the workbook is built anew
SHARED_AT_MOST = 64_000_000
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)[\s>]")
FILLED = re.compile(rb"<(?:\w+:)?(?:v|is|f)[\s/>]")
TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)<")
SHARED = re.compile(rb"<(?:\w+:)?si(?:\s*/>|[\s>].*?</(?:\w+:)?si>)", re.DOTALL)


def annotate(data: bytes, entries: dict[str, Entry] | None, job: dict[str, Any]) -> Iterator[bytes]:
    """Give the file with the reasons written into it, piece by piece."""
    kind = guard.sniff(data, entries)
    if kind == "text":
        yield from patch_text.annotate(data, job)
        return
    if kind != "xlsx" or entries is None:
        raise SheetError("odd")
    tab = _tab(entries, data, job.get("sheet"))
    found = _survey(entries, data, tab.part, job)
    changes, style, head_style = add_styles(entries, data)
    texts = {int(row): text for row, text in job["reasons"].items()} | {job["header_row"]: job["heading"]}
    styles = dict.fromkeys(texts, style) | {job["header_row"]: head_style}
    for column in range(found.column, min(found.column + TRIES, LAST_COLUMN + 1)):
        with suppress(_Taken):
            rows = _Rows(found._replace(column=column), texts, styles)
            changes[tab.part] = rows.patched(row_pieces(entries[tab.part], data))
            break
    else:
        raise SheetError("odd")
    yield from repack(data, entries, changes)


class _Taken(Exception):
    """Where a reason should go stands something that was not read, such as a formula without a value."""


def _tab(entries: dict[str, Entry], data: bytes, wanted: str | None) -> Tab:
    """The sheet that `parse` would have read."""
    for tab in tabs(entries, data):
        if wanted is None and tab.visible and any(VALUE.search(piece) for piece in entries[tab.part].pieces(data)):
            return tab
        if wanted == tab.name:
            return tab
    raise SheetError("no_rows" if wanted is None else "no_sheet", sheet=wanted or "")


class _Syntax:
    """The patterns of a sheet whose elements have this namespace prefix."""

    def __init__(self, mark: bytes) -> None:
        self.mark = mark
        self.row = re.compile(rb'<%brow(?=[\s/>])((?:[^>]*?\sr=["\'](\d+)["\'])?[^>]*)>' % mark)
        self.row_end = b"</%brow>" % mark
        self.cell_start = rb"<%bc(?=[\s/>])" % mark
        self.cells = re.compile(
            self.cell_start + rb'(?:[^>]*?\sr=["\']([A-Z]{1,3})\d+["\'])?[^>]*?(/>|>.*?</%bc>)' % mark, re.DOTALL
        )
        self.positional = re.compile(self.cell_start + rb"(?![^>]*\sr=)")

    def places(self, row: bytes) -> Iterator[tuple[int, re.Match[bytes]]]:
        """The cells of a row, each with its 0-based column."""
        at = -1
        for match in self.cells.finditer(row):
            at = column_index(match[1]) if match[1] else at + 1
            yield at, match

    def cell(self, letters: bytes, row: int, text: str, style: int) -> bytes:
        """A cell with text in it (§18.18.11, inlineStr)."""
        inner = _escape(ILLEGAL.sub(" ", text)[:CELL_TEXT]).encode()
        shape = b'<%bc r="%b%d" s="%d" t="inlineStr"><%bis><%bt xml:space="preserve">%b</%bt></%bis></%bc>'
        mark = self.mark
        return shape % (mark, letters, row, style, mark, mark, inner, mark, mark, mark)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Found(NamedTuple):
    """How a sheet is written, where the reasons go, and whether their column is there from last time."""

    syntax: _Syntax
    column: int
    old: bool
    positional: bool


def _survey(entries: dict[str, Entry], data: bytes, part: str, job: dict[str, Any]) -> _Found:
    """Look through the sheet as far as its header row."""
    pieces = row_pieces(entries[part], data)
    first = next(pieces)
    if re.search(rb'encoding=["\'](?!utf-8)', first[:200], re.IGNORECASE):
        raise SheetError("odd")
    syntax = _Syntax(prefix(first, b"worksheet"))
    positional = syntax.positional.search(first) is not None
    number, heading = 0, None
    for piece in chain((first,), pieces):
        number, row = _find_row(piece, syntax, number, job["header_row"])
        if number >= job["header_row"]:
            heading = _heading(entries, data, syntax, row, job["heading"])
            break
    return _Found(syntax, job["width"] if heading is None else heading, heading is not None, positional)


def _find_row(piece: bytes, syntax: _Syntax, number: int, wanted: int) -> tuple[int, bytes]:
    """The last row number of the piece, or the wanted row and its content."""
    for match in syntax.row.finditer(piece):
        number = int(match[2] or number + 1)
        if number >= wanted:
            if number > wanted or match[1].endswith(b"/"):
                return number, b""
            return number, piece[match.end() : piece.index(syntax.row_end, match.end())]
    return number, b""


def _heading(entries: dict[str, Entry], data: bytes, syntax: _Syntax, row: bytes, heading: str) -> int | None:
    """The column whose header is `heading`: the reason column of an earlier round."""
    shared: dict[int, int] = {}
    for at, match in syntax.places(row):
        cell = match[0]
        if re.search(rb'\st=["\']s["\']', cell[: cell.find(b">")]):
            value = re.search(rb"v>\s*(\d+)\s*<", cell)
            shared[int(value[1]) if value else -1] = at
        elif _text(cell) == heading:
            return at
    part = entries.get("xl/sharedStrings.xml")
    if shared and part is not None and part.size < SHARED_AT_MOST:
        for index, item in enumerate(islice(_strings(part, data), max(shared) + 1)):
            if index in shared and _text(item) == heading:
                return shared[index]
    return None


def _strings(part: Entry, data: bytes) -> Iterator[bytes]:
    """The shared strings, unpacked as far as they are asked for: those of the header mostly stand first."""
    rest = b""
    for piece in part.pieces(data):
        rest, done = rest + piece, 0
        for match in SHARED.finditer(rest):
            yield match[0]
            done = match.end()
        rest = rest[done:]


def _text(element: bytes) -> str:
    return unescape(b"".join(TEXT.findall(element)).decode("utf-8", "replace")).strip()


class _Rows:
    """The rewriting of a sheet's rows: the texts (row number → text) are placed in the column that was found."""

    def __init__(self, found: _Found, texts: Mapping[int, str], styles: Mapping[int, int]) -> None:
        self.syntax, self.column, self.old, positional = found
        letters = column_letters(self.column).encode()
        self.cells = {row: self.syntax.cell(letters, row, text, styles[row]) for row, text in texts.items()}
        self.waiting = sorted(texts, reverse=True)
        self.number = 0
        self.last = max(texts)
        self.every = self.old and positional
        self.stale = (
            re.compile(
                self.syntax.cell_start
                + rb'[^>]*?\sr=["\']%b\d+["\'][^>]*?(?:/>|>.*?</%bc>)' % (letters, self.syntax.mark),
                re.DOTALL,
            )
            if self.old and not positional
            else None
        )

    def patched(self, pieces: Iterator[bytes]) -> tuple[int, int, bytes]:
        """Give the new sheet packed: CRC-32, size, bytes."""
        deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
        crc = size = 0
        packed: list[bytes] = []
        head = True
        for piece in pieces:
            if head:
                piece, head = self._head(piece), False
            piece = self._piece(piece)
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            packed.append(deflater.compress(piece))
        if self.waiting:
            raise SheetError("odd")
        packed.append(deflater.flush())
        return crc, size, b"".join(packed)

    def _piece(self, piece: bytes) -> bytes:
        if b"!" in piece and b"<!" in piece:
            raise SheetError("odd")
        if self.stale is not None:
            piece = self.stale.sub(b"", piece)
        out: list[bytes] = []
        done = 0
        for match in self.syntax.row.finditer(piece):
            before, self.number = self.number, int(match[2] or self.number + 1)
            if self.number <= before:
                raise SheetError("odd")
            if self.waiting and self.waiting[-1] < self.number:
                out += [piece[done : match.start()], self._missing(self.number)]
                done = match.start()
            wanted = bool(self.waiting) and self.waiting[-1] == self.number
            if wanted or self.every:
                row, end = self._row(piece, match, self.cells[self.waiting.pop()] if wanted else b"")
                out += [piece[done : match.start()], row]
                done = end
        rest = piece[done:]
        rows_end = b"</%bsheetData>" % self.syntax.mark
        if self.waiting and rows_end in rest:
            rest = rest.replace(rows_end, self._missing(self.last + 1) + rows_end, 1)
        return b"".join(out) + rest

    def _missing(self, before: int) -> bytes:
        """Rows that the sheet does not have, up to a row number."""
        rows, mark = [], self.syntax.mark
        while self.waiting and self.waiting[-1] < before:
            number = self.waiting.pop()
            rows.append(b'<%brow r="%d">%b</%brow>' % (mark, number, self.cells[number], mark))
        return b"".join(rows)

    def _row(self, piece: bytes, opening: re.Match[bytes], cell: bytes) -> tuple[bytes, int]:
        """One row with its new cell (or, without one, with the old cell emptied), and where it ended."""
        attributes = re.sub(rb'\sspans=["\'][^"\']*["\']', b"", opening[1].rstrip(b"/ "))
        if opening[1].endswith(b"/"):
            content, end = b"", opening.end()
        else:
            stop = piece.index(self.syntax.row_end, opening.end())
            content, end = piece[opening.end() : stop], stop + len(self.syntax.row_end)
        out, done = [], 0
        for at, match in self.syntax.places(content):
            if at < self.column:
                continue
            if at == self.column and not self.old and FILLED.search(match[0]):
                raise _Taken
            out += [content[done : match.start()], cell]
            done = match.start()
            if at == self.column:
                done = match.end()
                if not cell and not match[1]:
                    out.append(b"<%bc/>" % self.syntax.mark)
            cell = b""
            break
        out += [content[done:], cell]
        mark = self.syntax.mark
        return b"<%brow%b>%b</%brow>" % (mark, attributes, b"".join(out), mark), end

    def _head(self, piece: bytes) -> bytes:
        """Widen the dimension and the reason column (§18.3.1.35, §18.3.1.17)."""
        mark = self.syntax.mark
        before, rows_start, rest = piece.partition(b"<%bsheetData" % mark)
        if not rows_start or rest.lstrip(b" ").startswith(b"/>"):
            raise SheetError("odd")
        dimension = re.compile(rb'(<%bdimension\s[^>]*?ref=["\'])([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?(?=["\'])' % mark)
        before = dimension.sub(self._widened, before, count=1)
        return self._columns(before) + rows_start + rest

    def _widened(self, match: re.Match[bytes]) -> bytes:
        column = max(self.column, column_index(match[4] or match[2]))
        row = max(self.last, int(match[5] or match[3]))
        return b"%b%b%b:%b%d" % (match[1], match[2], match[3], column_letters(column).encode(), row)

    def _columns(self, head: bytes) -> bytes:
        mark, number = self.syntax.mark, self.column + 1
        wide = b'<%bcol min="%d" max="%d" width="%d" customWidth="1"/>' % (mark, number, number, COLUMN_WIDTH)
        listed = re.search(rb"<%bcols>(.*?)</%bcols>" % (mark, mark), head, re.DOTALL)
        if listed is None:
            return head + b"<%bcols>%b</%bcols>" % (mark, wide, mark)
        kept: list[tuple[int, bytes]] = [(number, wide)]
        for column in re.findall(rb"<%bcol\s[^>]*/>" % mark, listed[1]):
            low, high = (int(edge) for edge in _edges(column))
            for new_low, new_high in ((low, min(high, number - 1)), (max(low, number + 1), high)):
                if new_low <= new_high:
                    kept.append((new_low, _with_edges(column, new_low, new_high)))
        columns = b"".join(column for _, column in sorted(kept))
        return head[: listed.start(1)] + columns + head[listed.end(1) :]


def _edges(column: bytes) -> tuple[bytes, bytes]:
    low, high = (re.search(rb'\s%b=["\'](\d+)["\']' % name, column) for name in (b"min", b"max"))
    if low is None or high is None:
        raise SheetError("odd")
    return low[1], high[1]


def _with_edges(column: bytes, low: int, high: int) -> bytes:
    column = re.sub(rb'(\smin=["\'])\d+', rb"\g<1>%d" % low, column)
    return re.sub(rb'(\smax=["\'])\d+', rb"\g<1>%d" % high, column)
