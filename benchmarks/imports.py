"""Import of a workbook of 20,000 projects in 16 columns: Yulan beside django-import-export.

The same files, the same tables, the same rules for each row (see `peers/sheets.py`, which is tuned: bulk, no loading of
instances, lookups from memory). Both read the file, judge every row, write all rows in one transaction, and keep for
each row what it was made; Yulan also chains and signs that trail. It parses in a confined child process, whose CPU time
counts. What it does beyond the peer, indexing every row for search, comes after the commit and stands on a line of its
own. Of the other workbook every hundredth row is wrong, in
one of twelve ways: both judge it, write nothing, and give back a workbook with the reasons.

Equal: the stored values of the sixteen columns, and which rows are wrong.
"""

import hashlib
import resource

from benchmarks.ground import desk
from benchmarks.measure import MIB, PEERS, Comparison, Measure, Side, Work, peak

ROWS = 20_000


def yulan(work: Work) -> None:
    """Plan, give the errors back; plan and commit."""
    from yulan.kernel.resource.importing import commit_import, error_workbook
    from yulan.kernel.resource.planning import plan_import
    from yulan.kernel.trail import catch_up

    projects, by = desk()
    warm, good, wrong = (work.sheets / f"{name}.xlsx" for name in ("warm", "good", "wrong"))
    error_workbook(plan_import(projects, warm, name="warm.xlsx", by=by), warm, name="warm.xlsx")
    with work.timed("wrong", ROWS):
        plan = plan_import(projects, wrong, name="wrong.xlsx", by=by)
        error_workbook(plan, wrong, name="wrong.xlsx")
    work.answers["wrong rows"] = sorted(plan.wrong)
    with work.timed("good", ROWS):
        commit_import(plan_import(projects, good, name="good.xlsx", by=by), by=by)
    with work.timed("index", ROWS):
        catch_up()
    work.answers["stored"] = stored()


def import_export(work: Work) -> None:
    """Dry run with failed rows, and a run."""
    from benchmarks.peers import sheets, tables

    tables()
    warm, good, wrong = (work.sheets / f"{name}.xlsx" for name in ("warm", "good", "wrong"))
    sheets.Sheet().import_data(sheets.read(warm), dry_run=True, collect_failed_rows=True)
    with work.timed("wrong", ROWS):
        result = sheets.Sheet().import_data(sheets.read(wrong), dry_run=True, collect_failed_rows=True)
        sheets.error_report(result)
    failed = {row.number for row in result.invalid_rows} | {number for number, _errors in result.row_errors()}
    work.answers["wrong rows"] = sorted(number + 1 for number in failed)
    with work.timed("good", ROWS):
        sheets.Sheet().import_data(sheets.read(good), raise_errors=True)
    work.answers["stored"] = stored()


def large(work: Work) -> None:
    """Import 100,000 rows, and see how much memory the process and its child ever held."""
    from yulan.kernel.resource.importing import commit_import
    from yulan.kernel.resource.planning import plan_import

    projects, by = desk()
    with work.timed("large", 100_000):
        commit_import(plan_import(projects, work.sheets / "large.xlsx", name="large.xlsx", by=by), by=by)
    work.figures |= {"process": peak(), "child": peak(resource.RUSAGE_CHILDREN)}
    work.figures["memory"] = max(work.figures["process"], work.figures["child"])


def stored() -> tuple[int, str]:
    """Give the number of projects and a digest of the sixteen columns of all."""
    from benchmarks.world import NAMES
    from yulan.engines.projects.models import AidProject

    digest, count = hashlib.sha256(), 0
    for row in AidProject.objects.order_by("code").values_list(*NAMES).iterator():
        digest.update(repr(row).encode())
        count += 1
    return count, digest.hexdigest()


PEER = Side(
    "import_export", import_export, "empty", PEERS, writes=True, packages=("django-import-export", "tablib", "openpyxl")
)
COMPARISON = Comparison(
    "Import, 20,000 × 16",
    (
        Side("yulan", yulan, "empty", writes=True, packages=("python-calamine",)),
        PEER,
        Side("large", large, "empty", writes=True, repeats=1),
    ),
    (
        Measure("good workbook", "rows per CPU s", "yulan", "good", PEER.name, "good", 15, rate=True),
        Measure("search index, after the commit", "rows per CPU s", "yulan", "index", rate=True),
        Measure("1 % wrong rows, given back", "rows per CPU s", "yulan", "wrong", PEER.name, "wrong", 15, rate=True),
        Measure("100,000 rows", "rows per CPU s", "large", "large", rate=True),
        Measure("100,000 rows, peak memory", "MiB", "large", "memory", target=250, scale=1 / MIB),
    ),
)
