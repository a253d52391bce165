"""The portal as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Public pages."""

    name = "yulan.portal"
    label = "portal"
    clauses = ("一(一)", "三(二)9", "四(六)")
