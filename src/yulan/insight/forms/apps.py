"""Forms as a Django app."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    """Forms that fill themselves, and the typed-in facts they need."""

    name = "yulan.insight.forms"
    label = "forms"
    clauses = ("三(一)", "四(一)")
