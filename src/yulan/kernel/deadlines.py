"""Deadlines as people read them: the last day, the working days up to it, the light, the rule and how sure it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language

from yulan.kernel.lifecycle import Lifecycle, Tone
from yulan.kernel.period import show_date, today
from yulan.kernel.text import Text, _
from yulan.kernel.workdays import Calendar, calendar


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a record has to have left its state: `text` gives the day and the working days left or overdue."""

    due: date
    text: str
    tone: Tone
    source: Text
    unverified: bool


def deadlines_of(lifecycle: Lifecycle, records: Iterable[Any]) -> list[Deadline | None]:
    """Give the deadline of each record as of today; None where no limit is laid down or its clock has not begun."""
    day, days = today(), calendar()
    return [_deadline(lifecycle, record, day, days) for record in records]


def _deadline(lifecycle: Lifecycle, record: Any, day: date, days: Calendar) -> Deadline | None:
    found = lifecycle.clock_of(record)
    if found is None:
        return None
    limit, start = found
    due = limit.due(start)
    return Deadline(due, _told(due, day, days), limit.light(start, day), limit.source, limit.unverified)


def _told(due: date, day: date, days: Calendar) -> str:
    """Say the day and the distance; ≈ where the holidays of a year in between are not announced yet."""
    first, last = sorted((due, day))
    about = "≈" if days.unannounced(first, last) else ""
    words = _("%(day)s · working days overdue: %(n)s") if due < day else _("%(day)s · working days left: %(n)s")
    told = show_date(due, get_language() or "")
    return str(words) % {"day": told, "n": f"{about}{days.workdays_between(first, last)}"}
