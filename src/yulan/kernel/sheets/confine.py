"""Parent side: run a child process on an uploaded file and read its frames, never longer than allowed.

The child gets the file as an open descriptor, no environment, no other descriptor, a session of its own, and
neither site-packages hooks nor Django. Whatever it does, the parent only sees frames or a SheetError.
"""

from __future__ import annotations

import importlib.util
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from struct import unpack
from typing import IO

import orjson

from yulan.kernel.sheets.errors import SheetError
from yulan.kernel.sheets.shapes import Limits

BOOT = "import sys; sys.path[:0] = sys.argv[1:-1]; from yulan.kernel.sheets.child import main; main()"
FRAME = 64 * 1024 * 1024
TIMED_OUT = (signal.SIGPROF, signal.SIGXCPU)
OUT_OF_MEMORY = (signal.SIGABRT, signal.SIGKILL)


def run(task: str, source: bytes | Path, limits: Limits, **options: object) -> Iterator[tuple[bytes, bytes]]:
    """Give the child's frames (letter, payload) as they come; raise SheetError for whatever goes wrong."""
    job = orjson.dumps({"task": task, "limits": asdict(limits), **options}, option=orjson.OPT_NON_STR_KEYS)
    with ExitStack() as open_files:
        file = open_files.enter_context(_opened(source, limits))
        brief = open_files.enter_context(_hidden_file(job))
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, *_paths(), str(brief.fileno())],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(brief.fileno(),),
            env={},
            cwd="/",
            start_new_session=True,
        )
        try:
            yield from _frames(child, time.monotonic() + limits.wall_seconds)
        finally:
            _end(child)


def _opened(source: bytes | Path, limits: Limits) -> IO[bytes]:
    if isinstance(source, Path):
        file: IO[bytes] = source.open("rb")
        size = os.fstat(file.fileno()).st_size
    else:
        size = len(source)
        file = _hidden_file(source if size <= limits.file_bytes else b"")
    if size > limits.file_bytes:
        file.close()
        raise SheetError("too_large", size=round(size / 1e6, 1), limit=round(limits.file_bytes / 1e6))
    return file


def _hidden_file(content: bytes) -> IO[bytes]:
    """Put bytes into a file without a name; in memory where the system can (personal data leave no trace)."""
    linux = sys.platform == "linux"
    file: IO[bytes] = os.fdopen(os.memfd_create("sheet"), "w+b") if linux else tempfile.TemporaryFile()  # noqa: SIM115
    file.write(content)
    file.flush()
    return file


@cache
def _paths() -> tuple[str, ...]:
    """The folders from which a child may import: this package's, calamine's and orjson's."""
    folders = [Path(__file__).parents[3]]
    for name in ("python_calamine", "orjson"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(name)
        folders.append(Path(spec.origin).parents[1])
    return tuple(dict.fromkeys(map(str, folders)))


def _frames(child: subprocess.Popen[bytes], deadline: float) -> Iterator[tuple[bytes, bytes]]:
    while True:
        head = _exactly(child, 5, deadline)
        letter, length = head[:1], unpack(">I", head[1:])[0]
        if length > FRAME:
            raise SheetError("failed")
        payload = _exactly(child, length, deadline)
        if letter == b"E":
            return
        if letter == b"X":
            error = orjson.loads(payload)
            raise SheetError(error["code"], **error["params"])
        yield letter, payload


def _exactly(child: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
    """Read so many bytes from the child, or say why they did not come."""
    assert child.stdout is not None
    descriptor, pieces = child.stdout.fileno(), bytearray()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while len(pieces) < length:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1_000):
            raise SheetError("timeout")
        piece = os.read(descriptor, length - len(pieces))
        if not piece:
            raise SheetError(_verdict(child))
        pieces += piece
    return bytes(pieces)


def _verdict(child: subprocess.Popen[bytes]) -> str:
    """Why a child ended without a word: the signal tells."""
    with suppress(subprocess.TimeoutExpired):
        ended_by = -child.wait(timeout=5)
        if ended_by in TIMED_OUT:
            return "timeout"
        if ended_by in OUT_OF_MEMORY:
            return "memory"
        if ended_by in (signal.SIGSEGV, signal.SIGBUS):
            return "damaged"
    return "failed"


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's group, if it still runs, and take its status."""
    if child.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.stdout is not None:
        child.stdout.close()
