"""The static files of all rooms, gathered once into VAR/static: named by content, compressed."""

import hashlib
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Gathered(CompressedManifestStaticFilesStorage):
    """Gives the name by content of a gathered file, and the plain name before anything was gathered."""

    def stored_name(self, name: str) -> str:
        """Give the name under which a file is served."""
        return str(super().stored_name(name)) if self.hashed_files else name


def gather() -> int:
    """Gather the static files again if one has changed; give how many were gathered."""
    from django.conf import settings
    from django.core.management import call_command

    found = _found()
    stamp = Path(settings.STATIC_ROOT) / ".gathered"
    state = hashlib.sha256(repr(found).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == state:
        return 0
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state)
    return len(found)


def _found() -> list[tuple[str, int, int]]:
    """List what the finders find: name, size in bytes, time of change in nanoseconds."""
    from django.contrib.staticfiles.finders import get_finders

    rows: list[tuple[str, int, int]] = []
    for finder in get_finders():
        listed: Any = finder.list([])
        for name, storage in listed:
            about = Path(storage.path(name)).stat()
            rows.append((name, about.st_size, about.st_mtime_ns))
    return sorted(rows)
