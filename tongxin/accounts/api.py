"""The door of ``accounts``: users, passwords, API keys, counters against flooding."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.accounts.actions import (
        Tenant,
        authenticate,
        login_of,
        make_api_key,
        make_user,
        make_users,
        revoke_api_key,
        set_active,
        set_elder_view,
        set_password,
    )
    from tongxin.accounts.models import ApiKey, User
    from tongxin.accounts.queries import find_api_key, find_user, get_user, list_api_keys, list_users
    from tongxin.accounts.rules import LOCK_MINUTES, PASSWORD_CHARS, Limit, say_wait
    from tongxin.accounts.secrets import new_password
    from tongxin.accounts.throttle import allow, sweep_throttle
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "LOCK_MINUTES",
    "PASSWORD_CHARS",
    "ApiKey",
    "Limit",
    "Tenant",
    "User",
    "allow",
    "authenticate",
    "find_api_key",
    "find_user",
    "get_user",
    "list_api_keys",
    "list_users",
    "login_of",
    "make_api_key",
    "make_user",
    "make_users",
    "new_password",
    "revoke_api_key",
    "say_wait",
    "set_active",
    "set_elder_view",
    "set_password",
    "sweep_throttle",
]
