"""Who is whom: an account and a number at the identity service. Nobody is linked, and no account made, by merely signing in."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from tongxin.accounts.identity.tokens import SUBJECT_CHARS
from tongxin.accounts.models import IdentityLink, IdentityService, User
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed


def find_linked(service: IdentityService, subject: str) -> User | None:
    """Return the account of a number (1 statement). Raises NotAllowed where the account was switched off."""
    link = (
        IdentityLink.objects.filter(district_id=service.district_id, issuer=service.issuer, subject=subject)
        .select_related("user")
        .first()
    )
    if link is not None and not link.user.is_active:
        raise NotAllowed("account_off", "您在本平台的账号已停用。", "请找本单位管理员。")
    return link.user if link else None


def find_link(user_id: int) -> IdentityLink | None:
    """Return the link of an account (1 statement)."""
    return IdentityLink.objects.filter(user_id=user_id).first()


def link_identity(*, service: IdentityService, user: User, subject: str, now: datetime) -> IdentityLink:
    """Say that the account and the number are one person (2–3 statements); another number of the account is let go.

    Raises:
        Invalid: no number, or too long a one. Conflict: the number belongs to another account.
    """
    number = subject.strip()
    if not number or len(number) > SUBJECT_CHARS or not number.isprintable():
        raise Invalid(
            "subject_wrong", f"统一身份编号须填写，不超过 {SUBJECT_CHARS} 字。", "请照统一身份里的原样填写。", "subject"
        )
    if user.district_id != service.district_id:
        raise NotAllowed("operator_link", "运维账号不用统一身份登录。", "请用本地方工作人员的账号。")
    try:
        with transaction.atomic():
            return IdentityLink.objects.update_or_create(
                user=user,
                defaults={
                    "district_id": service.district_id,
                    "issuer": service.issuer,
                    "subject": number,
                    "linked_at": now,
                },
            )[0]
    except IntegrityError:
        raise Conflict(
            "subject_taken",
            "这个统一身份已经关联了另一个账号。",
            "请先在那个账号上解除；不知道是谁的请找管理员。",
            "subject",
        ) from None


def unlink_identity(*, user: User) -> bool:
    """Part the account from its number (1 statement); returns whether they were linked."""
    return bool(IdentityLink.objects.filter(user=user).delete()[0])
