"""Who asks: ends idle sessions, makes a user of another district anonymous here, and offers ``request.actor``."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from tongxin.accounts import api as accounts
from tongxin.organization import api as organization
from tongxin.web.request import Request

_SEEN = "seen"
_SEEN_STEP_SECONDS = 60  # a session is written at most once a minute, not with every request


class ActorMiddleware:
    """After sessions and authentication. Costs nothing for whoever carries no session cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = cast(Request, request)
        asked.idle_out = False
        if getattr(asked, "district", None) is None:
            return self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._end_if_idle(asked)
            signed_in = asked.user
            asked.user = SimpleLazyObject(lambda: _user_here(asked, signed_in))
        asked.actor = cast(organization.Actor, SimpleLazyObject(lambda: _actor(asked)))
        return self.get_response(request)

    def _end_if_idle(self, request: Request) -> None:
        seen = request.session.get(_SEEN)
        moment = int(request.now.timestamp())
        if seen is None:
            return
        if moment - seen > settings.IDLE_MINUTES * 60:
            accounts.forget_sign_in(session=request.session.session_key or "")
            request.session.flush()
            request.user = AnonymousUser()
            request.idle_out = True
        elif abs(moment - seen) > _SEEN_STEP_SECONDS and "X-Background" not in request.headers:
            request.session[_SEEN] = moment
            accounts.see_sign_in(session=request.session.session_key or "", now=request.now)


def begin_session(request: Request, *, by_service: bool = False) -> None:
    """Start the idle clock of a session that has just been signed in, and keep it among those its person sees (1 statement)."""
    request.session[_SEEN] = int(request.now.timestamp())
    device = accounts.device_of(request.headers.get("User-Agent", ""))
    accounts.keep_sign_in(
        user=request.user,
        session=request.session.session_key or "",
        device=device,
        now=request.now,
        by_service=by_service,
    )


def end_session(request: Request) -> None:
    """Sign out here."""
    accounts.forget_sign_in(session=request.session.session_key or "")
    logout(request)


def _user_here(request: Request, signed_in: object) -> object:
    user = signed_in
    if not getattr(user, "is_authenticated", False):
        return user
    home = getattr(user, "district_id", None)
    at_home = home == request.district.id or (home is None and getattr(user, "is_operator", False))
    return user if at_home else AnonymousUser()


def _actor(request: Request) -> organization.Actor:
    user = request.user
    if user.is_authenticated:
        return organization.actor_for_user(user.pk, request.district, request.now)
    return organization.resident_actor(request.district)
