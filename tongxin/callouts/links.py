"""The link by which somebody without an account confirms in one tap: signed, good for one recipient of one call-out."""

from __future__ import annotations

from django.core import signing

_SALT = "tongxin.call_out"


def token_of(recipient_id: int) -> str:
    """Return the token of a recipient's link."""
    return signing.Signer(salt=_SALT, sep=".").sign(f"{recipient_id}")


def read_token(token: str) -> int | None:
    """Return the recipient that a token is for, None when it is not ours."""
    try:
        return int(signing.Signer(salt=_SALT, sep=".").unsign(token[:120]))
    except (signing.BadSignature, ValueError):
        return None
