"""The forms there are: F49 progress of the plan, F50 annual table of paired assistance (§6)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.utils.translation import get_language

from yulan.engines.projects.lifecycle import PUBLIC_STATES
from yulan.engines.projects.models import AidProject, ProjectSite
from yulan.insight.forms.engine import Cell, Filled, Form, FormColumn, sum_of
from yulan.insight.forms.models import Fact
from yulan.kernel.money import wan
from yulan.kernel.period import show_date
from yulan.kernel.text import Text, _
from yulan.plan.selectors import measures_of
from yulan.registry.parties.models import Pairing
from yulan.registry.regions.models import called
from yulan.registry.regions.selectors import gazetteer

PLAN = "2007-11"
VILLAGES = ("pilot_village", "key_village", "magnolia_village")
TYPED = ("dispatched", "trained", "coop_projects_paired", "coop_paid_in")
"""Indicators of F50 that no room gives yet."""


# F49


def _progress(measure: Any, year: int) -> Cell:
    if measure.percent is None:
        return Cell(None, _("No progress note gives a percentage"), _note_url(measure), missing=True)
    return Cell(measure.percent, _("Latest progress note"), f"/progress-notes/?measure={measure.code}")


def _note_url(measure: Any) -> str:
    return f"/progress-notes/new?measure={measure.code}"


def _deviation(measure: Any, year: int) -> Cell:
    """Compare with even progress over the years of the measure (序时进度)."""
    years = measure.end_year - measure.start_year + 1
    due = min(100, max(0, (year - measure.start_year + 1) * 100 // years))
    if measure.percent is None:
        return Cell(None, _("Needs the progress"), _note_url(measure), missing=True)
    return Cell(measure.percent - due, _("Progress less the share of years gone by"), f"/measures/{measure.pk}")


def _measure_row(measure: Any, year: int) -> list[Cell]:
    own = f"/measures/{measure.pk}"
    lead = (
        Cell(str(measure.lead), _("Register of measures"), own)
        if measure.lead
        else Cell(None, _("No lead unit named"), f"{own}/edit", missing=True)
    )
    evidence = (
        Cell(measure.proven, _("Progress notes with evidence"), f"/progress-notes/?measure={measure.code}")
        if measure.proven
        else Cell(None, _("No evidence filed"), _note_url(measure), missing=True)
    )
    return [
        Cell(f"{measure.code} {measure.title}", _("Register of measures"), own),
        Cell(str(measure.node.title), _("Plan, clause %(c)s") % {"c": measure.node.clause}, "/plan"),
        lead,
        Cell(str(measure.get_state_display()), _("Register of measures"), own),
        _progress(measure, year),
        evidence,
        _deviation(measure, year),
    ]


def fill_f49(year: int, map_on: date | None = None) -> Filled:
    """Fill F49: progress of the 57 measures."""
    columns = (
        FormColumn("measure", _("Measure"), width=34),
        FormColumn("task", _("Task"), width=22),
        FormColumn("lead", _("Lead unit"), width=20),
        FormColumn("state", _("State"), width=10),
        FormColumn("progress", _("Progress %"), "percent", 10, _("Progress: of the latest note.")),
        FormColumn("evidence", _("Evidence"), "integer", 10, _("Evidence: number of notes that name one.")),
        FormColumn(
            "deviation",
            _("Deviation, points"),
            "percent",
            12,
            _("Deviation: progress less the share of the plan's years gone by."),
        ),
    )
    rows = [_measure_row(measure, year) for measure in measures_of(PLAN)]
    return Filled(
        "F49",
        _("Progress of the plan"),
        "",
        _("Year %(y)s") % {"y": year},
        columns,
        rows,
        notes=tuple(column.calibre for column in columns if column.calibre),
    )


# F50


def middle_of(year: int) -> date:
    """Give the day on which a year's regions and pairings are read."""
    return date(year, 6, 30)


def areas_of(year: int, map_on: date | None = None) -> list[str]:
    """Give the codes of the areas paired with the city in the middle of a year, in the order of the pairings.

    They are codes of the map of that day, or of `map_on`; an area that was divided keeps its code as printed.
    """
    said = Pairing.objects.in_force(middle_of(year)).filter(unverified=False).order_by("code")
    codes = said.values_list("region", flat=True)
    return list(dict.fromkeys(restated(code, map_on or middle_of(year)) for code in codes))


def restated(code: str, map_on: date) -> str:
    """Give what an area is on the map of a day; itself when there is no single one."""
    found = gazetteer().on_date(code, map_on)
    return found[0].code if len(found) == 1 else code


def area_finder(areas: Iterable[str]) -> Callable[[str], str]:
    """Give a function code → area, by the prefixes that denote an area's territory over time."""
    prefixes = [(prefix, area) for area in areas for prefix in gazetteer().prefixes(area)]
    known: dict[str, str] = {}

    def find(code: str) -> str:
        if code not in known:
            known[code] = next((area for prefix, area in prefixes if code.startswith(prefix)), "")
        return known[code]

    return find


def _by_area(year: int, find: Callable[[str], str]) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Give aid in fen, projects and villages per area."""
    issued = AidProject.objects.filter(year=year, state__in=PUBLIC_STATES)
    money: dict[str, int] = defaultdict(int)
    count: Counter[str] = Counter()
    for region, total, n in issued.values_list("region").annotate(t=Sum("aid_amount"), n=Count("pk")).order_by():
        money[find(region)] += total or 0
        count[find(region)] += n
    villages: Counter[str] = Counter()
    sites = ProjectSite.objects.filter(project__year=year, project__state__in=PUBLIC_STATES, kind__in=VILLAGES)
    for region, n in sites.values_list("project__region").annotate(n=Count("pk")).order_by():
        villages[find(region)] += n
    return money, count, villages


def _opened(area: str, year: int) -> str:
    return "/projects/?" + urlencode({"region": area, "year": year, "published": 1})


def _villages_of(area: str, year: int) -> str:
    asked = {"project.region": area, "project.year": year, "kind": VILLAGES, "published": 1}
    return "/project-sites/?" + urlencode(asked, doseq=True)


def _typed_cells(area: str, year: int, facts: dict[tuple[str, str], Fact]) -> list[Cell]:
    found = []
    for indicator in TYPED:
        fact = facts.get((indicator, area))
        if fact:
            found.append(Cell(fact.value, fact.source, f"/facts/{fact.pk}"))
        else:
            query = urlencode(
                {"indicator": indicator, "region": area, "year": year, "code": f"{indicator}:{area}:{year}"}
            )
            found.append(Cell(None, _("Nothing gives this yet: enter it once"), f"/facts/new?{query}", missing=True))
    return found


def fill_f50(year: int, map_on: date | None = None) -> Filled:
    """Fill F50: the annual table of paired assistance, area by area."""
    areas, on = areas_of(year, map_on), map_on or middle_of(year)
    find = area_finder(areas)
    money, count, villages = _by_area(year, find)
    typed = Fact.objects.filter(year=year).select_related("indicator")
    facts = {(f.indicator.code, find(f.region) or f.region): f for f in typed}
    columns = _f50_columns()
    source: Text = _("Projects whose plan was issued, plan year %(y)s") % {"y": year}
    rows = [
        [
            Cell(called(area, on), _("Pairings in force on 30 June")),
            Cell(wan(money[area]).quantize(Decimal("0.01")), source, _opened(area, year)),
            Cell(count[area], source, _opened(area, year)),
            Cell(villages[area], _("Villages of these projects"), _villages_of(area, year)),
            *_typed_cells(area, year, facts),
        ]
        for area in areas
    ]
    return Filled(
        "F50",
        _("Annual table of paired assistance"),
        _("10k CNY"),
        _("Year %(y)s") % {"y": year},
        columns,
        rows,
        sum_of(rows, columns),
        (*(column.calibre for column in columns if column.calibre), _map_note(map_on)),
    )


def _map_note(map_on: date | None) -> Text:
    if map_on is None:
        return _("Areas: as called on 30 June of the year.")
    return _("Areas: restated to the map of %(day)s.") % {"day": show_date(map_on, get_language() or "")}


def _f50_columns() -> tuple[FormColumn, ...]:
    return (
        FormColumn("area", _("Area"), width=18),
        FormColumn("funds", _("Funds"), "money", 14, _("Funds: aid amount as issued, by plan year.")),
        FormColumn(
            "projects", _("Projects"), "integer", 10, _("Projects: one project with several villages counts once.")
        ),
        FormColumn("villages", _("Villages"), "integer", 10, _("Villages: pilot and key villages of these projects.")),
        FormColumn(
            "people", _("Persons sent"), "integer", 12, _("Persons sent: person-times of cadres and volunteers.")
        ),
        FormColumn("trained", _("Persons trained"), "integer", 12, _("Persons trained: person-times.")),
        FormColumn("coop", _("Cooperation projects"), "integer", 12, _("Cooperation projects: agreements signed.")),
        FormColumn("paid_in", _("Paid in"), "money", 14, _("Paid in: not the agreed amount.")),
    )


FORMS = {
    form.code: form
    for form in (
        Form(
            "F49",
            _("Progress of the plan"),
            fill_f49,
            _("57 measures: lead unit, state, progress, evidence, deviation"),
        ),
        Form(
            "F50",
            _("Annual table of paired assistance"),
            fill_f50,
            _("Eight areas: money, projects, villages, people"),
            mapped=True,
        ),
    )
}
