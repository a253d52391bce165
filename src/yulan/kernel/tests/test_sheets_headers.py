"""The header row under title lines, however the officer wrote it."""

import pytest

from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.headers import find_header
from yulan.kernel.sheets.shapes import Sheet

KNOWN = {
    "项目编号": "code",
    "Code": "code",
    "项目名称": "name",
    "总投资": "total",
    "援助资金（元）": "aid",
    "开工日期": "start",
    "责任单位(盖章)": "unit",
    "是否公开": "public",
}


def make_rows(*rows: tuple) -> Sheet:
    width = max(map(len, rows))
    filled = [row + (None,) * (width - len(row)) for row in rows]
    return Sheet("S", (), "xlsx", [list(column) for column in zip(*filled, strict=True)], len(rows))


def test_title_lines_and_the_unit_of_the_table():
    header = find_header(
        make_rows(
            ("2007年对口支援项目表",),
            ("填报单位：市合作交流办", None, None, "金额单位: 万元"),
            ("项目编号", "项目名称", "总投资", "援助资金", "联系人"),
            ("XM-1", "x", 1, 2, "张"),
        ),
        KNOWN,
    )
    assert (header.row, header.fields) == (2, {0: "code", 1: "name", 2: "total", 3: "aid"})
    assert (header.unknown, header.table_unit, header.units) == (("联系人",), "万元", {})


def test_width_spaces_line_breaks_brackets_and_marks():
    header = find_header(
        make_rows(
            ("ＣＯＤＥ *", "项目 名称＊", "总投资\n（万元）", "援助资金【亿元】", "开工\n日期", "责任单位（盖章）")
        ),
        KNOWN,
    )
    assert header.fields == {0: "code", 1: "name", 2: "total", 3: "aid", 4: "start", 5: "unit"}
    assert header.units == {2: "万元", 3: "亿元", 5: "盖章"}
    assert header.unknown == ()


def test_the_first_row_that_names_half_wins_over_a_title_that_names_one():
    header = find_header(make_rows(("项目名称",), ("项目编号", "项目名称", "总投资", "开工日期")), KNOWN)
    assert header.row == 1


def test_few_columns_are_enough_when_they_are_most_of_the_row():
    header = find_header(make_rows(("项目编号", "总投资", None), ("a", 1, "x")), KNOWN)
    assert header.fields == {0: "code", 1: "total"}


def test_the_same_field_twice_is_told():
    header = find_header(make_rows(("项目编号", "项目名称", "Code", "总投资", "总投资（万元）")), KNOWN)
    assert header.repeated == ("Code", "总投资（万元）")
    assert header.fields == {0: "code", 1: "name", 3: "total"}


def test_two_labels_that_differ_only_in_the_bracket_stay_apart():
    known = {"金额（计划）": "planned", "金额（到位）": "paid"}
    header = find_header(make_rows(("金额(计划)", "金额(到位)", "金额")), known)
    assert (header.fields, header.unknown) == ({0: "planned", 1: "paid"}, ("金额",))


def test_numbers_in_the_first_rows_do_no_harm():
    assert find_header(make_rows((2007, 3.5, True), ("项目编号", "项目名称", "总投资", "开工日期")), KNOWN).row == 1


@pytest.mark.parametrize("rows", [(("a", "b"),), (("项目编号", "x", "y", "z"),), ((None,),) * 12 + (tuple(KNOWN),)])
def test_no_header_says_what_was_expected(rows):
    with pytest.raises(SheetError) as caught:
        find_header(make_rows(*rows), KNOWN)
    assert caught.value.code == "no_header"
    assert "项目编号" in str(caught.value)
