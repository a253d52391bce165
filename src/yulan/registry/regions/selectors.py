"""What higher floors read: the gazetteer, regions on a day, members of groups, restated statistics."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from django.db.models import Count, Max

from yulan.kernel.period import today
from yulan.kernel.trail import version_of
from yulan.registry.regions.history import Gazetteer, RegionSpan
from yulan.registry.regions.models import Region, RegionGroupMember

CHECK_SECONDS = 2.0
Number = TypeVar("Number", int, float)


class _Held:
    """The gazetteer in use, the mark of the table it was read from, and when that was last checked."""

    lock = threading.Lock()
    mark: object = None
    checked = -CHECK_SECONDS
    gazetteer: Gazetteer | None = None


def gazetteer() -> Gazetteer:
    """The register of the database, or the shipped one while that is empty. Seen changes within two seconds."""
    held = _Held.gazetteer
    if held is not None and time.monotonic() - _Held.checked < CHECK_SECONDS:
        return held
    with _Held.lock:
        mark = _mark()
        if mark != _Held.mark or _Held.gazetteer is None:
            _Held.gazetteer = _read(mark)
            _Held.mark = mark
        _Held.checked = time.monotonic()
        return _Held.gazetteer


def refresh() -> None:
    """Have the next call look at the table again (after a change set)."""
    _Held.checked = -CHECK_SECONDS


def _mark() -> tuple[object, ...]:
    found = Region.objects.aggregate(rows=Count("pk"), changed=Max("changed_at"))
    return version_of(Region), found["rows"], found["changed"]


def _read(mark: tuple[object, ...]) -> Gazetteer:
    if not mark[1]:
        return Gazetteer.load()
    names = ("code", "name", "level", "parent_code", "valid_from", "valid_to", "successor_codes", "event", "doc_no")
    rows = Region.objects.values_list(*names).order_by()
    return Gazetteer.from_rows(
        RegionSpan(code, name, level, parent, begun, ended, tuple(heirs.split()), event, doc_no)
        for code, name, level, parent, begun, ended, heirs, event, doc_no in rows.iterator(5000)
    )


def region_on(code_or_name: str, on: date) -> RegionSpan:
    """The region in force that day. Raises UnknownRegion or AmbiguousRegion."""
    return gazetteer().lookup(code_or_name, on)


def group_members(group: str, on: date) -> tuple[RegionSpan, ...]:
    """The members of a group (by its code) that day, as the regions they are that day, by code."""
    register = gazetteer()
    rows = RegionGroupMember.objects.filter(group__code=group, valid_from__lte=on).exclude(valid_to__lte=on)
    codes = rows.values_list("region_code", flat=True)
    return tuple(sorted({span for code in codes for span in register.on_date(code, on)}))


@dataclass(frozen=True)
class Restated(Generic[Number]):
    """A statistic by region of one day, restated to the map of another.

    ``values`` holds what could be moved whole, added up where regions were merged. ``split`` holds, under the code
    as printed, the value and the codes among which it would have to be divided; ``lost`` what has no successor.
    Nothing is guessed: printed total = values + split + lost.
    """

    values: dict[str, Number] = field(default_factory=dict)
    split: dict[str, tuple[Number, tuple[str, ...]]] = field(default_factory=dict)
    lost: dict[str, Number] = field(default_factory=dict)


def restate_rows(rows: Mapping[str, Number], printed_on: date, to: date | None = None) -> Restated[Number]:
    """Restate {code: value} printed on one day to the regions of another (default: today).

    Going back in time, a region that was merged from several is a split.
    """
    register, day = gazetteer(), to or today()
    done: Restated[Number] = Restated()
    for code, value in rows.items():
        span = register.span(code, printed_on)
        heirs = register.restate(code, printed_on, day) if span else tuple(s.code for s in register.on_date(code, day))
        if len(heirs) == 1:
            done.values[heirs[0]] = done.values[heirs[0]] + value if heirs[0] in done.values else value
        elif heirs:
            done.split[code] = (value, heirs)
        else:
            done.lost[code] = value
    return done
