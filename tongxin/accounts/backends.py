"""Django's view of our users: who a session belongs to. Passwords are checked in ``actions.authenticate``, not here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from tongxin.accounts.models import User
from tongxin.accounts.queries import find_user


class SessionBackend(BaseBackend):
    """Finds the user of a session; one who was switched off is nobody from the next request on."""

    def get_user(self, user_id: Any) -> User | None:
        """The active user (1 statement)."""
        return find_user(int(user_id))
