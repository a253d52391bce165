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
from pathlib import Path
from typing import Any

import pytest

Enter = Callable[..., Any]


def yulan(folder: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    """Give command line and environment of `yulan` on the SQLite database of a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "YULAN_DATABASE_URL"}
    return [sys.executable, "-m", "yulan", *words], environment | {"YULAN_VAR": str(folder)}


@pytest.fixture(scope="session")
def demo_folder() -> Path:
    """Give the folder of a loaded demonstration world: to be copied, not to be worked in."""
    folder = Path(os.environ["YULAN_TEST_FOLDER"]) / "demonstration"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "loaded").exists():
            command, environment = yulan(folder, "demo")
            subprocess.run(command, env=environment, check=True, capture_output=True)
            (folder / "loaded").touch()
    return folder


@pytest.fixture(scope="module")
def demo_site(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server on a copy of the demonstration world."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    shutil.copytree(demo_folder, folder)
    with served(folder) as site:
        yield site


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the world of a folder on a free port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command, environment = yulan(folder, "serve", "--demo", "--port", str(port))
    log = (folder / "server.log").open("w+")
    with log, subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            assert server.stdout is not None
            assert "ready" in server.stdout.readline(), (folder / "server.log").read_text()
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
