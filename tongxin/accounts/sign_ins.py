"""Where somebody is signed in: kept beside the sessions, for that person's own eyes, and gone with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from tongxin.accounts.models import SignIn, User

_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (("HarmonyOS", "鸿蒙"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def device_of(user_agent: str) -> str:
    """Return a browser's own words as people call it: ``Chrome，Windows``."""
    found = [next((title for mark, title in kinds if mark in user_agent), "") for kinds in (_BROWSERS, _SYSTEMS)]
    return "，".join(word for word in found if word) or re.sub(r"[^\w ./-]", "", user_agent)[:30] or "不明设备"


def keep_sign_in(*, user: User, session: str, device: str, now: datetime, by_service: bool = False) -> None:
    """Remember that a session began, and whether an identity service vouched for the person (1 statement)."""
    seen = {"user": user, "device": device[:60], "by_service": by_service, "began_at": now, "seen_at": now}
    SignIn.objects.update_or_create(session=session, defaults=seen)


def see_sign_in(*, session: str, now: datetime) -> None:
    """Remember that a session is in use (1 statement, at most once a minute a session)."""
    SignIn.objects.filter(session=session).update(seen_at=now)


def list_sign_ins(user: User, now: datetime, *, idle: timedelta) -> list[SignIn]:
    """Return the sessions that still open something, the latest used first (1 statement)."""
    return list(SignIn.objects.filter(user=user, seen_at__gt=now - idle).order_by("-seen_at", "-pk"))


def end_sign_ins(*, user: User, end_session: Callable[[str], None], sign_in: int | None = None, but: str = "") -> int:
    """End one session of the person, or all but ``but``; return how many there were.

    Args:
        end_session: deletes a session by its key; sessions are the web's.
    """
    found = SignIn.objects.filter(user=user).exclude(session=but)
    if sign_in is not None:
        found = found.filter(pk=sign_in)
    keys = list(found.values_list("session", flat=True))
    for key in keys:
        end_session(key)
    found.delete()
    return len(keys)


def forget_sign_in(*, session: str) -> None:
    """Forget a session that ended (1 statement)."""
    SignIn.objects.filter(session=session).delete()


def sweep_sign_ins(now: datetime, *, idle: timedelta) -> int:
    """Forget sessions that nobody has used for so long that they open nothing any more (1 statement)."""
    return SignIn.objects.filter(seen_at__lt=now - 2 * idle).delete()[0]
