"""Keeps the search index in step: every resource that declares `search` is indexed as the trail tells of changes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

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
        for start in range(0, len(ids), STEP):
            asked = [int(key) for key in ids[start : start + STEP]]
            rows = list(_rows(resource, asked))
            search.index(rows)
            gone = set(asked) - {row.object_id for row in rows}
            if gone:
                search.remove(resource.model._meta.label_lower, gone)

    return index


def _rows(resource: Resource, ids: Sequence[int]) -> Iterator[search.SearchRow]:
    names, label = resource.search.split(), resource.model._meta.label_lower
    for pk, *texts in resource.model._default_manager.filter(pk__in=ids).values_list("pk", *names):
        filled = [str(text) for text in texts if text]
        yield search.SearchRow(label, pk, " ".join(filled[:2]), "\n".join(filled))
