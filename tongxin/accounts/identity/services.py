"""The identity service of a district: how it is set by whoever runs the installation (``manage.py identity``), and taken away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from tongxin.accounts.models import IdentityService
from tongxin.kernel import limits, outbound
from tongxin.kernel.errors import Invalid

_SECRET = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)?")
_WORD = re.compile(r"[\x21-\x7e]{1,60}")
CHANGING = frozenset(
    {"email", "phone_number", "name", "nickname", "preferred_username"}
)  # people change these, or choose them


def find_service(district_id: int) -> IdentityService | None:
    """Return the district's identity service, if one is set (1 statement)."""
    return IdentityService.objects.filter(district_id=district_id).first()


def set_service(
    *,
    district_id: int,
    issuer: str,
    client_id: str,
    now: datetime,
    secret_from: str = "",
    title: str = "市统一身份",
    scope: str = "openid profile",
    claim: str = "sub",
    strong: Sequence[str] = (),
    fresh_minutes: int = 0,
) -> IdentityService:
    """Set it, in the place of what was set before (2 statements). Nothing is asked of the service here.

    Args:
        secret_from: ``env:NAME`` or ``file:/path`` of the client's secret; empty for a public client.
        claim: the claim that names a person for good: ``sub``, or a staff number.
        strong: values of ``acr`` or ``amr`` that count as a second step; empty for the usual ones.

    Raises:
        Invalid: an address that is not HTTPS, a missing client, a secret written down instead of named.
    """
    if fault := outbound.fault_of_address(issuer):
        raise Invalid(
            "issuer_wrong",
            f"发行方 {issuer[:100]} {fault}。",
            "请照统一身份给的原样填写，例如 https://id.example.gov.cn。",
            "issuer",
        )
    if not client_id.strip() or len(client_id) > 200:
        raise Invalid("client_wrong", "应用标识须填写，不超过 200 字。", "在统一身份登记应用后得到。", "client_id")
    if not _SECRET.fullmatch(secret_from):
        raise Invalid(
            "secret_wrong", "应用密钥不写在这里。", "写它在哪里：env:环境变量名 或 file:/文件路径。", "secret_from"
        )
    if "openid" not in scope.split():
        raise Invalid("scope_wrong", "请求的范围里要有 openid。", "例如 openid profile。", "scope")
    if not title.strip() or len(title) > limits.NAME_CHARS:
        raise Invalid("title_wrong", f"名称须填写，不超过 {limits.NAME_CHARS} 字。", "它写在登录按钮上。", "title")
    if not all(_WORD.fullmatch(word) for word in (claim, *strong)):
        raise Invalid(
            "claim_wrong", "认人的项和验证方式只用英文字母、数字和符号。", "例如 sub、staff_no、mfa。", "claim"
        )
    if not 0 <= fresh_minutes <= 1440:
        raise Invalid("fresh_wrong", "多少分钟内验证过，应在 0 到 1440 之间。", "0 为不要求。", "fresh_minutes")
    values = {
        "issuer": issuer, "client_id": client_id.strip(), "secret_from": secret_from, "title": title.strip(), "scope": scope,
        "claim": claim, "strong": list(strong), "fresh_minutes": fresh_minutes, "set_at": now,
    }  # fmt: skip
    return IdentityService.objects.update_or_create(district_id=district_id, defaults=values)[0]


def drop_service(*, district_id: int) -> bool:
    """Take it away; who is whom stays known for the day it comes back (1 statement). Returns whether there was one."""
    return bool(IdentityService.objects.filter(district_id=district_id).delete()[0])
