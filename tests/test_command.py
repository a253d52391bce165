"""The command `yulan` as an operator uses it: real processes, on the engine of this run."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager

import pytest

pytestmark = pytest.mark.slow

STAYS_OUT = ("keys/trail.key", "keys/personal.key", "keys/secret")


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Place:
    """A data folder and database of its own, and the command in it."""

    def __init__(self, folder, url):
        self.var = folder / "var"
        self.var.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {"YULAN_VAR": str(self.var), "YULAN_DATABASE_URL": url}

    def yulan(self, *words, status=0):
        return self.run("-m", "yulan", *words, status=status)

    def run(self, *words, status=0):
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def served(self):
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "yulan", "serve", "--port", str(port)],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            line = process.stdout.readline()
            assert f"http://127.0.0.1:{port}/" in line, line
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def place(tmp_path_factory, new_database):
    folder = tmp_path_factory.mktemp("place")
    made = Place(folder, new_database(folder))
    made.yulan("migrate")
    files = made.var / "files" / "ab"
    files.mkdir(parents=True)
    (files / "abcd").write_bytes(b"evidence")
    return made


@pytest.fixture(scope="module")
def kept(place, tmp_path_factory):
    target = tmp_path_factory.mktemp("kept") / "yulan.tar"
    place.yulan("backup", target)
    return target


@pytest.fixture
def elsewhere(place, tmp_path, new_database):
    """Another, empty installation with the same keys."""
    made = Place(tmp_path, new_database(tmp_path))
    shutil.copytree(place.var / "keys", made.var / "keys")
    return made


def get(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def test_second_preparation_has_nothing_to_load(place):
    assert place.yulan("migrate") == ""


def test_serve_answers_and_stops(place):
    with place.served() as (url, process):
        status, headers = get(f"{url}/nothing-here")
        assert status == 404
        assert headers["X-Frame-Options"] == "DENY"
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        process.terminate()
        assert process.wait(30) == 0


def test_static_files_are_named_by_content_and_compressed(place):
    names = json.loads((place.var / "static" / "staticfiles.json").read_text())["paths"]
    style = next(name for plain, name in names.items() if plain.endswith("tabler.css"))
    with place.served() as (url, _process):
        status, headers = get(f"{url}/static/{style}", **{"Accept-Encoding": "br"})
    assert status == 200
    assert headers["Content-Encoding"] == "br"
    assert "immutable" in headers["Cache-Control"]


def test_serve_refuses_a_busy_port(place):
    with closing(socket.socket()) as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        told = place.yulan("serve", "--port", port, status=1)
    assert f"Port {port}" in told
    assert f"--port {port + 1}" in told


def test_backup_holds_its_sums_and_no_private_key(kept):
    with tarfile.open(kept) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
        sums = {n: hashlib.sha256(tar.extractfile(n).read()).hexdigest() for n in names if n != "manifest.json"}
    assert manifest["sha256"] == sums
    assert names[-1] == "manifest.json"
    assert "files/ab/abcd" in names
    assert not set(STAYS_OUT) & set(names)


def test_restore_into_an_empty_installation(kept, elsewhere):
    elsewhere.yulan("restore", kept)
    assert (elsewhere.var / "files/ab/abcd").read_bytes() == b"evidence"
    elsewhere.yulan("verify")
    assert elsewhere.yulan("migrate") == "", "the registers came with the backup"


def test_restore_over_data_needs_force(kept, elsewhere):
    elsewhere.yulan("migrate")
    assert "--force" in elsewhere.yulan("restore", kept, status=1)
    elsewhere.yulan("restore", "--force", kept)
    again = kept.with_name("again.tar")
    elsewhere.yulan("backup", again)
    elsewhere.yulan("restore", "--force", again)
    elsewhere.yulan("verify")


def test_restore_asks_for_the_keys(kept, tmp_path, new_database):
    keyless = Place(tmp_path, new_database(tmp_path))
    assert "keys" in keyless.yulan("restore", kept, status=1)


KNOWN = """
import django, json, sys
django.setup()
from pathlib import Path
from yulan.kernel.access import SYSTEM
from yulan.registry.parties import services
from yulan.registry.parties.models import Person
from yulan.site.safekeeping import back_up
person = Person.objects.filter(code="P-ERASED").first()
"""
ERASE = (
    KNOWN
    + """
person = services.register_person("P-ERASED", "演示甲", by=SYSTEM, phone="10000001234")
services.open_account("erased", "演示甲", by=SYSTEM, person=person)
back_up(Path(sys.argv[1]))
services.erase_person(person, by=SYSTEM, reason="asked by the person")
"""
)
LOOK = (
    KNOWN
    + """
there = [Person.objects.with_name("演示甲").exists(), Person.objects.with_phone("1000000 1234").exists()]
print(json.dumps([*there, person.masked_name, person.erased, person.accounts.get().is_active]))
"""
)


def test_whoever_was_erased_stays_so_when_an_older_backup_is_restored(place, tmp_path):
    place.run("-c", ERASE, tmp_path / "before.tar")
    told = place.yulan("restore", "--force", tmp_path / "before.tar")
    assert "1 erased persons erased again" in told
    assert json.loads(place.run("-c", LOOK)) == [False, False, "", True, False]
    assert "FAULTS" not in place.yulan("verify")


def test_what_nothing_needs_is_swept(place):
    orphan = place.var / "files" / "cd" / "cdef"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"orphan")
    assert "0 stored files" in place.yulan("sweep"), "younger than a day"
    os.utime(orphan, (0, 0))
    assert "1 stored files" in place.yulan("sweep")
    assert not orphan.exists()


def test_backup_while_serving_and_no_restore_then(place, tmp_path):
    with place.served():
        place.yulan("backup", tmp_path / "live.tar")
        assert "stop it" in place.yulan("restore", "--force", tmp_path / "live.tar", status=1)


@pytest.mark.parametrize("harm", ["cut", "changed", "text", "empty", "absent"])
def test_restore_refuses_what_is_damaged_and_touches_nothing(kept, elsewhere, tmp_path, harm):
    whole = kept.read_bytes()
    middle = len(whole) // 3
    content = {
        "cut": whole[: 2 * middle],
        "changed": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "text": b"not a backup\n" * 1000,
        "empty": b"",
        "absent": None,
    }[harm]
    damaged = tmp_path / "damaged.tar"
    if content is not None:
        damaged.write_bytes(content)
    told = elsewhere.yulan("restore", damaged, status=1)
    assert "damaged.tar" in told
    assert not (elsewhere.var / "files").exists()
    assert not (elsewhere.var / "yulan.sqlite3").exists()


def test_wrong_names_are_told_the_right_ones(place, tmp_path):
    assert "There are:" in place.yulan("template", "nothings", "-o", tmp_path / "t.xlsx", status=1)
    assert "no active account" in place.yulan("token", "nobody", status=1)
    place.yulan("serve", "--port", "0", status=2)
    place.yulan("fly", status=2)


def test_a_database_that_cannot_be_reached_is_explained(place):
    said = Place(place.var.parent, "postgres://nobody@127.0.0.1:1/nothing").yulan("verify", status=1)
    assert "createdb" in said
    assert "Traceback" not in said


def test_bad_database_address_is_explained(place):
    other = Place(place.var.parent, "mysql://here/yulan")
    assert "sqlite:///" in other.yulan("verify", status=1)


def test_region_needs_no_database_and_no_django():
    code = "import sys; from yulan.site.cli import main; main(['region', '530800']); assert 'django' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "普洱市" in done.stdout


def test_second_start_is_quick(place):
    start = time.monotonic()
    with place.served() as (url, _process):
        get(f"{url}/")
    assert time.monotonic() - start < 10
