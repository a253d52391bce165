"""Child side: what a file really is, and whether its zip directory may be trusted.

The directory is checked before anything is unpacked: sizes, ratio, overlaps (Fifield's bombs), names used
twice, names that leave the archive, encryption. Source: APPNOTE.TXT 6.3.9 §4.3.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from struct import Struct, unpack_from
from struct import error as BadStruct  # noqa: N812 (an exception class)

from yulan.kernel.sheets.errors import SheetError

END = Struct("<4s4H2LH")
CENTRAL = Struct("<4s6H3L5H2L")
LOCAL = Struct("<4s5H3L2H")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTRIES = 5_000
RATIO_MATTERS_FROM = 4_000_000
PIECE = 1 << 20
RISKY = tuple("=+-@\t\r\n＝＋－＠")  # what a spreadsheet program may take for a formula (OWASP, CSV injection)
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
MARKUP = re.compile(r"\s*<(?:!doctype|html|\?xml|table|meta)", re.IGNORECASE)
FILE_PASS = re.compile(rb"\x09\x08\x10\0.{16}(?:\x86\0\0\0)?\x2f\0", re.DOTALL)  # [MS-XLS] §2.4.117, right after BOF
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Entry:
    """One member of a zip file, as its directory says it."""

    __slots__ = ("central", "data", "end", "method", "name", "offset", "packed", "raw_name", "size")

    def __init__(self, central: tuple[int | bytes, ...], raw_name: bytes, extra: bytes) -> None:
        self.central, self.raw_name = central, raw_name
        flags, self.method, self.packed, self.size, self.offset = (int(central[i]) for i in (3, 4, 8, 9, 16))
        self.name = raw_name.decode("utf-8" if flags & 0x800 else "cp437").replace("\\", "/")
        self.size, self.packed, self.offset = _zip64(extra, self.size, self.packed, self.offset)
        self.data = self.end = 0
        if flags & 0x41:
            raise SheetError("encrypted")
        if self.method not in (0, 8) or self.name.startswith("/") or ".." in self.name.split("/"):
            raise SheetError("damaged")

    def locate(self, data: bytes) -> None:
        """Find where the packed bytes begin and end; the local header must agree on the name."""
        local = LOCAL.unpack_from(data, self.offset)
        named = self.offset + LOCAL.size
        self.data = named + local[9] + local[10]
        self.end = self.data + self.packed
        if local[0] != b"PK\x03\x04" or data[named : named + local[9]] != self.raw_name:
            raise SheetError("damaged")

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Unpack piece by piece; more than the directory promised, or less, is damage."""
        packed = memoryview(data)[self.data : self.end]
        if self.method == 0:
            yield bytes(packed)
            return
        inflater, left = zlib.decompressobj(-15), self.size
        tail: bytes | memoryview = packed
        try:
            while piece := inflater.decompress(tail, PIECE):
                tail, left = inflater.unconsumed_tail, left - len(piece)
                if left < 0:
                    raise SheetError("unpacks_too_large", limit=round(self.size / 1e6))
                yield piece
        except zlib.error:
            raise SheetError("damaged") from None
        if left:
            raise SheetError("damaged")

    def read(self, data: bytes) -> bytes:
        """Unpack all of it."""
        return b"".join(self.pieces(data))


def _zip64(extra: bytes, *values: int) -> tuple[int, ...]:
    """Replace sizes of 0xFFFFFFFF by those of the zip64 extra field."""
    if 0xFFFFFFFF not in values:
        return values
    position = 0
    while position + 4 <= len(extra):
        tag, length = unpack_from("<HH", extra, position)
        if tag == 1:
            wide = list(unpack_from(f"<{length // 8}Q", extra, position + 4))
            return tuple(wide.pop(0) if value == 0xFFFFFFFF and wide else value for value in values)
        position += 4 + length
    raise SheetError("damaged")


def is_zip(data: bytes) -> bool:
    """Say whether the bytes begin as a zip file does, be it an empty one."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def directory(data: bytes, limits: dict[str, float]) -> dict[str, Entry]:
    """Read and check the zip directory: name → entry, in the directory's order."""
    try:
        entries = _directory(data)
    except (BadStruct, UnicodeDecodeError):
        raise SheetError("damaged") from None
    total, megabytes = 0, round(limits["unpacked_bytes"] / 1e6)
    for entry in entries.values():
        markup = not entry.name.startswith("xl/media/") and not entry.name.startswith("Pictures/")
        if markup and entry.size > max(RATIO_MATTERS_FROM, limits["ratio"] * entry.packed):
            raise SheetError("unpacks_too_large", limit=megabytes)
        total += entry.size
    if total > limits["unpacked_bytes"]:
        raise SheetError("unpacks_too_large", limit=megabytes)
    reached = 0
    for entry in sorted(entries.values(), key=lambda entry: entry.offset):
        if entry.offset < reached:
            raise SheetError("damaged")
        reached = entry.end
    return entries


def _directory(data: bytes) -> dict[str, Entry]:
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0:
        raise SheetError("damaged")
    _, disk, first_disk, _, count, size, start, _ = END.unpack_from(data, at)
    if disk or first_disk or not 0 < count <= ENTRIES or start + size > at:
        raise SheetError("damaged")
    entries: dict[str, Entry] = {}
    for _ in range(count):
        central = CENTRAL.unpack_from(data, start)
        named, extra_at = start + CENTRAL.size, start + CENTRAL.size + central[10]
        start = extra_at + central[11] + central[12]
        raw_name = data[named:extra_at]
        entry = Entry(central, raw_name, data[extra_at : extra_at + central[11]])
        entry.locate(data)
        if central[0] != b"PK\x01\x02" or start > at or entry.end > at or entry.name in entries:
            raise SheetError("damaged")
        entries[entry.name] = entry
    return entries


def sniff(data: bytes, entries: dict[str, Entry] | None) -> str:
    """Say what the bytes are: xlsx, xls, ods or text; anything else is refused with its reason."""
    if entries is not None:
        return _sniff_zip(data, entries)
    if not data.startswith(OLE):
        return "text"
    if "EncryptedPackage".encode("utf-16-le") in data or FILE_PASS.search(data):
        raise SheetError("encrypted")
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "WORKBOOK", "Book", "BOOK")):
        return "xls"
    raise SheetError("not_a_workbook")


def _sniff_zip(data: bytes, entries: dict[str, Entry]) -> str:
    if "xl/workbook.xml" in entries:
        return "xlsx"
    if "xl/workbook.bin" in entries:
        raise SheetError("binary_workbook")
    kind, listed = entries.get("mimetype"), entries.get("META-INF/manifest.xml")
    if kind is not None and listed is not None and kind.size < 200 and b"spreadsheet" in kind.read(data):
        if any(b"encryption-data" in piece for piece in listed.pieces(data)):
            raise SheetError("encrypted")
        return "ods"
    raise SheetError("not_a_workbook")


def encoding(data: bytes) -> str:
    """Find the encoding of a text file: by its mark, else UTF-8, else GB18030 (a superset of GBK)."""
    marked = next((name for mark, name in BOMS if data.startswith(mark)), None)
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        if _decodes(data, name):
            return name
    raise SheetError("encoding" if marked or b"\x00" not in data else "not_a_workbook")


def _decodes(data: bytes, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for start in range(0, len(data), PIECE):
            text = decoder.decode(data[start : start + PIECE])
            if CONTROL.search(text) or (start == 0 and MARKUP.match(text)):
                raise SheetError("not_a_workbook")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
