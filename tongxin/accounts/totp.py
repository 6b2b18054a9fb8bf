"""Codes that change every half minute (TOTP, RFC 6238, as all authenticator apps make them), and how their key is kept. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS, DIGITS, DRIFT = 30, 6, 1  # a phone's clock may be one step off either way
KEY_BYTES = 20
SPARES, SPARE_CHARS = 8, 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # written on paper: none that look alike


def new_key() -> bytes:
    """Return a fresh key of 160 bits."""
    return secrets.token_bytes(KEY_BYTES)


def code_at(key: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of a step (RFC 4226 § 5.3)."""
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(now: datetime) -> int:
    """Return the step that a moment lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def find_step(key: bytes, code: str, now: datetime, after: int = 0) -> int | None:
    """Return the step that a code belongs to, None when it is wrong or its step is not later than ``after``: a code counts once."""
    here, found = step_of(now), None
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(code_at(key, step).encode(), code.encode()) and step > after:
            found = step
    return found


def address_of(key: bytes, account: str, issuer: str) -> str:
    """Return the address that an app reads from a QR code."""
    words = {"secret": written(key), "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{urlencode(words)}"


def written(key: bytes) -> str:
    """Return the key as it is typed into an app that cannot read a QR code."""
    return base64.b32encode(key).decode()


def seal(key: bytes, secret: str) -> str:
    """Return what is kept of a key: whoever has the database alone cannot make codes.

    A key is as random as the stream it is hidden under and shorter than it, and each sealing has a stream of its own.
    """
    nonce = secrets.token_bytes(16)
    return base64.b64encode(nonce + _hidden(key, nonce, secret)).decode()


def unseal(kept: str, secret: str) -> bytes:
    """Return the key again; with another secret it makes other codes."""
    raw = base64.b64decode(kept)
    return _hidden(raw[16:], raw[:16], secret)


def _hidden(key: bytes, nonce: bytes, secret: str) -> bytes:
    stream = hmac.digest(secret.encode(), b"tongxin.totp" + nonce, "sha256")
    return bytes(a ^ b for a, b in zip(key, stream, strict=False))


def new_spares() -> list[str]:
    """Return codes for the day the phone is lost, each good once."""
    return ["".join(secrets.choice(_LETTERS) for _ in range(SPARE_CHARS)) for _ in range(SPARES)]


def digest_of_spare(code: str) -> str:
    """Return what is kept of a spare code (50 bits, so a plain hash is enough behind the throttle)."""
    return hashlib.sha256(b"tongxin.spare" + code.strip().lower().replace("-", "").encode()).hexdigest()
