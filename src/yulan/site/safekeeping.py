"""Backup of everything but the private keys into one tar, and its restoring.

The tar holds database.sqlite3 or database.dump (pg_dump -Fc), files/…, keys/trail.pub and, last, manifest.json:
{"format": "yulan-backup", "version": 1, "engine", "made_at", "public_key", "sha256": {name: hexadecimal}}.
A tar without a manifest was cut short. Private keys are kept apart: whoever has both reads everything.
"""

import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from yulan.kernel import keys
from yulan.kernel.access import SYSTEM
from yulan.registry.parties.services import erase_again
from yulan.site.refusal import Refusal

DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
FRESH_SCHEMA = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
PIECE = 1024 * 1024


@contextmanager
def in_use(*, alone: bool = False) -> Iterator[None]:
    """Hold the data: servers share it, a restore must have it alone. Raises Refusal at once when it cannot be had."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with open(settings.VAR / "lock", "w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            asked = "A server is running on" if alone else "A restore is under way in"
            raise Refusal(f"{asked} {settings.VAR}: wait for it or stop it, then try again.") from error
        yield


def back_up(target: Path) -> dict[str, str]:
    """Write a backup while the server may run; give name → SHA-256. `target` appears whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=settings.VAR) as folder, part.open("wb") as raw:
            dump = Path(folder) / DATABASE[connection.vendor]
            _dump(dump)
            with tarfile.open(fileobj=raw, mode="w") as tar:
                sums = _pack(tar, dump)
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return sums


def _dump(target: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
    else:
        _run(["pg_dump", "-Fc", "--no-owner", "--no-acl", f"--file={target}"])


def _pack(tar: tarfile.TarFile, dump: Path) -> dict[str, str]:
    sums: dict[str, str] = {}
    files = sorted(path for path in settings.FILES_ROOT.rglob("*") if path.is_file())
    sources = [(dump.name, dump), *((f"files/{path.relative_to(settings.FILES_ROOT)}", path) for path in files)]
    for name, path in sources:
        with path.open("rb") as source:
            sums[name] = hashlib.file_digest(source, "sha256").hexdigest()
        tar.add(path, name)
    public = keys.public_key()
    sums["keys/trail.pub"] = _add(tar, "keys/trail.pub", f"{public}\n".encode())
    manifest = {
        "format": "yulan-backup",
        "version": 1,
        "engine": connection.vendor,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "public_key": public,
        "sha256": sums,
    }
    _add(tar, "manifest.json", json.dumps(manifest, indent=1).encode())
    return sums


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> str:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(content).hexdigest()


def put_back(source: Path, *, force: bool) -> int:
    """Restore a backup; give how many erased persons were erased again.

    Everything is checked before anything is touched. Stored files are added first (they are named by content and
    never overwritten by another), then the database takes the old one's place in one step. Raises Refusal.
    """
    with in_use(alone=True), tempfile.TemporaryDirectory(dir=settings.VAR) as folder:
        manifest = _unpack(source, Path(folder))
        if manifest["engine"] != connection.vendor:
            raise Refusal(
                f"The backup is of {manifest['engine']}, YULAN_DATABASE_URL names {connection.vendor}: make them agree."
            )
        if not force:
            _refuse_loss(manifest)
        _files(Path(folder) / "files")
        _replace(Path(folder) / DATABASE[connection.vendor])
        call_command("migrate", interactive=False, verbosity=0)
        return erase_again(by=SYSTEM)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack into an empty folder and compare every sum; give the manifest."""
    sums: dict[str, str] = {}
    try:
        with tarfile.open(source, "r:") as tar:
            for entry in tar:
                content = tar.extractfile(entry)
                if content is None or not _inside(entry.name):
                    raise Refusal(
                        f"{source} holds “{entry.name}”, which no backup of Yulan does: nothing was restored."
                    )
                sums[entry.name] = _copy(content, folder / entry.name)
        manifest = dict(json.loads((folder / "manifest.json").read_bytes()))
        said = dict(manifest["sha256"])
        engine_file = DATABASE[manifest["engine"]]
    except FileNotFoundError as error:
        if not source.exists():
            raise Refusal(f"There is no file {source}.") from error
        raise Refusal(f"{source} has no manifest: it was cut short. Take another backup.") from error
    except (tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise Refusal(f"{source} is not a backup of Yulan, or is damaged: {error}. Take another backup.") from error
    sums.pop("manifest.json")
    wrong = sorted({*sums, *said, engine_file} - {name for name in sums if sums[name] == said.get(name)})
    if wrong:
        raise Refusal(f"{source} is damaged: {', '.join(wrong[:5])}. Take another backup; nothing was restored.")
    return manifest


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name


def _copy(content: IO[bytes], target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as file:
        while piece := content.read(PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _refuse_loss(manifest: dict[str, Any]) -> None:
    """Refuse to overwrite data, and to restore what this installation's keys cannot open."""
    there = Path(settings.DATABASES["default"]["NAME"]).exists() if connection.vendor == "sqlite" else bool(_tables())
    if there:
        raise Refusal("There is data already. Back it up, then restore with --force to put this in its place.")
    if not (settings.KEYS_ROOT / "trail.key").exists() or keys.public_key() != manifest["public_key"]:
        raise Refusal(
            f"The keys in {settings.KEYS_ROOT} are not those the backup was made with: put them there first. With "
            "--force it is restored without them: signatures cannot be checked nor personal fields be read."
        )


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def _files(source: Path) -> None:
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        target = settings.FILES_ROOT / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)


def _replace(dump: Path) -> None:
    if connection.vendor != "sqlite":
        connection.close()
        script = dump.with_suffix(".sql")
        _run(["pg_restore", "--no-owner", "--no-acl", f"--file={script}", str(dump)])
        _run(["psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-c", FRESH_SCHEMA, "-f", str(script)])
        return
    with closing(sqlite3.connect(dump)) as fresh:
        if (fault := fresh.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise Refusal(f"The database in the backup is damaged: {fault}. Take another backup; nothing was restored.")
    connection.close()
    database = Path(settings.DATABASES["default"]["NAME"])
    if database.exists():
        # Fold the old log into the old file: left beside the new one it would be played into it.
        with closing(sqlite3.connect(database)) as old:
            old.execute("PRAGMA journal_mode=DELETE")
    database.parent.mkdir(parents=True, exist_ok=True)
    os.replace(dump, database)


def _run(command: list[str]) -> None:
    """Run a program of PostgreSQL on the database of the settings; Refusal gives its words."""
    if shutil.which(command[0]) is None:
        raise Refusal(f"{command[0]} is missing: install PostgreSQL's client programs (postgresql-client).")
    told = connection.settings_dict
    given = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    environment = os.environ | {name: str(told[key]) for name, key in given.items() if told[key]}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(f"{command[0]} failed: {done.stderr.strip()}")
