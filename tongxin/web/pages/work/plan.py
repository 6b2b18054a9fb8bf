"""One plan: today beside the proposal, the parts with their figures, and hands at work on them. Works without scripts as forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from tongxin.kernel.errors import Invalid, Refusal
from tongxin.kernel.typed import number_in, numbers_in
from tongxin.organization.api import access
from tongxin.planning import api as planning
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.fields import bind, read
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.plans import PLAN, STATUS_TONES, read_wish, wish_fields, working
from tongxin.web.request import Request
from tongxin.web.worker import call_workers, living_workers


def open_plan(request: Request, plan_id: int) -> planning.Plan:
    """Return a plan that this person may see (1 statement). Raises NotFound, NotAllowed."""
    plan = planning.get_plan(request.district, plan_id)
    access.demand(request.actor, PLAN, plan.under_id)
    return plan


@page("/work/plans/<int:plan_id>", audience="work", permission=PLAN, title="方案", name="work_plan")
def plan(request: Request, plan_id: int) -> Shown:
    """Show a plan, one community of it at a time; a POST is one act by hand (about 12 statements)."""
    found = open_plan(request, plan_id)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            gone = _act(request, found)
        except Refusal as caught:
            refusal = caught
        else:
            if gone is not None:
                return gone
            if not request.htmx:
                inside = request.POST.get("inside", "")
                return HttpResponseRedirect(f"{reverse('work_plan', args=[plan_id])}?inside={inside}#parts")
        found = open_plan(request, plan_id)
    context = plan_context(request, found, refusal)
    template = "work/plan_board.html" if request.htmx and request.method == "POST" else "work/plan.html"
    return render(request, template, context, status=refusal.status if refusal and not request.htmx else 200)


@page(
    "/work/plans/<int:plan_id>/progress", audience="work", permission=PLAN, title="划分进度", name="work_plan_progress", methods=("GET",)
)  # fmt: skip
def plan_progress(request: Request, plan_id: int) -> Shown:
    """How far the machine is; when it has ended the page is loaded anew (1–2 statements)."""
    found = open_plan(request, plan_id)
    response = render(request, "work/plan_progress.html", {"plan": found, **_progress(found)})
    if not working(found):
        response["HX-Refresh"] = "true"
    return response


def _progress(plan: planning.Plan) -> dict[str, Any]:
    drafting = getattr(plan, "drafting", None)
    busy = working(plan)
    return {
        "drafting": drafting,
        "busy": busy,
        "share": round(100 * drafting.share) if drafting is not None else 0,
        "no_worker": busy and drafting is not None and drafting.begun_at is None and not living_workers(),
    }


def plan_context(request: Request, found: planning.Plan, refusal: Refusal | None = None) -> dict[str, Any]:
    """What the page and its parts show."""
    from tongxin.web.plan_picture import draw_plan, tones

    district, tree = request.district, territory.tree(request.district)
    communities = found.score.get("communities", {})
    asked = request.POST.get("inside") or request.GET.get("inside", "")
    inside = asked if asked in communities else next(iter(communities), "")
    score = communities.get(inside, {})
    parts = planning.parts_of(found)
    boards = planning.plan_boards(district, tree, found, [int(inside)]) if inside else []
    board = boards[0] if boards else None
    outlines = board.outlines if board is not None and not score.get("refused") else {}
    chosen = tones(outlines)
    run = (
        procedures.find_run(district, planning.SUBJECT, found.pk)
        if found.status != "draft" or found.effective_on
        else None
    )
    run = run or procedures.find_run(district, planning.SUBJECT, found.pk)
    moves = planning.list_moves(found)
    rows = []
    members = _members(board)
    for row in score.get("rows", ()):
        part = parts.get(row["number"])
        old = tree.ever(part.continues_id) if part is not None else None
        rows.append({
            **row, "part": part, "tone": chosen.get(row["number"], 0), "old": old.name if old else "", "members": members.get(row["number"], []),
        })  # fmt: skip
    title = tree.full_name(found.under_id)
    today = (
        {p.id: o for p in tree.at_level(found.level, int(inside)) if (o := tree.outline(p.id)) is not None}
        if inside
        else {}
    )
    return {
        "plan": found, "whole": found.score.get("whole", {}), "said": found.score.get("said", []), "failed": found.score.get("failed"),
        "communities": [(key, one) for key, one in communities.items()], "inside": inside, "score": score, "rows": rows,
        "schematic": planning.PlanMember.objects.filter(plan=found, unit__schematic=True).exists(),
        "place": title, "status": found.get_status_display(), "tone": STATUS_TONES[found.status], "run": run,
        "may_change": found.status == "draft" and not working(found), "refusal": refusal, **_progress(found),
        "moves": moves, "can_undo": any(not m.undone for m in moves), "can_redo": any(m.undone for m in moves),
        "load_title": planning.LOADS[found.load_by], "lines": _lines(board), "units": _states(board, chosen),
        "wishes": bind(wish_fields(request, found), prefix="again"), "begins": planning.BEGINS,
        "others": [p for p in planning.list_plans(district, [found.under_id]) if p.pk != found.pk],
        "picture": mark_safe(draw_plan(boards, {n: p.name for n, p in parts.items()}, title=found.title, today=today)) if outlines else "",  # noqa: S308 - escaped where drawn
        "refused_here": score.get("findings", [""])[0] if score.get("refused") else "",
    }  # fmt: skip


def _lines(board: planning.Board | None) -> list[tuple[str, str, str]]:
    """The barrier lines through a community: kind, its title, their names."""
    import shapely

    near = [b for b in board.barriers if shapely.intersects(b.line, board.outline)] if board is not None else []
    return [
        (kind, title, "、".join(sorted({b.name for b in near if b.kind == kind and b.name != kind})))
        for kind, title in planning.KINDS.items()
        if any(b.kind == kind for b in near)
    ]


def _members(board: planning.Board | None) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    if board is not None:
        for i, number in enumerate(board.part.tolist()):
            found.setdefault(number, []).append(
                {"id": board.ids[i], "name": board.labels[i], "load": board.loads[i], "locked": board.locked[i]}
            )
    return found


def _states(board: planning.Board | None, chosen: Mapping[int, int]) -> str:
    """Unit, part, tone, locked: what the map colours by after each act."""
    if board is None:
        return "[]"
    rows = [
        [board.ids[i], int(board.part[i]), chosen.get(int(board.part[i]), 0), int(board.locked[i])]
        for i in range(board.n)
    ]
    return orjson.dumps(rows).decode()


@page(
    "/work/plans/<int:plan_id>/map.json",
    audience="work",
    permission=PLAN,
    title="方案地图",
    name="work_plan_map",
    methods=("GET",),
)
def plan_map(request: Request, plan_id: int) -> Shown:
    """The ground of each unit, today's places and the barrier lines of one community, for the two maps (5 statements)."""
    import shapely

    found = open_plan(request, plan_id)
    tree = territory.tree(request.district)
    asked = request.GET.get("inside", "")
    boards = planning.plan_boards(request.district, tree, found, numbers_in([asked]))
    if not boards:
        return HttpResponse(b"{}", content_type="application/json")
    board = boards[0]
    cells = [
        _feature(
            cell,
            u=board.ids[i],
            name=board.labels[i],
            load=board.loads[i],
            at=[round(float(v), 6) for v in board.points[i]],
        )
        for i, cell in enumerate(board.cells)
    ]
    today = [
        _feature(outline, name=place.name, code=place.code)
        for place in tree.at_level(found.level, board.inside)
        if (outline := tree.outline(place.id)) is not None
    ]
    lines = [
        _feature(shapely.intersection(b.line, board.outline.envelope), name=b.name, kind=b.kind)
        for b in board.barriers
        if shapely.intersects(b.line, board.outline.envelope)
    ]
    answer = {
        "cells": _collection(cells), "today": _collection(today), "lines": _collection(lines), "border": _collection([_feature(board.outline)]),
    }  # fmt: skip
    return HttpResponse(orjson.dumps(answer), content_type="application/json")


def _feature(shape: Any, **words: Any) -> dict[str, Any]:
    import shapely
    from shapely.geometry import mapping

    rounded = shapely.set_precision(shape, 1e-6, mode="pointwise")
    geometry = None if rounded.is_empty else mapping(rounded)  # of two buildings at one spot one has the ground
    return {"type": "Feature", "properties": words, "geometry": geometry}


def _collection(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": found}


# ---- acts ----


def _act(request: Request, found: planning.Plan) -> HttpResponse | None:
    """Do what the button says; an answer only where it leads elsewhere."""
    do, _, told = request.POST.get("do", "").partition(":")
    by: dict[str, Any] = {"district": request.district, "plan_id": found.pk, "actor": request.actor, "now": request.now}
    seen = request.POST.get("seen", "")
    hand: dict[str, Any] = {**by, "seen": number_in(seen)}
    units = numbers_in(request.POST.getlist("units"))
    number = _number(told, "number") if told else 0
    elsewhere: dict[str, Callable[[], HttpResponse]] = {
        "submit": lambda: _submitted(request, by),
        "drop": lambda: _dropped(request, by),
        "copy": lambda: HttpResponseRedirect(
            reverse("work_plan", args=[planning.copy_plan(**by, title=request.POST.get("title", "")).pk])
        ),
        "again": lambda: _again(request, found, by),
        "stop": lambda: _stopped(request, found, by),
    }
    if do in elsewhere:
        return elsewhere[do]()
    if request.POST.get("rename") and do == "rename":
        number = _number(request.POST["rename"], "rename")
    acts: dict[str, Callable[[], planning.Plan]] = {
        "move": lambda: planning.move_units(**hand, units=units, to=_number(request.POST.get("to", ""), "to")),
        "lock": lambda: planning.lock_units(**hand, units=units, locked=True),
        "unlock": lambda: planning.lock_units(**hand, units=units, locked=False),
        "lock_part": lambda: planning.lock_part(**hand, number=number, locked=True),
        "unlock_part": lambda: planning.lock_part(**hand, number=number, locked=False),
        "split": lambda: planning.split_part(**hand, number=number),
        "merge": lambda: planning.merge_parts(
            **hand, number=number, into=_number(request.POST.get(f"into{number}", ""), "into")
        ),
        "rename": lambda: planning.rename_part(**hand, number=number, name=request.POST.get(f"name{number}", "")),
        "undo": partial(planning.undo, **hand),
        "redo": partial(planning.redo, **hand),
    }
    if do not in acts:
        raise Invalid("no_act", "不知道要做什么。", "请从页面上的按钮里选。")
    acts[do]()
    return None


def _number(text: str, field: str) -> int:
    if (number := number_in(text)) is None:
        raise Invalid("no_part", "还没有选是哪一个格。", "请从列表里选。", field)
    return number


def _submitted(request: Request, by: dict[str, Any]) -> HttpResponse:
    run_id = planning.submit_plan(**by)
    messages.success(request, "方案已报送，等区县审核。")
    return HttpResponseRedirect(reverse("work_case", args=[run_id]))


def _dropped(request: Request, by: dict[str, Any]) -> HttpResponse:
    planning.drop_plan(**by)
    messages.success(request, "草稿已删除。")
    return HttpResponseRedirect(reverse("work_plans"))


def _again(request: Request, found: planning.Plan, by: dict[str, Any]) -> HttpResponse:
    given = read(wish_fields(request, found), request.POST)
    seed = str(given.get("seed") or "")
    planning.draft_again(
        **by,
        wish=read_wish(given, ""),
        begin=request.POST.get("begin", "afresh"),
        seed=number_in(seed),
    )
    call_workers()
    return HttpResponseRedirect(reverse("work_plan", args=[found.pk]))


def _stopped(request: Request, found: planning.Plan, by: dict[str, Any]) -> HttpResponse:
    planning.stop_drafting(**by)
    messages.success(request, "已请机器停下。")
    return HttpResponseRedirect(reverse("work_plan", args=[found.pk]))
