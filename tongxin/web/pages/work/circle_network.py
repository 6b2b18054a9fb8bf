"""The walking network by page: send in an OpenStreetMap extract, watch a worker read it, call it off, go without."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.organization.api import access
from tongxin.places import api as places
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.circle import MANAGE
from tongxin.web.request import Request
from tongxin.web.uploads import keep_upload
from tongxin.web.worker import call_workers, living_workers

KINDS = (".pbf",)


@page("/work/circle/network", audience="work", permission="see_places", title="步行路网")
def circle_network(request: Request) -> Shown:
    """Show the network and how far a new one is; a POST sends one in, calls it off, or goes without (about 3 statements)."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _act(request)
            return HttpResponseRedirect(reverse("work_circle_network"))
        except Refusal as caught:
            refusal = caught
    last = places.last_reading(request.district.id)
    waiting = last is not None and last.state == places.WalkReading.WAITING
    context = {
        "network": places.walk_map_card(request.district.id),
        "last": last,
        "open": last is not None and last.state in places.WalkReading.OPEN,
        "no_worker": waiting and not living_workers(),
        "may_manage": access.may_all(request.actor, MANAGE, ()),
        **_shown(request),
        "kinds": ",".join(KINDS),
        "most": limits.NETWORK_PAGE_BYTES // 2**20,
        "most_command": places.MAX_PBF_MB,
        "refusal": refusal,
    }
    return render(request, "work/circle_network.html", context, status=refusal.status if refusal else 200)


def _shown(request: Request) -> dict[str, Any]:
    """What the card of a reading needs besides the reading."""
    return {
        "state_url": reverse("work_circle_network_state"),
        "page_url": reverse("work_circle_network"),
        "may_stop": access.may_all(request.actor, MANAGE, ()),
    }


def _act(request: Request) -> None:
    who: dict[str, Any] = {"district": request.district, "actor": request.actor, "now": request.now}
    match request.POST.get("do", ""):
        case "send":
            access.demand_all(request.actor, MANAGE, ())
            file = keep_upload(request, "file", kinds=KINDS, most_bytes=limits.NETWORK_PAGE_BYTES)
            try:
                places.ask_reading(**who, path=file.path, name=file.name)
            except Refusal:
                file.forget()
                raise
            call_workers()
        case "stop":
            places.stop_reading(**who)
            messages.success(request, "已取消，原来的路网没有动。")
        case "drop":
            places.drop_walk_map(**who)
            messages.success(request, "已去掉路网，以后按直线 × 1.3 估算。")
        case _:
            raise Invalid("unknown_act", "不知道要做什么。", "请从页面上的按钮办理。")


@page(
    "/work/circle/network/state",
    audience="work",
    permission="see_places",
    title="步行路网：进度",
    methods=("GET",),
)
def circle_network_state(request: Request) -> HttpResponse:
    """How far the reading is (1 statement); tells the page to reload when it is over."""
    last = places.last_reading(request.district.id)
    still = last is not None and last.state in places.WalkReading.OPEN
    context = {"last": last, "open": still, **_shown(request)}
    response = render(request, "partials/reading_state.html", context)
    if not still:
        response["HX-Refresh"] = "true"
    return response
