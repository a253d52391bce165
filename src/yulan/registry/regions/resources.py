"""Regions, their groups and the groups' members as resources. Public: codes are a national standard."""

from typing import Any

from yulan.kernel.access import Actor
from yulan.kernel.resource import Resource
from yulan.kernel.trail import ChangeSet
from yulan.registry.regions.models import Region, RegionGroup, RegionGroupMember
from yulan.registry.regions.selectors import refresh

KEEPER = "sysadmin"
SPAN = "code name level parent_code valid_from valid_to successor_codes event doc_no"
MEMBER = "group region_code valid_from valid_to source unverified"


class Regions(Resource):
    """The dated register: one row per code and name."""

    model = Region
    channel = "reports"
    key = "key"
    write = {KEEPER: f"key {SPAN}"}
    columns = SPAN
    filters = "level parent_code code"
    search = "code name doc_no"
    order = "code valid_from"
    public = f"key {SPAN}"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> Region:
        """Add a span; the gazetteer is read anew."""
        refresh()
        return changes.create(Region(**values))

    def change(self, changes: ChangeSet, obj: Region, values: dict[str, Any], by: Actor) -> Region:
        """Change a span; the gazetteer is read anew. A new code or first day makes a new key."""
        refresh()
        return changes.update(obj, **_rekeyed(obj, values, ("code", "valid_from")))


class RegionGroups(Resource):
    """Named groups of regions: the Yangtze River Delta, the West, the Three Gorges area and the like (R109)."""

    model = RegionGroup
    channel = "reports"
    write = {KEEPER: "code name_zh name_en note"}
    columns = "name_zh code note"
    search = "code name_zh name_en"
    public = "code name_zh name_en note"


class RegionGroupMembers(Resource):
    """Dated members; what no document at hand confirms is marked unverified."""

    model = RegionGroupMember
    under = "group"
    channel = "reports"
    key = "key"
    write = {KEEPER: f"key {MEMBER}"}
    columns = MEMBER
    filters = "group region_code unverified"
    order = "group valid_from"
    public = f"key {MEMBER}"

    def make(self, changes: ChangeSet, values: dict[str, Any], by: Actor) -> RegionGroupMember:
        """Add a member; its key follows from it."""
        return changes.create(RegionGroupMember(**values))

    def change(
        self, changes: ChangeSet, obj: RegionGroupMember, values: dict[str, Any], by: Actor
    ) -> RegionGroupMember:
        """Change a member; its key follows."""
        return changes.update(obj, **_rekeyed(obj, values, ("group_id", "region_code", "valid_from")))


def _rekeyed(obj: Any, values: dict[str, Any], parts: tuple[str, ...]) -> dict[str, Any]:
    """Have the record make its key anew when a part of it changes."""
    moved = any(name in values and getattr(obj, name) != values[name] for name in parts)
    return {**values, "key": ""} if moved else values
