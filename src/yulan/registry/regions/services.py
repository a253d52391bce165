"""Verbs that write regions."""

from typing import NamedTuple

from django.db import transaction

from yulan.kernel.access import Actor
from yulan.kernel.timeline import timeline
from yulan.kernel.trail import ChangeSet, change_set
from yulan.registry.regions.groups import shipped_groups
from yulan.registry.regions.history import Gazetteer, RegionSpan
from yulan.registry.regions.models import Region, RegionGroup, RegionGroupMember, span_key
from yulan.registry.regions.selectors import refresh


class Loaded(NamedTuple):
    """How many rows a load added, brought up to date, and left as a person had edited them."""

    added: int
    updated: int
    kept: int


def load_regions(*, by: Actor) -> Loaded:
    """Put the shipped register and groups into the database; safe to repeat.

    Rows that somebody else than ``by`` edited stay as they are.
    """
    with change_set(by=by, reason="随附的区划名录") as changes:
        regions = _load_spans(changes)
        groups = _load_groups(changes)
    transaction.on_commit(refresh)
    return Loaded(regions.added + groups, regions.updated, regions.kept)


def _load_spans(changes: ChangeSet) -> Loaded:
    stored = {(row.code, row.valid_from): row for row in Region.objects.all()}
    new, updated, kept = [], 0, 0
    for span in Gazetteer.load():
        row = stored.get((span.code, span.valid_from))
        if row is None:
            new.append(_row(span))
        elif row.span() != span:
            if row.version > 1 and timeline(row, 1)[0]["actor"] != changes.by.name:
                kept += 1
                continue
            fresh = _row(span)
            names = ("name", "level", "parent_code", "valid_to", "successor_codes", "event", "doc_no")
            changes.update(row, **{name: getattr(fresh, name) for name in names})
            updated += 1
    changes.insert_many(Region, new)
    return Loaded(len(new), updated, kept)


def _row(span: RegionSpan) -> Region:
    return Region(
        code=span.code,
        name=span.name,
        level=span.level,
        parent_code=span.parent,
        valid_from=span.valid_from,
        valid_to=span.valid_to,
        successor_codes=" ".join(span.successors),
        event=span.event,
        doc_no=span.doc_no,
        key=span_key(span.code, span.valid_from),
    )


def _load_groups(changes: ChangeSet) -> int:
    stored = set(RegionGroup.objects.values_list("code", flat=True))
    members = []
    for group in shipped_groups():
        if group.code in stored:
            continue
        row = RegionGroup(code=group.code, name_zh=group.name_zh, name_en=group.name_en, note=group.note)
        changes.create(row)
        members += [
            RegionGroupMember(
                group=row,
                region_code=member.region_code,
                valid_from=member.valid_from,
                valid_to=member.valid_to,
                source=member.source,
                unverified=member.unverified,
                key=f"{group.code}-{span_key(member.region_code, member.valid_from)}",
            )
            for member in group.members
        ]
    changes.insert_many(RegionGroupMember, members)
    return len(members)
