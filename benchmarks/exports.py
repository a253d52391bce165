"""Export of 100,000 projects in the sixteen columns of the import, as CSV and XLSX: Yulan beside django-import-export.

Both write the same cells: labels of lists, code and name of regions, amounts in yuan, true numbers and dates in the
workbook. Yulan reads what the actor may see and streams; the peer makes a table in memory of what `export` gives.
Memory is the most that the process ever held, after ten thousand and after a hundred thousand rows.

Equal: the cells, read back from both files.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from benchmarks.ground import desk
from benchmarks.measure import MIB, PEERS, Comparison, Measure, Side, Work, peak
from benchmarks.world import NAMES

ROWS = 100_000


def yulan(work: Work) -> None:
    """Stream."""
    from django.http import QueryDict
    from django.utils.translation import gettext

    from yulan.kernel.resource.exporting import cells, spec
    from yulan.kernel.resource.query import Query
    from yulan.kernel.sheets.writer import csv_chunks, write_workbook

    projects, by = desk()
    columns = [projects.fields[name] for name in NAMES]
    specs = [spec(column) for column in columns]

    def rows(**conditions: int) -> Iterator[Sequence[Any]]:
        asked = Query(projects, by, QueryDict(urlencode(conditions)))
        return cells(asked, columns, asked.rows.order_by(*asked.ordering))

    def write_csv(**conditions: int) -> None:
        with (work.var / "out.csv").open("wb") as file:
            file.writelines(csv_chunks(specs, rows(**conditions), say=gettext))

    def write_xlsx() -> None:
        write_workbook(work.var / "out.xlsx", specs, rows(), title=projects.title, say=gettext)

    _measure(work, write_csv, write_xlsx)


def import_export(work: Work) -> None:
    """By `export` of the resource."""
    from benchmarks.peers import sheets

    _measure(
        work,
        lambda **conditions: (work.var / "out.csv").write_bytes(sheets.export("csv", **conditions)),
        lambda: (work.var / "out.xlsx").write_bytes(sheets.export("xlsx")),
    )


def _measure(work: Work, write_csv: Any, write_xlsx: Any) -> None:
    write_csv(year=2010)
    before = peak()
    with work.timed("csv", ROWS):
        write_csv()
    work.figures |= {"memory": peak(), "growth": peak() - before}
    with work.timed("xlsx", ROWS):
        write_xlsx()
    work.figures["xlsx memory"] = peak()
    text = (work.var / "out.csv").read_text("utf-8-sig")
    work.answers["csv"] = _digest(csv.reader(io.StringIO(text, newline="")))
    work.answers["xlsx"] = _digest(_sheet(work))


def _sheet(work: Work) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(str(work.var / "out.xlsx")).get_sheet_by_index(0).to_python()


def _digest(rows: Iterable[list[Any]]) -> list[Any]:
    """Give the first two rows, the number of rows and a digest of all."""
    digest, found = hashlib.sha256(), []
    for row in rows:
        digest.update(repr(row).encode())
        found.append(row if len(found) < 2 else None)
    return [repr(found[:2]), len(found), digest.hexdigest()]


DATA = "projects-100000"
PEER = Side("import_export", import_export, DATA, PEERS, writes=True, packages=("django-import-export", "tablib"))
COMPARISON = Comparison(
    "Export, 100,000 × 16",
    (Side("yulan", yulan, DATA, writes=True), PEER),
    (
        Measure("CSV", "rows per CPU s", "yulan", "csv", PEER.name, "csv", 8, rate=True),
        Measure("XLSX", "rows per CPU s", "yulan", "xlsx", PEER.name, "xlsx", rate=True),
        Measure("CSV, peak memory", "MiB", "yulan", "memory", PEER.name, "memory", scale=1 / MIB),
        Measure("CSV, more than for 10,000 rows", "MiB", "yulan", "growth", PEER.name, "growth", scale=1 / MIB),
        Measure("XLSX, peak memory", "MiB", "yulan", "xlsx memory", PEER.name, "xlsx memory", scale=1 / MIB),
    ),
)
