"""Keeps the search index in step: every resource that declares `search` is indexed within its change set."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction

from yulan.kernel import search
from yulan.kernel.resource.declare import Resource, all_resources
from yulan.kernel.trail import index_with

STEP = 900


def index_all_resources() -> None:
    """Hook every resource that can be searched into the trail."""
    for resource in all_resources():
        if resource.search:
            index_with(resource.model, _indexer(resource))


def _indexer(resource: Resource) -> Callable[[Sequence[Any]], None]:
    def index(ids: Sequence[Any]) -> None:
        label = resource.model._meta.label_lower
        present: set[int] = set()
        rows = []
        for row in _rows(resource, [int(key) for key in ids]):
            present.add(row.object_id)
            rows.append(row)
        search.index(rows)
        gone = {int(key) for key in ids} - present
        if gone:
            search.remove(label, gone)

    return index


def _rows(resource: Resource, ids: Sequence[int]) -> Iterator[search.SearchRow]:
    names = resource.search.split()
    label = resource.model._meta.label_lower
    for start in range(0, len(ids), STEP):
        found = resource.model._default_manager.filter(pk__in=ids[start : start + STEP])
        for pk, *texts in found.values_list("pk", *names):
            filled = [str(text) for text in texts if text]
            yield search.SearchRow(label, pk, " ".join(filled[:2]), "\n".join(filled))


def rebuild() -> int:
    """Index everything anew; give how many records."""
    count = 0
    with transaction.atomic():
        for resource in all_resources():
            if resource.search:
                ids = list(resource.model._default_manager.values_list("pk", flat=True))
                _indexer(resource)(ids)
                count += len(ids)
    return count
