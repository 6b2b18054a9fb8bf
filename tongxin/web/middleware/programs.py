"""The short way for programs: their requests go to the API without what only people's pages need.

No session, no language, no forms, no messages: a program proves itself by a key or a receipt, never by a cookie, and is answered
in the API's own form. What of it a report would otherwise pass through costs as much as its database work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import get_resolver, set_script_prefix

from tongxin.kernel import clock
from tongxin.web.middleware.tenancy import PREFIX, PROGRAMS, district_of
from tongxin.web.request import Request

ADDRESSES = "tongxin.web.api.urls"


class ProgramsMiddleware:
    """Outside all but the security headers; everything that is not the API's goes on inward."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        prefixed = path.startswith(PREFIX)
        if not (f"/{path.removeprefix(PREFIX).partition('/')[2]}" if prefixed else path).startswith(PROGRAMS):
            return self.get_response(request)
        asked = cast(Request, request)
        asked.now = clock.now()
        asked.page = None
        district = district_of(asked)
        if district is None and prefixed:
            return self.get_response(request)  # an unknown district's prefix: the page that lists them
        if district is not None:
            asked.district = district
        try:
            view, args, parts = get_resolver(ADDRESSES).resolve(request.path_info)
            response: HttpResponseBase = view(request, *args, **parts)
        finally:
            set_script_prefix("/")
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
