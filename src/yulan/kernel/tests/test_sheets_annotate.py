"""Wrong rows in the user's own workbook: a red column is added, nothing else changes, and it can be uploaded again."""

import io
import re
import zipfile

import openpyxl
import pytest

from yulan.kernel.sheets.annotate import annotate, annotated_name
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.tests.workbooks import MAIN, make_ods, make_sheet, make_table, make_xls, make_xlsx

HEADING = "错误原因"
ODS_ROW = (
    '<table:table-row><table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    '<table:table-cell office:value-type="date" office:date-value="2007-03-28"/></table:table-row>'
)
REASONS = {2: "年度 <2099> 不在规划期 & 更多", 4: "=1+1"}
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1"><v>1</v></c></row>'


def marked(data: bytes, reasons=REASONS, **options) -> bytes:
    width = read_workbook(data, sheet=options.get("sheet")).width
    result = annotate(data, name="a.xlsx", reasons=reasons, heading=HEADING, width=width, **options)
    if result.startswith(b"PK"):
        check_strictly(result)
    return result


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def check_strictly(data: bytes) -> None:
    """What Excel insists on: rows and cells in order and once, columns apart, styles that exist, true counts."""
    files = parts(data)
    styles = files["xl/styles.xml"]
    for group, child in (("fonts", "font"), ("fills", "fill"), ("cellXfs", "xf")):
        stated, body = re.search(rb"<(?:\w+:)?%b count=\"(\d+)\"[^>]*>(.*?)</(?:\w+:)?%b>" % ((group.encode(),) * 2),
                                 styles, re.DOTALL).groups()  # fmt: skip
        assert int(stated) == len(re.findall(rb"<(?:\w+:)?%b[\s/>]" % child.encode(), body))
    known_styles = int(stated)
    for name in (name for name in files if name.startswith("xl/worksheets/sheet")):
        edges = [int(edge) for low, high in re.findall(rb'<(?:\w+:)?col min="(\d+)" max="(\d+)"', files[name])
                 for edge in (low, high)]  # fmt: skip
        assert edges == sorted(edges)
        assert len(set(edges[1::2])) == len(edges) // 2
        assert all(int(style) < known_styles for style in re.findall(rb'<(?:\w+:)?c [^>]*s="(\d+)"', files[name]))
        places = [openpyxl.utils.cell.coordinate_to_tuple(place.decode())
                  for place in re.findall(rb'<(?:\w+:)?c r="([A-Z]+\d+)"', files[name])]  # fmt: skip
        assert places == sorted(set(places))
    openpyxl.load_workbook(io.BytesIO(data)).close()


def reasons_of(data: bytes, column: int = -1) -> dict[int, object]:
    sheet = read_workbook(data)
    return {row: cell for row, cell in enumerate(sheet.columns[column], 1) if cell is not None}


def test_reasons_stand_beside_the_wrong_rows():
    result = marked(make_table(5))
    assert reasons_of(result) == {1: HEADING, **REASONS}
    page = openpyxl.load_workbook(io.BytesIO(result)).worksheets[0]
    assert (page.dimensions, page["F2"].value, page["F2"].data_type) == ("A1:F6", REASONS[2], "s")
    assert (page["F4"].data_type, page["F4"].fill.fgColor.rgb, page["F4"].font.color.rgb) == (
        "s",
        "FFFFC7CE",
        "FF9C0006",
    )
    assert (page["F1"].font.b, page.column_dimensions["F"].width) == (True, 60)


def test_all_the_rest_is_as_it_was():
    before, result = make_table(5), marked(make_table(5))
    old, new = parts(before), parts(result)
    assert list(old) == list(new)
    changed = {name for name in old if old[name] != new[name] and not name.startswith("docProps")}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/styles.xml"}
    page, was = (openpyxl.load_workbook(io.BytesIO(data)) for data in (result, before))
    assert page.sheetnames == was.sheetnames
    for row in was.worksheets[0]:
        for cell in row:
            again = page.worksheets[0][cell.coordinate]
            assert (again.value, again.number_format, again.fill.fgColor.rgb) == (
                cell.value, cell.number_format, cell.fill.fgColor.rgb)  # fmt: skip
    sheet = new["xl/worksheets/sheet1.xml"]
    tail = old["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")[2]
    assert sheet.endswith(tail)
    assert b"dataValidation" in tail
    assert b"conditionalFormatting" in tail
    untouched = re.search(rb'<row r="6".*?</row>', old["xl/worksheets/sheet1.xml"])[0]
    assert untouched in sheet


def test_a_second_round_clears_the_first():
    first = marked(make_table(5))
    second = marked(first, {5: "新"})
    assert reasons_of(second) == {1: HEADING, 5: "新"}
    assert read_workbook(second).width == 6


def test_a_second_round_after_another_program_saved_it():
    """Excel and openpyxl turn our inline strings into shared ones."""
    saved = io.BytesIO()
    book = openpyxl.load_workbook(io.BytesIO(marked(make_table(5))))
    book.worksheets[0]["G3"] = "user's own"
    book.save(saved)
    second = marked(saved.getvalue(), {5: "新"})
    assert reasons_of(second, 5) == {1: HEADING, 5: "新"}
    assert reasons_of(second, 6) == {3: "user's own"}


def test_no_reason_clears_all():
    assert reasons_of(marked(marked(make_table(5)), {})) == {1: HEADING}


def test_a_header_below_title_lines():
    assert reasons_of(marked(make_table(9), {7: "x"}, header_row=4)) == {4: HEADING, 7: "x"}


def test_the_chosen_sheet_is_marked():
    result = marked(make_table(3), {1: "x"}, sheet="说明", header_row=2)
    assert read_workbook(result, sheet="说明").columns[1] == ["x", HEADING]
    assert read_workbook(result).width == 5
    with pytest.raises(SheetError) as caught:
        marked(make_table(3), sheet="没有")
    assert caught.value.code == "no_sheet"


@pytest.mark.parametrize(
    ("name", "rows", "shown"),
    [
        ("row without cells", '<row r="2"/>', {1: HEADING, 2: "x"}),
        ("row that is not there", '<row r="5"><c r="A5"><v>1</v></c></row>', {1: HEADING, 2: "x"}),
        ("row after the last", "", {1: HEADING, 2: "x"}),
        ("rows without numbers", '<row spans="1:2"><c r="A2"><v>1</v></c></row>', {1: HEADING, 2: "x"}),
        ("positional cells", "<row><c><v>1</v></c><c><v>2</v></c></row>", {1: HEADING, 2: "x"}),
        ("styled empty cell in the way", '<row r="2"><c r="A2"><v>1</v></c><c r="C2" s="0"/><c r="D2" s="0"/></row>',
         {1: HEADING, 2: "x"}),
        ("single quotes", "<row r='2'><c r='A2'><v>1</v></c></row>", {1: HEADING, 2: "x"}),
    ],
)  # fmt: skip
def test_rows_of_any_make(name, rows, shown):
    data = make_xlsx(make_sheet(HEADER, rows))
    result = marked(data, {2: "x"})
    assert reasons_of(result, 2) == shown
    assert reasons_of(marked(result, {}), 2) == {1: HEADING}
    last = read_workbook(data).rows
    assert [read_workbook(result).columns[at][:last] for at in (0, 1)] == read_workbook(data).columns


def test_a_formula_that_has_no_value_yet_is_not_written_over():
    rows = '<row r="2"><c r="A2"><v>7</v></c><c r="C2"><f>A2*2</f></c></row><row r="4"><c r="A4"><v>8</v></c></row>'
    result = marked(make_xlsx(make_sheet(HEADER, rows)))
    page = openpyxl.load_workbook(io.BytesIO(result)).worksheets[0]
    assert [page["C2"].value, page["D1"].value, page["D2"].value] == ["=A2*2", HEADING, REASONS[2]]


def test_a_row_full_of_formulas_without_values_is_built_again():
    cells = "".join(f'<c r="{openpyxl.utils.get_column_letter(n)}2"><f>1+1</f></c>' for n in range(2, 60))
    sheet = make_sheet(HEADER, f'<row r="2"><c r="A2"><v>7</v></c>{cells}</row>')
    assert reasons_of(marked(make_xlsx(sheet), {2: "x"})) == {1: HEADING, 2: "x"}


def test_prefixed_names():
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:dimension ref="A1"/><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c>'
        '</x:row><x:row r="2"/><x:row><x:c r="A3"><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    result = marked(make_xlsx(sheet), {2: "x", 3: "y"})
    assert reasons_of(result) == {1: HEADING, 2: "x", 3: "y"}
    assert reasons_of(marked(result, {3: "z"})) == {1: HEADING, 3: "z"}
    assert b'<x:dimension ref="A1:B3"/>' in parts(result)["xl/worksheets/sheet1.xml"]


def test_a_workbook_without_styles_gets_some():
    result = marked(make_xlsx(make_sheet(HEADER)), {})
    assert openpyxl.load_workbook(io.BytesIO(result)).active["C1"].fill.fgColor.rgb == "FFFFC7CE"
    assert openpyxl.load_workbook(io.BytesIO(result)).active["A1"].fill.fill_type is None


def test_a_column_range_that_covers_the_new_one_is_split():
    head = '<cols><col min="1" max="2" width="9"/><col min="3" max="16384" width="7" style="0"/></cols>'
    sheet = parts(marked(make_xlsx(make_sheet(HEADER, head=head)), {}))["xl/worksheets/sheet1.xml"]
    assert re.findall(rb'<col min="(\d+)" max="(\d+)" width="(\d+)"', sheet) == [
        (b"1", b"2", b"9"), (b"3", b"3", b"60"), (b"4", b"16384", b"7")]  # fmt: skip


def test_macros_and_unknown_parts_are_carried_along():
    data = make_xlsx(make_sheet(HEADER), extra=[("xl/vbaProject.bin", b"\0\1"), ("customXml/item1.xml", "<a/>")])
    assert parts(marked(data, {}))["xl/vbaProject.bin"] == b"\0\1"


def test_a_zip_written_as_a_stream_is_read_and_marked():
    """Members with a data descriptor, as streaming writers make them."""

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.taken = b""

        def writable(self):
            return True

        def write(self, piece):
            self.taken += bytes(piece)
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts(make_table(5)).items():
            package.writestr(name, content)
    assert reasons_of(marked(pipe.taken)) == {1: HEADING, **REASONS}


@pytest.mark.parametrize(
    "data",
    [
        make_xls([("编号", "年"), ("a", 2007.0), ("b", 1.5), ("c", 1.0)]),
        make_ods("".join(ODS_ROW.format(text) for text in "甲乙丙丁")),
        make_xlsx(make_sheet(HEADER, "<!-- a comment -->", '<row r="4"><c r="A4"><v>1</v></c></row>')),
        make_xlsx(make_sheet('<row r="3"><c r="A3"><v>1</v></c></row>', '<row r="2"><c r="A2"><v>1</v></c></row>')),
        make_xlsx('<?xml version="1.0" encoding="GB2312"?>' + make_sheet(HEADER)),
    ],
    ids=["xls", "ods", "comment", "rows out of order", "encoding"],
)  # fmt: skip
def test_what_cannot_be_patched_is_built_again(data):
    before = read_workbook(data)
    result = marked(data)
    after = read_workbook(result)
    assert after.format == "xlsx"
    assert reasons_of(result) == {1: HEADING, **REASONS}
    assert [column[: before.rows] for column in after.columns[:-1]] == before.columns
    assert reasons_of(marked(result, {3: "x"})) == {1: HEADING, 3: "x"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_text_tables_keep_their_bytes(encoding):
    text = '编号,名称\r\n1,"两\n行"\r\n\r\n3\r\n4,"是"'
    result = marked(text.encode(encoding), {2: '说 "不"', 4: "=1"})
    assert result.decode(encoding) == (f'编号,名称,{HEADING}\r\n1,"两\n行","说 ""不"""\r\n\r\n3,,\'=1\r\n4,"是"')
    assert reasons_of(result) == {1: HEADING, 2: '说 "不"', 4: "=1"}
    assert reasons_of(marked(result, {5: "x"})) == {1: HEADING, 5: "x"}


def test_texts_that_xml_cannot_hold():
    result = marked(make_table(3), {2: "a\x00b\ud800c\uffff]]>", 3: "长" * 40_000})
    found = reasons_of(result)
    assert found[2] == "a b?c ]]>"
    assert len(found[3]) == 32_767


@pytest.mark.parametrize(
    ("name", "data", "called"),
    [("a.xls", b"PK", "a.xlsx"), ("b.xlsm", b"PK", "b.xlsm"), ("dir/c.csv", b"x", "c.csv"), ("d.ods", b"PK", "d.xlsx")],
)
def test_the_result_is_named(name, data, called):
    assert annotated_name(name, data) == called


def test_many_rows_and_chunks():
    reasons = {row: f"第 {row} 行" for row in range(2, 20_000, 7)}
    assert reasons_of(marked(make_table(20_000, others=False), reasons)) == {1: HEADING, **reasons}
