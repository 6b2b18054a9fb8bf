"""One's own account: how old the password is, the second step of signing in, where one is signed in, and out of there again."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxin.accounts import api as accounts
from tongxin.accounts.api import Limit
from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import number_in
from tongxin.web.fields import Field, bind
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.signing_in import ask_to_sign_in, owes
from tongxin.web.sources import check_flood

_CODE = [
    Field("code", "验证码", required=True, max=16, autocomplete="one-time-code", help="验证器里现在显示的 6 位数字。")
]
_PASSWORD = [Field("password", "密码", "password", required=True, autocomplete="current-password")]


def end_by_key(key: str) -> None:
    """Delete a session by its key (1 statement)."""
    import_module(settings.SESSION_ENGINE).SessionStore(key).delete()


@page("/account", audience="anyone", title="账号安全")
def account(request: Request) -> Shown:
    """Show one's account and sign out of other places (5 statements)."""
    if not request.user.is_authenticated:
        return ask_to_sign_in(request)
    user, here = request.user, request.session.session_key or ""
    if request.method == "POST":
        asked = request.POST.get("end", "")
        one = number_in(asked)
        if asked == "others" or one is not None:
            ended = accounts.end_sign_ins(user=user, end_session=end_by_key, sign_in=one, but=here)
            messages.success(request, _("已退出 %(count)s 处登录。") % {"count": ended})
        return HttpResponseRedirect(reverse("account"))
    idle = timedelta(minutes=settings.IDLE_MINUTES)
    return {
        "user": user,
        "sign_ins": [(one, one.session == here) for one in accounts.list_sign_ins(user, request.now, idle=idle)],
        "days": (request.now - user.password_at).days if user.password_at else None,
        "most_days": settings.PASSWORD_DAYS,
        "left": accounts.days_left(user.password_at, request.now, settings.PASSWORD_DAYS),
        "idle": settings.IDLE_MINUTES,
        "spares": len(user.totp_spares),
        "service": accounts.find_service(request.district.id) if user.district_id else None,
        "link": accounts.find_link(user.pk),
    }


@page("/account/second-step", audience="anyone", title="两步验证设置")
def second_step(request: Request) -> Shown:
    """Turn the second step on with a code from the phone, or off with the password (2 statements)."""
    if not request.user.is_authenticated:
        return ask_to_sign_in(request)
    user = accounts.find_user(request.user.pk)
    assert user is not None
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            check_flood(request, "second_step", device=Limit(30, 600), address=Limit(60, 600))
            if user.totp_since:
                _turn_off(request, user)
                messages.success(request, _("两步验证已关闭。"))
                return HttpResponseRedirect(reverse("account"))
            spares = accounts.confirm_second_step(user=user, code=request.POST.get("code", ""), now=request.now)
            return render(request, "anyone/spare_codes.html", {"spares": spares})
        except Refusal as caught:
            refusal = caught
    context: dict[str, Any] = {"refusal": refusal, "on": bool(user.totp_since), "owed": owes(request) == "second_step"}
    if user.totp_since:
        context["fields"] = bind(_PASSWORD, None, refusal)
    else:
        from tongxin.web.pages.resident.receipt import qr

        key = accounts.begin_second_step(user=user)
        typed = accounts.written(key)
        context |= {
            "fields": bind(_CODE, None, refusal), "qr": qr(accounts.address_of(key, user.login, _("同心"))),
            "typed": " ".join(typed[i : i + 4] for i in range(0, len(typed), 4)),
        }  # fmt: skip
    return render(request, "anyone/second_step.html", context, status=refusal.status if refusal else 200)


def _turn_off(request: Request, user: accounts.User) -> None:
    proved = accounts.authenticate(
        district_key=request.district.key if user.district_id else "", username=user.username,
        password=request.POST.get("password", ""), now=request.now,
    )  # fmt: skip
    accounts.end_second_step(user=proved)
