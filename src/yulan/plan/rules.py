"""Progress of a measure, figures as they are printed, and what adding figures has to warn of. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from yulan.kernel.lifecycle import Firing, Lifecycle, Move, State
from yulan.kernel.text import Text, _

KINDS = (
    ("chapter", _("Chapter")),
    ("section", _("Section")),
    ("principle", _("Principle")),
    ("goal", _("Goal")),
    ("task", _("Task")),
    ("group", _("Group of measures")),
    ("safeguard", _("Safeguard")),
)
CALIBRES = (
    ("granted", _("Granted")),
    ("agreed", _("Agreed, not paid in")),
    ("paid_in", _("Paid in")),
    ("project", _("Projects")),
    ("site", _("Villages, not projects")),
    ("agreement", _("Agreements")),
    ("person", _("Persons")),
    ("person_time", _("Person-times")),
    ("batch", _("Batches")),
    ("organisation", _("Organisations")),
    ("region", _("Regions")),
    ("cash_and_goods", _("Cash and goods at value")),
    ("rate", _("Rate")),
    ("list", _("Members of a list")),
)
STOCK_OR_FLOW = (("stock", _("Stock")), ("flow", _("Flow")))
QUALIFIERS = (
    ("近", _("nearly")),
    ("余", _("more than")),
    ("约", _("about")),
    ("先后", _("in turn")),
    ("累计", _("cumulative")),
    ("其中", _("of which")),
)
"""Precision qualifiers as printed (requirements §2.1): part of the figure, shown with it."""

_HOW: dict[str, Text] = {
    "近": _("nearly %(n)s"),
    "余": _("more than %(n)s"),
    "约": _("about %(n)s"),
    "先后": _("successively %(n)s"),
    "累计": _("a total of %(n)s"),
    "其中": _("of which %(n)s"),
}
_UNITS: dict[str, Text] = {
    "亿元": _("%(n)s × 100m CNY"),
    "万元": _("%(n)s × 10k CNY"),
    "个": _("%(n)s items"),
    "家": _("%(n)s offices"),
    "人": _("%(n)s persons"),
    "名": _("%(n)s people"),
    "人次": _("%(n)s person-times"),
    "批": _("%(n)s groups"),
    "批次": _("%(n)s visits"),
}
"""Units as printed, in the reader's language."""


def has_lead(obj: Any, firing: Firing) -> Text | None:
    """The measure has a lead unit."""
    return None if obj.lead_id else _("Name the lead unit first.")


def has_evidence(obj: Any, firing: Firing) -> Text | None:
    """A progress note with evidence is filed."""
    return None if obj.has_evidence else _("File a progress note with evidence first.")


MEASURE = Lifecycle(
    "state",
    (
        State("planned", _("Planned"), _("Plan"), "", clock="run", open=True),
        State("under_way", _("Under way"), _("Implementation"), "info", clock="run", open=True),
        State("delayed", _("Delayed"), _("Implementation"), "warn", clock="run", open=True),
        State("achieved", _("Achieved"), _("Closing"), "ok"),
        State("dropped", _("Dropped"), _("Closing"), "bad"),
    ),
    (
        Move("begin", _("Begin"), ("planned",), "under_way", ("officer", "head"), (has_lead,)),
        Move("achieve", _("Mark as achieved"), ("under_way", "delayed"), "achieved", ("head",), (has_evidence,)),
        Move("delay", _("Mark as delayed"), ("under_way",), "delayed", ("officer", "head"), opinion=True),
        Move("catch_up", _("Back on schedule"), ("delayed",), "under_way", ("officer", "head")),
        Move("drop", _("Drop"), ("planned", "under_way", "delayed"), "dropped", ("head",), opinion=True, danger=True),
    ),
)
QUARTER = 92
"""Days after which a measure under way without a note turns yellow; twice that, red: progress is reported quarterly."""


def light(state: str, last_note: date | None, today: date) -> str:
    """Give the state light of a measure: ok, warn, bad, or none before it begins."""
    if state in ("achieved", "dropped"):
        return "ok" if state == "achieved" else "bad"
    if state == "planned":
        return ""
    if state == "delayed":
        return "bad"
    silent = (today - last_note).days if last_note else 10**6
    return "ok" if silent <= QUARTER else "warn" if silent <= 2 * QUARTER else "bad"


def printed(value: str, unit: str, qualifier: str) -> str:
    """Give a figure as it is printed, in the reader's language: “近900家”, “8100余批”, never the bare number."""
    number = str(_HOW[qualifier]) % {"n": value} if qualifier in _HOW else f"{qualifier}{value}"
    return str(_UNITS[unit]) % {"n": number} if unit in _UNITS else f"{number}{unit}"


def adding_warnings(figures: Sequence[Any], overlaps: Mapping[frozenset[str], Any]) -> list[Text]:
    """Say what speaks against adding figures: other units, calibres, overlap, parts and wholes, qualifiers."""
    found: list[Text] = []
    if len({f.unit for f in figures}) > 1:
        found.append(_("The units differ."))
    if len({f.indicator.calibre for f in figures}) > 1:
        found.append(_("The calibres differ."))
    if len({f.indicator.stock_flow for f in figures}) > 1:
        found.append(_("Stock and flow cannot be added."))
    if len({(f.period_start, f.period_end) for f in figures}) > 1:
        found.append(_("The periods differ."))
    codes = {f.indicator.code for f in figures}
    found += [reason for pair, reason in overlaps.items() if pair <= codes]
    if any(f.qualifier for f in figures):
        found.append(_("A figure is not exact: the sum is not exact either."))
    return [*found, *_wholes_and_parts(figures)]


def _wholes_and_parts(figures: Iterable[Any]) -> list[Text]:
    """A total and one of its areas: the area would count twice."""
    by_indicator: dict[str, list[Any]] = {}
    for figure in figures:
        by_indicator.setdefault(figure.indicator.code, []).append(figure)
    mixed = any(
        len(rows) > 1 and any(f.is_total for f in rows) and not all(f.is_total for f in rows)
        for rows in by_indicator.values()
    )
    return [_("A total and one of its parts are both chosen: the part would count twice.")] if mixed else []
