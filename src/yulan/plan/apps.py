"""The plan room as a Django app."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    """Plan documents, measures, indicators, figures."""

    name = "yulan.plan"
    label = "plan"
    clauses = ("一(一)", "一(二)", "一(三)", "一(四)", "二(一)", "二(二)", "二(三)", "三(一)", "四(一)")
