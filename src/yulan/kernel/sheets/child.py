"""Child side: the process that parses what a user uploaded, limited before it reads the first byte.

Started by `confine`: the file is descriptor 0, the job (JSON) the descriptor named in the last argument.
Frames go to descriptor 1: a letter, four bytes of length, the payload. H head, C chunk, B bytes, X error (JSON),
E end. Nothing is ever pickled.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from collections.abc import Iterator
from struct import pack
from typing import Any

import orjson

from yulan.kernel.sheets import guard, parse
from yulan.kernel.sheets.errors import SheetError


def main() -> None:
    """Do one job and leave; what a child allocates is never worth a garbage collection."""
    gc.disable()
    job = orjson.loads(_contents(int(sys.argv[-1])))
    limits = job["limits"]
    _confine(limits)
    _allow(limits["cpu_seconds"])
    try:
        for letter, payload in _work(job, limits):
            _send(letter, payload)
        _send(b"E", b"")
    except SheetError as error:
        _send(b"X", orjson.dumps({"code": error.code, "params": error.params}, default=str))
    except MemoryError:
        _send(b"X", b'{"code":"memory","params":{}}')
    except BaseException:  # a panic inside calamine is not an Exception
        _send(b"X", b'{"code":"damaged","params":{}}')
    sys.stdout.flush()
    os._exit(0)


def _work(job: dict[str, Any], limits: dict[str, float]) -> Iterator[tuple[bytes, bytes]]:
    data = _contents(0)
    if not data:
        raise SheetError("empty")
    entries = guard.directory(data, limits) if guard.is_zip(data) else None
    unpacked = sum(entry.size for entry in entries.values()) if entries else len(data)
    _allow(limits["cpu_seconds"] + limits["cpu_seconds_per_megabyte"] * unpacked / 1e6)
    if job["task"] == "annotate":
        from yulan.kernel.sheets import patch  # a child that only reads starts sooner without it

        for piece in patch.annotate(data, entries, job):
            yield b"B", piece
        return
    letter = b"H"
    for payload in parse.read(data, entries, job):
        yield letter, payload
        letter = b"C"


def _contents(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0) if size else b""


def _confine(limits: dict[str, float]) -> None:
    """Bound memory, files and processes."""
    memory = int(limits["memory_bytes"])
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        _limit(kind, value)


def _allow(cpu_seconds: float) -> None:
    """End the process after so much CPU time: finer than RLIMIT_CPU, which counts whole seconds and backs it up."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    _limit(resource.RLIMIT_CPU, int(cpu_seconds) + 2)


def _limit(kind: int, value: int) -> None:
    """Lower a limit as far as asked; one that the system set lower stays."""
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _send(letter: bytes, payload: bytes) -> None:
    sys.stdout.buffer.write(letter + pack(">I", len(payload)))
    sys.stdout.buffer.write(payload)
