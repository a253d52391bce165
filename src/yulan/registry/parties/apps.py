"""The parties room as a Django app."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Organisations, persons, accounts, assignments, tokens, pairings."""

    name = "yulan.registry.parties"
    label = "parties"
    verifiers = ("yulan.registry.parties.persons.verify_erasures",)
    clauses = ("一(一)", "三(二)1", "三(二)1(1)", "三(二)1(2)", "三(二)1(3)", "三(二)1(4)", "四(一)")
