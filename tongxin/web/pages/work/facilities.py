"""Facilities near people: the list, one facility by hand on the map, files with their report before anything is written."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.organization.api import access
from tongxin.places import api as places
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.geojson import geojson_of, point_of
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.circle import MANAGE
from tongxin.web.request import Request
from tongxin.web.uploads import Waiting, find_upload, keep_upload

KINDS = (".xlsx", ".xls", ".csv", ".tsv", ".txt", ".geojson", ".json", ".zip", ".gpkg")
MOST_BYTES = 30 * 2**20
MOST_LISTED = 500
FAULTS_LISTED = 50
_END = [Field("reason", "原因", required=True, max=200, help="例如：合并到某某站、关闭。")]


def _kinds(request: Request) -> list[tuple[str, str]]:
    return [(key, kind.title) for key, kind in request.district.pack.facilities.kinds.items()]


def _fields(request: Request, row: places.FacilityRow | None = None) -> list[Field]:
    kind = row.kind if row else request.GET.get("kind", "")
    return [
        Field("kind", "种类", "choice", required=True, choices=_kinds(request), value=kind),
        Field("name", "名称", required=True, max=limits.TITLE_CHARS, value=row.name if row else ""),
        Field("address", "地址", max=200, value=row.address if row else "", help="对外公开。"),
        Field("hours", "开放时间", max=80, value=row.hours if row else "", help="对外公开，例如：每天 8:30–17:30。"),
        Field("beds", "床位", "number", min=0, max=100_000, value=_typed(row.beds if row else None), help="没有床位的不填。"),
        Field("floor_area", "建筑面积（平方米）", "number", min=0, max=10_000_000, value=_typed(row.floor_area if row else None)),
        Field("source", "来源", max=400, value=row.source if row else ""),
        Field("schematic", "位置是示意", "yesno", value=row.schematic if row else False),
    ]  # fmt: skip


def _typed(value: int | None) -> Any:
    return "" if value is None else value


@page("/work/facilities", audience="work", permission="see_places", title="身边设施", methods=("GET",))
def facilities(request: Request) -> Shown:
    """List the facilities of the district (1 statement)."""
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()[: limits.SEARCH_CHARS]
    rows = places.list_facilities(request.district, kind=kind, words=words, ended=bool(request.GET.get("ended")))
    return {
        "rows": rows[:MOST_LISTED],
        "more": max(0, len(rows) - MOST_LISTED),
        "kinds": _kinds(request),
        "kind": kind,
        "words": words,
        "ended": bool(request.GET.get("ended")),
        "may_manage": access.may(request.actor, MANAGE),
        "level": places.usual_level(request.district.pack.units.level_keys()),
    }


@page("/work/facilities/points.geojson", audience="work", permission="see_places", title="设施点位", methods=("GET",))
def facility_points(request: Request) -> Shown:
    """Give all living facilities, or those of one kind, for the map (1 statement)."""
    rows = places.list_facilities(request.district, kind=request.GET.get("kind", ""))
    features = [
        point_of(r.lon, r.lat, f"{r.kind_title}：{r.name}", "done", url=reverse("work_facility", args=[r.id]))
        for r in rows
    ]
    return geojson_of({"type": "FeatureCollection", "features": features})


@page("/work/facilities/new", audience="work", permission=MANAGE, title="登记设施", template="work/facility.html")
def new_facility(request: Request) -> Shown:
    """Make a facility by hand, its place by a tap on the map (about 5 statements)."""
    return _edit(request, None)


@page("/work/facilities/<int:facility_id>", audience="work", permission="see_places", title="设施")
def facility(request: Request, facility_id: int) -> Shown:
    """Show one facility; change or end it (about 5 statements)."""
    return _edit(request, places.get_facility(request.district, facility_id))


def _edit(request: Request, row: places.FacilityRow | None) -> Shown:
    refusal: Refusal | None = None
    do = request.POST.get("do", "")
    if request.method == "POST":
        try:
            if do == "end" and row is not None:
                reason = read(_END, request.POST).get("reason", "")
                places.end_facility(
                    district=request.district, facility_id=row.id, reason=reason, actor=request.actor, now=request.now
                )
                messages.success(request, "已停用，测算时不再计入。")
                return HttpResponseRedirect(reverse("work_facilities"))
            made = places.save_facility(
                district=request.district, facility=_given(request), facility_id=row.id if row else None,
                actor=request.actor, now=request.now,
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, "已保存。")
            return HttpResponseRedirect(reverse("work_facility", args=[made]))
    context = {
        "row": row,
        "norms": [(one, f) for one in places.judge_facility(request.district, row) for f in one.findings]
        if row
        else [],
        "fields": bind(_fields(request, row), request.POST if refusal and do != "end" else None, refusal),
        "end": bind(_END, request.POST if refusal and do == "end" else None, refusal, prefix="end"),
        "lon": request.POST.get("lon") or (f"{row.lon:.6f}" if row else ""),
        "lat": request.POST.get("lat") or (f"{row.lat:.6f}" if row else ""),
        "may_manage": access.may(request.actor, MANAGE, row.area_id if row else None)
        and (row is None or not row.ended_on),
        "leaf": request.district.pack.units.level_keys()[-1],
        "refusal": refusal,
    }
    return render(request, "work/facility.html", context, status=refusal.status if refusal else 200)


def _given(request: Request) -> places.NewFacility:
    data = read(_fields(request), request.POST)
    spot: list[float] = []
    for key in ("lon", "lat"):
        try:
            spot.append(float(request.POST.get(key, "")))
        except ValueError:
            raise Invalid(
                "no_point", "还没有在地图上点出位置。", "请在地图上点一下，或填写经度、纬度。", "lon"
            ) from None

    def number(key: str, title: str) -> int | None:
        typed = data.get(key, "")
        if not typed:
            return None
        if not typed.isdecimal() or len(typed) > 9:
            raise Invalid("not_a_number", f"{title}应为不小于 0 的整数。", "请改正。", key)
        return int(typed)

    return places.NewFacility(
        data.get("kind", ""), data.get("name", ""), spot[0], spot[1], None, number("beds", "床位"),
        number("floor_area", "建筑面积"), data.get("address", ""), data.get("hours", ""), data.get("source", ""),
        data.get("schematic") == "yes",
    )  # fmt: skip


# ---- files ----


def _file_fields(request: Request) -> list[Field]:
    what = [("facilities", "设施")]
    if access.may_all(request.actor, "manage_areas", ()):
        what.append(("homes", "住处（小区、楼栋的名称、户数和位置）"))
    systems = [("auto", "自动判断"), ("file", "照文件所说"), *((k, t) for k, t in territory.SYSTEMS.items())]
    return [
        Field("what", "文件里是什么", "choice", required=True, choices=what, value="facilities"),
        Field("kind", "全部是哪一类设施", "choice", choices=_kinds(request), help="文件里有“种类”一列的不用选。"),
        Field("crs", "坐标系", "choice", choices=systems, value="auto"),
        Field("source", "来源", max=200, help="例如：某局 2026 年台账。"),
        Field("schematic", "位置是示意", "yesno", value=False),
    ]


@page("/work/facilities/import", audience="work", permission=MANAGE, title="导入设施")
def facility_import(request: Request) -> Shown:
    """Take a file and lead to its report."""
    refusal: Refusal | None = None
    fields = _file_fields(request)
    if request.method == "POST":
        try:
            given = read(fields, request.POST)
            waiting = keep_upload(request, "file", kinds=KINDS, most_bytes=MOST_BYTES)
            return HttpResponseRedirect(f"{reverse('work_facility_report', args=[waiting.token])}?{urlencode(given)}")
        except Refusal as caught:
            refusal = caught
    context = {
        "fields": bind(fields, request.POST if refusal else None, refusal), "kinds": ",".join(KINDS), "most": MOST_BYTES // 2**20,
        "refusal": refusal,
    }  # fmt: skip
    return render(request, "work/facility_import.html", context, status=refusal.status if refusal else 200)


@page("/work/facilities/import/<str:token>", audience="work", permission=MANAGE, title="导入设施：检查结果")
def facility_report(request: Request, token: str) -> Shown:
    """Show what the file would do, row by row where something is wrong; a POST does it."""
    waiting = find_upload(request, token)
    refusal: Refusal | None = None
    taken: Any = None
    try:
        taken = waiting.reading(lambda path: _take(request, waiting, dry_run=request.method != "POST"))
    except Refusal as caught:
        refusal = caught
    if taken is not None:
        _keep_faults(waiting, taken.faults)
        if taken.written:
            left = f"，没有收下 {len(taken.faults)} 行" if taken.faults else ""
            messages.success(
                request, f"已导入：新增 {taken.created}、更改 {taken.changed}、不变 {taken.unchanged}{left}。"
            )
            return HttpResponseRedirect(reverse("work_facilities"))
    context = {
        "waiting": waiting, "taken": taken, "refusal": refusal, "faults": taken.faults[:FAULTS_LISTED] if taken else (),
        "more": max(0, len(taken.faults) - FAULTS_LISTED) if taken else 0,
        "nothing": taken is not None and not (taken.created or taken.changed),
    }  # fmt: skip
    return render(request, "work/facility_report.html", context, status=refusal.status if refusal else 200)


def _take(request: Request, waiting: Waiting, *, dry_run: bool) -> places.FacilitiesTaken | territory.NamesTaken:
    given = read(_file_fields(request), request.GET)
    crs = given.get("crs", "auto")
    crs = "" if crs == "file" else crs
    if given.get("what") == "homes":
        access.demand_all(request.actor, "manage_areas", ())
        return territory.import_place_names(
            district=request.district, path=waiting.path, name=waiting.name, crs=crs, dry_run=dry_run,
            actor_label=request.actor.label, user_id=request.actor.user_id, now=request.now,
        )  # fmt: skip
    return places.import_facilities(
        district=request.district, path=waiting.path, name=waiting.name, kind=given.get("kind", ""), crs=crs,
        schematic=given.get("schematic") == "yes", source=given.get("source", ""), dry_run=dry_run, actor=request.actor,
        most_rows=limits.PAGE_FILE_ROWS, now=request.now,
    )  # fmt: skip


def _keep_faults(waiting: Waiting, faults: tuple[territory.RowFault, ...]) -> None:
    report = io.StringIO()
    writer = csv.writer(report)
    writer.writerow(["行", "列", "问题", "怎么改"])
    writer.writerows([str(f.row), _plain(f.column), _plain(f.what), _plain(f.mend)] for f in faults)
    waiting.beside("faults").write_text(report.getvalue(), encoding="utf-8-sig", newline="")


def _plain(cell: str) -> str:
    """A text that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


@page(
    "/work/facilities/import/<str:token>/faults.csv",
    audience="work",
    permission=MANAGE,
    title="逐行错误",
    methods=("GET",),
)
def facility_faults(request: Request, token: str) -> Shown:
    """Give the report of all rows that were not taken."""
    report = find_upload(request, token).beside("faults")
    if not report.is_file():
        raise NotFound("no_report", "还没有检查过。", "请先打开检查结果。")
    return FileResponse(
        report.open("rb"), as_attachment=True, filename="facility-faults.csv", content_type="text/csv; charset=utf-8"
    )
