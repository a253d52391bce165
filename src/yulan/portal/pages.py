"""The public pages: where the money went, data quality."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yulan.engines.funds.selectors import flows, in_transit
from yulan.engines.projects.lifecycle import PUBLIC_STATES
from yulan.engines.projects.models import AidProject
from yulan.insight.forms.catalogue import area_finder, areas_of
from yulan.kernel.money import FEN_OF, UNIT_LABELS, Unit, decimals_of, show_money
from yulan.kernel.pages.charts import chart_json
from yulan.kernel.pages.policy import anyone
from yulan.kernel.pages.reader import actor_of, view_of
from yulan.kernel.period import show_date, today
from yulan.kernel.text import _
from yulan.kernel.trail import head
from yulan.plan.selectors import checks_of, figures_of
from yulan.portal.selection import AREAS_ON, AS_PRINTED, FIRST, LAST, Selection, Summary, givers, summarise
from yulan.registry.parties.pages import personas
from yulan.registry.records.terms import terms_of
from yulan.registry.regions.models import called
from yulan.registry.regions.selectors import gazetteer
from yulan.registry.regions.shapes import MAP_NAME

PLAN = "2007-11"
BLOCKS = (("F07", "F08", ("54",)), ("F09", "F10", ("65",)), ("F11", "F12", ("53",)), ("F13", "F14", ("50", "42")))
"""Printed funds and projects of 2001–2005, and the provinces they stand for."""


def _name(area: str, on: date) -> str:
    return called(area, on) if area else str(_("Other areas"))


@anyone
@require_safe
def money_page(request: HttpRequest) -> HttpResponse:
    """Where the money went: one sentence, and map, chart and table of what it selects."""
    selection, view = Selection.read(request.GET), view_of(request)
    found = summarise(selection)
    chosen = "unit" in request.COOKIES or "unit" in request.GET
    unit = view.unit if chosen else "万元"
    show = partial(show_money, unit=unit, decimals=decimals_of(found.money.values(), unit))
    page = {
        "title": _("Where the money went"),
        "sentence": _sentence(selection),
        "stats": _stats(selection, found, unit),
        "unit": UNIT_LABELS[unit],
        "years": found.years,
        "rows": [_row(selection, found, area, show) for area in found.areas],
        "totals": _totals(selection, found, show),
        "map": chart_json(_map(selection, found, unit)),
        "map_name": MAP_NAME,
        "chart": chart_json(_chart(selection, found, unit)),
        "provinces": _province_rows(selection, found, unit),
        "all_url": selection.query(),
        "personas": personas() if settings.DEMO and not actor_of(request).signed_in else [],
    }
    return render(request, "portal/money.html", {"page": page})


def _sentence(selection: Selection) -> dict[str, Any]:
    def chosen(rows: list[dict[str, Any]], value: object) -> list[dict[str, Any]]:
        return [row | {"selected": row["value"] == value} for row in rows]

    sectors = [{"value": code, "label": str(name)} for code, name in terms_of("sectors").items()]
    areas = [{"value": area, "label": _name(area, selection.map_on)} for area in areas_of(AREAS_ON, selection.map_on)]
    years = [{"value": year, "label": year} for year in range(FIRST, LAST + 1)]
    return {
        "who": chosen(givers(), selection.who),
        "where": chosen(areas, selection.where),
        "what": chosen(sectors, selection.what),
        "first": chosen(years, selection.first),
        "last": chosen(years, selection.last),
        "today": show_date(today(), get_language() or ""),
        "restated": selection.map_on != AS_PRINTED,
    }


def _stats(selection: Selection, found: Summary, unit: Unit) -> list[dict[str, Any]]:
    paid = sum(flows("pay").values())
    return [
        {
            "label": _("Aid issued"),
            "value": show_money(found.total(), unit),
            "unit": UNIT_LABELS[unit],
            "url": selection.query(),
        },
        {"label": _("Projects"), "value": f"{found.projects():,}", "unit": "", "url": selection.query()},
        {"label": _("Persons helped"), "value": f"{found.persons:,}", "unit": "", "url": selection.query()},
        {
            "label": _("Paid to payees, all years"),
            "value": show_money(paid, unit),
            "unit": UNIT_LABELS[unit],
            "url": "/ledger-entries/?kind=pay",
        },
    ]


def _row(selection: Selection, found: Summary, area: str, show: Callable[[int], str]) -> dict[str, Any]:
    cells = [
        {
            "text": show(found.money[area, year]) if (area, year) in found.money else "",
            "url": selection.query(region=found.regions(area), **{"year.from": year, "year.to": year}),
            "label": year,
        }
        for year in found.years
    ]
    return {
        "name": _name(area, selection.map_on),
        "url": selection.query(region=found.regions(area)),
        "cells": cells,
        "projects": f"{found.projects(area):,}",
        "total": show(found.total(area)),
    }


def _totals(selection: Selection, found: Summary, show: Callable[[int], str]) -> dict[str, Any]:
    cells = [
        {
            "text": show(found.total(year=year)),
            "url": selection.query(**{"year.from": year, "year.to": year}),
            "label": year,
        }
        for year in found.years
    ]
    return {"cells": cells, "projects": f"{found.projects():,}", "total": show(found.total())}


def _scaled(fen: int, unit: Unit) -> float:
    return round(fen / FEN_OF[unit], 4)


def _chart(selection: Selection, found: Summary, unit: Unit) -> dict[str, Any]:
    """Give the chart: one bar a year, stacked by area; each part opens its projects."""
    series = [
        {
            "type": "bar",
            "stack": "aid",
            "name": _name(area, selection.map_on),
            "data": [
                {
                    "value": _scaled(found.money.get((area, year), 0), unit),
                    "url": selection.query(region=found.regions(area), **{"year.from": year, "year.to": year}),
                }
                for year in found.years
            ],
        }
        for area in found.areas
    ]
    return {
        "legend": {},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [str(year) for year in found.years]},
        "yAxis": {"type": "value", "name": UNIT_LABELS[unit]},
        "series": series,
    }


def _by_province(found: Summary) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (area, _year), fen in found.money.items():
        if area:
            sums[f"{area[:2]}0000"] = sums.get(f"{area[:2]}0000", 0) + fen
    return sums


def _map(selection: Selection, found: Summary, unit: Unit) -> dict[str, Any]:
    sums = _by_province(found)
    data = [
        {
            "name": gazetteer().name(code, AS_PRINTED),  # the outlines' own name
            "value": _scaled(fen, unit),
            "url": selection.query(region=code),
        }
        for code, fen in sums.items()
    ]
    top = max((_scaled(fen, unit) for fen in sums.values()), default=1) or 1
    return {
        "tooltip": {},
        "visualMap": {"min": 0, "max": top, "calculable": False, "text": [UNIT_LABELS[unit], ""]},
        "series": [{"type": "map", "map": MAP_NAME, "name": UNIT_LABELS[unit], "roam": False, "data": data}],
    }


def _province_rows(selection: Selection, found: Summary, unit: Unit) -> list[dict[str, Any]]:
    return [
        {"name": _name(code, selection.map_on), "text": show_money(fen, unit), "url": selection.query(region=code)}
        for code, fen in sorted(_by_province(found).items(), key=lambda item: -item[1])
    ]


@anyone
@require_safe
def quality_page(request: HttpRequest) -> HttpResponse:
    """How good the data are: printed figures against the register, unmatched money, the head of the trail."""
    checks = checks_of(PLAN)
    wrong = [check for check in checks if check.verdict in ("mismatch", "unresolved", "warning")]
    waiting = in_transit()
    seq, digest = head()
    page = {
        "title": _("Data quality"),
        "rows": _register_rows(),
        "checks": wrong,
        "matches": sum(check.verdict == "match" for check in checks),
        "story": next(check for check in checks if check.code == "C2"),
        "waiting": len(waiting),
        "waiting_sum": show_money(sum(row.amount for row in waiting), "万元"),
        "waiting_url": "/ledger-entries/?kind=instruct&disbursement.status=INSTRUCTED",
        "oldest": max((row.age for row in waiting), default=0),
        "head": {"seq": seq, "hash": digest},
    }
    return render(request, "portal/quality.html", {"page": page})


def _register_rows() -> list[dict[str, Any]]:
    """Set the printed projects of 2001–2005 beside what the register holds."""
    figures = {figure.code: figure for figure in figures_of(PLAN)}
    find = area_finder(areas_of(AREAS_ON))
    held: dict[str, int] = {}
    issued = AidProject.objects.filter(year__range=(2001, 2005), state__in=PUBLIC_STATES)
    regions = issued.values_list("region", flat=True)
    for region in regions:
        province = (find(region) or region)[:2]
        held[province] = held.get(province, 0) + 1
    found, asked = [], {"year.from": 2001, "year.to": 2005, "published": 1}
    for _funds, count, provinces in BLOCKS:
        figure = figures[count]
        register = sum(held.get(province, 0) for province in provinces)
        found.append(
            {
                "name": figure.area,
                "figure": figure,
                "printed": f"{int(figure.value):,}",
                "register": f"{register:,}",
                "difference": f"{register - int(figure.value):+,}" if register != figure.value else "",
                "url": "/projects/?" + urlencode(asked | {"region": [f"{code}0000" for code in provinces]}, doseq=True),
            }
        )
    return found
