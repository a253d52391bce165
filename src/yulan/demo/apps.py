"""The demonstration world as a Django app."""

from django.apps import AppConfig

from yulan.kernel.text import _


class DemoConfig(AppConfig):
    """Ten years of invented work."""

    name = "yulan.demo"
    label = "demo"
    verbose_name = _("Demonstration world")
    clauses = ()
