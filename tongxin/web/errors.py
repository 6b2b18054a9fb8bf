"""Answers when no page does: 403, 404, 500 and a missing CSRF token. Each says what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.web.middleware.refusals import answer_refusal


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


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours. Touches neither session nor database: either may be what is broken."""
    return HttpResponseServerError(render_to_string("500.html"))
