"""One person: the posts held, and the account with which they sign in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.accounts import api as accounts
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.kernel.privacy import mask_phone
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.people import MANAGE
from tongxin.web.request import Request

_USERNAME = [
    Field("username", "用户名", required=True, max=40, help="小写字母、数字和 . _ -，2 到 40 位，例如 zhang.san。"),
]
_SUBJECT = Field(
    "subject", "统一身份编号", max=255, help="照市统一身份里的原样填写；清空就是解除。", autocomplete="off"
)


@page("/admin/people/<int:person_id>", audience="admin", permission=MANAGE, title="人员")
def person(request: Request, person_id: int) -> Shown:
    """Show a person; make, renew, switch off or on the account; say who they are at the identity service (6 statements). A new password is shown in this answer only."""
    refusal: Refusal | None = None
    told = ""
    if request.method == "POST":
        try:
            told = _act(request, person_id)
            if not told:
                return HttpResponseRedirect(reverse("admin_person", args=[person_id]))
        except Refusal as caught:
            refusal = caught
    context = _shown(request, person_id, refusal) | {"told": told}
    return render(request, "admin/person.html", context, status=refusal.status if refusal else 200)


def _act(request: Request, person_id: int) -> str:
    """Do what was asked; return the password to be told, if any."""
    who: dict[str, Any] = {
        "district": request.district,
        "person_id": person_id,
        "actor": request.actor,
        "now": request.now,
    }
    match request.POST.get("do", ""):
        case "open":
            username = read(_USERNAME, request.POST).get("username", "")
            return organization.open_account(**who, username=username)[1]
        case "renew":
            return organization.renew_password(**who)
        case "off":
            organization.switch_account(**who, active=False)
            messages.success(request, "账号已停用，打开着的页面下一步就会退出。")
        case "on":
            organization.switch_account(**who, active=True)
            messages.success(request, "账号已恢复。")
        case "link":
            subject = read([_SUBJECT], request.POST).get("subject", "")
            organization.link_person(**who, subject=subject)
            messages.success(request, "统一身份编号已记下。" if subject else "统一身份已解除。")
        case _:
            raise Invalid("unknown_act", "不知道要做什么。", "请从页面上的按钮办理。")
    return ""


def _shown(request: Request, person_id: int, refusal: Refusal | None) -> dict[str, Any]:
    district, today = request.district, local(request.now).date()
    row = organization.get_person_row(district.id, person_id)
    terms = organization.list_terms(district.id, person_id=person_id)
    known = organization.directory(district)
    link = accounts.find_link(row.user_id) if row.user_id else None
    running = [known.post(term.post_id) for term in terms if not term.over(today)]
    scope = access.scope(request.actor, MANAGE)
    mine = [post for post in running if post is not None and access.may_all(request.actor, MANAGE, post.grounds)]
    if not scope.everywhere and running and not mine:
        raise NotFound("no_person", "没有这个人员。", "请从列表里重新打开。")
    return {
        "row": row,
        "phone": row.phone if mine or scope.everywhere else mask_phone(row.phone),
        "terms": [(term, term.runs(today), term.over(today)) for term in terms],
        "fields": bind(_USERNAME, request.POST if refusal else None, refusal),
        "service": accounts.find_service(district.id),
        "subject": bind([replace(_SUBJECT, value=link.subject if link else "")], None, refusal),
        "own": row.user_id is not None and row.user_id == request.actor.user_id,
        "refusal": refusal,
    }
