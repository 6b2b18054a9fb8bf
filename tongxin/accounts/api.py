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
    )  # fmt: skip
    from tongxin.accounts.identity import provider as identity_provider
    from tongxin.accounts.identity.checking import check_service
    from tongxin.accounts.identity.links import find_link, find_linked, link_identity, unlink_identity
    from tongxin.accounts.identity.services import drop_service, find_service, set_service
    from tongxin.accounts.models import ApiKey, IdentityLink, IdentityService, SignIn, User
    from tongxin.accounts.queries import find_api_key, find_user, get_user, list_api_keys, list_users
    from tongxin.accounts.rules import LOCK_MINUTES, PASSWORD_CHARS, Limit, days_left, say_wait
    from tongxin.accounts.second_step import (
        begin_second_step,
        check_second_step,
        confirm_second_step,
        end_second_step,
        owes_second_step,
    )  # fmt: skip
    from tongxin.accounts.secrets import new_password
    from tongxin.accounts.sign_ins import (
        device_of,
        end_sign_ins,
        forget_sign_in,
        keep_sign_in,
        list_sign_ins,
        see_sign_in,
        sweep_sign_ins,
    )  # fmt: skip
    from tongxin.accounts.throttle import allow, gate, sweep_throttle
    from tongxin.accounts.totp import address_of, written
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "LOCK_MINUTES", "PASSWORD_CHARS", "ApiKey", "IdentityLink", "IdentityService", "Limit", "SignIn", "Tenant", "User",
    "address_of", "allow", "authenticate", "begin_second_step", "check_second_step", "check_service", "confirm_second_step",
    "days_left", "device_of", "drop_service", "end_second_step", "end_sign_ins", "find_api_key", "find_link", "find_linked",
    "find_service", "find_user", "forget_sign_in", "gate", "get_user", "identity_provider", "keep_sign_in", "link_identity",
    "list_api_keys", "list_sign_ins", "list_users", "login_of", "make_api_key", "make_user", "make_users", "new_password",
    "owes_second_step", "revoke_api_key", "say_wait", "see_sign_in", "set_active", "set_elder_view", "set_password",
    "set_service", "sweep_sign_ins", "sweep_throttle", "unlink_identity", "written",
]  # fmt: skip
