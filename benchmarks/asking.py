"""Requests straight to the WSGI application: all of Django and its middleware, neither a socket nor the test client."""

import sys
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What came back; header names as they were sent."""

    status: int
    headers: dict[str, str]
    body: bytes


def get(application: Any, path: str, headers: Mapping[str, str]) -> Answer:
    """Ask as a browser or a program on this machine would."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    said: list[Any] = []
    parts = application(environ, lambda status, headers, *_rest: said.extend((status, headers)))
    try:
        body = b"".join(parts)
    finally:
        parts.close()
    return Answer(int(said[0].split()[0]), dict(said[1]), body)
