"""Where a request comes from, as far as it concerns flooding: a device known by its signed cookie, else an address.

A device has its own allowance. Whoever sends no cookie shares a larger one with everybody else at the address who sends none.
A device that is new is also charged to what the address may bring in new devices, so that throwing the cookie away gains
nothing; one that is known for an hour is not, so that a flooder next door cannot shut it out. Addresses are kept as keyed hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_bytes

from tongxin.accounts import api as accounts
from tongxin.accounts.api import Limit
from tongxin.kernel.statements import Gate
from tongxin.web.request import Request

COOKIE = "device"
_SALT = "tongxin.device"
_KNOWN_AFTER_SECONDS = 3_600
_COOKIE_DAYS = 400
_NEW_DEVICES = 10  # an address may bring in so many new devices' worth of requests for each one of its own


@dataclass(frozen=True, slots=True)
class Allowance:
    """The buckets that a request is counted in, narrow to wide, and what each holds."""

    buckets: tuple[str, ...]
    limits: tuple[Limit, ...]
    now: datetime

    def charge(self) -> None:
        """Count the request (1 statement) and let it pass, or raise TooMany with the time from which it will work again."""
        accounts.allow(self.buckets, self.limits, self.now)

    def gate(self) -> Gate:
        """Return the same as the condition of a write, counted in the write's own statement (0 statements)."""
        return accounts.gate(self.buckets, self.limits, self.now)


def allowance_of(request: Request, purpose: str, *, device: Limit, address: Limit) -> Allowance:
    """Return what the sender of a request may still send (0 statements).

    Args:
        purpose: short word; each purpose is counted for itself, e.g. ``report``.
        device: what one device may send.
        address: what all who send no cookie from one address may send together; several times the device's.
    """
    place = f"{request.district.id}:{purpose}"
    known = _device(request)
    if known is None:
        return Allowance((f"a:{place}:{hashed_address(request)}",), (address,), request.now)
    ident, made_at = known
    own = f"d:{place}:{ident}"
    if request.now.timestamp() - made_at >= _KNOWN_AFTER_SECONDS:
        return Allowance((own,), (device,), request.now)
    shared = Limit(address.count * _NEW_DEVICES, address.seconds)
    return Allowance((own, f"n:{place}:{hashed_address(request)}"), (device, shared), request.now)


def check_flood(request: Request, purpose: str, *, device: Limit, address: Limit) -> None:
    """Let the request pass or raise TooMany (1 statement). Call it first in the POST branch of a public form."""
    allowance_of(request, purpose, device=device, address=address).charge()


def client_address(request: HttpRequest) -> str:
    """The address that sent the request; behind our own proxy, the one that the proxy saw."""
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))


def hashed_address(request: HttpRequest) -> str:
    """A short keyed hash of the address (of its /64 for IPv6: that is one household)."""
    text = client_address(request)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "none"
    seat = str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
    return salted_hmac("tongxin.address", seat, algorithm="sha256").hexdigest()[:24]


class _Signer(signing.Signer):
    """Django's signer with its key made once, not for every cookie."""

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        seal = hmac.digest(_key_of(str(self.salt), key or self.key), force_bytes(value), "sha256")
        return signing.b64_encode(seal).decode()


@cache
def _key_of(salt: str, secret: str | bytes) -> bytes:
    """The key that ``salted_hmac`` makes of a secret."""
    return hashlib.sha256(f"{salt}signer".encode() + force_bytes(secret)).digest()


@cache
def _signer() -> signing.Signer:
    return _Signer(salt=_SALT)


def _device(request: HttpRequest) -> tuple[str, int] | None:
    try:
        ident, _, made_at = _signer().unsign(request.COOKIES.get(COOKIE, "")).partition(".")
        return ident, int(made_at)
    except (signing.BadSignature, ValueError):
        return None


class DeviceMiddleware:
    """Gives a device its cookie with the first page: a random number, tied to nothing and nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        asked = cast(Request, request)
        if getattr(asked, "page", None) is None or request.method != "GET" or _device(request) is not None:
            return response
        value = f"{secrets.token_hex(8)}.{int(asked.now.timestamp())}"
        response.set_cookie(
            COOKIE,
            _signer().sign(value),
            max_age=_COOKIE_DAYS * 86_400,
            httponly=True,
            secure=request.is_secure(),
            samesite="Lax",
        )
        return response
