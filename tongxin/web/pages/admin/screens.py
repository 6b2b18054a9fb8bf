"""Links by which walls open without a login: made and shown once, ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.organization.api import access
from tongxin.screens import api as screens
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.people import MANAGE, number
from tongxin.web.request import Request

FIELDS = [
    Field(
        "place",
        "哪里的屏",
        required=True,
        max=limits.TITLE_CHARS,
        help="例如：指挥中心东墙。一块屏一个链接，撤一块不影响别的。",
    ),
    Field("days", "有效多少天", "number", required=True, value=180, min=1, max=366),
]


@page(
    "/admin/screens",
    audience="admin",
    permission=MANAGE,
    title="大屏链接",
    icon="layout-dashboard",
    nav=72,
    name="admin_screens",
)
def screen_links(request: Request) -> Shown:
    """List the links; make one, whose address stands in this answer only; end one (1 statement)."""
    refusal: Refusal | None = None
    told = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                ident = number(request.POST.get("link_id", "")) or 0
                screens.end_link(district=request.district, link_id=ident, actor=request.actor, now=request.now)
                messages.success(request, "已停用，那块屏下一次更新就不再显示。")
                return HttpResponseRedirect(reverse("admin_screens"))
            given = read(FIELDS, request.POST)
            secret = screens.make_link(
                district=request.district, place=given.get("place", ""), days=number(given.get("days", "")) or 0, actor=request.actor,
                now=request.now,
            )  # fmt: skip
            told = request.build_absolute_uri(reverse("screen_open", args=[secret]))
        except Refusal as caught:
            refusal = caught
    context = {
        "links": [
            (one, one.ended_at is None and one.until > request.now) for one in screens.list_links(request.district.id)
        ],
        "fields": bind(FIELDS, request.POST if refusal else None, refusal),
        "told": told,
        "sees_wall": access.may(request.actor, "supervise"),
        "refusal": refusal,
    }
    return render(request, "admin/screens.html", context, status=refusal.status if refusal else 200)
