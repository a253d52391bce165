"""Child side: the parts of an xlsx package: which sheet lies in which file, and its rows piece by piece.

Source: ECMA-376 Part 1 §18.2 (workbook), §18.3 (worksheets), Part 2 §9 (relationships).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.guard import CENTRAL, END, LOCAL, Entry

WORKBOOK = "xl/workbook.xml"
WORKBOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
SMALL_PART = 4_000_000
Changed = bytes | tuple[int, int, bytes]
PROLOGUE = 65_536
ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br=["\']([A-Z]{1,3})(\d{1,7})["\'][^>]*?\st=["\']e["\'][^>]*>'
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,20})</",
    re.DOTALL,
)


class Tab(NamedTuple):
    """A sheet of the workbook: its name, the part it lies in, and whether a user can see it."""

    name: str
    part: str
    visible: bool


def elements(source: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each element's local name and attributes (local names too); a DTD is refused."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((_local(name), {_local(key): value for key, value in attributes.items()}))

    def refuse(*_: object) -> None:
        raise SheetError("damaged")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(source, True)
    except expat.ExpatError:
        raise SheetError("damaged") from None
    return iter(found)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def small(entries: dict[str, Entry], data: bytes, name: str) -> bytes:
    """Unpack a part that is always small."""
    entry = entries.get(name)
    if entry is None or entry.size > SMALL_PART:
        raise SheetError("damaged")
    return entry.read(data)


def tabs(entries: dict[str, Entry], data: bytes) -> list[Tab]:
    """The worksheets in the workbook's order (§18.2.19), without chart and dialog sheets."""
    parts = {
        relation["Id"]: resolve(relation.get("Target", ""))
        for name, relation in elements(small(entries, data, WORKBOOK_RELATIONS))
        if name == "Relationship" and relation.get("Type", "").endswith("/worksheet")
    }
    return [
        Tab(sheet.get("name", ""), parts[sheet["id"]], sheet.get("state", "visible") == "visible")
        for name, sheet in elements(small(entries, data, WORKBOOK))
        if name == "sheet" and parts.get(sheet.get("id", "")) in entries
    ]


def resolve(target: str) -> str:
    """A relation target as a part name, seen from the workbook."""
    path: list[str] = [] if target.startswith("/") else ["xl"]
    for step in target.strip("/").split("/"):
        if step == "..":
            path = path[:-1]
        elif step != ".":
            path.append(step)
    return "/".join(path)


def row_pieces(entry: Entry, data: bytes) -> Iterator[bytes]:
    """A sheet's XML in pieces that end where a row ends; the last piece holds what follows the rows."""
    rest, row_end = b"", b""
    for piece in entry.pieces(data):
        rest += piece
        if not row_end:
            row_end = b"</" + prefix(rest, b"worksheet") + b"row>"
        cut = rest.rfind(row_end) + len(row_end)
        if cut >= len(row_end):
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def prefix(source: bytes, root: bytes) -> bytes:
    """The namespace prefix of the root element with its colon, mostly empty."""
    match = re.search(rb"<(\w+:)?" + root + rb"[\s>]", source[:PROLOGUE])
    if match is None:
        raise SheetError("damaged")
    return match[1] or b""


def error_cells(entry: Entry, data: bytes, limit: int = 10_000) -> list[tuple[int, int, str]]:
    """Where errors stand in a sheet: (0-based row, column, text); calamine gives them as empty.

    Unpacking the sheet here also proves its size and that it has no DTD before calamine sees it.
    """
    found: list[tuple[int, int, str]] = []
    for piece in row_pieces(entry, data):
        # One rare character is looked for first: that costs next to nothing.
        if b"!" in piece and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
            raise SheetError("damaged")
        if b"#" in piece and len(found) < limit and (b't="e"' in piece or b"t='e'" in piece):
            found += [
                (int(match[2]) - 1, column_index(match[1]), match[3].decode("utf-8", "replace"))
                for match in ERROR_CELL.finditer(piece)
            ]
    return found[:limit]


def column_index(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def repack(data: bytes, entries: dict[str, Entry], changed: dict[str, Changed]) -> Iterator[bytes]:
    """Write the package again; parts not in `changed` keep their packed bytes, new names come last.

    A changed part is given as bytes, or as (CRC-32, size, bytes packed by deflate).
    """
    central, offset, count = b"", 0, 0
    for name in [*entries, *(name for name in changed if name not in entries)]:
        entry = entries.get(name)
        if name in changed:
            crc, size, packed = _packed(changed[name])
            method, raw_name = 8, name.encode()
        else:
            assert entry is not None
            crc, size, method = int(entry.central[7]), entry.size, entry.method
            packed, raw_name = data[entry.data : entry.end], entry.raw_name
        made = entry.central if entry else (b"", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        flags = int(made[3]) & ~8 if entry else 0x800
        times, sizes = made[5:7], (crc, len(packed), size, len(raw_name))
        local = LOCAL.pack(b"PK\x03\x04", 20, flags, method, *times, *sizes, 0) + raw_name
        rest = (0, 0, 0, *made[14:16], offset)
        central += CENTRAL.pack(b"PK\x01\x02", made[1], 20, flags, method, *times, *sizes, *rest) + raw_name
        yield local + packed
        offset, count = offset + len(local) + len(packed), count + 1
    yield central + END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), offset, 0)


def _packed(part: Changed) -> tuple[int, int, bytes]:
    if isinstance(part, tuple):
        return part
    deflater = zlib.compressobj(wbits=-15)
    return zlib.crc32(part), len(part), deflater.compress(part) + deflater.flush()
