"""Secrets of programs: made here, shown once, kept as a hash. Long and random, so a plain hash is enough."""

from __future__ import annotations

import hashlib
import secrets

# told by telephone and typed from paper: no letters that look alike
_LOWER, _UPPER, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
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


def new_password() -> str:
    """Return a password of some 70 bits that an administrator reads out once: ``mkQ7-rT3x-9hWd``."""
    while True:
        word = "".join(secrets.choice(_LOWER + _UPPER + _DIGITS) for _ in range(12))
        if all(any(char in kind for char in word) for kind in (_LOWER, _UPPER, _DIGITS)) and len(set(word)) > 8:
            return "-".join(word[i : i + 4] for i in range(0, 12, 4))
