"""From one address to Django's database settings: `sqlite:///relative.db`, `sqlite:////absolute.db`,
`postgres://user:password@host:port/name` or, by socket, `postgres:///name?host=/run/postgresql&user=yulan`.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=20000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA cache_size=-4096",
    "PRAGMA mmap_size=268435456",
    "PRAGMA temp_store=MEMORY",
)


class BadAddress(ValueError):
    """The database address cannot be read; the message shows the forms that can."""

    def __init__(self, address: str) -> None:
        scheme = address.partition(":")[0]
        super().__init__(
            f"YULAN_DATABASE_URL begins with {scheme!r}: "
            "use sqlite:///path/to/yulan.sqlite3 or postgres://user:password@host:5432/name"
        )


def database(address: str) -> dict[str, Any]:
    """Give the entry of DATABASES for an address; BadAddress says which forms are understood."""
    parts = urlsplit(address)
    name = unquote(parts.path[1:])
    if not name:
        raise BadAddress(address)
    if parts.scheme == "sqlite":
        return _sqlite(Path(name))
    if parts.scheme in ("postgres", "postgresql"):
        return _postgres(name, parts.query, parts.username, parts.password, parts.hostname, parts.port)
    raise BadAddress(address)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "TEST": {"NAME": path.with_name(f"test_{path.name}")},
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": ";".join(PRAGMAS)},
    }


def _postgres(
    name: str, query: str, user: str | None, password: str | None, host: str | None, port: int | None
) -> dict[str, Any]:
    options = dict(parse_qsl(query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": options.pop("user", unquote(user or "")),
        "PASSWORD": unquote(password or ""),
        "HOST": options.pop("host", host or ""),
        "PORT": options.pop("port", str(port or "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
