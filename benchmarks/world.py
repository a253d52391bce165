"""The data of the benchmarks: projects as an office would type them, made by arithmetic, the same each time."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

COLUMNS = {
    "code": "编号",
    "name": "名称",
    "year": "计划年度",
    "region": "受援地",
    "supporter": "支援方",
    "owner": "责任单位",
    "programme": "专项",
    "sector": "领域",
    "delivery_mode": "实施方式",
    "content": "建设内容与规模",
    "total": "总投资",
    "aid_amount": "援助资金",
    "households": "受益户数",
    "persons": "受益人数",
    "planned_start": "计划开工",
    "planned_end": "计划完工",
}
"""The sixteen columns of the workbook: field, heading."""
NAMES = list(COLUMNS)

REGIONS = ("530800", "532500", "532600", "533400", "540200", "540226", "652900", "652923", "500101", "420500")
SUPPORTERS = ("SH-HUANGPU", "SH-XUHUI", "SH-PUDONG", "SH-JINGAN", "SH-CHANGNING", "SH-PUTUO", "SH-YANGPU", "SH-CCO")
OWNERS = ("SH-CCO", "SH-LG", "SH-OUT-XZ", "SH-OUT-XJ", "SH-CENTRE")
PROGRAMMES = ("抗震安居", "白玉兰重点村", "培训", "学校与卫生院", "其他")
SECTORS = ("教育", "卫生", "文化", "产业", "旅游", "基础设施", "整村推进", "安居", "培训", "科技")
MODES = ("交钥匙", "交支票")
TOWNS = ("龙山", "白马", "红旗", "新华", "东坡", "南溪", "青松", "石门", "云岭", "金沙", "大河", "清水")
WORKS = ("小学教学楼", "卫生院门诊楼", "人畜饮水工程", "蔬菜大棚", "乡村道路", "职业培训中心", "太阳能路灯", "文化站")


def project(number: int) -> list[Any]:
    """Give one valid row, in the order of NAMES; money in yuan."""
    town, work = TOWNS[number % 12] + TOWNS[number // 12 % 12], WORKS[number % 8]
    total = 50_000 + number % 9_973 * 100 + (number % 100) / 100
    start = date(2004, 1, 1) + timedelta(days=number * 7 % 2_000)
    return [
        f"B{number:07d}",
        f"{town}镇{work}{number}",
        2001 + number % 10,
        REGIONS[number % 10],
        SUPPORTERS[number % 8],
        OWNERS[number % 5] if number % 4 else None,
        PROGRAMMES[number % 5],
        SECTORS[number % 10],
        MODES[number % 2],
        f"在{town}镇建设{work}一处，建筑面积{200 + number % 1_800}平方米，配套水电，埋设管线{number}米",
        total,
        round(total * 0.6, 2),
        number % 900,
        number % 900 * 4,
        start,
        start + timedelta(days=90 + number % 600),
    ]


def spoil(number: int, row: list[Any]) -> list[Any]:
    """Give the row with one of twelve faults."""
    values = dict(zip(NAMES, row, strict=True))
    faults = (
        {"name": None},
        {"name": "长" * 121},
        {"year": 1890},
        {"region": "999999"},
        {"supporter": "NOBODY"},
        {"sector": "不知道"},
        {"total": "很多"},
        {"aid_amount": -1},
        {"aid_amount": 10**9},
        {"planned_start": "2006-13-40"},
        {"planned_end": date(1999, 1, 1)},
        {"code": "B0000000"},
    )
    return list((values | faults[number % len(faults)]).values())


def first_page(count: int, size: int = 50) -> list[str]:
    """Give the codes on the first page of so many projects, newest year first, then by code."""
    order = sorted(range(min(count, 1000)), key=lambda number: (-project(number)[2], project(number)[0]))
    return [project(number)[0] for number in order[:size]]


def rows(count: int, wrong_every: int = 0) -> Iterator[list[Any]]:
    """Give `count` rows; of them each `wrong_every`-th (0: none) has a fault."""
    for number in range(count):
        row = project(number)
        yield spoil(number // wrong_every, row) if wrong_every and number and number % wrong_every == 0 else row


def write_workbook(path: Path, count: int, wrong_every: int = 0) -> None:
    """Write the rows as an office suite would: text, numbers and true dates, shared strings."""
    with xlsxwriter.Workbook(path) as book:
        page, day = book.add_worksheet("项目"), book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, list(COLUMNS.values()))
        for line, row in enumerate(rows(count, wrong_every), 1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(line, column, value, day)
                elif isinstance(value, str):
                    page.write_string(line, column, value)
                elif value is not None:
                    page.write_number(line, column, value)
