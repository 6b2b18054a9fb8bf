"""The short way for programs: their requests go to the API without what only people's pages need.

No session, no language, no forms, no messages: a program proves itself by a key or a receipt, never by a cookie, and is answered
in the API's own form. What of it a report would otherwise pass through costs as much as its database work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import get_resolver, set_script_prefix

from tongxin.kernel import clock
from tongxin.web.api.answers import Answer
from tongxin.web.middleware.tenancy import PREFIX, PROGRAMS, district_of
from tongxin.web.request import Request

ADDRESSES = "tongxin.web.api.urls"


def is_for_programs(path: str) -> bool:
    """Whether an address, with or without a district's prefix, is the API's."""
    if path.startswith(PREFIX):
        path = f"/{path.removeprefix(PREFIX).partition('/')[2]}"
    return path.startswith(PROGRAMS)


@lru_cache(maxsize=256)
def _find(path: str) -> tuple[Callable[..., HttpResponseBase], dict[str, str]]:
    found = get_resolver(ADDRESSES).resolve(path)
    return found.func, found.kwargs


class ProgramsMiddleware:
    """Outside all but the security headers; everything that is not the API's goes on inward."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not is_for_programs(path):
            return self.get_response(request)
        prefixed = path.startswith(PREFIX)
        asked = cast(Request, request)
        asked.now = clock.now()
        asked.page = None
        district = district_of(asked)
        if district is None and prefixed:
            return self.get_response(request)  # an unknown district's prefix: the page that lists them
        if district is not None:
            asked.district = district
        try:
            view, parts = _find(request.path_info)
            response = view(request, **parts)
        finally:
            if prefixed:
                set_script_prefix("/")
        if isinstance(response, HttpResponse) and not isinstance(response, Answer):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
