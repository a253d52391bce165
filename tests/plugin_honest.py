"""Under `CI=true` a skipped test is a failed test: what a test needs must be there."""

import os
from typing import Any, NoReturn

import pytest


def missing(part: str, remedy: str) -> NoReturn:
    """Give up a test whose part is missing, saying how to get it."""
    pytest.skip(f"{part} is missing: {remedy}")


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    report = yield
    return fail(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    return fail(report)


def fail(report: Any) -> Any:
    """Turn a skip into a failure that keeps its reason."""
    if in_ci() and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"Skipped under CI=true, where nothing may be: {report.longrepr}"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report
