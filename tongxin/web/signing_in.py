"""Sending somebody to the sign-in page and back, without losing the way. The page itself is in ``pages/anyone``."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tongxin.accounts import api as accounts
from tongxin.web.request import Request


def ask_to_sign_in(request: Request) -> HttpResponse:
    """Lead to the sign-in page; programs get 401. A form that was just sent is kept by ``draft.js`` and comes back filled."""
    if wants_json(request):
        return JsonResponse({"code": "sign_in", "what": "请先登录。", "mend": "登录后再试。"}, status=401)
    came_from = request.get_full_path() if request.method in ("GET", "HEAD") else _referrer(request)
    target = f"{reverse('sign_in')}?{urlencode({'next': came_from})}"
    if request.htmx:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)


def _referrer(request: Request) -> str:
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return get_script_prefix()
    return parts.path + (f"?{parts.query}" if parts.query else "")


def safe_next(request: Request, fallback: str) -> str:
    """Where to go after signing in: only inside this installation."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    fine = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if fine and wanted.startswith("/") else fallback


LEFT = "left_identity"  # in the session of whoever signed out here, until they have signed out there
BY_SERVICE = "identity"  # in the session: how the identity service vouched for this person


def owes(request: Request) -> str:
    """The page that whoever is signed in must go to before any other, or nothing (0 statements).

    Whoever an identity service vouched for used no password, so its age is no matter; a second step that the service
    did not ask for is asked for here.
    """
    user, vouched = request.user, request.session.get(BY_SERVICE)
    if vouched is not None:
        return "second_step" if not vouched["strong"] and accounts.owes_second_step(user) else ""
    left = accounts.days_left(user.password_at, request.now, settings.PASSWORD_DAYS)
    if user.password_once or (left is not None and left <= 0):
        return "change_password"
    return "second_step" if accounts.owes_second_step(user) else ""


def wants_json(request: Request) -> bool:
    """Whether a program asks: anything under ``/api/`` or a request that accepts JSON and not HTML."""
    accept = request.headers.get("Accept", "")
    return request.path_info.startswith("/api/") or ("application/json" in accept and "text/html" not in accept)
