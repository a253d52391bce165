"""Personal fields: sealed under a key per person, found by a keyed index, shown masked, erased by destroying the key.

A subject is the random, never reused name of a person's key (`new_subject`). Its key lies in PersonKey, wrapped
under the master key of the installation: VAR/keys/personal.key, or YULAN_MASTER_KEY. Both hold 64 hexadecimal
digits; several keys may be given (one a line, or comma-separated): the first wraps, all unwrap.

What stays after an erasure is ciphertext that nobody can open. Backups still hold the wrapped key, so erasures
are also written to VAR/erasures.log and `replay_erasures` is run after every restore.
"""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

_MARK = "s1."
_NONCE = 12
_INDEX = "!blind-index"  # the key of the blind indexes; no subject can bear this name
_VEIL = "v1."
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,99}")


class PersonKey(models.Model):
    """The key of one person, wrapped under the master key whose fingerprint is `master`; empty once destroyed."""

    subject = models.CharField(max_length=100, unique=True)
    master = models.CharField(max_length=16)
    wrapped = models.BinaryField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.CheckConstraint(
                name="person_key_or_erased",
                condition=models.Q(wrapped__isnull=True) ^ models.Q(destroyed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.subject


class Erasure(models.Model):
    """One line of the erasure ledger: whose key was destroyed, when, by whom and why."""

    subject = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    reason = models.TextField(blank=True)

    class Meta:
        app_label = "kernel"

    def __str__(self) -> str:
        return self.subject


class Erased(Exception):
    """The person was erased: nothing can be sealed under that name again."""


class BrokenSeal(Exception):
    """A sealed value was altered, or moved to another person or field."""


class MasterKeyMissing(Exception):
    """No master key opens these data; the message says which file to put back."""


def new_subject() -> str:
    """Name a person's key: random, so that a restored database never gives an erased name to someone else."""
    return secrets.token_hex(16)


def _named(subject: str) -> str:
    if not _SUBJECT.fullmatch(subject):
        raise ValueError(f"{subject!r} cannot name a person's key: use new_subject()")
    return subject


def seal(subject: str, field: str, text: str) -> str:
    """Seal the text of a field; empty stays empty. Makes the person's key when needed. Raises Erased."""
    return seal_all([(subject, field, text)])[0]


def open_sealed(subject: str, field: str, token: str) -> str | None:
    """Open a sealed text; None when the person was erased. Raises BrokenSeal, MasterKeyMissing."""
    return open_all([(subject, field, token)])[0]


def seal_all(items: Sequence[tuple[str, str, str]]) -> list[str]:
    """Seal many (subject, field, text) with a few queries."""
    keys = _person_keys({_named(subject) for subject, _field, text in items if text}, make=True)
    return [_seal(keys[s], f"{s}\0{f}", t.encode(), s) if t else "" for s, f, t in items]


def open_all(items: Sequence[tuple[str, str, str]]) -> list[str | None]:
    """Open many (subject, field, token) with a few queries; None for the erased."""
    keys = _person_keys({subject for subject, _field, token in items if token}, make=False)
    return [_open(keys, s, f, token) if token else "" for s, f, token in items]


def _seal(key: bytes | None, context: str, data: bytes, subject: str) -> str:
    if key is None:
        raise Erased(f"{subject} was erased: enter the person anew, under a new name")
    return _MARK + urlsafe_b64encode(_encrypt(key, context, data)).decode()


def _open(keys: dict[str, bytes | None], subject: str, field: str, token: str) -> str | None:
    if subject not in keys:
        raise BrokenSeal(f"there is no key of {subject}: was the table of keys restored with the data?")
    key = keys[subject]
    if key is None:
        return None
    try:
        if not token.startswith(_MARK):
            raise ValueError(token[:3])
        sealed = urlsafe_b64decode(token.removeprefix(_MARK))
        return _decrypt(key, f"{subject}\0{field}", sealed).decode()
    except (InvalidTag, ValueError) as error:
        raise BrokenSeal(f"the sealed {field} of {subject} does not open: it was altered or moved") from error


def _encrypt(key: bytes, context: str, data: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def _decrypt(key: bytes, context: str, data: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], context.encode())


def _person_keys(subjects: set[str], *, make: bool) -> dict[str, bytes | None]:
    """Unwrap the keys of subjects: None for an erased one; left out where there is none and `make` is off."""
    found = _stored(subjects)
    missing = subjects - found.keys()
    if make and missing:
        with transaction.atomic():
            _lock_keys("ROW EXCLUSIVE")
            master = _masters()[0]
            PersonKey.objects.bulk_create(
                (_wrapped(master, name, AESGCM.generate_key(256)) for name in sorted(missing)),
                ignore_conflicts=True,
            )
            found |= _stored(missing)
    return found


def _stored(subjects: Iterable[str]) -> dict[str, bytes | None]:
    names, found = sorted(subjects), dict[str, bytes | None]()
    for start in range(0, len(names), 500):
        rows = PersonKey.objects.filter(subject__in=names[start : start + 500])
        for subject, master, wrapped in rows.values_list("subject", "master", "wrapped"):
            found[subject] = None if wrapped is None else _unwrap(master, subject, bytes(wrapped))
    return found


def _wrapped(master: bytes, subject: str, key: bytes) -> PersonKey:
    return PersonKey(
        subject=subject, master=_fingerprint(master), wrapped=_encrypt(master, f"person-key\0{subject}", key)
    )


def _unwrap(master: str, subject: str, wrapped: bytes) -> bytes:
    for one in _masters():
        if _fingerprint(one) == master:
            return _decrypt(one, f"person-key\0{subject}", wrapped)
    raise MasterKeyMissing(f"personal fields were sealed under the master key {master}: put back {_path()}")


def _lock_keys(mode: str) -> None:
    """Order key making and rewrapping. SQLite's one writer needs nothing."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE kernel_personkey IN {mode} MODE")


def _path() -> Path:
    return Path(settings.KEYS_ROOT) / "personal.key"


def _fingerprint(master: bytes) -> str:
    return hashlib.sha256(b"yulan-master\0" + master).hexdigest()[:16]


def _masters() -> tuple[bytes, ...]:
    """Give the master keys, the wrapping one first; the file is made at first use."""
    if given := os.environ.get("YULAN_MASTER_KEY"):
        return _parsed(given, "YULAN_MASTER_KEY")
    path = _path()
    if not path.exists():
        if PersonKey.objects.filter(wrapped__isnull=False).exists():
            raise MasterKeyMissing(f"the master key of the personal fields is gone: put back {path}")
        _write_masters(path, (secrets.token_bytes(32),), new=True)
    return _from_file(path, path.stat().st_mtime_ns, path.stat().st_ino)


@lru_cache(maxsize=4)
def _from_file(path: Path, _changed: int, _inode: int) -> tuple[bytes, ...]:
    return _parsed(path.read_text(), str(path))


@lru_cache(maxsize=4)
def _parsed(text: str, where: str) -> tuple[bytes, ...]:
    words = text.replace(",", " ").split()
    if not words or not all(re.fullmatch("[0-9a-fA-F]{64}", word) for word in words):
        raise MasterKeyMissing(f"{where} must hold a key of 64 hexadecimal digits (or several)")
    return tuple(bytes.fromhex(word) for word in words)


def _write_masters(path: Path, masters: Iterable[bytes], *, new: bool = False) -> None:
    """Write the key file whole or not at all; with `new`, another process's file wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(f"{master.hex()}\n" for master in masters))
        file.flush()
        os.fsync(file.fileno())
    try:
        if new:
            os.link(draft, path)
        else:
            os.replace(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def rewrap(new_master: bytes) -> int:
    """Wrap every key under a new master key (32 bytes) and make it the installation's; give how many were wrapped.

    The old key stays beside the new one until the transaction has committed, so that a crash at any moment
    leaves data that open. With YULAN_MASTER_KEY, set it to "new,old" before and to "new" after.
    """
    if len(new_master) != 32:
        raise ValueError("a master key is 32 bytes")
    given = bool(os.environ.get("YULAN_MASTER_KEY"))
    if given and _masters()[0] != new_master:
        raise MasterKeyMissing("put the new key first in YULAN_MASTER_KEY, then the old one, and try again")
    if not given:
        _write_masters(_path(), dict.fromkeys((new_master, *_masters())))
    with transaction.atomic():
        _lock_keys("EXCLUSIVE")
        rows = [
            (row, _unwrap(row.master, row.subject, bytes(row.wrapped)))
            for row in PersonKey.objects.filter(wrapped__isnull=False)
            if row.wrapped is not None
        ]
        for row, key in rows:
            fresh = _wrapped(new_master, row.subject, key)
            row.master, row.wrapped = fresh.master, fresh.wrapped
        PersonKey.objects.bulk_update((row for row, _key in rows), ("master", "wrapped"), batch_size=500)
        if not given:
            transaction.on_commit(lambda: _write_masters(_path(), (new_master,)))
    return len(rows)


def erase(subject: str, *, by: str, reason: str) -> bool:
    """Destroy a person's key and enter it in the ledger; False when that was done before.

    Blind indexes of the person are the caller's to blank: they are kept under one key for all.
    """
    with transaction.atomic():
        _destroy([_named(subject)])
        entry, added = Erasure.objects.get_or_create(
            subject=subject, defaults={"at": timezone.now(), "by": by, "reason": reason}
        )
        if added:
            transaction.on_commit(lambda: _log([entry]))
    return added


def _destroy(subjects: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")  # overwrite the key's bytes, not only unlink them
    now = timezone.now()
    PersonKey.objects.bulk_create(
        (PersonKey(subject=name, destroyed_at=now) for name in subjects), ignore_conflicts=True
    )
    PersonKey.objects.filter(subject__in=subjects, destroyed_at=None).update(wrapped=None, destroyed_at=now)


def _log_path() -> Path:
    return Path(settings.VAR) / "erasures.log"


def _log(entries: Iterable[Erasure]) -> None:
    """Append to the copy outside the database, durably; a line that a crash has torn is cut off first."""
    lines = [
        json.dumps({"subject": e.subject, "at": e.at.isoformat(), "by": e.by, "reason": e.reason}, ensure_ascii=False)
        for e in entries
    ]
    path = _log_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        kept = file.read()
        file.truncate(kept.rfind(b"\n") + 1)
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())


def _logged() -> dict[str, Erasure]:
    """Read the copy; a torn last line is left out: the transaction before it committed, the ledger has it."""
    path = _log_path()
    whole = path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""
    found: dict[str, Erasure] = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            row = json.loads(line)
            at = datetime.fromisoformat(row["at"])
            entry = Erasure(subject=_named(row["subject"]), at=at, by=row["by"], reason=row["reason"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number} is not an erasure: repair it, or somebody stays known") from error
        found[entry.subject] = entry
    return found


def replay_erasures() -> int:
    """Erase again whoever the ledger or its outside copy names and whose key is back; give how many there were.

    Run after every restore. Brings ledger and copy to the same entries.
    """
    logged = _logged()
    with transaction.atomic():
        known = {entry.subject: entry for entry in Erasure.objects.all()}
        Erasure.objects.bulk_create(logged[name] for name in logged.keys() - known.keys())
        subjects = sorted(known.keys() | logged.keys())
        back = PersonKey.objects.filter(subject__in=subjects, destroyed_at=None).count()
        _destroy(subjects)
        if unlogged := [entry for name, entry in known.items() if name not in logged]:
            transaction.on_commit(lambda: _log(unlogged))
    return back


def blind_index(field: str, text: str) -> str:
    """Give the keyed index (32 hexadecimal digits) by which equal texts of a field are found; empty for empty.

    Width, case, spaces and dashes do not matter: 310101-1990… and ３１０１０１１９９０… are the same.
    """
    return blind_indexes(field, [text])[0]


def blind_indexes(field: str, texts: Iterable[str]) -> list[str]:
    """Give the keyed indexes of many texts with one query."""
    key = _person_keys({_INDEX}, make=True)[_INDEX] or b""
    plain = (_normalised(text) for text in texts)
    return [hmac.new(key, f"{field}\0{t}".encode(), hashlib.sha256).hexdigest()[:32] if t else "" for t in plain]


def _normalised(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in wide if not char.isspace() and unicodedata.category(char) != "Pd")


def veil(field: str, text: str) -> str:
    """Give what stands for a personal value in an address: its blind index, sealed, so that no two are alike.

    A log or a history that keeps it tells neither the value nor that somebody asked for the same one before.
    """
    key = _person_keys({_INDEX}, make=True)[_INDEX] or b""
    sealed = _encrypt(key, f"veil\0{field}", blind_index(field, text).encode())
    return _VEIL + urlsafe_b64encode(sealed).decode().rstrip("=")


def unveil(field: str, token: str) -> str | None:
    """Give the blind index behind a veil; None for anything else, a clear value among it."""
    key = _person_keys({_INDEX}, make=True)[_INDEX] or b""
    try:
        sealed = urlsafe_b64decode(token.removeprefix(_VEIL) + "==") if token.startswith(_VEIL) else b""
        return _decrypt(key, f"veil\0{field}", sealed).decode()
    except (InvalidTag, ValueError):
        return None


PERSONAL = {
    "identity_number": r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}[\dXx]",
    "phone": r"1[3-9]\d{9}",
}
"""What identity numbers and mobile telephones look like; browsers read these patterns too."""
PLAIN = rf"(?!\s*({'|'.join(PERSONAL.values())})\s*$).*"
"""What a search that travels in an address may be: anything but such a number."""


def personal_kind(text: str) -> str:
    """Say which personal number a text is: a key of PERSONAL; "" for any other text."""
    plain = _normalised(text)
    return next((kind for kind, pattern in PERSONAL.items() if re.fullmatch(pattern, plain, re.ASCII)), "")


_KEPT = {"identity": (3, 4), "phone": (3, 4), "bank": (0, 4), "name": (1, 0)}


def mask(kind: str, text: str) -> str:
    """Mask for those who may not see: identity 310***********1234, phone 138****1234, name 张*, bank ****1234.

    Any other kind, and what is too short to hide at least a third of, becomes stars throughout.
    """
    head, tail = _KEPT.get(kind, (0, 0))
    hidden = len(text) - head - tail
    if 2 * hidden < head + tail:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]
