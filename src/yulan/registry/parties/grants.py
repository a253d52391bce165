"""Assignments as the kernel's grants: the organisation's branch and the region's code prefixes."""

from collections.abc import Iterable

from yulan.kernel.access import Grant
from yulan.registry.regions.history import Gazetteer
from yulan.registry.regions.selectors import gazetteer

Row = tuple[str, str | None, str, str | None]
"""Role, organisation path, region code, name of the person on whose behalf."""


def grants_of(rows: Iterable[Row]) -> tuple[Grant, ...]:
    """Turn assignments into grants, in order, the same grant once."""
    plain = {(role, path or "", region, behalf or "") for role, path, region, behalf in rows}
    return tuple(Grant(role, path, prefixes(region), behalf) for role, path, region, behalf in sorted(plain))


def prefixes(region: str) -> tuple[str, ...]:
    """Give all code prefixes, past and present, of a region's territory; none for "".

    Reads the shipped register, which asks the database nothing; the table only for a code added since.
    """
    shipped = Gazetteer.load()
    if not region:
        return ()
    return shipped.prefixes(region) if region in shipped else gazetteer().prefixes(region)
