"""Tags of the pages: icons, and the body of a table, which is drawn here because a template is too slow for it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.dateparse import parse_datetime
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import is_aware, localtime
from django.utils.translation import get_language, gettext

from yulan.kernel.money import UNIT_LABELS, Unit, show_money
from yulan.kernel.period import show_date

register = template.Library()

_SHORT, _LONG, _CODE = 6, 12, 24  # characters: stays on one line; wants room; a code that stays on one line


@register.simple_tag
def icon(name: str) -> SafeString:
    """Show an icon of vendor/icons.svg: decoration only, the words beside it carry the meaning."""
    return format_html(
        '<svg class="y-i" aria-hidden="true"><use href="{}#{}"></use></svg>', static("vendor/icons.svg"), name
    )


@register.filter
def moment(value: Any) -> Any:
    """Show a point in time (datetime, or its ISO text) as a date with local time; leave anything else as it is."""
    if isinstance(value, str):
        found = parse_datetime(value) if len(value) > 15 and value[4:5] == "-" else None
        value = found or value
    if not isinstance(value, datetime):
        return value
    local = localtime(value) if is_aware(value) else value
    return f"{day(local.date())} {local:%H:%M}"


@register.filter
def day(value: Any) -> Any:
    """Show a date as 2010年6月18日 or 18 June 2010; leave anything else as it is."""
    return show_date(value, get_language() or "") if isinstance(value, date) else value


@register.filter
def money(fen: int, unit: Unit) -> str:
    """Show an amount in the reader's unit."""
    return show_money(fen, unit or "元")


@register.filter
def unit_label(unit: Unit) -> Any:
    """Show what a unit of money is called."""
    return UNIT_LABELS[unit or "元"]


@register.simple_tag
def table_rows(columns: Iterable[Any], rows: Iterable[Any], pick: object = None) -> SafeString:
    """Draw the rows of a table: one `<tr>` for each row, one cell for each shown column.

    `columns`: objects or dicts {label, numeric, shown}, or plain labels. `rows`: {id, url, cells}, a cell being
    {text, url, kind, numeric, tone}; the first cell leads to the row's url when it has none. `pick`: true puts a
    box `ids` before each row. Everything is escaped.
    """
    labels = [conditional_escape(_get(c, "label", c)) for c in columns if _get(c, "shown", True) is not False]
    word = conditional_escape(gettext("Select"))
    out: list[str] = []
    for row in rows:
        cells: Sequence[Any] = _get(row, "cells")
        out.append("<tr>")
        if pick:
            name = conditional_escape(_get(cells[0], "text")) if cells else ""
            out.append(
                f'<td class="y-pick"><label class="y-picker"><input class="form-check-input" type="checkbox" name="ids"'
                f' value="{conditional_escape(_get(row, "id"))}" aria-label="{word} {name}"></label></td>'
            )
        lead = _get(row, "url")
        for label, cell in zip(labels, cells, strict=False):
            out.append(_cell(cell, label, lead))
            lead = None
        out.append("</tr>")
    return mark_safe("".join(out))  # noqa: S308 - every value above went through conditional_escape


def _cell(cell: Any, label: str, lead: str | None) -> str:
    """Draw one cell; `lead` is the row's address for the first cell, None for the others."""
    if isinstance(cell, dict):
        text, kind, url = cell["text"], cell.get("kind"), cell.get("url")
        numeric, tone = cell.get("numeric"), cell.get("tone")
    else:
        text, kind, url, numeric, tone = cell.text, cell.kind, cell.url, cell.numeric, cell.tone
    text = "" if text is None else text
    shown: str = conditional_escape(text)
    if kind == "state" and shown:
        shown = f'<span class="y-tone y-tone-{tone}">{shown}</span>' if tone else f'<span class="y-tone">{shown}</span>'
    elif tone and shown:
        shown = f'<span class="y-light y-light-{tone}">{shown}</span>'
    if shown and (url or lead):
        shown = f'<a href="{conditional_escape(url or lead or "")}">{shown}</a>'
    style = "y-num" if numeric else "y-tight" if kind == "date" else _width(str(text))
    if lead is not None:
        style = f"{style} y-lead-cell".strip()
    elif not shown:
        style = f"{style} y-blank".strip()
    return (
        f'<td class="{style}" data-label="{label}">{shown}</td>' if style else f'<td data-label="{label}">{shown}</td>'
    )


def _width(text: str) -> str:
    if len(text) <= _SHORT or (len(text) <= _CODE and text.isascii() and " " not in text):
        return "y-tight"
    return "y-text" if len(text) > _LONG else ""


def _get(thing: Any, name: str, default: Any = "") -> Any:
    return thing.get(name, default) if isinstance(thing, dict) else getattr(thing, name, default)
