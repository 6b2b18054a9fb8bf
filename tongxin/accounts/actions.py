"""Writes: make users, check and change passwords, lock after failures, make and revoke API keys."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.contrib.auth.hashers import check_password as matches
from django.contrib.auth.hashers import make_password
from django.db import transaction

from tongxin.accounts import rules
from tongxin.accounts.models import ApiKey, User
from tongxin.accounts.rules import Limit
from tongxin.accounts.second_step import end_second_step
from tongxin.accounts.secrets import digest_of, new_secret
from tongxin.accounts.throttle import allow
from tongxin.kernel import limits
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, TooMany
from tongxin.kernel.once import write_once


class Tenant(Protocol):
    """What this package needs of a district (the model or packs' view of it)."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> str: ...


def login_of(district_key: str, username: str) -> str:
    """Return the login: ``zhang.san@county``; an operator's, who belongs to no district, is the user name alone."""
    return f"{username}@{district_key}" if district_key else username


def make_user(
    *,
    district: Tenant | None,
    username: str,
    name: str,
    password: str,
    now: datetime,
    is_operator: bool = False,
    once: bool = False,
) -> User:
    """Make an account of the district, or of an operator of the installation (``district=None``).

    Args:
        once: the password opens nothing but the page where another one is chosen.

    Raises:
        Invalid: the user name, name or password is not acceptable.
        Conflict: the user name is taken.
    """
    tidy = rules.check_username(username)
    shown = name.strip()
    if not shown or len(shown) > limits.NAME_CHARS:
        raise Invalid("name_wrong", f"姓名须填写，不超过 {limits.NAME_CHARS} 字。", "请改一下姓名。", "name")
    rules.check_password(password, username=tidy, name=shown)
    user = User(
        login=login_of(district.key if district else "", tidy),
        district_id=district.id if district else None,
        username=tidy,
        name=shown,
        is_operator=is_operator,
        password=make_password(password),
        password_once=once,
        password_at=now,
        created_at=now,
    )
    taken = Conflict("username_taken", f"用户名 {tidy} 已有人用。", "请换一个。", "username")
    with write_once(taken, "user_once_a_district", "accounts_user_login_key"):
        user.save(force_insert=True)
    return user


def make_users(*, district: Tenant, names: Mapping[str, str], password: str, now: datetime) -> dict[str, User]:
    """Make accounts that share one known password, which is hashed once: for demonstrations only (1 statement).

    Args:
        names: user name → name.

    Raises:
        Invalid: a user name or the password is not acceptable.
    """
    rules.check_password(password)
    hashed = make_password(password)
    users = [
        User(
            login=login_of(district.key, tidy), district_id=district.id, username=tidy, name=name, password=hashed, password_at=now,
            created_at=now,
        )
        for tidy, name in ((rules.check_username(username), name) for username, name in names.items())
    ]  # fmt: skip
    return {user.username: user for user in User.objects.bulk_create(users)}


def authenticate(*, district_key: str, username: str, password: str, now: datetime) -> User:
    """Return the user whose password this is; ``district_key`` is empty for an operator.

    An unknown user name costs the same time and is locked the same way as a known one, so that nobody learns which exist.

    Raises:
        NotAllowed: wrong user name or password, or locked; the sentence says how many tries are left or until when.
    """
    login = login_of(district_key, username.strip().lower())[:100]
    tried = password[: rules.PASSWORD_MOST_CHARS]
    with transaction.atomic():  # refusals are raised outside it, or the count of failures would be undone
        user = User.objects.select_for_update().filter(login=login, is_active=True).first()
        refusal = _judge(user, tried, now) if user is not None else None
    if user is None:
        matches(tried, _nobodys_hash())
        raise _judge_unknown(login, now)
    if refusal is not None:
        raise refusal
    return user


def _judge(user: User, tried: str, now: datetime) -> NotAllowed | None:
    """Check under the row's lock: guesses sent at once queue up."""
    right = matches(tried, user.password)
    if user.locked_until is not None and user.locked_until > now:
        return _locked(int((user.locked_until - now).total_seconds()))
    if right:
        if user.failed_logins or user.locked_until:
            User.objects.filter(pk=user.pk).update(failed_logins=0, locked_until=None)
        return None
    failures = user.failed_logins + 1
    full = failures >= rules.FAILURES
    until = now + timedelta(minutes=rules.LOCK_MINUTES) if full else None
    User.objects.filter(pk=user.pk).update(failed_logins=0 if full else failures, locked_until=until)
    return _locked(rules.LOCK_MINUTES * 60) if full else _wrong(rules.FAILURES - failures)


def _judge_unknown(login: str, now: datetime) -> NotAllowed:
    """Answer for a user name that does not exist exactly as for one that does."""
    bucket = "no-login:" + hashlib.sha256(login.encode()).hexdigest()[:32]
    try:
        failures = allow([bucket], [Limit(rules.FAILURES - 1, rules.LOCK_MINUTES * 60)], now)[0]
    except TooMany as full:
        return _locked(full.details["retry_after_seconds"])
    return _wrong(rules.FAILURES - failures)


@functools.cache
def _nobodys_hash() -> str:
    return make_password("nobody has this password")


def _wrong(left: int) -> NotAllowed:
    return NotAllowed(
        "login_wrong",
        "用户名或密码不对。",
        f"请检查大小写再试；再错 {left} 次，账号会锁定 {rules.LOCK_MINUTES} 分钟。",
        tries_left=left,
    )


def _locked(seconds: int) -> NotAllowed:
    return NotAllowed(
        "login_locked",
        f"密码连错 {rules.FAILURES} 次，账号已临时锁定。",
        f"请过 {rules.say_wait(seconds)}再试；忘了密码请找本单位管理员重设。",
        retry_after_seconds=seconds,
    )


def set_password(*, user: User, password: str, now: datetime, once: bool = False) -> None:
    """Give the user a new password and lift a lock; other sessions of the user end.

    Args:
        once: somebody else chose it, so it opens nothing but the page where another one is chosen; the second step ends with it.

    Raises:
        Invalid: the password is not acceptable, or is the present one.
    """
    rules.check_password(password, username=user.username, name=user.name)
    if matches(password, user.password):
        raise Invalid("password_same", "新密码和现在的一样。", "请换一个。", "password")
    user.password, user.failed_logins, user.locked_until = make_password(password), 0, None
    user.password_once, user.password_at = once, now
    user.save(update_fields=["password", "password_once", "password_at", "failed_logins", "locked_until"])
    if once and user.totp_key:  # whoever lost the phone asks an administrator for a new password
        end_second_step(user=user)


def set_active(*, user: User, active: bool, now: datetime) -> None:
    """Let the user in, or no longer; a session that is open ends with its next request."""
    del now
    user.is_active = active
    user.save(update_fields=["is_active"])


def set_elder_view(*, user: User, on: bool) -> None:
    """Keep the user's wish for large type."""
    user.elder_view = on
    user.save(update_fields=["elder_view"])


def make_api_key(
    *, district: Tenant, name: str, may: Sequence[str], now: datetime, per_minute: int = 600
) -> tuple[ApiKey, str]:
    """Make a key for a program; returns it and its secret, which is shown this once and never again.

    Args:
        may: permission names of ``organization.api.PERMISSIONS``.
        per_minute: how many requests a minute the program may send.

    Raises:
        Invalid: no name, or a limit out of range.
    """
    use = name.strip()
    if not use or len(use) > limits.TITLE_CHARS:
        raise Invalid("name_wrong", "请写明这个密钥给谁、做什么用。", f"不超过 {limits.TITLE_CHARS} 字。", "name")
    if not 1 <= per_minute <= 100_000:
        raise Invalid("per_minute_wrong", "每分钟上限须在 1 到 100000 之间。", "请改一下。", "per_minute")
    secret = new_secret()
    key = ApiKey.objects.create(
        district_id=district.id,
        name=use,
        digest=digest_of(secret),
        may=sorted(set(may)),
        per_minute=per_minute,
        created_at=now,
    )
    return key, secret


def revoke_api_key(*, key_id: int, district_id: int, now: datetime) -> bool:
    """End a key; returns whether it was in force."""
    found = ApiKey.objects.filter(pk=key_id, district_id=district_id, revoked_at=None)
    return bool(found.update(revoked_at=now))
