"""Signing in and out of a district, and changing one's password. Residents never need it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxin.accounts import api as accounts
from tongxin.accounts.api import Limit
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.organization.api import access
from tongxin.territory import api as territory
from tongxin.web import page as pages
from tongxin.web.fields import Field, bind, read
from tongxin.web.middleware.actors import begin_session, end_session
from tongxin.web.page import Shown, page
from tongxin.web.pages.anyone.account import end_by_key
from tongxin.web.request import Request
from tongxin.web.signing_in import BY_SERVICE, LEFT, owes, safe_next
from tongxin.web.sources import check_flood

BACKEND = "tongxin.accounts.backends.SessionBackend"
DESK, DOORSTEP, SETTING_UP = ("work", "grid", "lead", "admin"), ("grid", "work", "lead", "admin"), ("admin", "work")

_SIGN_IN = [
    Field("username", "用户名", required=True, autocomplete="username"),
    Field("password", "密码", "password", required=True, autocomplete="current-password"),
]
_CODE = [
    Field(
        "code",
        "验证码",
        required=True,
        max=16,
        autocomplete="one-time-code",
        help="手机上验证器里的 6 位数字；手机不在身边时用一个备用码。",
    )
]
WAITING, WAITING_SECONDS = "second_step_of", 300
_CHANGE = [
    Field("old", "现在的密码", "password", required=True, autocomplete="current-password"),
    Field(
        "password", "新密码", "password", required=True, autocomplete="new-password",
        help=f"{accounts.PASSWORD_CHARS} 位以上；小写字母、大写字母、数字、符号至少用三种。",
    ),
    Field("again", "再输一遍新密码", "password", required=True, autocomplete="new-password"),
]  # fmt: skip


@page("/sign-in", audience="anyone", title="工作人员登录")
def sign_in(request: Request) -> Shown:
    """Staff sign in with the user name of this district; an operator of the installation with theirs."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            check_flood(request, "sign_in", device=Limit(30, 600), address=Limit(60, 600))
            user = _authenticate(request)
        except Refusal as caught:
            refusal = caught
        else:
            return ask_code(request, user) if user.totp_since else let_in(request, user)
    context = {
        "fields": bind(_SIGN_IN, request.POST if refusal else None, refusal),
        "refusal": refusal,
        "next": safe_next(request, ""),
        "idle_out": request.idle_out,
        "service": accounts.find_service(request.district.id),
    }
    return render(request, "anyone/sign_in.html", context, status=refusal.status if refusal else 200)


def let_in(
    request: Request, user: accounts.User, vouched: dict[str, Any] | None = None, wanted: str = ""
) -> HttpResponseRedirect:
    """Begin the session of somebody who has proved who they are; a password that grows old is told.

    Args:
        vouched: how an identity service vouched for them (``signing_in.BY_SERVICE``); None where a password was given.
        wanted: where to go, already found safe; else as the request says.
    """
    login(request, user, backend=BACKEND)
    begin_session(request, by_service=vouched is not None)
    if vouched is not None:
        request.session[BY_SERVICE] = vouched
        return HttpResponseRedirect(wanted or safe_next(request, reverse("first_page")))
    request.session.pop(BY_SERVICE, None)
    left = accounts.days_left(user.password_at, request.now, settings.PASSWORD_DAYS)
    if left is not None and left > 0 and not user.password_once:
        messages.info(request, _("密码还有 %(days)s 天到期，请在“账号安全”里换一个。") % {"days": left})
    return HttpResponseRedirect(safe_next(request, reverse("first_page")))


def ask_code(
    request: Request, user: accounts.User, vouched: dict[str, Any] | None = None, wanted: str = ""
) -> HttpResponseRedirect:
    """The password was right, or a service vouched; the second step follows: who it is waits in a session that opens nothing yet."""
    request.session.flush()
    request.session[WAITING] = [user.pk, int(request.now.timestamp()) + WAITING_SECONDS, vouched]
    wanted = wanted or safe_next(request, "")
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return HttpResponseRedirect(reverse("sign_in_code") + query)


@page("/sign-in/code", audience="anyone", title="两步验证")
def sign_in_code(request: Request) -> Shown:
    """The second step: a code from the phone, or a spare one (3 statements)."""
    user_id, until, vouched = request.session.get(WAITING, (None, 0, None))
    user = accounts.find_user(user_id) if user_id and request.now.timestamp() <= until else None
    if user is None:
        return HttpResponseRedirect(reverse("sign_in"))
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            accounts.check_second_step(user=user, code=request.POST.get("code", ""), now=request.now)
        except Refusal as caught:
            refusal = caught
        else:
            return let_in(request, user, {**vouched, "strong": True} if vouched else None)
    context = {"fields": bind(_CODE, None, refusal), "refusal": refusal, "next": safe_next(request, "")}
    return render(request, "anyone/sign_in_code.html", context, status=refusal.status if refusal else 200)


def _authenticate(request: Request) -> accounts.User:
    given = read(_SIGN_IN, request.POST)
    username, password = given.get("username", ""), request.POST.get("password", "")
    if not username or not password:
        raise Invalid("required", "用户名和密码都要填。", "", "username" if not username else "password")
    # "name@" (with nothing behind) is an operator of the installation, who belongs to no district
    key = "" if username.endswith("@") else request.district.key
    return accounts.authenticate(
        district_key=key, username=username.removesuffix("@"), password=password, now=request.now
    )


@page("/first-page", audience="anyone", title="首页")
def first_page(request: Request) -> Shown:
    """Lead to the page where this person's work begins."""
    for audience in _where_work_begins(request):
        entries = pages.navigation_targets(request, audience)
        if entries:
            return HttpResponseRedirect(reverse(entries[0].name))
    return HttpResponseRedirect(reverse("resident_home"))


def _where_work_begins(request: Request) -> tuple[str, ...]:
    """Return the audiences in the order in which this person's work lies (0 statements when the places are kept).

    Whoever works below the community does it on a phone; whoever sees no matters but keeps the set-up begins there.
    """
    actor = request.actor
    if actor.user_id is None:
        return ()
    if access.may(actor, "manage_pack") and not access.may(actor, "see_matters"):
        return SETTING_UP
    return DOORSTEP if _works_at_the_doorstep(request) else DESK


def _works_at_the_doorstep(request: Request) -> bool:
    levels = request.district.pack.units.level_keys()
    below = levels[levels.index("community" if "community" in levels else levels[-2]) + 1 :]
    tree = territory.find_tree(request.district.id)
    grounds = [tree.get(ground) for post in request.actor.posts for ground in post.grounds] if tree else []
    return bool(grounds) and all(place is not None and place.level in below for place in grounds)


@page("/sign-out", audience="anyone", title="退出登录", methods=("POST",))
def sign_out(request: Request) -> Shown:
    """End the session; whom an identity service let in is led to end it there too."""
    vouched = request.session.get(BY_SERVICE)
    end_session(request)
    if vouched is not None:
        request.session[LEFT] = vouched["token"]
        return HttpResponseRedirect(reverse("signed_out"))
    messages.info(request, _("已退出登录。"))
    return HttpResponseRedirect(reverse("resident_home"))


@page("/change-password", audience="anyone", title="修改密码")
def change_password(request: Request) -> Shown:
    """Whoever is signed in chooses a new password; their other sessions end."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("sign_in"))
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _change(request)
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, _("密码已修改。"))
            return HttpResponseRedirect(reverse("first_page"))
    context = {
        "fields": bind(_CHANGE, request.POST if refusal else None, refusal),
        "refusal": refusal,
        "user": request.user,
        "too_old": owes(request) == "change_password" and not request.user.password_once,
    }
    return render(request, "anyone/change_password.html", context, status=refusal.status if refusal else 200)


def _change(request: Request) -> None:
    old, new, again = (request.POST.get(key, "") for key in ("old", "password", "again"))
    if new != again:
        raise Invalid("password_differs", "两遍新密码不一样。", "请再输一遍。", "again")
    user = accounts.authenticate(
        district_key=request.district.key if request.user.district_id else "",
        username=request.user.username,
        password=old,
        now=request.now,
    )
    accounts.set_password(user=user, password=new, now=request.now)
    accounts.end_sign_ins(user=user, end_session=end_by_key, but="")
    update_session_auth_hash(request, user)
    begin_session(request)
