"""Which database the tests run on: `--db=sqlite` (a file, as in production) or `--db=postgres` (a private cluster).

Addresses are set before Django reads its settings. Workers of a parallel run share the controller's folder and
cluster. A test marked `sqlite` or `postgres` runs on that engine only and is left out, not skipped, on the other.
After a test that commits, the database is put back as the migrations left it: flushing would be refused by the
append-only tables and would empty the register.
"""

import atexit
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugin_honest import missing
from tests.postgres import Cluster, binaries

WORKER = os.environ.get("PYTEST_XDIST_WORKER")
TOUCHING = {"db", "transactional_db", "django_db_setup", "new_database", "demo_world"}
"""Fixtures that give a test a database."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--db", choices=("sqlite", "postgres"), default="sqlite", help="engine the tests run on")
    config = pluginmanager.getplugin("pytestconfig")
    if WORKER is None:
        prepare(parser.parse_known_args(list(config.invocation_params.args)).db)
    folder = Path(os.environ["YULAN_TEST_FOLDER"]) / (WORKER or "main")
    (folder / "static").mkdir(parents=True, exist_ok=True)
    os.environ["YULAN_VAR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "yulan.site.settings"
    import django

    django.setup()


def prepare(engine: str) -> None:
    """Make the folder of this run and, for PostgreSQL, the cluster; both go when the run ends, however it ends."""
    folder = tempfile.mkdtemp(prefix="yulan-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["YULAN_TEST_FOLDER"] = folder
    os.environ.pop("YULAN_DATABASE_URL", None)
    if engine == "postgres":
        if binaries() is None:
            raise pytest.UsageError("PostgreSQL is missing: apt-get install postgresql, or run with --db=sqlite")
        cluster = Cluster()
        atexit.register(cluster.stop)
        os.environ["YULAN_DATABASE_URL"] = cluster.url("yulan")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: about SQLite only")
    config.addinivalue_line("markers", "postgres: about PostgreSQL only")
    config.addinivalue_line("markers", "slow: takes seconds; left out of `make check`")


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--db')}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for the other engine; take the files that last longest first, so that none is left at the end."""
    engine = config.getoption("--db")
    out = [item for item in items if not belongs(item, engine)]
    if out:
        config.hook.pytest_deselected(items=out)
    long = {item.path for item in items if any(map(item.get_closest_marker, ("slow", "browser")))}
    house = config.rootpath / "tests"
    items[:] = sorted(
        (item for item in items if belongs(item, engine)),
        key=lambda item: (item.path not in long, house not in item.path.parents),
    )


def belongs(item: pytest.Item, engine: str) -> bool:
    """Say whether a test is run on this engine. What touches no database is run once, beside SQLite."""
    if engine == "sqlite":
        return not item.get_closest_marker("postgres")
    touches = item.get_closest_marker("django_db") or TOUCHING & set(getattr(item, "fixturenames", ()))
    return bool(touches or item.get_closest_marker("postgres")) and not item.get_closest_marker("sqlite")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        put_back = keep()
    TransactionTestCase._fixture_teardown = lambda self: put_back()


def keep() -> Callable[[], None]:
    """Keep the database as it is now; the function given puts it back."""
    from django.db import connection

    connection.ensure_connection()
    return _keep_sqlite(connection) if connection.vendor == "sqlite" else _keep_postgres(connection)


def _keep_sqlite(connection: Any) -> Callable[[], None]:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(kept)

    def put_back() -> None:
        connection.ensure_connection()
        kept.backup(connection.connection)

    return put_back


def _keep_postgres(connection: Any) -> Callable[[], None]:
    name = connection.settings_dict["NAME"]

    def copy(source: str, target: str) -> None:
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    copy(name, f"{name}_kept")
    return lambda: copy(f"{name}_kept", name)


@pytest.fixture(scope="session")
def durable_cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster that really writes to disk, for tests that kill processes."""
    if binaries() is None:
        missing("PostgreSQL", "apt-get install postgresql")
    cluster = Cluster(durable=True)
    atexit.register(cluster.stop)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Give `new_database(folder)`: the address of an empty, durable database on the engine of this run."""

    def make(folder: Path) -> str:
        if request.config.getoption("--db") == "sqlite":
            return f"sqlite:///{folder / 'yulan.sqlite3'}"
        cluster: Cluster = request.getfixturevalue("durable_cluster")
        return cluster.create(f"y{secrets.token_hex(8)}")

    return make


@pytest.fixture
def durable_url(new_database: Callable[[Path], str], tmp_path: Path) -> str:
    """Give the address of an empty database, on the engine of this run, that survives a killed process."""
    return new_database(tmp_path)
