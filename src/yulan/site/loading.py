"""What every installation starts with, and the demonstration world: loaded where absent, never twice."""

from collections.abc import Callable, Iterator, Mapping

from yulan.kernel.access import SYSTEM, Actor

Loader = Callable[[], Mapping[str, int]]


def load(*, demo: bool) -> Iterator[str]:
    """Load what is absent, in the order of the house; give one line for each room that loaded something."""
    for name, loader in (*_registers().items(), *(_demonstration() if demo else {}).items()):
        counts = [f"{count} {kind}" for kind, count in loader().items() if count]
        if counts:
            yield f"{name}: {', '.join(counts)}"


def _registers() -> dict[str, Loader]:
    from yulan.plan.services import load_plan
    from yulan.registry.parties.services import load_parties
    from yulan.registry.records.services import load_records
    from yulan.registry.regions.services import load_regions

    return {
        "holidays": lambda: {"days": load_announced_holidays(by=SYSTEM)},
        "regions": lambda: load_regions(by=SYSTEM)._asdict(),
        "parties": lambda: load_parties(by=SYSTEM),
        "records": lambda: load_records(by=SYSTEM),
        "plan": lambda: {"facts": load_plan(by=SYSTEM)},
    }


def _demonstration() -> dict[str, Loader]:
    from yulan.demo.services import load_demo

    return {"demonstration": lambda: load_demo(by=SYSTEM)}


def load_announced_holidays(*, by: Actor) -> int:
    """Put the holidays of every announced year that has none into the table; give how many days."""
    from yulan.kernel.trail import change_set
    from yulan.kernel.workdays import Holiday, load_holidays

    known = set(Holiday.objects.values_list("edition", flat=True))
    new = [day for day in load_holidays() if day.edition not in known]
    if new:
        with change_set(by=by, reason="已公布的节假日", channel="loader") as changes:
            changes.insert_many(Holiday, new)
    return len(new)
