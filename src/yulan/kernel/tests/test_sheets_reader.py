"""Reading: every format, every kind of cell, every way a text file is coded."""

import datetime as dt
import io

import pytest
import xlsxwriter

from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.tests.workbooks import MAIN, make_ods, make_sheet, make_table, make_xls, make_xlsx


def make_book(fill) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        fill(book, book.add_worksheet("表"))
    return target.getvalue()


def test_a_workbook_comes_back_column_by_column():
    sheet = read_workbook(make_table(3), name="项目.xlsx")
    assert (sheet.name, sheet.others, sheet.format) == ("项目", ("说明", "lists"), "xlsx")
    assert (sheet.rows, sheet.width) == (4, 5)
    assert sheet.columns[0] == ["编号", "XM-00001", "XM-00002", "XM-00003"]
    assert sheet.row(1) == ("XM-00001", "希望小学 1", 2002, 1.5, dt.date(2007, 3, 29))
    assert list(sheet.iter_rows(3)) == [("XM-00003", "希望小学 3", 2004, 4.5, dt.date(2007, 3, 31))]


def test_each_kind_of_cell():
    def fill(book, page):
        form = {shape: book.add_format({"num_format": shape}) for shape in ("yyyy-mm-dd", "h:mm", "[h]:mm", 31, 57)}
        page.write_number(0, 0, 12)
        page.write_number(0, 1, 12.5)
        page.write_boolean(0, 2, True)
        page.write_number(0, 3, 39_169.5, form["yyyy-mm-dd"])
        page.write_number(0, 4, 39_169, form[31])
        page.write_number(0, 5, 39_169, form[57])
        page.write_number(0, 6, 0.5, form["h:mm"])
        page.write_number(0, 7, 1.25, form["[h]:mm"])
        page.write_formula(0, 8, "=1/0", None, "#DIV/0!")
        page.write_formula(0, 9, "=A1", None, 7)
        page.write_formula(0, 10, '=""', None, "")
        page.write_string(0, 11, "两\n行 ")
        page.write_number(0, 12, 1.5e17)
        page.write_string(0, 13, "007")
        page.write_number(0, 14, 0)

    day = dt.date(2007, 3, 28)
    moment = dt.datetime(2007, 3, 28, 12)
    row = read_workbook(make_book(fill)).row(0)
    assert row[:8] == (12, 12.5, True, moment, day, day, "12:00:00", "30:00:00")
    assert row[8:] == ("#DIV/0!", 7, None, "两\n行 ", 1.5e17, "007", 0)
    assert [type(cell) for cell in row[:3]] == [int, float, bool]


def test_rows_and_columns_before_the_table_stay():
    sheet = read_workbook(make_book(lambda _book, page: page.write_string(2, 1, "x")))
    assert sheet.columns == [[None] * 3, [None, None, "x"]]


def test_cells_beyond_one_chunk_keep_their_places():
    sheet = read_workbook(make_table(9_000))
    assert sheet.rows == 9_001
    assert sheet.columns[0][8_500] == "XM-08500"
    assert sheet.columns[4][8_500] == dt.date(2007, 3, 28) + dt.timedelta(8_500 % 100)
    assert sheet.columns[2][4_096:4_099] == [2001 + row % 10 for row in range(4_096, 4_099)]


def test_an_error_far_down_is_not_lost():
    def fill(_book, page):
        for row in range(5_000):
            page.write_number(row, 0, row)
            page.write_number(row, 1, row)
        page.write_formula(4_500, 1, "=A1/0", None, "#N/A")

    assert read_workbook(make_book(fill)).row(4_500) == (4_500, "#N/A")


def test_the_first_visible_sheet_with_a_cell_is_read():
    def fill(book, page):
        page.write_string(0, 0, "hidden")
        page.hide()
        book.add_worksheet("空")
        book.add_worksheet("数据").write_string(0, 0, "here")
        book.get_worksheet_by_name("空").activate()
        book.get_worksheet_by_name("空").set_first_sheet()

    data = make_book(fill)
    assert read_workbook(data).name == "数据"
    assert read_workbook(data, sheet="表").columns == [["hidden"]]
    with pytest.raises(SheetError) as caught:
        read_workbook(data, sheet="没有")
    assert (caught.value.code, str(caught.value)) == ("no_sheet", "The workbook has no sheet named “没有”.")


def test_old_excel_and_open_document():
    assert read_workbook(make_xls([("编号", "年"), ("a", 2007.0)])).columns == [["编号", "a"], ["年", 2007]]
    rows = (
        '<table:table-row><table:table-cell office:value-type="string"><text:p>编号</text:p></table:table-cell>'
        '<table:table-cell office:value-type="date" office:date-value="2007-03-28"/>'
        '<table:table-cell office:value-type="float" office:value="3"/></table:table-row>'
    )
    sheet = read_workbook(make_ods(rows))
    assert (sheet.format, sheet.row(0)) == ("ods", ("编号", dt.date(2007, 3, 28), 3))


def test_an_old_workbook_with_a_password_is_named_so():
    data = make_xls([("a",)]).replace(b"\x85\x00\x0a\x00", b"\x2f\x00\x0a\x00", 1)  # BoundSheet → FilePass
    with pytest.raises(SheetError) as caught:
        read_workbook(data)
    assert caught.value.code == "encrypted"


def test_prefixed_names_and_rows_without_numbers():
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>甲</x:t></x:is></x:c>'
        "<x:c><x:v>1</x:v></x:c></x:row><x:row/><x:row><x:c><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert read_workbook(make_xlsx(sheet)).columns == [["甲", None, 2], [1, None, None]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_tables(encoding, separator):
    text = '编号,名称,备注\r\n001,"希望,小学","两\n行"\r\n\r\n002,缺\r\n'
    data = text.replace(",小", "、小").replace(",", separator).encode(encoding)
    sheet = read_workbook(data, name="项目.csv")
    assert (sheet.name, sheet.format) == ("项目.csv", "csv")
    assert sheet.columns == [
        ["编号", "001", None, "002"],
        ["名称", "希望、小学", None, "缺"],
        ["备注", "两\n行", None, None],
    ]


def test_the_apostrophe_that_guards_a_text_comes_off():
    assert read_workbook(b"a,b\n'=1+1,'tis\n").row(1) == ("=1+1", "'tis")


def test_what_a_file_is_shows_in_its_bytes_not_its_name(tmp_path):
    path = tmp_path / "project.csv"
    path.write_bytes(make_table(1))
    assert read_workbook(path, name="project.csv").format == "xlsx"


def test_a_message_can_be_translated():
    with pytest.raises(SheetError) as caught:
        read_workbook(b'a,b\n1,"open\n')
    error = caught.value
    assert (error.code, error.params) == ("bad_quotes", {"line": 2})
    assert error.message % error.params == str(error)


@pytest.mark.parametrize("make", [lambda: make_xlsx(make_sheet()), lambda: make_xlsx(make_sheet("<row/>"))])
def test_a_workbook_without_cells(make):
    with pytest.raises(SheetError) as caught:
        read_workbook(make())
    assert caught.value.code == "no_rows"
