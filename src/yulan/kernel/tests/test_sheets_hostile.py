"""Hostile files, really built: each is refused or read safely in < 2 CPU-seconds and < 512 MiB, the caller unhurt."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

import yulan
from yulan.kernel.sheets.errors import MESSAGES, SheetError
from yulan.kernel.sheets.reader import read_workbook
from yulan.kernel.sheets.shapes import Limits
from yulan.kernel.tests.workbooks import (
    MAIN,
    OPEN,
    make_compound,
    make_lie,
    make_ods,
    make_overlap,
    make_sheet,
    make_table,
    make_xlsx,
    make_zip,
)

ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'
SHARED = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
INLINE = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'
ENDLESS = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string"'
    ' table:number-columns-repeated="16384"><text:p>a</text:p></table:table-cell></table:table-row>'
)
PROBE = """
import json, sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from yulan.kernel.sheets.annotate import annotate
from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.reader import read_workbook
path = Path(sys.argv[1])
def cost(job):
    own, child, code = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN), None
    try:
        job()
    except SheetError as error:
        code = error.code
    own_after, child_after = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return {
        "code": code,
        "child_seconds": child_after.ru_utime + child_after.ru_stime - child.ru_utime - child.ru_stime,
        "child_mib": child_after.ru_maxrss / 1024,
        "own_seconds": own_after.ru_utime + own_after.ru_stime - own.ru_utime - own.ru_stime,
        "own_mib": (own_after.ru_maxrss - own.ru_maxrss) / 1024,
    }
print(json.dumps([
    cost(lambda: read_workbook(path, name="a.xlsx")),
    cost(lambda: annotate(path, name="a.xlsx", reasons={2: "why"}, heading="reason", width=2)),
]))
"""


def shared(*items: str, dtd: str = "") -> str:
    return f'{dtd}<sst xmlns="{MAIN}">{"".join(items)}</sst>'


def laughs() -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'


def quadratic() -> str:
    return f'<!DOCTYPE x [<!ENTITY e "{"a" * 100_000}">]>'


def cells(count: int, value: str) -> str:
    return make_sheet(*(f'<row r="{n}"><c r="A{n}" t="s"><v>{value}</v></c></row>' for n in range(1, count + 1)))


def attributes(count: int) -> str:
    return " ".join(f'a{n}="1"' for n in range(count))


def nested_zip() -> bytes:
    inner = make_zip([("0", b"\0" * 30_000_000)], 1)
    for _ in range(3):
        inner = make_zip([(f"lib {n}.zip", inner) for n in range(16)], 1)
    return inner


HOSTILE = {
    "ratio like 42.zip": (lambda: make_xlsx(OPEN + " " * 60_000_000, level=1), "unpacks_too_large"),
    "ratio in a picture": (
        lambda: make_xlsx(make_sheet(ONE), extra=[("xl/media/a.bmp", b"\0" * 310_000_000)], level=1),
        "unpacks_too_large",
    ),
    "zip in a zip": (nested_zip, "not_a_workbook"),
    "overlapping members": (make_overlap, "damaged"),
    "member named twice": (
        lambda: make_xlsx(make_sheet(ONE), extra=[("xl/a.xml", "a"), ("XL/../xl/a.xml", "b")]),
        "damaged",
    ),
    "6,000 members": (lambda: make_xlsx(make_sheet(ONE), extra=[(f"xl/{n}.xml", "") for n in range(6_000)]), "damaged"),
    "size of the sheet is a lie": (
        lambda: make_lie(make_xlsx(OPEN + " " * 90_000_000, level=1), "xl/worksheets/sheet1.xml", 1_000),
        "damaged",
    ),
    "size of the strings is a lie": (
        lambda: make_lie(
            make_xlsx(make_sheet(SHARED), shared=shared(f"<si><t>{'a' * 200_000_000}</t></si>"), level=1),
            "xl/sharedStrings.xml",
            1_000,
        ),
        "damaged",
    ),
    "billion laughs in the strings": (
        lambda: make_xlsx(make_sheet(SHARED), shared=shared("<si><t>&e9;</t></si>", dtd=laughs())),
        "damaged",
    ),
    "billion laughs in the sheet": (lambda: make_xlsx(laughs() + make_sheet(INLINE.format("&e9;"))), "damaged"),
    "quadratic entities": (
        lambda: make_xlsx(make_sheet(SHARED), shared=shared(f"<si><t>{'&e;' * 50_000}</t></si>", dtd=quadratic())),
        "damaged",
    ),
    "external entity": (
        lambda: make_xlsx('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + make_sheet(INLINE.format("&f;"))),
        "damaged",
    ),
    "cells at both ends": (
        lambda: make_xlsx(make_sheet(ONE, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        "memory",
    ),
    "cell beyond the grid": (
        lambda: make_xlsx(make_sheet('<row r="1"><c r="ZZZZZZZZ99999999"><v>1</v></c></row>')),
        "too_many_rows",
    ),
    "one cell in the last row": (
        lambda: make_xlsx(make_sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
        "too_many_rows",
    ),
    "one cell in the last column": (
        lambda: make_xlsx(make_sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')),
        "too_many_columns",
    ),
    "sheet that leaves the package": (
        lambda: make_xlsx(make_sheet(ONE), extra=[("../../etc/cron.d/x", "*")]),
        "damaged",
    ),
    "absolute member": (lambda: make_xlsx(make_sheet(ONE), extra=[("/etc/passwd", "x")]), "damaged"),
    "nesting of 500,000": (lambda: make_xlsx(OPEN + "<sheetData>" + "<row>" * 500_000, level=1), "damaged"),
    "one string 100,000 times": (
        lambda: make_xlsx(cells(100_000, "0"), shared=shared(f"<si><t>{'词汇' * 200_000}</t></si>")),
        "memory",
    ),
    "strings of 200 MB": (
        lambda: make_xlsx(make_sheet(SHARED), shared=shared(f"<si><t>{'a' * 200_000_000}</t></si>"), level=1),
        "unpacks_too_large",
    ),
    "truncated": (lambda: make_table(500)[:-300], "damaged"),
    "cut in half": (lambda: make_table(500)[:9_000], "damaged"),
    "encrypted workbook": (lambda: make_compound("EncryptedPackage", random.Random(1).randbytes(20_000)), "encrypted"),
    "Word 97 file": (lambda: make_compound("WordDocument", b"x" * 5_000), "not_a_workbook"),
    "compound file that never ends": (lambda: make_compound("Workbook", b"x" * 9_000, loop=True), "damaged"),
    "random bytes": (lambda: random.Random(2).randbytes(200_000), "not_a_workbook"),
    "renamed picture": (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0" + random.Random(3).randbytes(50_000), "not_a_workbook"),
    "PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0 obj\x00\n" * 99, "not_a_workbook"),
    "web page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "not_a_workbook"),
    "binary workbook": (lambda: make_zip([("xl/workbook.bin", b"x")]), "binary_workbook"),
    "text document": (lambda: make_zip([("word/document.xml", b"x")]), "not_a_workbook"),
    "empty zip": (lambda: b"PK\x05\x06" + b"\0" * 18, "damaged"),
    "empty": (lambda: b"", "empty"),
    "blank lines": (lambda: b"\n\n\n", "no_rows"),
    "a million columns of text": (lambda: b"," * 1_000_000, "too_many_columns"),
    "a quotation that never ends": (lambda: b'a,b\n"' + b"x,y\n" * 1_000_000, "bad_quotes"),
    "OpenDocument that repeats": (lambda: make_ods(ENDLESS), "damaged"),
}


def probe(path: Path) -> list[dict]:
    """Read and annotate a file in a fresh process; give what each said and what it cost."""
    source = str(Path(yulan.__file__).parents[1])
    command = [sys.executable, "-c", PROBE, str(path)]
    done = subprocess.run(command, capture_output=True, check=True, env={"PYTHONPATH": source}, timeout=120)
    costs = json.loads(done.stdout)
    for cost in costs:
        assert cost["code"] in {None, *MESSAGES}
        assert cost["child_seconds"] < 2
        assert cost["child_mib"] < 512
        assert cost["own_seconds"] < 0.2
        assert cost["own_mib"] < 64
    return costs


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once(name, tmp_path):
    """Annotation has its own parser: a hostile file must cost no more there."""
    make, code = HOSTILE[name]
    path = tmp_path / "upload"
    path.write_bytes(make())
    assert probe(path)[0]["code"] == code


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a lying dimension", lambda: make_xlsx(make_sheet(ONE, head='<dimension ref="A1:XFD1048576"/>'))),
        ("200,000 attributes", lambda: make_xlsx(make_sheet(ONE.replace("<c", "<c " + attributes(200_000))))),
        ("a formula a million deep", lambda: make_xlsx(make_sheet(ONE.replace("<v>", f"<f>{'(' * 999_999}</f><v>")))),
        (
            "a picture that is a bomb",
            lambda: make_xlsx(make_sheet(ONE), extra=[("xl/media/a.bmp", b"\0" * 90_000_000)]),
        ),
    ],
)
def test_what_only_looks_hostile_is_read_safely(name, make, tmp_path):
    path = tmp_path / "upload.xlsx"
    path.write_bytes(make())
    assert [cost["code"] for cost in probe(path)] == [None, None]
    assert read_workbook(path).columns == [[1]]


def test_a_reading_ends_when_its_time_is_up():
    with pytest.raises(SheetError) as caught:
        read_workbook(make_table(20_000), limits=Limits(cpu_seconds=0.05, cpu_seconds_per_megabyte=0))
    assert caught.value.code == "timeout"


def test_a_reading_ends_when_its_memory_is_used_up():
    with pytest.raises(SheetError) as caught:
        read_workbook(make_table(20_000), limits=Limits(memory_bytes=30_000_000))
    assert caught.value.code == "memory"


@pytest.mark.parametrize(
    ("limits", "code", "limit"),
    [
        (Limits(file_bytes=1_000), "too_large", "0 MB"),
        (Limits(rows=10), "too_many_rows", "10"),
        (Limits(columns=3), "too_many_columns", "3"),
        (Limits(cells=100), "too_many_cells", "100"),
        (Limits(unpacked_bytes=1_000), "unpacks_too_large", "0 MB"),
    ],
)
def test_a_limit_is_named_in_the_message(limits, code, limit, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(make_table(50))
    for source in (path, path.read_bytes()):
        with pytest.raises(SheetError) as caught:
            read_workbook(source, limits=limits)
        assert caught.value.code == code
        assert limit in str(caught.value)


def test_damaged_bytes_never_break_the_caller():
    """Any change of bytes gives a sheet or a SheetError with a message, nothing else."""
    whole, chance, codes = make_table(40), random.Random(7), {None}
    for _ in range(40):
        bent = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            bent[chance.randrange(len(bent))] = chance.randrange(256)
        codes.add(outcome(bytes(bent)))
    assert codes <= {None, *MESSAGES}
    assert "damaged" in codes


def outcome(data: bytes) -> str | None:
    try:
        read_workbook(data)
    except SheetError as error:
        return error.code
    return None


def test_the_child_gets_no_environment_and_no_django(monkeypatch):
    """What a child knows: read its own environment and modules through the same start."""
    from yulan.kernel.sheets import confine

    monkeypatch.setenv("YULAN_SECRET_KEY", "canary")
    monkeypatch.setattr(confine, "BOOT", SPY + confine.BOOT)
    with pytest.raises(SheetError) as caught:
        list(confine.run("read", b"a,b", Limits()))
    assert caught.value.params == {"environment": {}, "heavy": []}


SPY = """
import sys, os, json, struct
class Spy:
    def write(self, text): pass
def tell():
    import yulan.kernel.sheets.child
    heavy = [name for name in ("django", "xlsxwriter", "openpyxl", "site") if name in sys.modules]
    found = {k: v for k, v in os.environ.items() if k != "LC_CTYPE"}
    said = json.dumps({"code": "failed", "params": {"environment": found, "heavy": heavy}}).encode()
    sys.stdout.buffer.write(b"X" + struct.pack(">I", len(said)) + said)
    sys.stdout.flush()
    os._exit(0)
sys.path[:0] = sys.argv[1:-1]
tell()
"""
