"""The topology report on the map: every fault drawn, listed, clickable both ways; those with a safe repair lead to its preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from tongxin.kernel.errors import NotFound, Refusal
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.territory import api as territory
from tongxin.web.geojson import FaultRow, fault_features, geojson_of
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.areas import MANAGE
from tongxin.web.request import Request

MOST = 200
PIECES_SHOWN = 12
NAMES_SHOWN = 8


def rows_of(report: territory.TopologyReport, *, repairs: bool = False) -> list[FaultRow]:
    """The faults of a report as a numbered list, those that stop an import first; with ``repairs`` the marks of repairable ones."""
    return [
        FaultRow(
            n, fault, territory.FAULT_TITLES[fault.kind], fault.mark if repairs and territory.has_repair(fault) else ""
        )
        for n, fault in enumerate(report.faults[:MOST], start=1)
    ]


def _level(request: Request, asked: str) -> Any:
    levels = request.district.pack.units.levels
    return next((one for one in levels if one.key == asked), None)


@page("/admin/areas/check", audience="admin", permission=MANAGE, title="边界检查", methods=("GET",))
def area_check(request: Request) -> Shown:
    """Examine one level as it stands (0 statements; some seconds for 25,000 places, once until places change)."""
    levels = request.district.pack.units.levels
    level = _level(request, request.GET.get("level", "")) or levels[-1]
    report = territory.topology_report(request.district, level.key)
    components = [
        (len(names), "、".join(names[:NAMES_SHOWN]) + (f" 等 {len(names)} 个" if len(names) > NAMES_SHOWN else ""))
        for names in report.components[:PIECES_SHOWN]
    ]
    return {
        "level": level,
        "levels": levels,
        "report": report,
        "faults": rows_of(report, repairs=True),
        "more": max(0, len(report.faults) - MOST),
        "components": components,
        "slivers": len(report.of("sliver")),
        "pieces": len(report.components),
    }


@page(
    "/admin/areas/check/<slug:level>/faults.geojson",
    audience="admin",
    permission=MANAGE,
    title="边界检查：图",
    methods=("GET",),
)
def area_faults(request: Request, level: str) -> Shown:
    """Give the faults that have a place (0 statements when the report is kept)."""
    if _level(request, level) is None:
        raise NotFound("no_level", f"没有“{level}”这一级区域。")
    return geojson_of(fault_features(rows_of(territory.topology_report(request.district, level))))


@dataclass(frozen=True, slots=True)
class Option:
    """One repair as the page shows it."""

    key: str
    title: str
    before: SafeString
    after: SafeString
    areas: list[tuple[str, int, int, int]]  # name, m² before, m² after, difference
    gone: bool
    more: list[str]
    sticking_out: tuple[str, ...]
    homes: int
    households: int
    matters: int
    matters_open: int


@page("/admin/areas/check/<slug:level>/<slug:mark>", audience="admin", permission=MANAGE, title="修正边界")
def area_fault(request: Request, level: str, mark: str) -> Shown:
    """Show what each safe repair of a fault would change; a POST does the one chosen (2 statements and 1 an option)."""
    refusal: Refusal | None = None
    named = _level(request, level)
    if named is None:
        raise NotFound("no_level", f"没有“{level}”这一级区域。")
    fault = territory.find_fault(request.district, level, mark)
    if request.method == "POST":
        try:
            organization.repair_place(
                district=request.district, level=level, mark=mark, choice=request.POST.get("choice", ""), actor=request.actor,
                now=request.now,
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, "已改边界，记入管理记录。")
            return HttpResponseRedirect(f"{reverse('admin_area_check')}?level={level}")
    previews = territory.preview_repairs(request.district, level, fault)
    context = {
        "level": named,
        "fault": fault,
        "title": territory.FAULT_TITLES[fault.kind],
        "options": [_option(request, level, preview) for preview in previews],
        "refusal": refusal,
    }
    return render(request, "admin/area_fault.html", context, status=refusal.status if refusal else 200)


def _option(request: Request, level: str, preview: territory.RepairPreview) -> Option:
    tree, repair = territory.tree(request.district), preview.repair
    concerned = [change.area_id for change in repair.changes]
    if repair.to is not None and repair.to not in concerned:
        concerned.append(repair.to)
    west, south, east, north = repair.piece.bounds
    wide, tall = max(east - west, 0.001) * 2, max(north - south, 0.001) * 2
    shown = {}
    for place in tree.at_level(level):
        outline = tree.outline(place.id)
        if outline is None:
            continue
        box = outline.bounds
        if box[0] <= east + wide and box[2] >= west - wide and box[1] <= north + tall and box[3] >= south - tall:
            shown[place.id] = outline
    names = {key: known.name for key in shown if (known := tree.get(key)) is not None}
    from tongxin.web.change_picture import draw_change

    before, after = draw_change(
        repair.piece, shown, names, [(change.area_id, change.after) for change in repair.changes], concerned
    )
    areas = []
    for change in repair.changes:
        was, now = change.square_metres
        areas.append((tree.full_name(change.area_id), was, now, now - was))
    everything, waiting = matters.count_in_outline(request.district, repair.piece)
    to = tree.full_name(repair.to) if repair.to is not None else ""
    title = {
        "give": f"重叠的部分归“{to}”",
        "fill": f"划给“{to}”" + (f"（共有边界 {repair.shared_metres:,} 米）" if repair.shared_metres else ""),
        "clip": "裁到上级的边界以内",
    }[repair.way]
    return Option(
        repair.key, title, before, after, areas, preview.gone, [one.sentence for one in preview.more[:10]],
        preview.sticking_out[:10], preview.homes, preview.households, everything, waiting,
    )  # fmt: skip


@page("/admin/areas/slivers/<slug:level>", audience="admin", permission=MANAGE, title="一起修正细缝")
def area_slivers(request: Request, level: str) -> Shown:
    """Show what mending all slivers of a level would redraw; a POST does it (0 statements to look)."""
    refusal: Refusal | None = None
    named = _level(request, level)
    if named is None:
        raise NotFound("no_level", f"没有“{level}”这一级区域。")
    if request.method == "POST":
        try:
            done = organization.repair_slivers(
                district=request.district, level=level, actor=request.actor, now=request.now
            )
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, f"已修正 {len(done.mended)} 处细缝，改了 {len(done.changes)} 个地域的边界。")
            return HttpResponseRedirect(f"{reverse('admin_area_check')}?level={level}")
    plan, tree = territory.plan_slivers(request.district, level), territory.tree(request.district)
    context = {
        "level": named,
        "mended": len(plan.mended),
        "square_metres": plan.square_metres,
        "rows": [(tree.full_name(c.area_id), *c.square_metres) for c in plan.changes[:MOST]],
        "more": max(0, len(plan.changes) - MOST),
        "left": [fault.sentence for fault in plan.left[:MOST]],
        "refusal": refusal,
    }
    return render(request, "admin/area_slivers.html", context, status=refusal.status if refusal else 200)
