"""Talking to an identity service: its own description, its keys, the way to it, and the exchange of a code for who it is.

OpenID Connect, authorization code with PKCE, state and nonce. What the service publishes is kept an hour in this process; keys
are fetched anew, at most once a minute, when a token names one that we do not know. Nothing personal is logged.
"""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tongxin.accounts.identity.tokens import Expected, Known, UnknownKey, known_by, read_token
from tongxin.kernel import limits, outbound
from tongxin.kernel.errors import NotAllowed, Refusal
from tongxin.kernel.sealing import named_secret

if TYPE_CHECKING:
    from tongxin.accounts.models import IdentityService

KEPT_SECONDS, AGAIN_SECONDS, DOWN_SECONDS = 3_600, 60, 10
ANSWER_SECONDS = 8.0
DISCOVERY = "/.well-known/openid-configuration"
log = logging.getLogger("tongxin.identity")


class Unreachable(Refusal):
    """The identity service does not answer, or not as it should; nobody's fault who signs in."""

    status = 502


@dataclass(frozen=True, slots=True)
class Described:
    """What a service says of itself, as far as we use it."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str = ""
    end_session: str = ""
    by_post: bool = False  # it takes the client's secret in the form only
    names_issuer: bool = False  # RFC 9207: its answers carry ``iss``


@dataclass(frozen=True, slots=True)
class Asked:
    """One way to the service and back: kept in the session of whoever goes it."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Who came back, and the token by which the service is told to end the session there."""

    who: Known
    token: str


class _Kept:
    """What services publish, in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}
        self.down: dict[str, float] = {}

    def get(self, kind: str, address: str, now: datetime, seconds: float) -> dict[str, Any]:
        moment = now.timestamp()
        found = self.values.get((kind, address))
        if found is not None and 0 <= moment - found[0] < seconds:
            return found[1]
        if 0 <= moment - self.down.get(address, 0) < DOWN_SECONDS:  # or each click would hold a worker for seconds
            raise _unreachable("刚才没有回应")
        try:
            value = _fetch(address)
        except Unreachable:
            self.down[address] = moment
            raise
        with self.lock:
            self.values[kind, address] = (moment, value)
        return value

    def forget(self) -> None:
        with self.lock:
            self.values.clear()
            self.down.clear()


_kept = _Kept()
forget = _kept.forget


def describe(issuer: str, now: datetime) -> Described:
    """Return what the service says of itself, from its discovery document (0–1 requests).

    Raises:
        Unreachable: no answer, too slow, too long, not JSON, another issuer, or addresses that we may not ask.
    """
    said = said_by(issuer, now)
    if said.get("issuer") != issuer:
        raise _unreachable(f"自称是 {str(said.get('issuer'))[:200]}，与所设的 {issuer} 不同")
    names = {"authorization": "authorization_endpoint", "token": "token_endpoint", "keys": "jwks_uri", "userinfo": "userinfo_endpoint", "end_session": "end_session_endpoint"}  # fmt: skip
    found: dict[str, str] = {}
    for name, told in names.items():
        value = said.get(told) or ""
        if not value and name in ("userinfo", "end_session"):
            continue
        if fault := outbound.fault_of_address(value) if isinstance(value, str) else "不是网址":
            raise _unreachable(f"没有给出可用的 {told}：{fault}")
        found[name] = value
    ways = said.get("token_endpoint_auth_methods_supported")
    by_post = isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways
    return Described(issuer=issuer, **found, by_post=by_post, names_issuer=said.get("authorization_response_iss_parameter_supported") is True)  # fmt: skip


def said_by(issuer: str, now: datetime) -> dict[str, Any]:
    """Return the discovery document as it is (0–1 requests)."""
    return _kept.get("description", issuer.rstrip("/") + DISCOVERY, now, KEPT_SECONDS)


def keys_of(described: Described, now: datetime, *, anew: bool = False) -> dict[str, Any]:
    """Return the service's published keys (0–1 requests); ``anew`` where they are older than a minute."""
    return _kept.get("keys", described.keys, now, AGAIN_SECONDS if anew else KEPT_SECONDS)


def secret_of(secret_from: str) -> str:
    """Return the secret that the setting names. Raises Unreachable where there is none."""
    if not secret_from:
        return ""
    value = named_secret(secret_from)
    if not value:
        raise Unreachable("identity_secret", "本平台还没有拿到统一身份的应用密钥。", f"请运维人员检查 {secret_from}。")
    return value


def ask(service: IdentityService, *, back: str, now: datetime) -> Asked:
    """Make the address to which the person's browser goes (0–1 requests).

    Args:
        back: our own address to which the service sends it back; registered there.
    """
    described = describe(service.issuer, now)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    more: dict[str, Any] = {"max_age": service.fresh_minutes * 60} if service.fresh_minutes else {}
    with _session(service, described, back) as session:
        address, _ = session.create_authorization_url(
            described.authorization, state=state, code_verifier=verifier, nonce=nonce, **more
        )
    return Asked(address, state, nonce, verifier)


def receive(service: IdentityService, *, code: str, asked: Asked, back: str, now: datetime) -> Returned:
    """Exchange the code for a token, check it, and say who it is (1–4 requests).

    Raises:
        NotAllowed: the code or the token does not hold. Unreachable.
    """
    from authlib.integrations.base_client.errors import OAuthError
    from requests import RequestException

    described = describe(service.issuer, now)
    with _session(service, described, back) as session:
        try:
            given = session.fetch_token(
                described.token, grant_type="authorization_code", code=code, code_verifier=asked.verifier
            )
        except OAuthError as error:
            log.warning("code refused by %s: %s", service.issuer, str(error.error)[:60])
            if error.error == "invalid_client":
                raise Unreachable(
                    "identity_client", "统一身份不认本平台的应用标识或密钥。", "请把这句话告诉运维人员。"
                ) from None
            raise NotAllowed(
                "identity_code", "这次登录已经用过或过期，统一身份没有认。", "请重新点一次登录。"
            ) from None
        except (RequestException, ValueError) as error:
            raise _unreachable("换取凭证时" + _say(error)) from None
        token, access = given.get("id_token"), str(given.get("access_token") or "")
        if not isinstance(token, str) or not token:
            raise _unreachable("没有给出身份凭证（id_token），请在那边为本应用开启 OpenID Connect")
        expected = Expected(service.issuer, service.client_id, asked.nonce, access, service.fresh_minutes)
        claims = _claims(token, described, expected, now)
        who = known_by(claims, service.claim, service.strong)
        if who is None and described.userinfo:
            told = _fetch(described.userinfo, session)
            if told.get("sub") != claims["sub"]:
                raise NotAllowed(
                    "identity_userinfo", "统一身份前后说的不是同一个人，没有登录。", "请把这句话告诉运维人员。"
                )
            who = known_by({**told, **claims}, service.claim, service.strong)
    if who is None:
        raise Unreachable(
            "identity_claim_missing", f"统一身份没有给出认人要用的“{service.claim}”。", "请把这句话告诉运维人员。"
        )
    return Returned(who, token)


def way_out(service: IdentityService, *, token: str, back: str, now: datetime) -> str:
    """Return the address that ends the session at the service too; empty where it offers none."""
    described = describe(service.issuer, now)
    if not described.end_session:
        return ""
    query = urlencode({"id_token_hint": token, "client_id": service.client_id, "post_logout_redirect_uri": back})
    return described.end_session + ("&" if urlsplit(described.end_session).query else "?") + query


def _claims(token: str, described: Described, expected: Expected, now: datetime) -> dict[str, Any]:
    try:
        return read_token(token, keys_of(described, now), expected, now)
    except UnknownKey:
        pass
    try:  # its keys were changed since we looked
        return read_token(token, keys_of(described, now, anew=True), expected, now)
    except UnknownKey:
        raise NotAllowed(
            "identity_key",
            "统一身份发来的凭证，签名的钥匙不在它公布的钥匙里，没有登录。",
            "请过一分钟再试；还不行请告诉运维人员。",
        ) from None


def _session(service: IdentityService, described: Described, back: str) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    secret = secret_of(service.secret_from)
    method = "none" if not secret else "client_secret_post" if described.by_post else "client_secret_basic"
    session = OAuth2Session(
        client_id=service.client_id, client_secret=secret or None, token_endpoint_auth_method=method, scope=service.scope,
        redirect_uri=back, code_challenge_method="S256",
    )  # fmt: skip
    return outbound.open_session(seconds=ANSWER_SECONDS, most_bytes=limits.IDENTITY_BYTES, session=session)


def _fetch(address: str, session: Any = None) -> dict[str, Any]:
    """Ask for a JSON object."""
    from requests import RequestException

    asked = session or outbound.open_session(seconds=ANSWER_SECONDS, most_bytes=limits.IDENTITY_BYTES)
    try:
        response = asked.get(address, headers={"Accept": "application/json"})
        if response.status_code != 200:
            raise _unreachable(f"对 {address} 答了 {response.status_code}")
        value = response.json()
    except (RequestException, ValueError, RecursionError) as error:
        raise _unreachable(_say(error)) from None
    finally:
        if session is None:
            asked.close()
    if not isinstance(value, dict):
        raise _unreachable(f"{address} 答的不是约定的内容")
    return value


def _say(error: Exception) -> str:
    """What went wrong, in words that an operator can act on; nothing of what was sent."""
    from requests import exceptions

    known = (
        (exceptions.SSLError, "证书核对不上"),
        (exceptions.Timeout, f"超过 {ANSWER_SECONDS:g} 秒没有答完"),
        (exceptions.TooManyRedirects, "要求转到别处，这里不转"),
        (exceptions.ContentDecodingError, f"答得太长（超过 {limits.IDENTITY_BYTES // 1024} KB）"),
        (exceptions.JSONDecodeError, "答的不是 JSON"),
        (exceptions.ConnectionError, "连接不上"),
    )
    return next((words for kind, words in known if isinstance(error, kind)), "答的不是约定的内容")


def _unreachable(why: str) -> Unreachable:
    log.warning("identity service: %s", why)
    return Unreachable(
        "identity_down", "市里的统一身份现在用不了。", "请过一会儿再试，或改用本平台的用户名和密码登录。", why=why
    )
