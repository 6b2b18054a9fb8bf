"""Which district a request belongs to: by host name, else by the prefix ``/d/<key>/``, else the only one there is.

With a prefix, ``reverse()`` and ``{% url %}`` give prefixed addresses again (script prefix); files under ``/static/`` are shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import set_script_prefix

from tongxin.kernel import clock
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.web.request import Request

PREFIX = "/d/"
_MOST_HOSTNAMES = 1_000
# Pages about the installation itself; they answer without a district (declared with in_district=False).
OUTSIDE = frozenset({"/healthz", "/robots.txt"})
# Programs go the short way (``programs``); they may name the district in the request itself (Open311's jurisdiction_id).
PROGRAMS = ("/api/v1/", "/open311/")


class TenancyMiddleware:
    """Sets ``request.district`` and ``request.now``; answers itself where no district can be told."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = cast(Request, request)
        asked.now = clock.now()
        asked.page = None
        asked.elder = request.COOKIES.get("elder") == "1"
        if request.path_info in OUTSIDE:
            return self.get_response(request)
        district = district_of(asked)
        if district is None:
            at_root = request.path_info == "/"
            context = {"districts": packs.list_districts(), "elder": asked.elder}
            return render(request, "anyone/districts.html", context, status=200 if at_root else 404)
        asked.district = district
        try:
            return self.get_response(request)
        finally:
            set_script_prefix("/")


_hostnames: dict[str, str] = {}  # the few names under which we are called


def _hostname(request: Request) -> str:
    """The name of the host that is asked, without its port; DisallowedHost for one that is not ours. Each is looked at once."""
    called = "" if "HTTP_X_FORWARDED_HOST" in request.META else request.META.get("HTTP_HOST", "")
    name = _hostnames.get(called)
    if name is None:
        name = request.get_host().rsplit(":", 1)[0].strip("[]").lower()
        if called and len(_hostnames) < _MOST_HOSTNAMES:
            _hostnames[called] = name
    return name


def district_of(request: Request) -> DistrictView | None:
    """Return the district that the address names, and take its prefix off the path (0–1 statements)."""
    host = _hostname(request)
    if (district := packs.find_district(host=host)) is not None:
        return district
    if request.path_info.startswith(PREFIX):
        key, slash, rest = request.path_info.removeprefix(PREFIX).partition("/")
        district = packs.find_district(key=key) if key else None
        if district is not None:
            request.path_info = "/" + rest if slash else "/"
            set_script_prefix(f"{PREFIX}{key}/")
        return district
    known = packs.list_districts()
    return known[0] if len(known) == 1 else None
