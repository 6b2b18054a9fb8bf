"""Take in places from a file: upload, see what it would do and what is wrong with the outlines, then confirm."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.organization import api as organization
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.geojson import fault_features, outlines_of
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.areas import MANAGE
from tongxin.web.pages.admin.topology import rows_of
from tongxin.web.request import Request
from tongxin.web.uploads import Waiting, find_upload, keep_upload

KINDS = (".geojson", ".json", ".xlsx", ".xls", ".csv", ".tsv", ".txt", ".zip", ".gpkg")
MOST_BYTES = 30 * 2**20
_COLUMNS = (
    ("name", "名称"), ("code", "代码"), ("parent_name", "上级名称"), ("parent_code", "上级代码"), ("households", "户数"), ("people", "人口"),
)  # fmt: skip


def _fields(request: Request) -> list[Field]:
    levels = [(level.key, level.title) for level in request.district.pack.units.levels]
    systems = [("auto", "自动判断"), ("file", "照文件所说"), *((k, t) for k, t in territory.SYSTEMS.items())]
    return [
        Field("level", "文件里是哪一级", "choice", required=True, choices=levels),
        Field("crs", "坐标系", "choice", choices=systems, value="auto"),
        Field(
            "schematic", "边界是示意", "yesno", value=False, help="手工描的、不是测绘成果的，选“是”，地图会标“示意”。"
        ),
        Field("repair", "修正有错的边界", "yesno", value=False, help="自相交等错误按规则修正，并逐个说明。"),
        Field("source", "边界来源", max=200, help="显示在地图上，例如：某局 2025 年测绘成果。"),
    ]


def _column_fields() -> list[Field]:
    return [Field(f"column_{key}", f"“{title}”在哪一列", max=80) for key, title in _COLUMNS]


@page("/admin/areas/import", audience="admin", permission=MANAGE, title="导入地域")
def area_import(request: Request) -> Shown:
    """Take a file and lead to its report."""
    refusal: Refusal | None = None
    fields = [*_fields(request), *_column_fields()]
    if request.method == "POST":
        try:
            organization.demand_all(request.actor, MANAGE, ())
            given = read(fields, request.POST)
            if given.get("level") not in request.district.pack.units.level_keys():
                raise Invalid("level_missing", "还没有选择级别。", "请说明文件里是哪一级地域。", "level")
            waiting = keep_upload(request, "file", kinds=KINDS, most_bytes=MOST_BYTES)
        except Refusal as caught:
            refusal = caught
        else:
            address = reverse("admin_area_report", args=[waiting.token])
            return HttpResponseRedirect(f"{address}?{urlencode(given)}")
    data = request.POST if refusal else None
    context = {
        "fields": bind(_fields(request), data, refusal),
        "columns": bind(_column_fields(), data, refusal),
        "kinds": ",".join(KINDS),
        "most": MOST_BYTES // 2**20,
        "refusal": refusal,
    }
    return render(request, "admin/area_import.html", context, status=refusal.status if refusal else 200)


@page("/admin/areas/import/<str:token>", audience="admin", permission=MANAGE, title="导入地域：检查结果")
def area_report(request: Request, token: str) -> Shown:
    """Show what the file would do; a POST does it, whole or not at all."""
    waiting = find_upload(request, token)
    refusal: Refusal | None = None
    done: territory.Imported | None = None
    try:
        done = _take(request, waiting, dry_run=request.method != "POST")
    except Refusal as caught:
        refusal = caught
    if done is not None and done.written:
        waiting.forget()
        messages.success(request, f"已导入：新增 {done.created}、更改 {done.changed}、不变 {done.unchanged}。")
        return HttpResponseRedirect(reverse("admin_areas"))
    rows = rows_of(done.report) if done else []
    if done is not None:
        waiting.beside("outlines").write_bytes(orjson.dumps(outlines_of(done.drawn)))
        waiting.beside("spots").write_bytes(orjson.dumps(fault_features(rows)))
    level = request.GET.get("level", "")
    title = next((one.title for one in request.district.pack.units.levels if one.key == level), level)
    context = {
        "name": waiting.name, "done": done, "faults": rows, "refusal": refusal, "level": title,
        "blocking": len(done.report.blocking) if done else 0, "nothing": done is not None and not (done.created or done.changed),
        "token": token, "above": _above(request, level), "again": _again(request, done) if done else [],
    }  # fmt: skip
    return render(request, "admin/area_report.html", context, status=refusal.status if refusal else 200)


def _take(request: Request, waiting: Waiting, *, dry_run: bool) -> territory.Imported:
    given = read([*_fields(request), *_column_fields()], request.GET)
    columns: dict[str, Any] = {key: given.get(f"column_{key}", "") for key, _ in _COLUMNS}
    crs = given.get("crs", "auto")
    return organization.take_in_places(
        district=request.district, path=waiting.path, name=waiting.name, level=given.get("level", ""),
        columns=territory.Columns(**columns), crs="" if crs == "file" else crs, repair=given.get("repair") == "yes",
        schematic=given.get("schematic") == "yes", source=given.get("source", ""), dry_run=dry_run, most_rows=limits.PAGE_FILE_ROWS, actor=request.actor,
        now=request.now,
    )  # fmt: skip


def _above(request: Request, level: str) -> str:
    """The level above, whose outlines lie under the file's on the map; the same where it is the first."""
    levels = request.district.pack.units.level_keys()
    return levels[max(0, levels.index(level) - 1)] if level in levels else levels[0]


def _again(request: Request, done: territory.Imported) -> list[tuple[str, str]]:
    """Other settings worth a look, as links: what, and the address of the report under them."""

    def link(**changes: str) -> str:
        asked = request.GET.copy()
        asked.update(changes)
        return f"?{asked.urlencode()}"

    found = []
    if done.report.of("invalid_ring") and request.GET.get("repair") != "yes":
        found.append(("按规则修正自相交等错误，再看一遍", link(repair="yes")))
    if done.report.of("coordinates"):
        found += [
            (f"按 {title} 再看一遍", link(crs=key)) for key, title in territory.SYSTEMS.items() if key != done.system
        ]
    return found


@page(
    "/admin/areas/import/<str:token>/<slug:what>.geojson",
    audience="admin",
    permission=MANAGE,
    title="导入地域：图",
    methods=("GET",),
)
def area_report_map(request: Request, token: str, what: str) -> Shown:
    """Give the outlines of the file, or the faults found in it, as the report drew them."""
    waiting = find_upload(request, token)
    kept = waiting.beside(what) if what in ("outlines", "spots") else None
    if kept is None or not kept.is_file():
        raise NotFound("no_report", "还没有检查过。", "请先打开检查结果。")
    return HttpResponse(kept.read_bytes(), content_type="application/geo+json")
