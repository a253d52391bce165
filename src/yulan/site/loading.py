"""What every installation starts with, and the demonstration world: loaded where absent, never twice."""

from collections.abc import Callable, Iterator
from typing import Any

from yulan.kernel.access import SYSTEM


def load(*, demo: bool) -> Iterator[str]:
    """Load what is absent, in the order of the house; give one line for each room that loaded something."""
    for name, loader in (*_registers(), *(_demonstration() if demo else ())):
        loaded = loader(by=SYSTEM)
        counts: dict[str, int] = loaded if isinstance(loaded, dict) else loaded._asdict()
        if any(counts.values()):
            yield f"{name}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def _registers() -> Iterator[tuple[str, Callable[..., Any]]]:
    from yulan.registry.parties.services import load_parties
    from yulan.registry.records.services import load_records
    from yulan.registry.regions.services import load_regions

    yield from (("regions", load_regions), ("parties", load_parties), ("records", load_records))


def _demonstration() -> Iterator[tuple[str, Callable[..., Any]]]:
    from yulan.demo.services import load_demo

    yield "demonstration", load_demo
