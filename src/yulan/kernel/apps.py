"""The kernel as a Django app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Tables of the trail, files, search and holidays; gathers what the rooms declare."""

    name = "yulan.kernel"
    label = "kernel"
    clauses: tuple[str, ...] = ()
    subscribers = ("yulan.kernel.notices.tell",)
    verifiers = ("yulan.kernel.verify.verify_trail", "yulan.kernel.files.verify_files")

    def ready(self) -> None:
        """Read every room's resources.py."""
        autodiscover_modules("resources")
        from yulan.kernel.resource.indexing import index_all_resources

        index_all_resources()
