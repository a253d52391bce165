"""The demonstration world behind a real server: `demo_site`, and `enter`, which sits down at a role's desk.

The world is loaded once for a run, by the first worker that asks; each test file serves a copy of its own.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2s
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import create, named

Enter = Callable[..., Any]


@dataclass(frozen=True)
class Installation:
    """A folder and a database, on the engine of this run, that `yulan` works on."""

    folder: Path
    url: str

    def command(self, *words: str) -> tuple[list[str], dict[str, str]]:
        """Give command line and environment of `yulan`."""
        chosen = {"YULAN_VAR": str(self.folder), "YULAN_DATABASE_URL": self.url}
        return [sys.executable, "-m", "yulan", *words], os.environ | chosen

    def copy(self, folder: Path) -> "Installation":
        """Copy folder and database, while nobody works on them."""
        shutil.copytree(self.folder, folder)
        copy = Installation(folder, address(folder))
        if copy.url.startswith("postgres:"):
            create(copy.url, template=self.url)
        return copy


def address(folder: Path) -> str:
    """Give the address of a folder's database, on the engine of this run."""
    server = os.environ.get("YULAN_DATABASE_URL")
    name = f"y{blake2s(str(folder).encode()).hexdigest()[:16]}"
    return named(server, name) if server else f"sqlite:///{folder / 'yulan.sqlite3'}"


@pytest.fixture(scope="session")
def demo_world() -> Installation:
    """Give a loaded demonstration world: to be copied, not to be worked in."""
    folder = Path(os.environ["YULAN_TEST_FOLDER"]) / "demonstration"
    folder.mkdir(exist_ok=True)
    world = Installation(folder, address(folder))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "loaded").exists():
            if world.url.startswith("postgres:"):
                create(world.url)
            command, environment = world.command("demo")
            subprocess.run(command, env=environment, check=True, capture_output=True)
            (folder / "loaded").touch()
    return world


@pytest.fixture(scope="module")
def demo_site(demo_world: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server on a copy of the demonstration world."""
    with served(demo_world.copy(tmp_path_factory.mktemp("demo") / "var")) as site:
        yield site


@contextmanager
def served(world: Installation) -> Iterator[str]:
    """Serve a world on a free port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command, environment = world.command("serve", "--demo", "--port", str(port))
    log = (world.folder / "server.log").open("w+")
    with log, subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            assert server.stdout is not None
            assert "ready" in server.stdout.readline(), (world.folder / "server.log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def enter(browse: Callable[..., Any]) -> Enter:
    """Give `enter(persona=None, …)`: a page of `browse`, signed in by one click where a persona is named."""

    def page(persona: str | None = None, **how: Any) -> Any:
        opened = browse(**how)
        if persona:
            opened.goto("/sign-in")
            opened.click(f"[name=persona][value='{persona}']")
            opened.wait_for_url(lambda url: "/sign-in" not in url)
        return opened

    return page
