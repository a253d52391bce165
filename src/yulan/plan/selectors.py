"""Reads of the plan for pages, forms and the portal."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q

from yulan.kernel.period import today
from yulan.kernel.text import Bilingual
from yulan.plan import rules
from yulan.plan.consistency import Check, all_checks
from yulan.plan.models import Figure, IndicatorOverlap, Measure, PlanNode
from yulan.registry.parties.models import Pairing
from yulan.registry.records.models import Term

Counter_ = Callable[[], Mapping[str, int]]
_project_counters: list[Counter_] = []


def count_projects_with(counter: Counter_) -> None:
    """Let a higher floor say how many projects serve each measure (by code)."""
    _project_counters.append(counter)


def projects_per_measure() -> dict[str, int]:
    """Give measure code → number of projects, from all floors that know some."""
    found: Counter[str] = Counter()
    for counter in _project_counters:
        found.update(counter())
    return found


@dataclass
class Branch:
    """A node of the plan with what hangs under it."""

    node: PlanNode
    children: list["Branch"] = field(default_factory=list)
    measures: list[Any] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Measures in the whole branch."""
        return len(self.all_measures)

    @property
    def all_measures(self) -> list[Any]:
        """Give the measures of the whole branch."""
        return [*self.measures, *(measure for child in self.children for measure in child.all_measures)]

    @property
    def lights(self) -> list[tuple[str, int]]:
        """Count the measures of the branch by light, worst first."""
        found = Counter(measure.shown_light for measure in self.all_measures)
        return [(light, found[light]) for light in ("bad", "warn", "ok", "") if found[light]]


def measures_of(document: str, chosen: Q | None = None) -> list[Any]:
    """Give the measures with lead, last note, notes with evidence and light, in the plan's order."""
    rows = (
        Measure.objects.filter(chosen or Q(), node__document__code=document)
        .select_related("node", "lead")
        .annotate(
            last=Max("notes__on"),
            filed=Count("notes", distinct=True),
            proven=Count("notes", filter=~Q(notes__evidence=""), distinct=True),
            percent=Max("notes__percent"),
        )
    )
    found: list[Any] = list(rows)
    day = today()
    for measure in found:
        measure.shown_light = rules.light(measure.state, measure.last, min(day, _end(measure)))
    return found


def _end(measure: Measure) -> date:
    """A plan that has run out is judged on its last day."""
    return date(measure.end_year, 12, 31)


def tree(document: str, chosen: Q | None = None, kinds: tuple[str, ...] = ("goal", "task", "group")) -> list[Branch]:
    """Give Goal → Task → group → Measure; branches without a chosen measure fall away when something is chosen."""
    branches = {node.pk: Branch(node) for node in PlanNode.objects.filter(document__code=document, kind__in=kinds)}
    for measure in measures_of(document, chosen):
        branches[measure.node_id].measures.append(measure)
    roots: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.node.parent_id or 0)
        (parent.children if parent else roots).append(branch)
    return _pruned(roots) if chosen else roots


def _pruned(branches: list[Branch]) -> list[Branch]:
    kept = [branch for branch in branches if branch.count]
    for branch in kept:
        branch.children = _pruned(branch.children)
    return kept


@dataclass(frozen=True)
class Gap:
    """A measure that lacks something."""

    measure: Any
    lead: bool
    project: bool
    evidence: bool


def gaps(document: str) -> list[Gap]:
    """Give the measures without a lead unit, a project or evidence."""
    projects = projects_per_measure()
    found = [
        Gap(measure, measure.lead_id is None, not projects.get(measure.code), not measure.proven)
        for measure in measures_of(document)
    ]
    return [gap for gap in found if gap.lead or gap.project or gap.evidence]


def figures_of(document: str) -> list[Figure]:
    """Give the published figures."""
    return list(Figure.objects.filter(document__code=document).select_related("indicator"))


def overlaps() -> dict[frozenset[str], Bilingual]:
    """Give pairs of indicators that may count the same thing, with the reason."""
    rows = IndicatorOverlap.objects.values_list("one__code", "other__code", "reason_zh", "reason_en")
    return {frozenset((one, other)): Bilingual(zh, en) for one, other, zh, en in rows}


def checks_of(document: str) -> list[Check]:
    """Run C1–C19 over the loaded figures, lists, pairings and measures."""
    values: dict[str, Decimal] = {figure.code: figure.value for figure in figures_of(document)}
    members = Term.objects.filter(extra=False).values_list("dictionary__code").annotate(n=Count("pk"))
    lists: dict[str, int] = dict(members)
    areas = Pairing.objects.in_force(date(2007, 3, 28)).values("region").distinct().count()
    per_task = Counter(_task(clause) for clause in _clauses(document))
    return all_checks(values, lists, areas, per_task)


def _clauses(document: str) -> list[str]:
    rows = Measure.objects.filter(node__document__code=document).order_by("position")
    return list(rows.values_list("node__clause", flat=True))


def _task(clause: str) -> str:
    """Give the task of a clause: 三(二)1(2) → 三(二)1."""
    head, _bracket, tail = clause.partition(")")
    return head + ")" + tail.split("(")[0]
