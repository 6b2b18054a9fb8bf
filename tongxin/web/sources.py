"""Where a request comes from, as far as it concerns flooding: a device known by its signed cookie, else an address.

A device has its own allowance. Whoever sends no cookie shares a larger one with everybody else at the address who sends none.
A device that is new is also charged to what the address may bring in new devices, so that throwing the cookie away gains
nothing; one that is known for an hour is not, so that a flooder next door cannot shut it out. Addresses are kept as keyed hashes.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple, cast

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


class Allowance(NamedTuple):
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


_OURS = re.compile(rf"(?:^|;)\s*{COOKIE}=([\w.:-]+)\s*(?:;|$)", re.ASCII)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)


@cache
def _key_of(secret: str | bytes) -> bytes:
    """The key that Django's signer makes of a secret, made once."""
    return hashlib.sha256(f"{_SALT}signer".encode() + force_bytes(secret)).digest()


def seal_of(value: str) -> bytes:
    """Return what Django's signer puts behind a value."""
    seal = hmac.digest(_key_of(settings.SECRET_KEY), value.encode(), "sha256")
    return binascii.b2a_base64(seal, newline=False).translate(_URL_SAFE, b"=")


def _device(request: HttpRequest) -> tuple[str, int] | None:
    """The device's number and when it got it; None without a cookie that we sealed, by this key or an earlier one."""
    found = _OURS.search(request.META.get("HTTP_COOKIE", ""))
    if found is None:
        return None
    value, _, seal = found[1].rpartition(":")
    try:
        if not hmac.compare_digest(seal.encode(), seal_of(value)):
            value = _signer().unsign(found[1])
        ident, _, made_at = value.partition(".")
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
