"""A private PostgreSQL cluster on a unix socket in a folder of its own, gone when the tests end."""

import glob
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

PREFIX = "yulan-pg-"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SIZE = ("max_connections=200", "shared_buffers=128MB", "listen_addresses=")


def binaries() -> Path | None:
    """Give the folder of PostgreSQL's programs, the newest version first; None where it is not installed."""
    packaged = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    found = packaged[-1] if packaged else shutil.which("initdb")
    return Path(found).parent if found else None


class Cluster:
    """Start a cluster; `durable` keeps fsync on, as tests that kill processes need."""

    def __init__(self, *, durable: bool = False) -> None:
        self.bin = binaries()
        if self.bin is None:
            raise FileNotFoundError("PostgreSQL is missing: apt-get install postgresql")
        sweep()
        self.owner = os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        (self.folder / "owner").write_text(str(self.owner))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        settings = SIZE if durable else SIZE + FAST
        options = " ".join(f"-c {one}" for one in (*settings, f"unix_socket_directories={self.folder}"))
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "yulan", "--locale=C.UTF-8", "-E", "UTF8", "--auth=trust", "--no-sync")
        self._run("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def url(self, name: str = "postgres") -> str:
        """Give the address of one database of the cluster."""
        return f"postgres:///{name}?host={self.folder}&user=yulan"

    def create(self, name: str) -> str:
        """Make an empty database and give its address."""
        self._run("createdb", "-h", str(self.folder), "-U", "yulan", name)
        return self.url(name)

    def stop(self) -> None:
        """Stop the cluster and remove its folder; only the process that started it does, and once."""
        if os.getpid() == self.owner and self.folder.exists():
            remove(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        assert self.bin is not None
        done = subprocess.run(
            [*as_postgres(), str(self.bin / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


def named(url: str, name: str) -> str:
    """Give the address of another database on the same server."""
    head, _mark, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


def create(url: str, template: str = "") -> None:
    """Make the database of an address, empty or as a copy of another that nobody is connected to."""
    name, copied = urlsplit(url).path[1:], urlsplit(template).path[1:]
    words = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if copied:
        words += sql.SQL(" TEMPLATE {}").format(sql.Identifier(copied))
    with psycopg.connect(named(url, "postgres"), autocommit=True) as server:
        server.execute(words)


def as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root: give the words that step down from it."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def remove(folder: Path) -> None:
    """Stop the cluster in a folder, if it runs, and remove the folder."""
    programs = binaries()
    if programs and (folder / "data" / "postmaster.pid").exists():
        subprocess.run(
            [*as_postgres(), str(programs / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"],
            capture_output=True,
            cwd="/",
        )
    shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove what an earlier run that was killed has left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            os.kill(int((folder / "owner").read_text()), 0)
        except ProcessLookupError:
            remove(folder)
        except (OSError, ValueError):
            continue
