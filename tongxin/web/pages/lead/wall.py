"""The big screen: for a signed-in leader, where every figure leads to its cases; by a screen's own link, where none does."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control

from tongxin.accounts.api import Limit
from tongxin.kernel.errors import NotAllowed
from tongxin.screens import api as screens
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.sources import check_flood
from tongxin.web.walls import wall_context

EVERY_SECONDS = 15
COOKIE_DAYS = 366


@page(
    "/lead/wall",
    audience="lead",
    permission="supervise",
    title="大屏",
    icon="layout-dashboard",
    nav=10,
    methods=("GET",),
)
def wall(request: Request) -> Shown:
    """The wall of whoever supervises; asks anew by itself (as ``screens.show_picture``)."""
    return _answer(request, linked=True, again=reverse("lead_wall"))


@page("/screen/<str:secret>", audience="anyone", title="打开大屏", methods=("GET",))
def screen_open(request: Request, secret: str) -> Shown:
    """A screen's link: kept in this browser, so that the address on the wall tells nobody the secret (2 statements)."""
    check_flood(request, "screen", device=Limit(20, 600), address=Limit(40, 600))
    if screens.open_link(request.district.id, secret, request.now) is None:
        raise _no_link()
    response = HttpResponseRedirect(reverse("screen"))
    response.set_cookie(
        _cookie(request),
        secret,
        max_age=COOKIE_DAYS * 86_400,
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
    return response


@page("/screen", audience="anyone", title="大屏", methods=("GET",))
def screen(request: Request) -> Shown:
    """A wall without a login: the picture only, as long as its link runs (1–2 statements more than the picture)."""
    secret = request.COOKIES.get(_cookie(request), "")
    if not secret:
        return HttpResponseRedirect(reverse("lead_wall"))
    if screens.open_link(request.district.id, secret, request.now) is None:
        raise _no_link()
    return _answer(request, linked=False, again=reverse("screen"))


def _answer(request: Request, *, linked: bool, again: str) -> HttpResponse:
    template = "partials/wall.html" if request.headers.get("X-Background") else "lead/wall.html"
    context = wall_context(request, linked=linked) | {"again": again, "every": EVERY_SECONDS}
    response = render(request, template, context)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _cookie(request: Request) -> str:
    return f"screen_{request.district.id}"


def _no_link() -> NotAllowed:
    return NotAllowed("no_screen", "这个大屏链接已停用、到期或不完整。", "请向本地管理员要新的链接。")
