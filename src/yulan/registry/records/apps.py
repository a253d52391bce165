"""The records room as a Django app."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Dictionaries, terms, regulations."""

    name = "yulan.registry.records"
    label = "records"
    clauses = ("三(二)8", "四(一)", "四(二)")
