"""Templates: what a user may enter is checked in the cell already, and the help stands beside it."""

import io

import openpyxl

from yulan.kernel.sheets.headers import find_header
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.sheets.shapes import ColumnSpec
from yulan.kernel.sheets.template import write_template

PLACES = tuple((str(code), f"地区,{code}") for code in range(540_000, 540_300))
COLUMNS = (
    ColumnSpec("code", "项目编号", required=True, help="由受援方编号", example="0071"),
    ColumnSpec("kind", "类别", "choice", required=True, choices=(("edu", "教育"), ("health", "卫生"))),
    ColumnSpec("region", "地区", "region", choices=PLACES),
    ColumnSpec("year", "年度", "year"),
    ColumnSpec("total", "总投资", "money"),
    ColumnSpec("people", "人数", "integer"),
    ColumnSpec("start", "开工", "date"),
    ColumnSpec("public", "公开", "bool"),
    ColumnSpec("note", "备注"),
)


def make_template() -> bytes:
    target = io.BytesIO()
    write_template(target, COLUMNS, title="项目导入模板", guidance=("填完后上传。", "=不是公式"))
    return target.getvalue()


def test_each_column_checks_5000_rows():
    page = openpyxl.load_workbook(io.BytesIO(make_template())).worksheets[0]
    checks = {str(check.sqref): check for check in page.data_validations.dataValidation}
    kinds = {place: check.type for place, check in checks.items()}
    assert kinds == {
        "A2:A5001": None, "B2:B5001": "list", "C2:C5001": "list", "D2:D5001": "whole", "E2:E5001": "decimal",
        "F2:F5001": "whole", "G2:G5001": "date", "H2:H5001": "list",
    }  # fmt: skip
    assert checks["A2:A5001"].prompt == "Required · Text · e.g. 0071\n由受援方编号"
    assert checks["D2:D5001"].error == "Enter a year such as 2007."


def test_choices_stand_in_a_hidden_sheet_under_a_name():
    book = openpyxl.load_workbook(io.BytesIO(make_template()))
    assert (book.sheetnames, book["lists"].sheet_state) == (["项目导入模板", "Notes", "lists"], "veryHidden")
    page = book.worksheets[0]
    formula = next(check.formula1 for check in page.data_validations.dataValidation if str(check.sqref) == "C2:C5001")
    assert book.defined_names[formula].attr_text == "lists!$B$1:$B$300"
    assert book["lists"]["B300"].value == "地区,540299"
    assert [cell.value for cell in book["lists"]["C"][:2]] == ["Yes", "No"]


def test_text_keeps_its_zeros_and_required_columns_stand_out():
    page = openpyxl.load_workbook(io.BytesIO(make_template())).worksheets[0]
    assert page.column_dimensions["A"].number_format == "@"
    assert page.column_dimensions["E"].number_format == "#,##0.00"
    assert page["A1"].fill.fgColor.rgb != page["I1"].fill.fgColor.rgb


def test_the_notes_explain_each_column():
    page = openpyxl.load_workbook(io.BytesIO(make_template()))["Notes"]
    rows = [[cell.value for cell in row] for row in page]
    assert rows[0][0] == "项目导入模板"
    assert [row[0] for row in rows[1:3]] == ["填完后上传。", "=不是公式"]
    assert ["项目编号", "Required", "Text", "0071", "由受援方编号"] in rows
    assert ["类别", "Required", "One of the list", "", "教育 / 卫生"] in rows
    assert all(cell.data_type != "f" for row in page for cell in row)


def test_a_template_comes_back_with_all_columns_known():
    sheet = read_workbook(make_template())
    header = find_header(sheet, {column.label: column.name for column in COLUMNS})
    assert list(header.fields.values()) == [column.name for column in COLUMNS]
    assert (header.row, header.unknown, sheet.rows) == (0, (), 1)
