"""The regions room as a Django app."""

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """Dated regions and groups: the ground of every row that names a place (R014, R109)."""

    name = "yulan.registry.regions"
    label = "regions"
    clauses: tuple[str, ...] = ("三(二)1", "三(二)2", "三(二)7")
