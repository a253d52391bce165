"""The sentence of the public site: who gives, to where, for what, in which years; and what it adds up to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict

from yulan.engines.projects.lifecycle import PUBLIC_STATES
from yulan.engines.projects.models import AidProject
from yulan.insight.forms.catalogue import area_finder, areas_of, restated
from yulan.kernel.period import today
from yulan.kernel.resource.query import BadQuery
from yulan.kernel.text import Bilingual, _
from yulan.registry.records.terms import terms_of
from yulan.registry.regions.selectors import gazetteer

FIRST, LAST = 2001, 2010
AREAS_ON = 2007
"""The areas are those paired in this year, the plan's own."""
AS_PRINTED = date(2007, 3, 28)
"""The day of the plan: its areas are called as it calls them, unless they are restated."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One reading of the sentence. Empty parts mean all; `map_on` is the day on whose map the areas are named."""

    who: str = ""
    where: str = ""
    what: str = ""
    first: int = FIRST
    last: int = LAST
    map_on: date = AS_PRINTED

    @classmethod
    def read(cls, params: QueryDict) -> "Selection":
        """Read the parameters who, where, what, from, to and map (“today”). Raises BadQuery."""
        first, last = _year(params, "from", FIRST), _year(params, "to", LAST)
        if last < first:
            first, last = last, first
        what = params.get("what", "")
        if what and what not in terms_of("sectors"):
            raise BadQuery("what", str(_("There is no such sector.")))
        if params.get("map", "") not in ("", "today"):
            raise BadQuery("map", str(_("Nothing, or “today”.")))
        map_on = today() if params.get("map") else AS_PRINTED
        where = restated(params.get("where", ""), map_on)
        if where and where not in areas_of(AREAS_ON, map_on):
            raise BadQuery("where", str(_("There is no such area.")))
        return cls(params.get("who", "")[:30], where, what, first, last, map_on)

    def query(self, **over: object) -> str:
        """Give the address of the list of projects behind this selection, or a part of it."""
        given: dict[str, object] = {"region": self.where, "sector": self.what, "supporter": self.who}
        given |= {"year.from": self.first, "year.to": self.last, "published": 1} | over
        return "/projects/?" + urlencode({k: v for k, v in given.items() if v not in ("", None)}, doseq=True)


def _year(params: QueryDict, name: str, default: int) -> int:
    raw = params.get(name, "") or str(default)
    if not (raw.isascii() and raw.isdigit() and FIRST <= int(raw[:6]) <= LAST):
        raise BadQuery(name, str(_("A year from %(a)s to %(b)s.") % {"a": FIRST, "b": LAST}))
    return int(raw)


def projects(selection: Selection) -> QuerySet[AidProject]:
    """Give the public projects of a selection."""
    rows = AidProject.objects.filter(state__in=PUBLIC_STATES, year__range=(selection.first, selection.last))
    if selection.what:
        rows = rows.filter(sector=selection.what)
    if selection.who:
        rows = rows.filter(supporter__code=selection.who)
    if selection.where:
        starts = [Q(region__startswith=prefix) for prefix in gazetteer().prefixes(selection.where)]
        rows = rows.filter(Q(*starts, _connector=Q.OR))
    return rows


@dataclass
class Summary:
    """What a selection adds up to: fen and projects by (area, year), persons helped.

    What lies in none of the areas stands under the area "": `elsewhere` names its regions.
    """

    areas: list[str]
    years: list[int]
    money: dict[tuple[str, int], int]
    count: dict[tuple[str, int], int]
    persons: int
    elsewhere: list[str]

    def total(self, area: str | None = None, year: int = 0) -> int:
        """Add up fen over an area, a year, or everything."""
        return sum(v for (a, y), v in self.money.items() if area in (None, a) and year in (0, y))

    def projects(self, area: str | None = None, year: int = 0) -> int:
        """Add up projects likewise."""
        return sum(v for (a, y), v in self.count.items() if area in (None, a) and year in (0, y))

    def regions(self, area: str) -> str | list[str]:
        """Give what the list of projects is to be filtered by."""
        return area or self.elsewhere


def summarise(selection: Selection) -> Summary:
    """Add up the projects of a selection by area and year, in two queries."""
    areas = areas_of(AREAS_ON, selection.map_on)
    find = area_finder(areas)
    money: dict[tuple[str, int], int] = defaultdict(int)
    count: dict[tuple[str, int], int] = defaultdict(int)
    rows = projects(selection)
    grouped = rows.values_list("region", "year").annotate(total=Sum("aid_amount"), n=Count("pk")).order_by()
    elsewhere: set[str] = set()
    for region, year, total, n in grouped:
        place = (find(region), year)
        if not place[0]:
            elsewhere.add(region)
        money[place] += total or 0
        count[place] += n
    persons = rows.aggregate(n=Sum("persons"))["n"] or 0
    shown = [area for area in areas if selection.where in ("", area)] + ([""] if elsewhere else [])
    years = list(range(selection.first, selection.last + 1))
    return Summary(shown, years, dict(money), dict(count), persons, sorted(elsewhere))


def givers() -> list[dict[str, Any]]:
    """Give the organisations that give, for the sentence."""
    rows = AidProject.objects.filter(state__in=PUBLIC_STATES).order_by("supporter__code")
    names = rows.values_list("supporter__code", "supporter__name_zh", "supporter__name_en").distinct()
    return [{"value": code, "label": str(Bilingual(zh, en))} for code, zh, en in names]
