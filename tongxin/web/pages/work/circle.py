"""The 15-minute service circle (XG-21, norms §8): shares with numerator and denominator, named gaps, where one more would help, norms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.organization.api import access
from tongxin.places import api as places
from tongxin.territory import api as territory
from tongxin.web.geojson import geojson_of, point_of
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.worker import call_workers

MANAGE = "manage_facilities"
AREAS_LISTED = 60
MANY = 60  # so many dots are drawn small
NORMS_LISTED = 12
SILENT_LISTED = 3
# From which share on an area has which tone; the words stand in the legend.
TONES = ((1.0, "done", "全部"), (0.8, "busy", "八成以上"), (0.5, "soon", "五成以上"), (0.0, "late", "不到五成"))


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of facilities as the table shows it; households, divided only on the screen."""

    key: str
    title: str
    group: str
    facilities: int
    minutes: int
    unverified: bool
    within: tuple[tuple[int, int], ...]
    left_out: int
    gain: int
    source: str
    beds: int
    floor_area: int


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area some of whose households walk too far."""

    area_id: int
    name: str
    beyond: int
    households: int
    longest: str


def _rows(request: Request, study: places.StudyCard, facilities: list[places.FacilityRow]) -> list[KindRow]:
    kinds, everyone = request.district.pack.facilities.kinds, study.result["households"]
    rows = []
    for key in study.result["order"]:
        kind, found = kinds.get(key), study.result["kinds"][key]
        if kind is None:
            continue
        within = tuple((m, found["within"][str(m)]) for m in places.WITHIN_MINUTES)
        left = everyone - found["within"][str(found["minutes"])]
        unverified = kind.source is None or kind.source.confidence == "K"
        source = kind.source.title if kind.source else ""
        gain = found["site"]["households"] if found["site"] else 0
        mine = [one for one in facilities if one.kind == key]
        rows.append(
            KindRow(
                key, kind.title, kind.group, found["facilities"], found["minutes"], unverified, within, left, gain, source,
                sum(one.beds or 0 for one in mine), sum(one.floor_area or 0 for one in mine),
            )
        )  # fmt: skip
    return rows


@page("/work/circle", audience="work", permission="see_places", title="服务圈", icon="current-location", nav=45)
def circle(request: Request) -> Shown:
    """Show the newest study; a POST asks for a new one or calls off the one that runs (about 11 statements)."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return _act(request)
        except Refusal as caught:
            refusal = caught
    district = request.district
    study, last = places.newest_study(district.id), places.last_asked(district.id)
    facilities = places.list_facilities(district)
    rows = _rows(request, study, facilities) if study else []
    served = [row for row in rows if row.facilities]
    asked = request.GET.get("kind", "")
    chosen = next((row for row in rows if row.key == asked), None) or max(
        served, key=lambda row: row.left_out, default=None
    )
    context: dict[str, Any] = {
        "study": study,
        "last": last,
        "failed": last is not None and last.state == "failed",
        "old": study is not None and places.out_of_date(district, study),
        "network": places.walk_map_card(district.id),
        "served": served,
        "unserved": [row for row in rows if not row.facilities],
        "chosen": chosen,
        "may_manage": access.may(request.actor, MANAGE),
        "judged": [_judged(district.pack.facilities.kinds[one.kind].title, one) for one in places.list_judged(district)],
        "units": places.UNITS,
        "verdicts": places.VERDICTS,
        "legend": TONES,
        "empty": [territory.tree(district).full_name(i) for i in study.result["empty"][:20]] if study else [],
        "schematic": any(one.schematic for one in facilities),
        "refusal": refusal,
    }  # fmt: skip
    if study and chosen:
        context |= _chosen(request, study, chosen)
    return render(request, "work/circle.html", context, status=refusal.status if refusal else 200)


def _judged(title: str, one: places.Judged) -> tuple[places.Judged, str, list[places.Finding], int]:
    """A norm with the findings worth a line: those that fall short first, hardly any of those not written down."""
    told = [finding for finding in one.findings if finding.verdict != "unknown"]
    silent = [finding for finding in one.findings if finding.verdict == "unknown"]
    shown = [*told[:NORMS_LISTED], *silent[:SILENT_LISTED]]
    return one, title, shown, len(one.findings) - len(shown)


def _act(request: Request) -> HttpResponse:
    match request.POST.get("do", ""):
        case "ask":
            places.ask_study(district=request.district, actor=request.actor, now=request.now)
            call_workers()
        case "stop":
            places.stop_study(district=request.district, actor=request.actor, now=request.now)
            messages.success(request, "已取消。")
        case _:
            raise Invalid("unknown_act", "不知道要做什么。", "请从页面上的按钮办理。")
    return HttpResponseRedirect(reverse("work_circle"))


def _chosen(request: Request, study: places.StudyCard, row: KindRow) -> dict[str, Any]:
    tree, found = territory.tree(request.district), study.result["kinds"][row.key]
    gaps = [
        AreaRow(
            area_id,
            tree.full_name(area_id) if area_id != -1 else "不在任何社区里的住处",
            households - near,
            households,
            "走不到" if longest >= 9_999 else f"{-(-longest // 10)} 分钟",
        )
        for area_id, near, households, longest in found["areas"]
        if near < households
    ]
    return {
        "gaps": gaps[:AREAS_LISTED],
        "more_gaps": max(0, len(gaps) - AREAS_LISTED),
        "covered": len(found["areas"]) - len(gaps),
        "left_out": found.get("homes", []),
        "site": found["site"],
        "estimated": found["estimated"],
    }


@page(
    "/work/circle/state",
    audience="work",
    permission="see_places",
    title="服务圈：进度",
    methods=("GET",),
    template="work/circle_state.html",
)
def circle_state(request: Request) -> Shown:
    """How far the study is (1 statement); tells the page to reload when it is over."""
    last = places.last_asked(request.district.id)
    response = render(
        request, "work/circle_state.html", {"last": last, "may_manage": access.may(request.actor, MANAGE)}
    )
    if last is None or not last.open:
        response["HX-Refresh"] = "true"
    return response


def _study_of(request: Request, kind: str) -> places.StudyCard:
    study = places.newest_study(request.district.id)
    if study is None or kind not in study.result["kinds"]:
        raise NotFound("no_study", "这一类还没有测算。", "请先计算服务圈。")
    return study


@page(
    "/work/circle/<slug:kind>/areas.geojson",
    audience="work",
    permission="see_places",
    title="服务圈：各社区",
    methods=("GET",),
)
def circle_areas(request: Request, kind: str) -> Shown:
    """Give the areas coloured by the share of their households within reach (1 statement)."""
    study = _study_of(request, kind)
    level, found = study.result["level"], study.result["kinds"][kind]
    content = orjson.loads(territory.tree(request.district).geojson(level))
    counted = {area_id: (near, households) for area_id, near, households, _ in found["areas"]}
    for feature in content["features"]:
        words = feature["properties"]
        near, households = counted.get(words["id"], (0, 0))
        words["tone"] = next(tone for least, tone, _ in TONES if near >= least * households) if households else "wait"
        words["name"] = (
            f"{words['full_name']}：{near:,} / {households:,} 户" if households else f"{words['full_name']}：没有住处"
        )
    return geojson_of(content)


@page(
    "/work/circle/<slug:kind>/points.geojson",
    audience="work",
    permission="see_places",
    title="服务圈：点位",
    methods=("GET",),
)
def circle_points(request: Request, kind: str) -> Shown:
    """Give the facilities of a kind, the dwellings that walk too far, and where one more would help most (4 statements)."""
    study = _study_of(request, kind)
    features = []
    for name, lon, lat, households, tenths in places.left_out(study, request.district, kind):
        walk = "走不到" if tenths < 0 else f"步行约 {-(-tenths // 10)} 分钟"
        features.append(point_of(lon, lat, f"{name}：{households:,} 户，{walk}", "late", small=True))
    facilities = places.list_facilities(request.district, kind=kind)
    for one in facilities:
        url = reverse("work_facility", args=[one.id])
        features.append(
            point_of(
                one.lon,
                one.lat,
                one.name + ("（示意）" if one.schematic else ""),
                "done",
                url=url,
                small=len(facilities) > MANY,
            )
        )
    if site := study.result["kinds"][kind]["site"]:
        title = f"在“{site['near']}”旁再设一处，可多覆盖 {site['households']:,} 户"
        features.append(point_of(site["lon"], site["lat"], title, "hold"))
    return geojson_of({"type": "FeatureCollection", "features": features})
