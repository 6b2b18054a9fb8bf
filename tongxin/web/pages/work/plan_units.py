"""Buildings and barrier lines from a file: upload, see row by row what it would do, then take it in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.organization.api import access
from tongxin.planning import api as planning
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.geojson import geojson_of
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.plans import PLAN
from tongxin.web.request import Request
from tongxin.web.uploads import Waiting, find_upload, keep_upload
from tongxin.web.worker import call_workers, living_workers

KINDS = (".geojson", ".json", ".xlsx", ".xls", ".csv", ".tsv", ".txt", ".zip", ".gpkg", ".pbf")
MOST_BYTES = 30 * 2**20
SHOWN = 50
NAMES = 12
FINE_DEGREES = 1e-5


def _fields() -> list[Field]:
    systems = [("auto", "自动判断"), *territory.SYSTEMS.items()]
    return [
        Field("what", "文件里是什么", "choice", required=True, choices=[("units", "楼栋或小区"), ("lines", "道路、河流、铁路")], value="units"),
        Field("crs", "坐标系", "choice", choices=systems, value="auto"),
        Field("schematic", "是示意", "yesno", value=False, help="户数或位置是估计的、不是普查的，选“是”，页面会标“示意”。"),
        Field("source", "来源", max=200, help="例如：住建局 2025 年楼盘表。"),
    ]  # fmt: skip


def _column_fields() -> list[Field]:
    return [Field(f"column_{key}", f"“{title}”在哪一列", max=80) for key, (title, _) in planning.COLUMNS.items()]


@page("/work/plans/units", audience="work", permission=PLAN, title="楼栋与界线", name="work_plan_units")
def plan_units(request: Request) -> Shown:
    """Take a file and lead to its report; show what there is."""
    refusal: Refusal | None = None
    fields = [*_fields(), *_column_fields()]
    if request.method == "POST":
        try:
            access.demand(request.actor, PLAN)
            if kind := request.POST.get("drop", ""):
                gone = planning.drop_lines(district=request.district, kind=kind, actor=request.actor, now=request.now)
                messages.success(request, f"已删去 {gone} 条界线。")
                return HttpResponseRedirect(reverse("work_plan_units"))
            given = read(fields, request.POST)
            waiting = _kept(request, given)
        except Refusal as caught:
            refusal = caught
        else:
            address = reverse("work_plan_units_report", args=[waiting.token])
            return HttpResponseRedirect(f"{address}?{urlencode(given)}")
    data = request.POST if refusal else None
    tree = territory.tree(request.district)
    above = tree.levels[max(0, len(tree.levels) - 2)]
    counts = planning.count_units(request.district, tree, above)
    lines = planning.list_lines(request.district)
    context = {
        "fields": bind(_fields(), data, refusal), "columns": bind(_column_fields(), data, refusal), "kinds": ",".join(KINDS),
        "most": MOST_BYTES // 2**20, "refusal": refusal,
        "counts": [(place.name, counts.get(place.id, 0)) for place in tree.at_level(above)],
        "lines": _by_kind(lines), "whole": access.may_all(request.actor, PLAN, ()), "map_level": tree.levels[1],
    }  # fmt: skip
    return render(request, "work/plan_units.html", context, status=refusal.status if refusal else 200)


def _kept(request: Request, given: dict[str, Any]) -> Waiting:
    """Keep the file; the lines of an extract are left to a worker to find."""
    waiting = keep_upload(request, "file", kinds=KINDS, most_bytes=MOST_BYTES)
    if not _is_extract(waiting):
        return waiting
    try:
        if given.get("what") != "lines":
            raise Invalid("osm_units", "OSM 文件里没有户数，不能当楼栋导入。", "请选“道路、河流、铁路”。", "what")
        planning.ask_lines(
            district=request.district, path=waiting.path, name=waiting.name, actor=request.actor, now=request.now
        )
    except Refusal:
        waiting.forget()
        raise
    call_workers()
    return waiting


def _is_extract(waiting: Waiting) -> bool:
    return waiting.path.suffix == ".pbf"


def _by_kind(lines: list[planning.Barrier]) -> list[tuple[str, str, int, list[str]]]:
    """Kind, its title, how many lines, the names of some."""
    return [
        (kind, title, len(own), sorted({one.name for one in own if one.name != kind})[:NAMES])
        for kind, title in planning.KINDS.items()
        if (own := [one for one in lines if one.kind == kind])
    ]


@page(
    "/work/plans/lines.geojson",
    audience="work",
    permission=PLAN,
    title="界线：图",
    name="work_plan_lines",
    methods=("GET",),
)
def plan_lines(request: Request) -> Shown:
    """Give the barrier lines for the map, with their names (1 statement)."""
    import shapely
    from shapely.geometry import mapping

    found = [
        {
            "type": "Feature", "properties": {"title": f"{planning.KINDS.get(one.kind, '')} {one.name}", "kind": one.kind},
            "geometry": mapping(shapely.simplify(one.line, FINE_DEGREES)),
        }
        for one in planning.list_lines(request.district)
    ]  # fmt: skip
    return geojson_of({"type": "FeatureCollection", "features": found})


@page(
    "/work/plans/units/<str:token>",
    audience="work",
    permission=PLAN,
    title="楼栋与界线：检查结果",
    name="work_plan_units_report",
)
def plan_units_report(request: Request, token: str) -> Shown:
    """Show what the file would do, row by row; a POST does it, whole or not at all."""
    waiting = find_upload(request, token)
    refusal: Refusal | None = None
    done: planning.TakenIn | None = None
    if _is_extract(waiting):
        reading = planning.find_line_reading(request.district, waiting.path)
        if reading is None:
            raise NotFound("upload_gone", "上传的文件已经不在了（只留一天）。", "请重新上传。")
        if reading.state != planning.LineReading.DONE:
            return _reading_page(request, waiting, reading)
    try:
        done = _take(request, waiting, dry_run=request.method != "POST")
    except Refusal as caught:
        refusal = caught
    if done is not None and done.written:
        waiting.forget()
        messages.success(request, f"已导入：新增 {done.created}、更改 {done.changed}、不变 {done.unchanged}。")
        return HttpResponseRedirect(reverse("work_plan_units"))
    notes = sorted(done.read.notes, key=lambda note: (not note.blocking, note.row)) if done else []
    context = {
        "name": waiting.name, "done": done, "refusal": refusal, "notes": notes[:SHOWN], "more": max(0, len(notes) - SHOWN),
        "blocking": len(done.read.blocking) if done else 0, "nothing": done is not None and not (done.created or done.changed),
        "system": territory.SYSTEMS.get(done.read.system, done.read.system) if done else "",
    }  # fmt: skip
    return render(request, "work/plan_units_report.html", context, status=refusal.status if refusal else 200)


def _reading_page(request: Request, waiting: Waiting, reading: planning.LineReading) -> Shown:
    """Show how far the worker is, or why it did not read the file; a POST calls it off."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            planning.stop_lines(district=request.district, actor=request.actor, now=request.now)
            messages.success(request, "已取消，没有写入任何界线。")
            return HttpResponseRedirect(reverse("work_plan_units"))
        except Refusal as caught:
            refusal = caught
    context = _reading_shown(request, waiting, reading) | {"name": waiting.name, "refusal": refusal}
    context["no_worker"] = reading.state == planning.LineReading.WAITING and not living_workers()
    return render(request, "work/plan_units_report.html", context, status=refusal.status if refusal else 200)


def _reading_shown(request: Request, waiting: Waiting, reading: planning.LineReading) -> dict[str, Any]:
    asked = f"?{request.GET.urlencode()}"
    return {
        "last": reading, "open": reading.state in planning.LineReading.OPEN, "may_stop": True,
        "state_url": reverse("work_plan_units_state", args=[waiting.token]) + asked,
        "page_url": reverse("work_plan_units_report", args=[waiting.token]) + asked,
    }  # fmt: skip


@page(
    "/work/plans/units/<str:token>/state", audience="work", permission=PLAN, title="楼栋与界线：进度", name="work_plan_units_state",
    methods=("GET",),
)  # fmt: skip
def plan_units_state(request: Request, token: str) -> Shown:
    """How far the reading of an extract is (1 statement); tells the page to reload when it is over."""
    waiting = find_upload(request, token)
    reading = planning.find_line_reading(request.district, waiting.path)
    if reading is None:
        raise NotFound("upload_gone", "上传的文件已经不在了（只留一天）。", "请重新上传。")
    shown = _reading_shown(request, waiting, reading)
    response = render(request, "partials/reading_state.html", shown)
    if not shown["open"]:
        response["HX-Refresh"] = "true"
    return response


def _take(request: Request, waiting: Waiting, *, dry_run: bool) -> planning.TakenIn:
    given = read([*_fields(), *_column_fields()], request.GET)
    columns: dict[str, Any] = {key: given[f"column_{key}"] for key in planning.COLUMNS if given.get(f"column_{key}")}
    path, name, crs = waiting.path, waiting.name, given.get("crs", "auto")
    if _is_extract(waiting):  # what a worker found in it, always in WGS84
        path, name, crs = planning.found_beside(waiting.path), f"{waiting.name}.geojson", "file"
    return planning.import_units(
        district=request.district, path=path, name=name, what="lines" if given.get("what") == "lines" else "units",
        crs=crs, columns=columns, schematic=given.get("schematic") == "yes", source=given.get("source", ""),
        dry_run=dry_run, most_rows=limits.PAGE_FILE_ROWS, actor=request.actor, now=request.now,
    )  # fmt: skip
