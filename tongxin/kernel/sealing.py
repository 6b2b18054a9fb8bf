"""Keeping a text so that the database alone does not tell it; and secrets that are named, not written down.

Sealed with Fernet (AES-128-CBC, HMAC-SHA256) under a key drawn from ``SECRET_KEY``; another ``SECRET_KEY`` opens nothing.
"""

from __future__ import annotations

import base64
import functools
import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


@functools.lru_cache(maxsize=2)
def _box(secret: str) -> Fernet:
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret.encode(), b"tongxin.sealed", "sha256")))


def seal(text: str) -> str:
    """Return the text sealed."""
    return _box(settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(kept: str) -> str | None:
    """Return the text again; None when it was sealed under another key or changed."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(settings.SECRET_KEY).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def digest_of(text: str) -> str:
    """Return a keyed hash by which the same text is known again, and nobody can try all that there may be."""
    return hmac.new(settings.SECRET_KEY.encode(), b"tongxin.digest" + text.encode(), "sha256").hexdigest()


def named_secret(secret_from: str) -> str:
    """Return the secret that ``env:NAME`` or ``file:/path`` names; empty where there is none."""
    kind, _, name = secret_from.partition(":")
    try:
        return (
            os.environ.get(name, "")
            if kind == "env"
            else Path(name).read_text(encoding="utf-8").strip()
            if kind == "file"
            else ""
        )
    except (OSError, UnicodeDecodeError):
        return ""
