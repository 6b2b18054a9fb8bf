"""Answers when no page does: 400, 403, 404, 500, 503 and a missing CSRF token. Each says what to do next."""

from __future__ import annotations

import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.web.api import answers
from tongxin.web.api.open311 import documents
from tongxin.web.middleware.programs import is_for_programs
from tongxin.web.middleware.refusals import answer_refusal
from tongxin.web.pauses import STATUS, pause_of


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No page has this address."""
    return answer_refusal(request, NotFound("page_not_found", "没有这个页面。", "网址可能写错了，或者内容已经移走。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django itself refused."""
    return answer_refusal(request, NotAllowed("forbidden", "这里不能打开。", "请返回上一页，或从首页重新进入。"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is older than the session, or cookies are off."""
    return answer_refusal(
        request,
        NotAllowed(
            "form_expired",
            "这一页放得太久了，没有提交成功。",
            "请返回上一页、刷新后再提交，填好的内容还在；浏览器须允许 Cookie。",
        ),
    )


def not_understood(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What was sent cannot be read, or came under a name that is not ours. Touches neither session nor database."""
    if isinstance(exception, DisallowedHost):
        refusal = answers.Malformed(
            "not_our_name", "这个网址不是本系统的。", "请核对网址；部署时把主机名写进 ALLOWED_HOSTS。"
        )
    else:
        refusal = answers.Malformed("malformed", "请求不完整或写法不对。", "请返回上一页，再提交一次。")
    if _asks_open311(request):
        return documents.refuse(_form(request), refusal)
    if is_for_programs(request.path_info):
        return answers.refuse(refusal)
    return HttpResponse(render_to_string("400.html", {"refusal": refusal}), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or a pause of the database. Touches neither session nor database: either may be what is broken."""
    error = sys.exc_info()[1]
    if _asks_open311(request):
        return documents.broken(_form(request), error)
    if is_for_programs(request.path_info):
        return answers.broken(error)
    pause = pause_of(error)
    page = HttpResponse(render_to_string("500.html", {"pause": pause}), status=STATUS if pause else 500)
    return answers.as_pause(page, pause) if pause else page


def _asks_open311(request: HttpRequest) -> bool:
    return is_for_programs(request.path_info) and "/open311/" in request.path_info


def _form(request: HttpRequest) -> documents.Format:
    return "json" if request.path_info.endswith(".json") else "xml"
