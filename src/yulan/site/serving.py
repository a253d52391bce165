"""Makes the data ready and serves it: `yulan migrate` and `yulan serve`."""

import os
import socket
import sys
from contextlib import closing
from typing import Any

from gunicorn.app.base import BaseApplication

from yulan.site.refusal import Refusal

THREADS = 8


def prepare(*, demo: bool) -> None:
    """Bring the tables up to date and load what is absent: registers, plan and, if asked, the demonstration world.

    Whoever was erased is erased again, however an older database came back.
    """
    from django.core.management import call_command
    from django.db import connection

    from yulan.kernel.access import SYSTEM
    from yulan.kernel.feed import deliver
    from yulan.kernel.trail import catch_up
    from yulan.registry.parties.services import erase_again
    from yulan.site.gathering import gather
    from yulan.site.loading import load

    call_command("migrate", interactive=False, verbosity=0)
    erase_again(by=SYSTEM)
    for line in load(demo=demo):
        sys.stderr.write(f"{line}\n")
    deliver()
    catch_up()
    gather()
    connection.close()


def refuse_busy(host: str, port: int) -> None:
    """Raise Refusal when the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop the program that uses it, or choose another: yulan serve --port {port + 1}"
            ) from error


class Server(BaseApplication):
    """Gunicorn in this process: threads for SQLite's one writer, a process per core for PostgreSQL."""

    def __init__(self, host: str, port: int) -> None:
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        from django.db import connection

        workers = 1 if connection.vendor == "sqlite" else min(os.cpu_count() or 1, 8)
        settings: dict[str, Any] = {
            "bind": self.address,
            "worker_class": "gthread",
            "workers": workers,
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 5,
            "preload_app": True,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": self._ready,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Give the application."""
        from yulan.site.wsgi import application

        return application

    def _ready(self, _arbiter: object) -> None:
        sys.stdout.write(f"Yulan is ready: http://{self.address}/ (Ctrl-C stops it)\n")
        sys.stdout.flush()
