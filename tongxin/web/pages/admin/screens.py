"""Links by which walls open without a login: made and shown once, ended."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.typed import number_in
from tongxin.screens import api as screens
from tongxin.web import shown_once
from tongxin.web.fields import Field
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.people import MANAGE
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
    return shown_once.answer(request, LINKS)


def _make(request: Request, given: dict[str, Any]) -> str:
    secret = screens.make_link(
        district=request.district, place=given.get("place", ""), days=number_in(given.get("days", "")) or 0, actor=request.actor, now=request.now,
    )  # fmt: skip
    return request.build_absolute_uri(reverse("screen_open", args=[secret]))


def _end(request: Request, ident: int) -> None:
    screens.end_link(district=request.district, link_id=ident, actor=request.actor, now=request.now)


def _rows(request: Request) -> list[Any]:
    found = screens.list_links(request.district.id)
    return [(one, one.ended_at is None and one.until > request.now) for one in found]


LINKS = shown_once.Kind(
    page="admin_screens", template="admin/screens.html", fields=FIELDS, make=_make, end=_end, rows=_rows,
    ended="已停用，那块屏下一次更新就不再显示。",
)  # fmt: skip
