"""What every installation starts with, and the demonstration world: loaded where absent, never twice."""

from collections.abc import Iterator


def load(*, demo: bool) -> Iterator[str]:
    """Load what is absent, in the order of the house; give one line for each room that loaded something."""
    from yulan.kernel.access import SYSTEM
    from yulan.registry.records.services import load_records
    from yulan.registry.regions.services import load_regions

    for name, loader in (("regions", load_regions), ("records", load_records)):
        loaded = loader(by=SYSTEM)
        yield f"{name}: {loaded}"
