"""The plan room as a Django app."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    """Plan documents, measures, indicators, figures."""

    name = "yulan.plan"
    label = "plan"
    clauses = ("一", "二", "三(一)", "三(二)", "四(一)")
