"""Loading the demonstration world: all or nothing, and only where there is no work yet."""

from collections.abc import Iterable

from django.db import connection, transaction

from yulan.demo import books, rows
from yulan.demo.cast import actors, enlist
from yulan.demo.facts import enter_facts
from yulan.demo.journeys import play
from yulan.demo.measures import follow_plan
from yulan.demo.money import tranches_of
from yulan.demo.places import data
from yulan.demo.rows import Shelf
from yulan.demo.sketches import Sketch
from yulan.demo.world import world
from yulan.engines.funds.models import Fund
from yulan.engines.projects.models import AidProject, FundingSource, MonthlyReport, ProjectSite
from yulan.kernel.access import Actor, Refused
from yulan.kernel.text import _
from yulan.kernel.trail import change_set
from yulan.kernel.workdays import Holiday, load_holidays
from yulan.plan.models import Measure
from yulan.plan.services import load_plan
from yulan.registry.parties.models import Account, Organisation, Pairing
from yulan.registry.parties.services import load_parties
from yulan.registry.records.services import load_records
from yulan.registry.regions.services import load_regions

MIXED = _("There is work here already: load the demonstration world into an empty folder.")


def load_demo(*, by: Actor) -> dict[str, int]:
    """Load the demonstration world, about 110,000 rows; give how many of what, nothing when it is there already.

    Raises Refused (409) where somebody's own projects or funds are: they are never mixed.
    """
    if Account.objects.filter(demonstration=True).exists():
        return {}
    if AidProject.objects.exists() or Fund.objects.exists():
        raise Refused(str(MIXED), status=409)
    with transaction.atomic():
        _load_registers(by)
        enlist(by=by)
        cast = actors()
        counts = {"organisations": Organisation.objects.count(), "accounts": len(cast)}
        counts["notes"] = follow_plan(cast)
        sketches = world()
        offices = {found.code: found for found in Organisation.objects.all()}
        lines = books.open_funds(sketches, offices, by=by)
        shelf = Shelf(
            offices,
            {found.code: found for found in Pairing.objects.all()},
            lines,
            {found.code: found for found in Measure.objects.all()},
        )
        counts |= _write_projects(sketches, shelf, by=by)
        tranches = tranches_of(sketches, data("words")["builders"].split())
        counts["entries"] = books.keep_books(sketches, tranches, lines, cast)
        counts["facts"] = enter_facts(by=cast["officer-2"])
        counts["journeys"] = play(cast)
        _count_rows()
    return counts


def _count_rows() -> None:
    """Let PostgreSQL count what is in its tables now: until it does by itself it plans as if they were empty."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _load_registers(by: Actor) -> None:
    """Load what every installation starts with, where absent."""
    load_regions(by=by)
    load_records(by=by)
    load_parties(by=by)
    if not Holiday.objects.exists():
        with change_set(by=by, reason="已公布的节假日", channel="loader") as changes:
            changes.insert_many(Holiday, list(load_holidays()))
    load_plan(by=by)


def _write_projects(sketches: Iterable[Sketch], shelf: Shelf, *, by: Actor) -> dict[str, int]:
    """Write projects with sources, sites and reports as they stand at the end of the ten years."""
    with change_set(by=by, reason="演示项目（虚构）", channel="loader") as cs:
        projects = cs.insert_many(AidProject, [rows.project_of(one, shelf) for one in sketches])
        pairs = list(zip(sketches, projects, strict=True))
        sources = cs.insert_many(FundingSource, [row for pair in pairs for row in rows.sources_of(*pair)])
        sites = cs.insert_many(ProjectSite, [row for pair in pairs for row in rows.sites_of(*pair)])
        reports = cs.insert_many(MonthlyReport, [row for pair in pairs for row in rows.reports_of(*pair)])
    return {"projects": len(projects), "sources": len(sources), "sites": len(sites), "reports": len(reports)}
