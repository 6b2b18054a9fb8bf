"""What a password and a user name must be, and how source counters are laid out in time. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from tongxin.kernel.errors import Invalid

PASSWORD_CHARS = 10  # norms 9.2 [K]: at least 10 with 3 classes, 5 failures → 30 min lock, 15 min idle
PASSWORD_MOST_CHARS = 128
PASSWORD_CLASSES = 3
FAILURES = 5
LOCK_MINUTES = 30
REMIND_DAYS = 14  # before a password is too old
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{1,39}$")


def check_password(password: str, *, username: str = "", name: str = "") -> None:
    """Accept the password or say what is missing.

    Raises:
        Invalid: too short or long, fewer than three classes of characters, one character only, or it holds the user name.
    """
    if len(password) < PASSWORD_CHARS:
        raise _bad("password_short", f"密码太短（{len(password)} 位）。", f"请设 {PASSWORD_CHARS} 位以上。")
    if len(password) > PASSWORD_MOST_CHARS:
        raise _bad("password_long", "密码太长。", f"请不超过 {PASSWORD_MOST_CHARS} 位。")
    if sum(re.search(wanted, password) is not None for wanted in _CLASSES) < PASSWORD_CLASSES:
        raise _bad("password_plain", "密码太简单。", "小写字母、大写字母、数字、符号，请至少用其中三种。")
    if len(set(password)) < PASSWORD_CHARS // 2:
        raise _bad("password_repeats", "密码里重复的字符太多。", "请换一个不容易猜到的。")
    telling = [word.lower() for word, least in ((username, 3), (name, 2)) if len(word) >= least]
    if any(word in password.lower() for word in telling):
        raise _bad("password_tells", "密码里含有您的用户名或姓名。", "请换一个不容易猜到的。")


def days_left(password_at: datetime | None, now: datetime, most_days: int) -> int | None:
    """Return in how many days a password must be changed, 0 or less when it is too old; None where nothing is due.

    Args:
        most_days: how old a password may become (norms 9.2 [K]: 90), 0 for no limit.
    """
    if not most_days or password_at is None:
        return None
    left = most_days - (now - password_at).days
    return left if left <= REMIND_DAYS else None


def check_username(username: str) -> str:
    """Return the user name in its one form (lower case, no spaces around), or say what is wrong.

    Raises:
        Invalid: characters or length that are not accepted.
    """
    tidy = username.strip().lower()
    if not _USERNAME.match(tidy):
        raise Invalid(
            "username_wrong", "用户名只能用小写字母、数字和 . _ -，2 到 40 位。", "例如 zhang.san。", "username"
        )
    return tidy


def _bad(code: str, what: str, mend: str) -> Invalid:
    return Invalid(code, what, mend, "password")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` in each span of ``seconds``."""

    count: int
    seconds: int

    def window_end(self, now: datetime) -> int:
        """Return the second (since 1970) at which the running span ends."""
        return (int(now.timestamp()) // self.seconds + 1) * self.seconds


def say_wait(seconds: int) -> str:
    """As people say it: 40 秒, 12 分钟, 2 小时."""
    if seconds < 90:
        return f"{max(seconds, 1)} 秒"
    if seconds < 5_400:
        return f"{-(-seconds // 60)} 分钟"
    return f"{-(-seconds // 3600)} 小时"
