"""Secrets of programs: made here, shown once, kept as a hash. Long and random, so a plain hash is enough."""

from __future__ import annotations

import hashlib
import secrets

_PREFIX = "tx_"  # lets a leaked key be recognised by scanners
_CHARS = 43


def new_secret() -> str:
    """Return a new secret of 256 bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret; empty for a text that cannot be one."""
    if not secret.startswith(_PREFIX) or len(secret) != len(_PREFIX) + _CHARS or not secret.isascii():
        return ""
    return hashlib.sha256(secret.encode()).hexdigest()
