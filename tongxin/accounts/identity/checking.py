"""Trying an identity service before people do: one line a point, what is wrong and what to do. Asks for nobody and signs in nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tongxin.accounts.identity import provider
from tongxin.accounts.identity.provider import Unreachable
from tongxin.accounts.identity.services import CHANGING
from tongxin.accounts.identity.tokens import LEEWAY_SECONDS, usable_keys
from tongxin.accounts.models import IdentityService
from tongxin.kernel import limits, outbound
from tongxin.kernel.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked at."""

    fine: bool
    what: str
    mend: str = ""
    fatal: bool = True  # False: people can sign in all the same


def check_service(service: IdentityService, *, back: str, now: datetime) -> Iterator[Point]:
    """Try the service step by step; stops where the next step would make no sense (3–4 requests).

    Args:
        back: our address to which it would send people back.
    """
    provider.forget()
    try:
        secret = provider.secret_of(service.secret_from)
        yield Point(True, "应用密钥读到了" if secret else "公开应用，没有密钥（只靠 PKCE）")
    except Unreachable as refusal:
        yield Point(False, f"读不到应用密钥（{service.secret_from}）", refusal.mend)
        return
    try:
        described = provider.describe(service.issuer, now)
        yield Point(True, f"发行方 {service.issuer} 有回应")
    except Unreachable as refusal:
        yield Point(False, f"发行方 {service.issuer}：{refusal.details.get('why', refusal.what)}", _MEND_DOWN)
        return
    said = provider.said_by(service.issuer, now)
    yield _clock(service.issuer, now)
    yield from _offers(said, service)
    try:
        count = usable_keys(provider.keys_of(described, now))
        yield Point(
            count > 0, f"公布了 {count} 把能用的签名钥匙", "" if count else "请统一身份那边公布 RSA 或 EC 的签名公钥。"
        )
    except Unreachable as refusal:
        yield Point(False, f"取不到签名钥匙：{refusal.details.get('why', refusal.what)}", _MEND_DOWN)
    yield _client(service, back, now)


def _clock(issuer: str, now: datetime) -> Point:
    """Tokens live minutes: two clocks that differ make all of them wrong."""
    from requests import RequestException

    try:
        with outbound.open_session(seconds=provider.ANSWER_SECONDS, most_bytes=limits.IDENTITY_BYTES) as session:
            told = session.get(issuer.rstrip("/") + provider.DISCOVERY).headers.get("Date", "")
        apart = abs((parsedate_to_datetime(told).astimezone(UTC) - now).total_seconds())
    except (RequestException, ValueError, TypeError):
        return Point(True, "它没有报时间，钟没有比")
    fine = apart <= LEEWAY_SECONDS
    return Point(
        fine,
        f"两边的钟相差 {apart:.0f} 秒",
        "" if fine else f"超过 {LEEWAY_SECONDS} 秒会登录不了：请两边都对时（NTP）。",
    )


def _offers(said: dict[str, Any], service: IdentityService) -> Iterator[Point]:
    def lists(name: str, word: str) -> bool:
        offered = said.get(name)
        return not isinstance(offered, list) or word in offered

    if not lists("response_types_supported", "code"):
        yield Point(False, "它不支持授权码方式（code）", "请统一身份那边开启。")
    pkce = said.get("code_challenge_methods_supported")
    if not (isinstance(pkce, list) and "S256" in pkce):
        yield Point(False, "它没有写明支持 PKCE（S256）", "请统一身份那边开启；多半不写也能用。", fatal=False)
    if missing := [word for word in service.scope.split() if not lists("scopes_supported", word)]:
        yield Point(False, f"它不给这些范围：{'、'.join(missing)}", "请改 --scope，或请那边开通。", fatal=False)
    if not lists("claims_supported", service.claim):
        yield Point(False, f"它没有写明会给“{service.claim}”", "请核对 --claim；给不出时没人能登录。", fatal=False)
    if service.claim in CHANGING:
        yield Point(False, f"“{service.claim}”本人可以改，或会换给别人", "请改用不变的编号：sub 或工号。", fatal=False)
    if not said.get("end_session_endpoint"):
        yield Point(False, "它没有退出的地址", "在本平台退出后，那边还登录着；公用电脑要关浏览器。", fatal=False)


def _client(service: IdentityService, back: str, now: datetime) -> Point:
    """Offer a code that cannot be right: a service that knows us says so of the code, another one of us."""
    asked = provider.Asked("", "check", "check", "check" * 9)
    try:
        provider.receive(service, code="check-of-connection", asked=asked, back=back, now=now)
    except NotAllowed as refusal:
        if refusal.code == "identity_code":
            return Point(True, f"它认得应用 {service.client_id}")
        return Point(False, refusal.what, refusal.mend)
    except Unreachable as refusal:
        mend = "请核对应用标识，以及密钥是不是这个应用的。" if refusal.code == "identity_client" else _MEND_DOWN
        return Point(False, f"{refusal.what}{refusal.details.get('why', '')}", mend)
    return Point(False, "它对编造的授权码也给了凭证", "不要用这个统一身份。")


_MEND_DOWN = "请核对地址、网络和证书（自建证书机构写进 REQUESTS_CA_BUNDLE）。"
