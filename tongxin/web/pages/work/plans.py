"""Plans of grids: how good today's are, the plans there are, and a new one (G-01 … G-06)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization.api import access
from tongxin.planning import api as planning
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.worker import call_workers

PLAN = "plan_grids"
PRESETS = {
    "grid": "网格：300–500 户，目标 400",
    "micro": "微网格：50–80 户，目标 65",
    "group": "小组：200 户左右",
    "community": "社区：1000–3000 户，目标 2000",
}
AIMS = {"load": "负荷均衡", "barriers": "不跨道路河流", "raggedness": "形状规整", "change": "少改现有网格"}
STATUS_TONES = {"draft": "wait", "submitted": "busy", "approved": "soon", "in_force": "done", "withdrawn": "stop"}


def my_areas(request: Request) -> list[int] | None:
    """Ids of the places where this person may plan, None for the whole district."""
    scope = access.scope(request.actor, PLAN)
    return None if scope.everywhere else sorted(scope.area_ids)


@page("/work/plans", audience="work", permission=PLAN, title="网格划分", icon="map-2", nav=40, methods=("GET",))
def plans(request: Request) -> Shown:
    """List plans of my places and today's figures (about 6 statements)."""
    mine = my_areas(request)
    tree = territory.tree(request.district)
    found = planning.list_plans(request.district, mine)
    rows = [
        (plan, tree.full_name(plan.under_id), plan.get_status_display(), STATUS_TONES[plan.status], plan.score.get("whole", {}), working(plan))
        for plan in found
    ]  # fmt: skip
    judged = planning.judge_today(request.district, request.now, mine)
    return {
        "rows": rows,
        "judged": judged,
        "walked": any(row.walked for row in judged),
        "off_network": judged[0].off_network if mine is None and judged else sum(row.off_network for row in judged),
        "columns": [(title, unit) for _, title, unit in planning.MEASURED],
        "units": sum(row.units for row in judged[:1]) if mine is None else sum(row.units for row in judged),
        "schematic": planning.PlanUnit.objects.filter(district_id=request.district.id, schematic=True).exists(),
    }


def working(plan: planning.Plan) -> bool:
    """Whether the machine has not finished with it."""
    drafting = getattr(plan, "drafting", None)
    return drafting is not None and drafting.ended_at is None


def wish_fields(request: Request, plan: planning.Plan | None = None) -> list[Field]:
    """What may be wished, with what the plan now wishes in it."""
    wish = plan.wish if plan else {}
    order = wish.get("order") or list(AIMS)
    aims = list(AIMS.items())
    return [
        Field(
            "target",
            "每格多少",
            "number",
            min=1,
            value=_whole(wish.get("target")),
            help="户、人或每周诉求件数，看按什么均衡",
        ),
        Field("low", "最少", "number", min=0, value=_whole(wish.get("low"))),
        Field("high", "最多", "number", min=1, value=_whole(wish.get("high"))),
        *(
            Field(f"aim{n}", title, "choice", choices=aims, value=order[n - 1])
            for n, title in ((1, "第一看重"), (2, "其次"), (3, "再次"), (4, "最后"))
        ),
        Field(
            "seed",
            "换一种算法起点",
            "number",
            min=0,
            max=9999,
            value=plan.seed if plan else 0,
            help="同样的数给出同样的方案",
        ),
    ]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value


def read_wish(given: dict[str, Any], preset: str) -> dict[str, Any]:
    """The wish as typed; a preset stands in for numbers that were left empty."""
    wishes = {"micro": planning.MICRO_GRID, "group": planning.GROUP_200, "community": planning.COMMUNITY}
    wish = wishes.get(preset, planning.GRID)
    usual = {"target": wish.target, "low": wish.low, "high": wish.high}
    numbers = {key: given.get(key) or (usual[key] if not given.get("target") else None) for key in usual}
    order = list(dict.fromkeys(given[f"aim{n}"] for n in range(1, 5) if given.get(f"aim{n}") in AIMS))
    return {**numbers, "order": [*order, *(aim for aim in AIMS if aim not in order)]}


def _fields(request: Request) -> list[Field]:
    tree, mine = territory.tree(request.district), my_areas(request)
    levels = request.district.pack.units.levels
    titles = {level.key: level.title for level in levels}
    drawn = [level.key for level in levels[1:] if tree.levels.index(level.key) >= 2] or [tree.levels[-1]]
    lowest = tree.levels.index(drawn[-1])
    places = [p for level in tree.levels[:lowest] for p in tree.at_level(level) if mine is None or p.id in mine]
    return [
        Field("under", "划哪里", "choice", required=True, choices=[(str(p.id), f"{tree.full_name(p.id)}（{titles[p.level]}）") for p in places],
              help="选一个社区，或整个街道、乡镇：其中每个社区各划各的"),
        Field("level", "划哪一级", "choice", required=True, choices=[(key, titles[key]) for key in drawn],
              value="grid" if "grid" in drawn else drawn[0]),
        Field("load_by", "按什么均衡", "choice", required=True, choices=list(planning.LOADS.items()), value="households",
              help="每周诉求数按近一年的诉求估算"),
        Field("preset", "规模", "choice", choices=list(PRESETS.items()), value="grid",
              help="不合适时在下面另填"),
        Field("begin", "从哪里起步", "choice", required=True, choices=list(planning.BEGINS.items()), value="afresh"),
        Field("title", "方案名称", max=80, help="不填就用地名"),
    ]  # fmt: skip


@page("/work/plans/new", audience="work", permission=PLAN, title="新方案", name="work_plan_new")
def plan_new(request: Request) -> Shown:
    """Ask for a plan; the worker draws it."""
    refusal: Refusal | None = None
    fields, wishes = _fields(request), wish_fields(request)
    if request.method == "POST":
        given = read([*fields, *wishes], request.POST)
        tree = territory.tree(request.district)
        under = number_in(str(given.get("under", ""))) or 0
        try:
            plan = planning.begin_plan(
                district=request.district, title=given.get("title") or f"{tree.full_name(under)}方案", under=under,
                level=given.get("level", ""), load_by=given.get("load_by", ""), wish=read_wish(given, given.get("preset", "")),
                begin=given.get("begin", ""), seed=number_in(str(given.get("seed", ""))) or 0,
                actor=request.actor, now=request.now,
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            call_workers()
            messages.success(request, "方案已交给机器划分，可以离开，回来再看。")
            return HttpResponseRedirect(reverse("work_plan", args=[plan.pk]))
    data = request.POST if refusal else None
    context = {"fields": bind(fields, data, refusal), "wishes": bind(wishes, data, refusal), "refusal": refusal}
    return render(request, "work/plan_new.html", context, status=refusal.status if refusal else 200)
