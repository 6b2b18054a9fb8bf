"""“我要反映形式主义”: on every page, for everybody, no login (norm B-05)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxin.accounts.api import Limit
from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.records import api as records
from tongxin.web.fields import Field, bind, new_request_key, read, request_key
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.sources import check_flood

FIELDS = [
    Field(
        "text", "是什么情况", "longtext", required=True, max=limits.NOTE_CHARS,
        help="例如：重复填表、强制打卡或拍照留痕、排名、要求下载应用。不用写谁，说清是哪件事就行。",
    ),
    Field(
        "contact", "联系方式", "text", max=limits.NAME_CHARS, purpose="只在需要了解情况时联系您；不填也一样受理。",
        autocomplete="tel",
    ),
]  # fmt: skip


@page("/complaint", audience="anyone", title="我要反映形式主义")
def complaint(request: Request) -> Shown:
    """Take a complaint about formalism; sent twice it is kept once."""
    refusal: Refusal | None = None
    key = request_key(request.POST) or new_request_key()
    origin = request.POST.get("from") or request.GET.get("from", "")
    if request.method == "POST":
        given = read(FIELDS, request.POST)
        try:
            check_flood(request, "complaint", device=Limit(5, 600), address=Limit(30, 600))
            records.complain(
                district_id=request.district.id,
                user_id=request.actor.user_id,
                page=origin,
                text=given.get("text", ""),
                contact=given.get("contact", ""),
                request_key=key,
                now=request.now,
            )
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, _("收到了，谢谢。有督办权限的负责人会看到并处理。"))
            return HttpResponseRedirect(reverse("resident_home"))
    context = {
        "fields": bind(FIELDS, request.POST if refusal else None, refusal),
        "refusal": refusal,
        "key": key,
        "origin": origin[:200],
    }
    return render(request, "anyone/complaint.html", context, status=refusal.status if refusal else 200)
