"""Exports: typed cells, no formula ever, A4 print, constant memory; what goes out comes back the same."""

import csv
import datetime as dt
import io
import json
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

import yulan
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.sheets.shapes import ColumnSpec
from yulan.kernel.sheets.writer import csv_chunks, json_chunks, sheet_name, write_csv, write_workbook

COLUMNS = (
    ColumnSpec("code", "项目编号"),
    ColumnSpec("name", "=名称"),
    ColumnSpec("year", "年度", "year"),
    ColumnSpec("total", "总投资", "money"),
    ColumnSpec("start", "开工", "date"),
    ColumnSpec("public", "公开", "bool"),
    ColumnSpec("kind", "类别", "choice", choices=(("edu", "教育"), ("evil", "=1+1"))),
    ColumnSpec("share", "比例", "decimal"),
)
RISKY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "=cmd|' /C calc'!A0",
    "＝1",
    "http://a.b",
    "{=1}",
    "'x",
    "",
]
ROWS = [(text, text, 2007, Decimal("1234.50"), dt.date(2007, 3, 28), True, "edu", Decimal("0.125")) for text in RISKY]


def export(rows=ROWS, **options) -> bytes:
    target = io.BytesIO()
    write_workbook(target, COLUMNS, rows, title="项目清单", **options)
    return target.getvalue()


def test_no_cell_of_a_workbook_is_a_formula():
    data = export([*ROWS, ("=a", "=b", "=c", "=d", "=e", "=f", "evil", "=g")], notes=[("=来源", "=1+1")])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheets = [package.read(name) for name in package.namelist() if "/sheet" in name]
    assert len(sheets) == 2
    assert not any(mark in sheet for sheet in sheets for mark in (b"<f>", b"<f ", b"hyperlink"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    kinds = {cell.data_type for page in book for row in page for cell in row}
    assert "f" not in kinds
    assert [book.worksheets[0].cell(row, 1).value for row in (2, 3, 5, 9)] == [
        "=1+1",
        "+1",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
    ]


def test_the_xml_is_as_excel_writes_it():
    few = (ColumnSpec("a", "a"), ColumnSpec("b", "b", "date"))
    target = io.BytesIO()
    assert write_workbook(target, few, [("<&>", dt.date(2007, 3, 28)), (None, dt.date(1900, 2, 28))], title="t") == 2
    with zipfile.ZipFile(target) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    rows = re.search(r'<row r="2">.*</sheetData>', sheet)[0]
    assert rows == (
        '<row r="2"><c r="A2" s="2" t="inlineStr"><is><t>&lt;&amp;&gt;</t></is></c>'
        '<c r="B2" s="5"><v>39169</v></c></row>'
        '<row r="3"><c r="B3" s="2" t="inlineStr"><is><t>1900-02-28</t></is></c></row></sheetData>'
    )
    assert '<dimension ref="A1:B3"/>' in sheet
    assert '<autoFilter ref="A1:B3"/>' in sheet


@pytest.mark.parametrize("text", ["\x00\x1f", "_x0041_", "_x", " 前后 ", "\u3000", "a\n\tb\n", "\r", "]]>", "😀" * 9])
def test_any_text_comes_back(text):
    """Read by openpyxl, an independent reader, and by our own."""
    data = export([(text, *ROWS[0][1:])])
    assert read_workbook(data).columns[0][1] == text
    cell = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]["A2"].value
    assert openpyxl.utils.escape.unescape(cell) == text


def test_cells_have_their_types():
    row = read_workbook(export()).row(1)
    assert row == ("=1+1", "=1+1", 2007, 1234.5, dt.date(2007, 3, 28), "Yes", "教育", 0.125)
    page = openpyxl.load_workbook(io.BytesIO(export())).worksheets[0]
    assert [page.cell(2, column).number_format for column in (1, 3, 4, 5)] == ["@", "0", "#,##0.00", "yyyy-mm-dd"]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((None,) * 8, (None,) * 8),
        (("x" * 40_000, "", 10**18, Decimal("1e15"), dt.date(1842, 8, 29), False, "other", "约 3"),
         ("x" * 32_766 + "…", None, "1000000000000000000", "1E+15", "1842-08-29", "No", "other", "约 3")),
        ((1, 2.5, Decimal(2007), 3, dt.datetime(2007, 3, 28, 12, 30), "可", None, 0),
         ("1", "2.5", 2007, 3, dt.datetime(2007, 3, 28, 12, 30), "可", None, 0)),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_written_as_text(values, shown):
    last = tuple(None if cell is None else cell for cell in shown)
    sheet = read_workbook(export([values, ("end",) * 8]))
    assert sheet.row(1) == last


def test_print_and_frame():
    page = openpyxl.load_workbook(io.BytesIO(export(notes=[("来源", "演示")]))).worksheets[0]
    assert (page.title, page.freeze_panes, page.auto_filter.ref) == ("项目清单", "A2", f"A1:H{len(ROWS) + 1}")
    assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
    assert (page.print_title_rows, page.sheet_properties.pageSetUpPr.fitToPage) == ("$1:$1", True)
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (None, 0)
    assert page.oddFooter.center.text == "Page &P of &N"
    assert page["A1"].font.bold
    assert page.column_dimensions["D"].width > 12


def test_the_frame_speaks_the_callers_language():
    words = {"Notes": "说明", "Yes": "是", "Page &P of &N": "第 &P 页 共 &N 页"}
    data = export(notes=[("截至", "2007-03-28")], say=lambda text: words.get(text, text))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["项目清单", "说明"]
    assert book["说明"]["B1"].value == "2007-03-28"
    assert book["项目清单"]["F2"].value == "是"


def test_an_empty_export_still_has_its_header():
    assert read_workbook(export([])).columns[0] == ["项目编号"]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr("yulan.kernel.sheets.writer.SHEET_ROWS", 5)
    data = export()
    assert read_workbook(data).others == ("项目清单 (2)", "项目清单 (3)")
    pages = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    assert [page.max_row - 1 for page in pages] == [5, 5, 3]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b", "a b"),
        ("", "Sheet"),
        ("History", "History (2)"),
        ("x" * 40, "x" * 31),
        ("Taken", "Taken (2)"),
        ("''", "Sheet"),
    ],
)
def test_names_of_sheets(title, name):
    assert sheet_name(title, ["TAKEN"]) == name


def test_text_of_a_csv_is_guarded_and_comes_back():
    data = b"".join(csv_chunks(COLUMNS, ROWS))
    assert data.startswith(b"\xef\xbb\xbf")
    cells = [row[0] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))][1:]
    assert not any(cell.startswith(tuple("=+-@\t\r\n＝")) for cell in cells)
    sheet = read_workbook(data)
    assert sheet.columns[0][1:] == [text or None for text in RISKY]
    assert sheet.row(1)[2:] == ("2007", "1234.50", "2007-03-28", "Yes", "教育", "0.125")
    assert sheet.row(0)[1] == "=名称"


def test_numbers_in_a_csv_stay_numbers():
    columns = (ColumnSpec("a", "a", "money"), ColumnSpec("b", "b", "integer"), ColumnSpec("c", "c", "decimal"))
    rows = [(Decimal("-5"), -3, Decimal("1E+3")), (7, None, "=1"), (None, 0, -0.5)]
    assert (
        b"".join(csv_chunks(columns, rows)).decode("utf-8-sig") == "a,b,c\r\n-5.00,-3,1000\r\n7.00,,'=1\r\n,0,-0.5\r\n"
    )


def test_csv_to_a_file(tmp_path):
    target = tmp_path / "a.csv"
    write_csv(target, COLUMNS, ROWS)
    memory = io.BytesIO()
    write_csv(memory, COLUMNS, ROWS)
    assert target.read_bytes() == memory.getvalue() == b"".join(csv_chunks(COLUMNS, ROWS))


def test_json_is_exact():
    data = b"".join(json_chunks(COLUMNS, ROWS))
    first = json.loads(data, parse_float=Decimal)[0]
    assert first == {
        "code": "=1+1", "name": "=1+1", "year": 2007, "total": Decimal("1234.50"), "start": "2007-03-28",
        "public": True, "kind": "edu", "share": Decimal("0.125"),
    }  # fmt: skip
    assert b'"total":1234.50,' in data
    assert b"".join(json_chunks(COLUMNS, [])) == b"[]"


@pytest.mark.parametrize("make", [csv_chunks, json_chunks])
def test_chunks_come_before_all_rows_are_asked_for(make):
    asked = []

    def rows():
        for number in range(10_000):
            asked.append(number)
            yield ROWS[0]

    chunks = make(COLUMNS, rows())
    next(chunks)
    next(chunks)
    assert len(asked) <= 4_000


MEASURE = """
import resource, sys
from decimal import Decimal
from pathlib import Path
from yulan.kernel.sheets.shapes import ColumnSpec
from yulan.kernel.sheets.writer import json_chunks, write_csv, write_workbook
columns = [ColumnSpec(f"c{n}", f"c{n}") for n in range(3)] + [ColumnSpec("m", "m", "money")]
def rows(count):
    return ((f"=text {n}", f"row {n}", "x" * 20, Decimal(n)) for n in range(count))
def write(count):
    write_csv(Path(sys.argv[1]), columns, rows(count))
    write_workbook(Path(sys.argv[1]), columns, rows(count), title="t")
    for chunk in json_chunks(columns, rows(count)):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
few = write(5_000)
print((write(40_000) - few) / 1024)
"""


def test_memory_does_not_grow_with_the_rows(tmp_path):
    source = str(Path(yulan.__file__).parents[1])
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "a")]
    done = subprocess.run(command, capture_output=True, check=True, env={"PYTHONPATH": source}, timeout=120)
    assert float(done.stdout) < 6
