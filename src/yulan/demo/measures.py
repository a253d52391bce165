"""How the plan's measures came on from 2006 to 2010: lead units, half-yearly notes, states by real moves."""

from collections.abc import Iterator, Mapping
from datetime import date

from yulan.demo.money import demo_no
from yulan.demo.places import data
from yulan.demo.rows import moment
from yulan.kernel.access import Actor
from yulan.kernel.resource import write
from yulan.kernel.trail import change_set
from yulan.plan.models import Measure, ProgressNote
from yulan.plan.resources import Measures
from yulan.registry.parties.models import Organisation

ENDS = {"achieved": 100, "under_way": 82, "delayed": 55, "dropped": 30}
"""How far measures of each outcome came, in per cent."""
LATE = "配套条件未到位，进度落后于任务书"
NOTE = {"delay": f"{LATE}（演示）", "drop": "合作方调整规划，任务不再实施（演示）"}


def follow_plan(cast: Mapping[str, Actor]) -> int:
    """Name lead units, file notes, fire the moves; give how many notes. Measures without a row stay as they are."""
    offices = {found.code: found for found in Organisation.objects.all()}
    rows = {code: (offices[lead], joined, end) for code, lead, joined, end in data("plan")["rows"]}
    measures = list(Measure.objects.filter(code__in=rows))
    with change_set(by=cast["officer"], reason="落实牵头单位（演示）") as cs:
        for measure in measures:
            lead, joined, _end = rows[measure.code]
            cs.update(measure, lead=lead, co_units=joined, milestone="2008年底过半，2010年底完成（演示）")
    with change_set(by=cast["officer-2"], reason="半年度进展（演示）", channel="import") as cs:
        notes = [note for place, one in enumerate(measures) for note in _notes(one, rows[one.code][2], place)]
        cs.insert_many(ProgressNote, notes)
    for measure in measures:
        _move(measure, rows[measure.code][2], cast)
    return len(notes)


def _notes(measure: Measure, end: str, place: int) -> Iterator[ProgressNote]:
    """Give a note for each half-year that had something to tell."""
    phrases: list[str] = data("words")["phrases"].strip().split("\n")
    last = 6 if end == "dropped" else 10
    for half in range(place % 3, last):
        if (half + place) % 4 == 3:
            continue
        percent = ENDS[end] * (half + 1) // last
        told = phrases[percent * (len(phrases) - 1) // 100]
        on = date(2006 + half // 2, 6 if half % 2 == 0 else 12, 20)
        yield ProgressNote(
            code=f"{measure.code}-{on:%Y%m}",
            measure=measure,
            on=on,
            text=f"{measure.title_zh}：{LATE if end == 'delayed' and half > 5 else told}。（演示）",
            percent=percent,
            evidence=demo_no("函", on.year, 10 * place + half + 1) if half >= last - 4 or half % 2 else "",
            created_at=moment(on),
            changed_at=moment(on),
        )


def _move(measure: Measure, end: str, cast: Mapping[str, Actor]) -> None:
    resource = Measures()
    measure = write.move(resource, measure, "begin", by=cast["officer"])
    if end == "achieved":
        write.move(resource, measure, "achieve", by=cast["head"])
    elif end == "delayed":
        write.move(resource, measure, "delay", by=cast["officer"], opinion=NOTE["delay"])
    elif end == "dropped":
        write.move(resource, measure, "drop", by=cast["head"], opinion=NOTE["drop"])
