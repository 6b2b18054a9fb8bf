"""Dates to subscribe to (RFC 5545): the district's public ones, and each member of staff's own by a signed link."""

from __future__ import annotations

from django.core import signing
from django.http import HttpResponse

from tongxin.cadence import api as cadence
from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.organization import api as organization
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

FEED_SALT = "cadence-feed"
KIND = "text/calendar; charset=utf-8"


@page("/cadence.ics", audience="anyone", title="日历", name="cadence_public", methods=("GET",))
def public(request: Request) -> Shown:
    """Give the public dates of the district, or of a place by its code (1 statement)."""
    district, code = request.district, request.GET.get("area", "")
    place = territory.tree(district).by_code(code) if code else None
    if code and place is None:
        raise NotFound("no_area", f"没有代码为“{code[:30]}”的地方。", "请核对代码，或去掉 area。", "area")
    rows = cadence.public_feed(district, area_id=place.id if place else None, today=local(request.now).date())
    title = f"{district.title}{place.name if place else ''}活动日历"
    return _answer(cadence.to_ics(rows, title=title, host=district.key, now=request.now), "cadence.ics", shared=True)


@page("/cadence/<str:token>.ics", audience="anyone", title="我的日历", name="cadence_staff", methods=("GET",))
def staff(request: Request, token: str) -> Shown:
    """Give a member of staff the dates of their posts; a link of somebody who has left gives nothing (3 statements)."""
    gone = NotFound("no_feed", "这个日历地址不能用了。", "请登录后在“日程”里重新复制。")
    try:
        district_id, user_id = signing.loads(token, salt=FEED_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise gone from None
    if district_id != request.district.id:
        raise gone
    try:
        actor = organization.actor_for_user(user_id, request.district, request.now)
    except NotAllowed:
        raise gone from None
    rows = cadence.staff_feed(request.district, actor, today=local(request.now).date())
    content = cadence.to_ics(
        rows, title=f"{request.district.title} · 我的日程", host=request.district.key, now=request.now
    )
    return _answer(content, "mine.ics", shared=False)


def _answer(content: bytes, name: str, *, shared: bool) -> HttpResponse:
    response = HttpResponse(content, content_type=KIND)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "public, max-age=900" if shared else "private, no-store"
    return response
