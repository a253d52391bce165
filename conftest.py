"""For every test, of a room or of the house: the database, the browser, and the rule that nothing is skipped."""

import gc
from collections.abc import Iterator

import pytest
from django.utils.translation import override
from hypothesis import settings

pytest_plugins = ["tests.plugin_honest", "tests.plugin_database", "tests.plugin_browser", "tests.plugin_demo"]

settings.register_profile("yulan", deadline=None, derandomize=True)
settings.load_profile("yulan")


gc.set_threshold(50_000, 50, 100)  # as it comes, every tenth second would go into looking for garbage


def pytest_collection_finish() -> None:
    """Leave what is loaded for good out of every later look for garbage."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Refusals of verbs called directly are matched in English; pages choose their language by the request."""
    with override("en"):
        yield
