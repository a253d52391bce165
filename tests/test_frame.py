"""The frame itself: settings, database address, request bodies."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from yulan.site.database import BadAddress, database
from yulan.site.wsgi import WholeBody


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("sqlite:///a.db", "a.db"),
        ("sqlite:////var/lib/a b.db", "/var/lib/a b.db"),
        ("postgres://u:p%40ss@h:5433/yulan", "yulan"),
        ("postgresql:///yulan?host=/run/postgresql&user=u", "yulan"),
    ],
)
def test_address_is_understood(address, name):
    assert str(database(address)["NAME"]) == name


def test_address_keeps_password_and_socket():
    there = database("postgres://u:p%40ss@h:5433/yulan?sslmode=require")
    assert (there["USER"], there["PASSWORD"], there["HOST"], there["PORT"]) == ("u", "p@ss", "h", "5433")
    assert there["OPTIONS"] == {"sslmode": "require"}
    assert database("postgres:///y?host=/run/x&user=u")["HOST"] == "/run/x"


@pytest.mark.parametrize("address", ["mysql://h/y", "yulan.sqlite3", "postgres://h", "sqlite://"])
def test_other_addresses_are_refused_with_the_forms_that_work(address):
    with pytest.raises(BadAddress, match="sqlite:///"):
        database(address)


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_is_a_file_that_writes_to_disk():
    with connection.cursor() as cursor:
        found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert found == {"journal_mode": "wal", "synchronous": 2}
    assert "memory" not in str(connection.settings_dict["NAME"])


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgres_sorts_by_code_point():
    with connection.cursor() as cursor:
        cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        assert cursor.fetchone() == ("C.UTF-8",)


def echo(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [])
    return [body]


def ask(**environ):
    answers = []
    app = WholeBody(echo, limit=100_000)
    return b"".join(app(environ, lambda status, headers: answers.append(status))), answers[0]


def test_chunked_body_reaches_the_application():
    body, _ = ask(**{"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(b"x" * 70_000)})
    assert body == b"x" * 70_000


def test_declared_body_is_passed_on_untouched():
    body, _ = ask(**{"CONTENT_LENGTH": "3", "wsgi.input": io.BytesIO(b"abc")})
    assert body == b"abc"


@pytest.mark.parametrize("head", [{"CONTENT_LENGTH": "100001"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_large_body_is_refused(head):
    _, status = ask(**head, **{"wsgi.input": io.BytesIO(b"x" * 100_001)})
    assert status.startswith("413")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_leaves_nothing_behind(turn):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    assert Session.objects.count() == 0
    Session.objects.create(session_key=str(turn), session_data="", expire_date=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_browser_reaches_the_site(browse):
    page = browse()
    answer = page.goto("/nothing-here")
    assert answer.status == 404
    assert "script-src" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_nothing_is_skipped_in_ci(ci, status, tmp_path):
    (tmp_path / "test_part.py").write_text(
        "from tests.plugin_honest import missing\ndef test_part(): missing('Chromium', 'apt-get install chromium')\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.plugin_honest",
            "-p",
            "no:django",
            "--rootdir",
            tmp_path,
            tmp_path,
        ],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout
    assert not ci or "Chromium is missing" in done.stdout
