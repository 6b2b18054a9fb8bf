"""Reads: users, API keys."""

from __future__ import annotations

from tongxin.accounts.models import ApiKey, User
from tongxin.accounts.secrets import digest_of
from tongxin.kernel.errors import NotFound


def find_user(user_id: int) -> User | None:
    """The active user (1 statement)."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def get_user(user_id: int, district_id: int) -> User:
    """A user of the district, switched off or not (1 statement). Raises NotFound."""
    user = User.objects.filter(pk=user_id, district_id=district_id).first()
    if user is None:
        raise NotFound("no_account", "本地方没有这个账号。", "请刷新后再试。", "user_id")
    return user


def list_users(district_id: int) -> list[User]:
    """Users of the district by user name (1 statement)."""
    return list(User.objects.filter(district_id=district_id).order_by("username"))


def find_api_key(secret: str) -> ApiKey | None:
    """The key that this secret opens, unless it was revoked (1 statement; none for what cannot be a secret)."""
    digest = digest_of(secret)
    return ApiKey.objects.filter(digest=digest, revoked_at=None).first() if digest else None


def list_api_keys(district_id: int) -> list[ApiKey]:
    """Keys of the district, the newest first (1 statement)."""
    return list(ApiKey.objects.filter(district_id=district_id).order_by("-pk"))
