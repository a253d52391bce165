"""Pages of the forms: the list, one form with the source of every cell, the workbook."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yulan.insight.forms.catalogue import FORMS
from yulan.insight.forms.engine import Cell, Filled, FormColumn
from yulan.insight.forms.printing import workbook
from yulan.kernel.pages.policy import signed_in
from yulan.kernel.pages.reader import actor_of
from yulan.kernel.period import show_date, today
from yulan.kernel.resource.exporting import FORMATS
from yulan.kernel.resource.query import BadQuery
from yulan.kernel.text import _

YEARS = range(2001, 2011)
DEFAULT_YEAR = 2010


@signed_in
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the forms, each with how much of it fills itself."""
    year = _year(request)
    rows = []
    for form in FORMS.values():
        filled = form.fill(year, None)
        missing = sum(cell.missing for cell in filled.cells)
        rows.append({"form": form, "rate": _rate(filled), "missing": missing, "url": f"/forms/{form.code}?year={year}"})
    page = {"title": _("Forms"), "rows": rows, "year": year, "years": YEARS}
    return render(request, "forms/list.html", {"page": page})


def _year(request: HttpRequest) -> int:
    raw = request.GET.get("year", str(DEFAULT_YEAR))
    if not (raw.isascii() and raw.isdigit() and int(raw) in YEARS):
        raise BadQuery("year", str(_("A year from %(a)s to %(b)s.") % {"a": YEARS[0], "b": YEARS[-1]}))
    return int(raw)


def _map_on(request: HttpRequest) -> date | None:
    """Give the day on whose map regions are named: that of the form's year, None, or today."""
    raw = request.GET.get("map", "")
    if raw not in ("", "today"):
        raise BadQuery("map", str(_("Nothing, or “today”.")))
    return today() if raw else None


def _rate(filled: Filled) -> str:
    return f"{filled.fill_rate.quantize(Decimal('0.1'), ROUND_HALF_UP)}"


@signed_in
@require_safe
def form_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one form: every cell leads to its source, missing ones to where they are entered."""
    if code not in FORMS:
        raise Http404
    year = _year(request)
    form, map_on = FORMS[code], _map_on(request)
    filled = form.fill(year, map_on)
    page = {
        "title": f"{code} {filled.title}",
        "filled": filled,
        "columns": [{"label": _heading(filled, one), "numeric": one.kind != "text"} for one in filled.columns],
        "year": year,
        "years": YEARS,
        "rate": _rate(filled),
        "missing": sum(cell.missing for cell in filled.cells),
        "rows": [_shown(filled, row) for row in filled.rows],
        "total": _shown(filled, filled.total) if filled.total else [],
        "url": f"/forms/{code}",
        "xlsx": f"/forms/{code}.xlsx?{request.GET.urlencode()}",
        "mapped": form.mapped,
        "today": show_date(today(), get_language() or ""),
        "restated": map_on is not None,
        "breadcrumbs": [{"label": _("Forms"), "url": "/forms/"}, {"label": code, "url": ""}],
    }
    return render(request, "forms/form.html", {"page": page})


def _shown(filled: Filled, row: Any) -> list[dict[str, Any]]:
    return [
        {"text": _text(cell, column), "cell": cell, "numeric": column.kind != "text", "label": _heading(filled, column)}
        for column, cell in zip(filled.columns, row, strict=True)
    ]


def _heading(filled: Filled, column: FormColumn) -> str:
    """Give a column's label; that of an amount names the form's unit."""
    if column.kind != "money":
        return str(column.label)
    return _("%(label)s (%(unit)s)") % {"label": column.label, "unit": filled.unit}


def _text(cell: Cell, column: FormColumn) -> str:
    if cell.value is None:
        return ""
    if column.kind == "money":
        return f"{cell.value:,.2f}"
    if isinstance(cell.value, int):
        return f"{cell.value:,}"
    if isinstance(cell.value, Decimal):
        plain = f"{cell.value:,f}"
        return plain.rstrip("0").rstrip(".") if cell.value == cell.value.to_integral_value() else plain.rstrip("0")
    return str(cell.value)


@signed_in
@require_safe
def form_file(request: HttpRequest, code: str) -> HttpResponse:
    """Give a form as a workbook in A4 print layout."""
    if code not in FORMS:
        raise Http404
    year = _year(request)
    filled = FORMS[code].fill(year, _map_on(request))
    answer = HttpResponse(workbook(filled, reporter=str(actor_of(request))), content_type=FORMATS["xlsx"])
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{code}-{filled.title}-{year}')}.xlsx"
    return answer
