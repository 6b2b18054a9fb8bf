"""Who calls: a program with a key, or nobody in particular. Counts what comes in; decides nothing about matters."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest

from tongxin.accounts import api as accounts
from tongxin.accounts.api import ApiKey, Limit
from tongxin.kernel.errors import NotAllowed, Refusal, TooMany
from tongxin.kernel.statements import Gate
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.web import sources
from tongxin.web.api.answers import NoKey
from tongxin.web.request import Request
from tongxin.web.sources import Allowance

# One device may report this often; all who send no cookie from one address share the larger allowance.
REPORTS = (Limit(20, 600), Limit(120, 600))
LOOKS = (Limit(120, 60), Limit(600, 60))


class Caller(NamedTuple):
    """Who calls; ``scope`` keeps the idempotency keys of callers apart."""

    actor: Actor
    key: ApiKey | None

    @property
    def scope(self) -> str:
        """A word for who this is."""
        return "anonymous" if self.key is None else f"key:{self.key.id}"

    def may(self, permission: str) -> bool:
        """Whether the key carries the permission."""
        return self.key is not None and organization.access.may(self.actor, permission)

    def demand(self, permission: str) -> None:
        """Raise NoKey without a key, NotAllowed when the key does not carry the permission."""
        if self.key is None:
            raise key_needed()
        organization.access.demand(self.actor, permission)


def caller_of(request: Request, secret: str | None = None) -> Caller:
    """Return who calls (0 statements without a key, 1 with one).

    Args:
        secret: a key that came otherwise than in the ``Authorization: Bearer`` header.

    Raises:
        NoKey: the key opens nothing. NotAllowed: it belongs to another district.
    """
    secret = secret if secret is not None else bearer(request)
    if not secret:
        return Caller(organization.resident_actor(request.district), None)
    key = accounts.find_api_key(secret)
    if key is None:
        raise NoKey("bad_key", "这个密钥无效或已停用。", "请向当地管理员申请新的密钥。", "api_key")
    if key.district_id != request.district.id:
        raise NotAllowed(
            "foreign_key", "这个密钥属于别的地方。", "请换用本地的密钥，或换到密钥所属地方的网址。", "api_key"
        )
    return Caller(organization.program_actor(request.district, key), key)


def bearer(request: HttpRequest) -> str:
    """Return the secret of the ``Authorization`` header, empty without one."""
    kind, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def key_needed() -> NoKey:
    """The refusal for who comes without a key where one is needed."""
    return NoKey(
        "key_needed", "这里需要密钥。", "请以 Authorization: Bearer <密钥> 发送；密钥由当地管理员发放。", "api_key"
    )


def allowance_of(request: Request, caller: Caller, purpose: str, allowances: tuple[Limit, Limit]) -> Allowance:
    """Return what a caller may still send (0 statements).

    Args:
        allowances: what one device, and what all without a cookie at one address, may send. A key has its own allowance.
    """
    if caller.key is not None:
        return Allowance((f"k:{caller.key.id}",), (Limit(caller.key.per_minute, 60),), request.now)
    return sources.allowance_of(request, purpose, device=allowances[0], address=allowances[1])


def admit(request: Request, caller: Caller, purpose: str, allowances: tuple[Limit, Limit]) -> None:
    """Count the request (1 statement) and let it pass, or raise TooMany."""
    allowance_of(request, caller, purpose, allowances).charge()


class admission:  # noqa: N801 - used as ``with admission(…) as gate``
    """Give the gate for a write that counts the request in its own statement; one that is refused before it is counted here."""

    def __init__(self, request: Request, caller: Caller, purpose: str, allowances: tuple[Limit, Limit]) -> None:
        self._allowance = allowance_of(request, caller, purpose, allowances)

    def __enter__(self) -> Gate:
        return self._allowance.gate()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Refusal) and not isinstance(error, TooMany):
            self._allowance.charge()
