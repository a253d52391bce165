"""The kernel as a Django app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Tables of the trail, files, search and holidays."""

    name = "yulan.kernel"
    label = "kernel"
    clauses: tuple[str, ...] = ()
