"""The signing key of the trail: Ed25519, made once, kept in VAR/keys/trail.key."""

import os
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


@cache
def _private(root: Path) -> Ed25519PrivateKey:
    path = root / "trail.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.touch(mode=0o600)
        new.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        try:
            os.link(new, path)
        except FileExistsError:
            pass  # another process made it first: use that one
        finally:
            new.unlink()
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def _key() -> Ed25519PrivateKey:
    return _private(settings.KEYS_ROOT)


def sign(text: str) -> str:
    """Sign text; hexadecimal."""
    return _key().sign(text.encode()).hex()


def public_key() -> str:
    """Give the public key, 32 bytes as hexadecimal."""
    return _key().public_key().public_bytes_raw().hex()


def is_signed(text: str, signature: str, key: str | None = None) -> bool:
    """Check a signature against `key` (default: this installation's)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key or public_key())).verify(
            bytes.fromhex(signature), text.encode()
        )
    except (InvalidSignature, ValueError):
        return False
    return True
