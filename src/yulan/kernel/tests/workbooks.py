"""Workbooks made by hand for the tests of sheets: plain ones, odd ones and hostile ones, as bytes."""

import io
import struct
import zipfile
import zlib

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OPEN = f'<worksheet xmlns="{MAIN}">'


def make_sheet(*rows: str, head: str = "") -> str:
    return f"{OPEN}{head}<sheetData>{''.join(rows)}</sheetData></worksheet>"


def make_xlsx(sheet: str | bytes, *, shared: str | bytes = b"", styles: str = "", extra=(), level: int = 6) -> bytes:
    """The smallest package with one sheet; `extra` are (name, content) of further parts."""
    relations = [("worksheet", "worksheets/sheet1.xml")]
    parts = [("xl/worksheets/sheet1.xml", sheet)]
    if shared:
        relations.append(("sharedStrings", "sharedStrings.xml"))
        parts.append(("xl/sharedStrings.xml", shared))
    if styles:
        relations.append(("styles", "styles.xml"))
        parts.append(("xl/styles.xml", styles))
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(relations, 1)
    )
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{content}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{content}.worksheet+xml"/></Types>'
    )
    tab = '<sheet name="S" sheetId="1" r:id="rId1"/>'
    workbook = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{tab}</sheets></workbook>'
    root = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    first = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>'),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'),
    ]
    return make_zip([*first, *parts, *extra], level)


def make_zip(parts, level: int = 6) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        for name, content in parts:
            package.writestr(name, content)
    return target.getvalue()


def make_table(rows: int, *, header=("编号", "名称", "年度", "金额", "日期"), others: bool = True) -> bytes:
    """A workbook as a user has it: formats, a drop-down, a second and a hidden sheet."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet("项目")
        bold = book.add_format({"bold": True, "bg_color": "yellow"})
        page.write_row(0, 0, header, bold)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row in range(1, rows + 1):
            page.write_string(row, 0, f"XM-{row:05d}")
            page.write_string(row, 1, f"希望小学 {row % 7}")
            page.write_number(row, 2, 2001 + row % 10)
            page.write_number(row, 3, row * 1.5)
            page.write_number(row, 4, 39_169 + row % 100, day)
        page.set_column(1, 9, 22)
        page.data_validation(1, 2, rows, 2, {"validate": "list", "source": ["2001", "2002"]})
        page.conditional_format(1, 3, rows, 3, {"type": "cell", "criteria": ">", "value": 9, "format": bold})
        page.freeze_panes(1, 0)
        if others:
            book.add_worksheet("说明").write_string(0, 0, "另一张表")
            hidden = book.add_worksheet("lists")
            hidden.hide()
    return target.getvalue()


def make_ods(rows: str) -> bytes:
    """An OpenDocument spreadsheet whose table has these rows."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="表1">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    manifest = f'<manifest:manifest xmlns:manifest="{space}">{listed}</manifest:manifest>'
    return make_zip([("mimetype", kind), ("content.xml", content), ("META-INF/manifest.xml", manifest)])


def make_xls(rows) -> bytes:
    """An Excel 97–2003 workbook (BIFF8 in a compound file, [MS-XLS] and [MS-CFB]) with texts and numbers."""
    cells = b""
    for index, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", index, column, 0)
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                cells += _record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
            else:
                cells += _record(0x0203, place + struct.pack("<d", value))
    name = "表".encode("utf-16-le")
    globals_end = _record(0x0A, b"")
    opening = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6))
    size = len(opening) + 4 + 8 + len(name) + len(globals_end)
    bound = _record(0x85, struct.pack("<IBBBB", size, 0, 0, 1, 1) + name)
    page = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 6)) + cells + _record(0x0A, b"")
    return make_compound("Workbook", opening + bound + globals_end + page)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def make_compound(stream: str, content: bytes, loop: bool = False) -> bytes:
    """A compound file with one stream; with `loop` its sector chain never ends."""
    content = content.ljust(4096, b"\0")
    content += b"\0" * (-len(content) % 512)
    sectors = len(content) // 512
    chain = [*range(3, sectors + 2), 2 if loop else 0xFFFFFFFE]
    fat = struct.pack("<128I", *([0xFFFFFFFD, 0xFFFFFFFE, *chain] + [0xFFFFFFFF] * (126 - sectors)))
    header = struct.pack(
        "<8s16s5H6s9I109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        b"",
        0,
        1,
        1,
        0,
        4096,
        0xFFFFFFFE,
        0,
        0xFFFFFFFE,
        0,
        0,
        *([0xFFFFFFFF] * 108),
    )[:512]
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + _entry(stream, 2, 2, len(content), 0xFFFFFFFF)
    return header + fat + entries.ljust(512, b"\0") + content


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    return struct.pack("<64sHBBIII16sIQQIQ", coded, len(coded), kind, 1, none, none, child, b"", 0, 0, 0, start, size)


def make_overlap() -> bytes:
    """A zip whose first member's packed bytes hold the second member (Fifield's quoted overlap)."""
    inner_name, outer_name = b"xl/workbook.xml", b"xl/worksheets/sheet1.xml"
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = kernel.compress(b" " * 1_000_000) + kernel.flush()
    inner = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0x21, 0, len(packed), 1_000_000, len(inner_name), 0)
    inner += inner_name + packed
    quoting = b"\x00" + struct.pack("<HH", len(inner), len(inner) ^ 0xFFFF)
    outer_size = len(quoting) + len(inner)
    outer = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0x21, 0, outer_size, 1_001_000, len(outer_name), 0)
    outer += outer_name + quoting
    central = b""
    for name, size, full, offset in (
        (outer_name, outer_size, 1_001_000, 0),
        (inner_name, len(packed), 1_000_000, len(outer)),
    ):
        fields = (20, 20, 0, 8, 0, 0x21, 0, size, full, len(name), 0, 0, 0, 0, 0, offset)
        central += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields) + name
    body = outer + inner
    return body + central + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(central), len(body), 0)


def make_lie(data: bytes, name: str, size: int) -> bytes:
    """The same zip, whose headers say another unpacked size for one member."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        true = struct.pack("<L", package.getinfo(name).file_size)
    lie = struct.pack("<L", size)
    lied = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.find(mark)
        while start >= 0:
            if data[start + at : start + at + 4] == true and name.encode() in data[start : start + 100]:
                lied[start + at : start + at + 4] = lie
            start = data.find(mark, start + 1)
    return bytes(lied)
