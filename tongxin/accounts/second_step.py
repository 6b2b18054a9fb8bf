"""Writes of the second step of signing in: begin, confirm, check, end. Who must have it, the installation says (``settings.TWO_STEPS``)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from tongxin.accounts import totp
from tongxin.accounts.models import User
from tongxin.accounts.rules import FAILURES, LOCK_MINUTES, Limit, say_wait
from tongxin.accounts.throttle import allow
from tongxin.kernel.errors import Invalid, NotAllowed, TooMany


def owes_second_step(user: User) -> bool:
    """Whether the installation wants a second step of this person, who has none yet."""
    wanted = settings.TWO_STEPS
    return not user.totp_since and (wanted == "all" or (wanted == "operators" and user.is_operator))


def begin_second_step(*, user: User) -> bytes:
    """Return the key to be confirmed; the same one until then, so that a page loaded twice shows one code (0–1 statements).

    Raises Invalid when the second step is on.
    """
    if user.totp_since:
        raise Invalid("has_second_step", "两步验证已经开着。", "要换手机，请先关掉再开。")
    if user.totp_key:
        return totp.unseal(user.totp_key, settings.SECRET_KEY)
    key = totp.new_key()
    user.totp_key = totp.seal(key, settings.SECRET_KEY)
    user.save(update_fields=["totp_key"])
    return key


def confirm_second_step(*, user: User, code: str, now: datetime) -> list[str]:
    """Turn the second step on with a first right code; return the spare codes, shown this once.

    Raises:
        Invalid: the code is wrong. TooMany.
    """
    _count(user, now)
    step = totp.find_step(totp.unseal(user.totp_key, settings.SECRET_KEY), _tidy(code), now) if user.totp_key else None
    if step is None:
        raise _wrong()
    spares = totp.new_spares()
    user.totp_since, user.totp_step = now, step
    user.totp_spares = [totp.digest_of_spare(one) for one in spares]
    user.save(update_fields=["totp_since", "totp_step", "totp_spares"])
    return spares


def check_second_step(*, user: User, code: str, now: datetime) -> None:
    """Accept a code of the app, or a spare one, each once (3 statements).

    Raises:
        Invalid: wrong, or used before. NotAllowed: too many wrong ones.
    """
    _count(user, now)
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        step = totp.find_step(totp.unseal(kept.totp_key, settings.SECRET_KEY), _tidy(code), now, kept.totp_step)
        if step is not None:
            kept.totp_step = step
            kept.save(update_fields=["totp_step"])
            return
        spare = totp.digest_of_spare(code)
        if spare in kept.totp_spares:
            kept.totp_spares = [one for one in kept.totp_spares if one != spare]
            kept.save(update_fields=["totp_spares"])
            return
    raise _wrong()


def end_second_step(*, user: User) -> None:
    """Turn it off: by the person, who has just proved the password, or with a new password from an administrator (1 statement)."""
    user.totp_key, user.totp_since, user.totp_step, user.totp_spares = "", None, 0, []
    user.save(update_fields=["totp_key", "totp_since", "totp_step", "totp_spares"])


def _tidy(code: str) -> str:
    return "".join(code.split())[:16]


def _count(user: User, now: datetime) -> None:
    try:
        allow([f"second-step:{user.pk}"], [Limit(2 * FAILURES, LOCK_MINUTES * 60)], now)
    except TooMany as full:
        wait = say_wait(full.details["retry_after_seconds"])
        raise NotAllowed("code_locked", "验证码输错太多次。", f"请过 {wait}再试。") from None


def _wrong() -> Invalid:
    return Invalid("code_wrong", "验证码不对，或已用过。", "请看手机上现在的 6 位数字；手机时间要准。", "code")
