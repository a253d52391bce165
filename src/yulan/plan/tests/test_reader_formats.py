"""Encodings, Word files and pages; and every kind of file that must be refused, quickly and with a reason."""

import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import PlanError, PlanReading

TEXT = (Path(__file__).with_name("documents") / "chapters-2011-2015.txt").read_text("utf-8")
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def without_lines(reading: PlanReading) -> tuple[object, ...]:
    figures = [(f.indicator, f.value, f.unit, f.qualifier, f.region, f.period) for f in reading.figures]
    items = [(item.id, item.parent, item.kind, item.number, item.text) for item in reading.outline]
    checks = [(c.kind, c.stated, c.parts, c.verdict, c.suggestion) for c in reading.checks]
    return reading.title, reading.counts, figures, items, checks


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> PlanReading:
    path = tmp_path_factory.mktemp("plain") / "plan.txt"
    path.write_text(TEXT, "utf-8")
    return read_plan(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_reads_the_same(encoding: str, plain: PlanReading, tmp_path: Path):
    path = tmp_path / "plan.txt"
    path.write_bytes(TEXT.replace("•", "·").encode(encoding))
    dotted = tmp_path / "dotted.txt"
    dotted.write_text(TEXT.replace("•", "·"), "utf-8")
    assert read_plan(path) == read_plan(dotted)
    assert read_plan(path).counts == plain.counts


def test_dos_line_ends_keep_line_numbers(plain: PlanReading, tmp_path: Path):
    path = tmp_path / "plan.txt"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert read_plan(path) == plain


def word(path: Path, lines: list[str]) -> Path:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(path))
    return path


def test_word_file_with_typed_marks(plain: PlanReading, tmp_path: Path):
    reading = read_plan(word(tmp_path / "plan.docx", TEXT.split("\n")))
    assert without_lines(reading) == without_lines(plain)
    assert [item.line for item in reading.outline] == [item.line for item in plain.outline]


def test_word_file_with_a_table(tmp_path: Path):
    document = Document()
    for line in ("江州市“十二五”规划纲要", "一、发展目标", "主要指标见下表（单位：亿元）"):
        document.add_paragraph(line)
    rows = [
        ("指标", "2010年", "2015年"),
        ("甲县投资", "100", "180.5"),
        ("乙县投资", "200", "300"),
        ("合计", "300", "490.5"),
    ]
    table = document.add_table(rows=0, cols=3)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    path = tmp_path / "plan.docx"
    document.save(str(path))
    reading = read_plan(path)
    values = [(f.indicator, f.value, f.unit, f.period) for f in reading.figures]
    assert values[:2] == [("甲县投资", "100", "亿元", "2010"), ("甲县投资", "180.5", "亿元", "2015")]
    found = [(c.stated, c.computed, c.difference, c.verdict) for c in reading.checks]
    assert found == [("300", "300", "0", "match"), ("490.5", "480.5", "-10", "mismatch")]


def bare_word(path: Path, body: str, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("word/document.xml", body)
        for name, content in parts.items():
            box.writestr(f"word/{name}.xml", content)
    return path


def paragraph(text: str, level: int | None = None) -> str:
    numbered = (
        f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr></w:pPr>' if level is not None else ""
    )
    return f"<w:p>{numbered}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_word_file_with_automatic_numbers(tmp_path: Path):
    levels = [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."), ("bullet", "")]
    numbering = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(levels)
    )
    lines = [
        ("江州市协作工作规划", None), ("工作目标", 0), ("增加投入", 1), ("主要任务", 0), ("产业协作", 1),
        ("建设园区3个", 3), ("引进企业", 3), ("劳务协作", 1), ("保障措施", 0), ("加强领导", 1),
    ]  # fmt: skip
    body = f"<w:document {W}><w:body>{''.join(paragraph(*line) for line in lines)}</w:body></w:document>"
    numbers = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="3">{numbering}</w:abstractNum>'
        f'<w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num></w:numbering>'
    )
    reading = read_plan(bare_word(tmp_path / "plan.docx", body, numbering=numbers))
    shown = [(item.kind, item.number, item.text) for item in reading.outline]
    assert shown == [
        ("chapter", "一", "工作目标"), ("goal", "（一）", "增加投入"), ("chapter", "二", "主要任务"),
        ("task", "（一）", "产业协作"), ("measure", "•", "建设园区3个"), ("measure", "•", "引进企业"),
        ("task", "（二）", "劳务协作"), ("chapter", "三", "保障措施"), ("safeguard", "（一）", "加强领导"),
    ]  # fmt: skip


def page(lines: list[str]) -> str:
    body = "".join(f"<p>{line}</p>\n" for line in lines if line.strip())
    return f"<!DOCTYPE html><html><head><title>x</title><style>p{{}}</style></head><body>{body}</body></html>"


def test_page_reads_like_the_text(plain: PlanReading, tmp_path: Path):
    path = tmp_path / "plan.html"
    path.write_text(page(TEXT.split("\n")), "utf-8")
    reading = read_plan(path)
    assert without_lines(reading) == without_lines(plain)
    assert reading.outline[0].line == 7


def test_page_in_gbk_with_navigation_breaks_and_layout_table(tmp_path: Path):
    html = (
        "<html><head><meta charset=gb2312><script>var a = '一、脚本';</script></head><body><nav>首页 一、栏目</nav>"
        "<table><tr><td><h1>江州市协作工作规划</h1><p>发布时间：2012-03-04</p>"
        "一、主要任务<br>（一）产业协作<br/>——建设园区&nbsp;3&nbsp;个。</td></tr></table></body></html>"
    )
    path = tmp_path / "plan.htm"
    path.write_bytes(html.encode("gb18030"))
    reading = read_plan(path)
    assert reading.title == "江州市协作工作规划"
    assert str(reading.published_on) == "2012-03-04"
    assert [(item.kind, item.number) for item in reading.outline] == [
        ("chapter", "一"),
        ("task", "（一）"),
        ("measure", "——"),
    ]
    assert [(f.value, f.unit) for f in reading.figures] == [("3", "个")]


def test_page_of_a_government_site():
    reading = read_plan(Path(__file__).with_name("documents") / "page-2011.html")
    assert (reading.title, reading.doc_no) == ("江州市“十二五”扶贫规划", "江府发〔2011〕20号")
    assert (str(reading.issued_on), str(reading.published_on)) == ("2011-06-18", "2011-06-25")
    assert [item.kind for item in reading.outline] == [
        "chapter", "goal", "chapter", "task", "task", "chapter", "safeguard"
    ]  # fmt: skip


def test_content_counts_not_the_name(tmp_path: Path):
    path = tmp_path / "plan.txt"
    path.write_bytes(word(tmp_path / "plan.docx", TEXT.split("\n")).read_bytes())
    assert read_plan(path).counts["chapters"] == 4


def test_wrapped_lines_are_joined(tmp_path: Path):
    indented = [
        "江州市对口支援工作规划", "", "　　一、工作回顾", "",
        "　　五年来，全市共投入援助资金１１亿元，实施项目２００个，其中甲县投入资金４亿元、",
        "项目８０个；乙县投入资金７亿元、项目１２０个。各项工作取得了明显的成效，受到了各有",
        "关方面的好评。", "",
        "　　二、主要任务", "",
        "　　继续加大援助工作力度，完善工作机制，拓宽合作领域，努力提高各类援助项目的综合效",
        "益，促进受援地区经济社会协调发展，进一步改善当地各族群众的生产条件和生活条件，增强",
        "自我发展能力。",
    ]  # fmt: skip
    path = tmp_path / "plan.txt"
    path.write_text("\n".join(indented) + "\n", "utf-8")
    reading = read_plan(path)
    assert [item.kind for item in reading.outline] == ["chapter", "paragraph", "chapter", "paragraph"]
    assert reading.outline[1].text.endswith("受到了各有关方面的好评。")
    assert [(c.stated, c.verdict) for c in reading.checks] == [("11", "match"), ("200", "match")]
    assert [f.line for f in reading.figures] == [5, 5, 5, 6, 6, 6]


PAGED = """江州县“十二五”对口援藏工作规划
　　一、发展现状
　　（一）工作成效。“十一五”期间，全县累计投入援藏资金4860万元，实施项目63个，
其中甲县投入2560万元、项目34个，乙县投入2300万元、项目27个，受到了各方的好评，第
一、二批项目全部完成，援藏工作取得了明显成效。
— 1 —
江州县援藏规划
　　二、工作目标
　　（一）“十二五”期间安排援藏资金6500万元，年均增长8%左右，重点支持教育、卫生、
文化、农牧等领域，使受援地区农牧民的生产生活条件得到明显的改善，公共服务的能力进
第 2 页
江州县援藏规划
一步提升。
　　三、主要任务
　　（一）改善农牧民的生产生活条件。安排资金2800万元，新建安居房1200户，解决8600
人的饮水安全问题，建设农村公路56公里。
— 3 —
江州县援藏规划
"""


def test_page_numbers_and_running_heads_are_no_text(tmp_path: Path):
    path = tmp_path / "plan.txt"
    path.write_text(PAGED, "utf-8")
    reading = read_plan(path)
    assert [item.kind for item in reading.outline] == ["chapter", "section", "chapter", "goal", "chapter", "task"]
    assert reading.outline[1].text.endswith("第一、二批项目全部完成，援藏工作取得了明显成效。")
    assert reading.outline[3].text.endswith("公共服务的能力进一步提升。")
    assert [(c.stated, c.computed) for c in reading.checks] == [("4860", "4860"), ("63", "61")]
    assert any("6 行" in note.text for note in reading.notes)


def test_bare_page_numbers_rise_from_page_to_page(tmp_path: Path):
    lines = ["江州市发展工作规划", "一、主要任务"]
    for number in range(1, 4):
        lines += [*(f"{n}、建设产业园区，引进企业项目。" for n in range(6 * number - 5, 6 * number + 1)), str(number)]
    path = tmp_path / "plan.txt"
    path.write_text("\n".join([*lines, "2016"]) + "\n", "utf-8")
    reading = read_plan(path)
    assert reading.counts["tasks"] == 18
    assert [item.text for item in reading.outline if item.kind == "paragraph"] == ["2016"]


def test_lines_wrapped_by_characters_are_joined(tmp_path: Path):
    prose = "　　“十二五”期间，全市投入资金12345.6万元、98765.4万元，实施项目1234个，完成了各项目标任务，工作取得成效。"
    lines = [prose[at : at + 24] for at in range(0, len(prose), 24)]
    path = tmp_path / "plan.txt"
    path.write_text("\n".join(["江州市工作规划", "　　一、回顾", *lines, "　　二、主要任务", *lines]) + "\n", "utf-8")
    reading = read_plan(path)
    assert [item.text for item in reading.outline if item.kind == "paragraph"] == [prose.strip()] * 2


def test_indicator_table_of_a_text_file(tmp_path: Path):
    path = tmp_path / "plan.txt"
    path.write_text(
        "江州市“十三五”规划纲要\n一、发展目标\n专栏1 主要指标\n序号\t指标\t单位\t2015\t2020\t年均增长（%）\n"
        "1\t援助资金\t亿元\t12.8\t16.5\t5.2\n2\t新增就业\t万人\t0.9\t[5]\t—\n",
        "utf-8",
    )
    found = [(f.indicator, f.value, f.unit, f.period) for f in read_plan(path).figures]
    assert found == [
        ("援助资金", "12.8", "亿元", "2015"), ("援助资金", "16.5", "亿元", "2020"),
        ("援助资金年均增长", "5.2", "%", "2016–2020"), ("新增就业", "0.9", "万人", "2015"), ("新增就业", "5", "万人", "2020"),
    ]  # fmt: skip


def table(document: Any, rows: list[tuple[str, ...]]) -> None:
    made = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text


def test_numbers_stay_in_their_column_beside_empty_cells(tmp_path: Path):
    document = Document()
    for line in ("江州市“十四五”协作规划", "一、主要任务", "专栏1 项目表（单位：万元）"):
        document.add_paragraph(line)
    head = ("序号", "项目名称", "地点", "总投资", "其中：自筹")
    rows = [("1", "产业园", "城关镇", "320", "120"), ("2", "冷库", "", "180", "80"), ("", "合计", "", "500", "210")]
    table(document, [head, *rows])
    document.add_paragraph("专栏2")
    table(document, [("（1）道路工程：投资3亿元。\n（2）水利工程：投资2亿元。",)])
    path = tmp_path / "plan.docx"
    document.save(str(path))
    reading = read_plan(path)
    assert [(f.indicator, f.value, f.qualifier) for f in reading.figures] == [
        ("产业园总投资", "320", ""), ("产业园自筹", "120", "其中"), ("冷库总投资", "180", ""), ("冷库自筹", "80", "其中"),
        ("合计总投资", "500", ""), ("合计自筹", "210", "其中"), ("投资", "3", ""), ("投资", "2", ""),
    ]  # fmt: skip
    assert [(c.stated, c.computed) for c in reading.checks] == [("500", "500"), ("210", "200")]


@pytest.mark.parametrize(
    ("rows", "verdicts"),
    [
        ([("甲县", "100"), ("其中：乙镇", "40"), ("丙县", "200"), ("合计", "300")], ["match"]),
        ([("甲县", "100"), ("丙县", "200"), ("小计", "300"), ("丁县", "50"), ("小计", "50"), ("合计", "350")], ["match"]),
        ([("一、设施", "100"), ("1、道路", "60"), ("2、水利", "40"), ("二、产业", "200"), ("合计", "300")], ["match"]),
        ([("一、设施", "100"), ("1、道路", "60"), ("二、产业", "200"), ("合计", "320")], []),
        ([("甲县", "100"), ("丙县", "200"), ("合计", "320")], ["mismatch"]),
    ],
)  # fmt: skip
def test_totals_of_tables_with_rows_of_several_ranks(rows: list[tuple[str, str]], verdicts: list[str], tmp_path: Path):
    cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in [("地区", "投资（万元）"), *rows])
    path = tmp_path / "plan.html"
    path.write_text(
        f"<html><body><p>江州市工作规划</p><p>一、工作目标</p><table>{cells}</table></body></html>", "utf-8"
    )
    assert [c.verdict for c in read_plan(path).checks] == verdicts


def test_cells_over_several_rows_and_columns_of_a_page(tmp_path: Path):
    path = tmp_path / "plan.html"
    path.write_text(
        "<html><body><p>江州市工作规划</p><p>一、工作目标</p><table>"
        "<tr><th colspan=2>指标</th><th>单位</th><th>2015年</th></tr>"
        "<tr><td rowspan=2>资金</td><td>财政资金</td><td>亿元</td><td>3</td></tr>"
        "<tr><td>社会资金</td><td>万元</td><td>800</td></tr><tr><td>就业</td><td></td><td>人</td><td>900</td></tr></table>"
        "<p>分享到：</p><p>相关链接</p><p>图解规划</p></body></html>",
        "utf-8",
    )
    reading = read_plan(path)
    assert [(f.value, f.unit, f.period) for f in reading.figures] == [
        ("3", "亿元", "2015"), ("800", "万元", "2015"), ("900", "人", "2015")
    ]  # fmt: skip
    assert reading.outline[-1].text.startswith("就业")


def test_words_of_a_site_within_the_text_do_not_end_it(tmp_path: Path):
    lines = [
        "江州市工作规划",
        "一、主要任务",
        "1、关闭小煤矿20座。",
        "相关信息及时公开。",
        "2、打印设备统一配置。",
        "3、分享经验。",
    ]
    path = tmp_path / "plan.html"
    path.write_text(page([*lines, "【打印本页】【关闭窗口】", "下一篇：通知"]), "utf-8")
    assert read_plan(path).outline[-1].text == "分享经验。"


def refused(path: Path) -> str:
    began = time.process_time()
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert time.process_time() - began < 2
    return str(caught.value)


JUDGE = r"""
import re, sys, time
from pathlib import Path
from yulan.plan.reader.read import read_plan
from yulan.plan.reader.reading import PlanError
began = time.process_time()
try:
    read_plan(Path(sys.argv[1]))
except PlanError as error:
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    print(time.process_time() - began, int(peak[1]) // 1024, error)
"""


def refused_apart(path: Path) -> str:
    """The reason, from a process of its own that took less than 2 s and 512 MiB."""
    ran = subprocess.run([sys.executable, "-c", JUDGE, str(path)], capture_output=True, text=True, timeout=60)
    assert not ran.stderr
    seconds, megabytes, reason = ran.stdout.split(" ", 2)
    assert float(seconds) < 2
    assert int(megabytes) < 512
    return reason


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", " \n\r\n　".encode(), "no text"),
        ("a.txt", b"\x00\x01\x02" * 1000, "binary"),
        ("a.txt", bytes(range(1, 256)) * 40, "GB 18030|binary|UTF-8"),
        ("a.txt", b"%PDF-1.7 ...", "PDF"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", ".docx"),
        ("a.txt", TEXT.encode()[:700], "truncated"),
        ("a.txt", TEXT.encode("utf-16")[:701], "truncated"),
        ("a.txt", TEXT.replace("•", "·").encode("gbk")[:1001], "truncated"),
        ("a.txt", TEXT[:200].encode(), "truncated"),
        ("a.txt", ("The quick brown fox jumps over the lazy dog. " * 30).encode(), "Chinese"),
        ("a.txt", ("昨夜下了一场小雨，院子里的花都开了，香气飘得很远。" * 30 + "\n").encode(), "not a plan"),
        ("a.txt", "一、材料\n鸡蛋三个，番茄两个。\n二、做法\n1、打散鸡蛋。\n2、炒熟。\n".encode(), "not a plan"),
        ("a.docx", b"hello world" * 20, "damaged"),
        ("a.html", page(TEXT.split("\n")).encode()[:-14], "truncated"),
        ("a.html", b"<!DOCTYPE html [<!ENTITY a 'b'>]><html><body>&a;</body></html>", "entities"),
        ("a.txt", ("规划发展项目资金" * 20_000).encode(), "line ends"),
        ("a.txt", ("规划发展项目资金。\n" * 170_000).encode(), "longer"),
    ],
)
def test_refused_with_a_reason(name: str, data: bytes, reason: str, tmp_path: Path):
    path = tmp_path / name
    path.write_bytes(data)

    assert re.search(reason, refused(path))


def test_missing_file_and_folder(tmp_path: Path):
    assert "no file" in refused(tmp_path / "none.txt")
    assert "no file" in refused(tmp_path)
    assert "folder" in refused(tmp_path)


@pytest.mark.parametrize("name", ["big.txt", "big.docx", "big.html"])
def test_fifty_megabytes_are_not_even_read(name: str, tmp_path: Path):
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b"PK\x03\x04" if name.endswith("docx") else "一、规划".encode())
        file.truncate(50 * 2**20)
    assert "MB" in refused(path)


def test_cut_word_file(tmp_path: Path):
    whole = word(tmp_path / "plan.docx", TEXT.split("\n")).read_bytes()
    for share in (0.1, 0.5, 0.9):
        path = tmp_path / "cut.docx"
        path.write_bytes(whole[: int(len(whole) * share)])
        assert "truncated" in refused(path)


def test_zip_that_is_no_word_file(tmp_path: Path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as box:
        box.writestr("hello.txt", "规划")
    assert "not a Word" in refused(path)


ENTITIES = '<!DOCTYPE x [<!ENTITY a "规划规划规划">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    ("head", "repeated", "times", "tail", "reason"),
    [
        ("<w:body>", " ", 200_000_000, "</w:body>", "unpacks"),
        ("<w:body>", "<w:p/>", 2_500_000, "</w:body>", "unpacks"),
        ("", "<w:p>", 100_000, "", "damaged|no text"),
        ("<w:body>", paragraph("规划发展项目"), 120_000, "</w:body>", "unpacks|longer"),
        ("<w:body><w:p ", "a='1' ", 300_000, "/></w:body>", "unpacks|damaged|no text"),
    ],
    ids=["spaces", "paragraphs", "depth", "long", "attributes"],
)
def test_hostile_word_files(head: str, repeated: str, times: int, tail: str, reason: str, tmp_path: Path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box, box.open("word/document.xml", "w") as part:
        part.write(f"<w:document {W}>{head}".encode())
        for _ in range(100):
            part.write((repeated * (times // 100)).encode())
        part.write(f"{tail}</w:document>".encode())
    assert re.search(reason, refused_apart(path))


@pytest.mark.parametrize(
    "body",
    [
        f"{ENTITIES}<w:document {W}><w:body><w:p><w:r><w:t>&m;</w:t></w:r></w:p></w:body></w:document>",
        f'<!DOCTYPE x SYSTEM "file:///etc/passwd"><w:document {W}/>',
    ],
    ids=["laughs", "external"],
)
def test_word_files_with_entities(body: str, tmp_path: Path):
    assert "entities" in refused_apart(bare_word(tmp_path / "a.docx", body))


def test_word_file_that_is_no_xml(tmp_path: Path):
    assert "damaged" in refused(bare_word(tmp_path / "a.docx", "规划"))


@pytest.mark.parametrize(
    ("repeated", "times"),
    [("<div>", 400_000), ("<b><i>", 400_000), ("<table><tr><td>", 100_000), ("&amp;", 1_000_000), ("<", 7_000_000),
     ("<!--", 1_000_000), ("<p a=1 b='", 300_000)],
)  # fmt: skip
def test_hostile_pages(repeated: str, times: int, tmp_path: Path):
    path = tmp_path / "a.html"
    path.write_text(f"<html><body>{repeated * times}规划</body></html>", "utf-8")
    refused_apart(path)


@pytest.mark.parametrize("phrase", ["一是资金1元；", "（其中项目1个、", "项目1个，", "投资1元、"])
def test_numbers_without_end_are_refused(phrase: str, tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("一、规划发展\n" + (phrase * 4000 + "\n") * 30, "utf-8")
    assert "numbers" in refused_apart(path)


def test_a_megabyte_in_five_seconds(tmp_path: Path):
    path = tmp_path / "a.txt"
    text = (Path(__file__).with_name("documents") / "assistance-2006-2010.txt").read_text("utf-8") + "\n"
    path.write_text(text * (2**20 // len(text.encode()) + 1), "utf-8")
    began = time.process_time()
    assert len(read_plan(path).figures) % 30 == 0
    assert time.process_time() - began < 5
