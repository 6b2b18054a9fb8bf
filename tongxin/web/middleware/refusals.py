"""A refusal becomes an answer with what happened and what to do: a page, a fragment for htmx, or JSON for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.web.request import Request
from tongxin.web.signing_in import wants_json


class RefusalMiddleware:
    """Innermost, so that it sees what a page raises; also refuses bodies that are beyond all limits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > limits.REQUEST_BYTES:
            most = limits.REQUEST_BYTES // (1024 * 1024)
            return answer_refusal(
                request, Refusal("request_too_large", f"一次提交的内容超过 {most} MB。", "请分几次提交。"), status=413
            )
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals; everything else is a fault of ours and stays an exception."""
        return answer_refusal(request, exception) if isinstance(exception, Refusal) else None


def answer_refusal(request: HttpRequest, refusal: Refusal, status: int = 0) -> HttpResponse:
    """Return the answer to a refused request, in the form its sender understands."""
    asked = cast(Request, request)
    code = status or refusal.status
    response: HttpResponse
    if wants_json(asked):
        response = JsonResponse(refusal.as_dict(), status=code, json_dumps_params={"ensure_ascii": False})
    elif getattr(request, "htmx", False):
        response = render(request, "partials/refusal.html", {"refusal": refusal}, status=code)
        response["HX-Retarget"], response["HX-Reswap"] = "#says", "innerHTML"
    else:
        response = render(request, "anyone/refusal.html", {"refusal": refusal, "status": code}, status=code)
    if "retry_after_seconds" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after_seconds"])
    return response
