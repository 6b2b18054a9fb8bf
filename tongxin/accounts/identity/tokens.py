"""What an identity token must say before we believe it (OpenID Connect Core 3.1.3.7). Pure: no network, no clock, no tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongxin.kernel.errors import NotAllowed

LEEWAY_SECONDS = 60  # clocks of two machines
# Asymmetric only: with HS256 whoever knows the client's secret could make tokens, and "none" proves nothing.
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "PS384", "PS512", "ES512", "EdDSA", "Ed25519")
STRONG = ("mfa", "otp", "hwk", "sc", "phr", "phrh")  # amr (RFC 8176) and acr values that say: more than a password
SUBJECT_CHARS, KEYS = 255, 50


class UnknownKey(Exception):
    """The token names a key that the service had not published when we last looked."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must agree with."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    fresh_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """Who the identity service says this is."""

    subject: str
    name: str
    strong: bool  # it asked for more than a password


def read_token(token: str, keys: Mapping[str, Any], expected: Expected, now: datetime) -> dict[str, Any]:
    """Return the claims of a token that holds.

    Args:
        keys: the service's published keys (a JWK set).

    Raises:
        UnknownKey: fetch the keys anew and try again. NotAllowed: signature, issuer, audience, time or nonce are wrong.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    try:
        read = jwt.decode(token, _key_set(keys), algorithms=list(ALGORITHMS))
    except InvalidKeyIdError:
        raise UnknownKey from None
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refused("签名核对不上", error) from None
    claims = CodeIDToken(
        read.claims,
        read.header,
        {"iss": {"essential": True, "value": expected.issuer}, "aud": {"essential": True, "value": expected.client_id}, "sub": {"essential": True}},
        {"client_id": expected.client_id, "nonce": expected.nonce, "access_token": expected.access_token, "max_age": expected.fresh_minutes * 60},
    )  # fmt: skip
    moment = int(now.timestamp())
    try:
        claims.validate(now=moment, leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        raise _refused(_WRONG.get(str(getattr(error, "claim", "")), "内容不对"), error) from None
    if expected.fresh_minutes and moment - int(claims["auth_time"]) > expected.fresh_minutes * 60 + LEEWAY_SECONDS:
        raise NotAllowed(
            "identity_stale",
            f"统一身份上一次核对您是谁，已在 {expected.fresh_minutes} 分钟以前。",
            "请在统一身份里退出，再重新登录。",
        )
    return dict(claims)


def known_by(claims: Mapping[str, Any], claim: str, strong: Sequence[str]) -> Known | None:
    """Return who it is by the claim that names persons; None where the token does not carry it.

    Raises:
        NotAllowed: the claim is there but cannot be a number or name of a person.
    """
    value = claims.get(claim)
    if value is None:
        return None
    if (
        not isinstance(value, str | int)
        or isinstance(value, bool)
        or not (subject := str(value).strip())
        or len(subject) > SUBJECT_CHARS
    ):
        raise NotAllowed("identity_claim", f"统一身份给出的“{claim}”不能用来认人。", "请把这句话告诉运维人员。")
    said = claims.get("amr") if isinstance(claims.get("amr"), list) else []
    ways = {str(one) for one in [*(said or []), claims.get("acr") or ""]}
    name = claims.get("name")
    return Known(subject, name.strip()[:40] if isinstance(name, str) else "", bool(ways & set(strong or STRONG)))


_WRONG = {
    "iss": "不是所设的发行方签发的", "aud": "不是签发给本平台的", "azp": "不是签发给本平台的", "exp": "已经过期", "iat": "签发时间在将来",
    "nbf": "还没有生效", "nonce": "不是这一次登录的", "at_hash": "和访问令牌对不上", "auth_time": "没有写明何时核对过身份",
}  # fmt: skip


def _refused(why: str, error: Exception) -> NotAllowed:
    return NotAllowed(
        "identity_token",
        f"统一身份发来的凭证{why}，没有登录。",
        "请再试一次；还不行请把这句话告诉运维人员。",
        cause=type(error).__name__,
    )


def usable_keys(keys: Mapping[str, Any]) -> int:
    """Return how many of the published keys can verify a token."""
    return len(_key_set(keys).keys)


def _key_set(keys: Mapping[str, Any]) -> Any:
    """The published keys that can verify; others (encryption keys, kinds we do not know) are passed over."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet, import_key

    usable: list[Any] = []
    listed = keys.get("keys")
    for one in listed[:KEYS] if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig":
            try:
                usable.append(import_key(one))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
    return KeySet(usable)
