"""What a reader chooses for themselves: large type, language. Cookies; for staff the wish for large type is kept as well."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse

from tongxin.accounts import api as accounts
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.signing_in import safe_next

_YEAR_SECONDS = 365 * 86_400


@page("/elder-view", audience="anyone", title="长者版", methods=("POST",))
def elder_view(request: Request) -> Shown:
    """Turn large type on or off."""
    on = request.POST.get("on") == "1"
    if request.user.is_authenticated and request.user.elder_view != on:
        accounts.set_elder_view(user=request.user, on=on)
    response = HttpResponseRedirect(safe_next(request, reverse("resident_home")))
    response.set_cookie("elder", "1" if on else "0", max_age=_YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    return response


@page("/language", audience="anyone", title="语言", methods=("POST",))
def language(request: Request) -> Shown:
    """Choose Chinese or English."""
    response = HttpResponseRedirect(safe_next(request, reverse("resident_home")))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=_YEAR_SECONDS, samesite="Lax", secure=request.is_secure()
        )
    return response
