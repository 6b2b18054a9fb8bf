"""A plan beside another, and out of the house: GeoJSON, Excel, and a drawing for the wall."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import orjson
from django.utils.safestring import mark_safe

from tongxin.kernel.errors import Invalid
from tongxin.kernel.typed import number_in
from tongxin.planning import api as planning
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.plan import open_plan
from tongxin.web.pages.work.plans import PLAN
from tongxin.web.request import Request
from tongxin.web.sheets import Sheet, excel_answer, file_answer

MOST_MOVED = 200
COMPARED = (
    ("parts", "格数", "count"), ("inside", "规模合适的", "share"), ("cv", "离散系数", "ratio"), ("max_mean", "最大/平均", "ratio"),
    ("crossings", "格内穿过界线", "count"), ("broken", "不连片的格", "count"), ("reach10", "十分钟走到", "share"), ("moved", "换网格的", "share"),
)  # fmt: skip


@page(
    "/work/plans/<int:plan_id>/compare",
    audience="work",
    permission=PLAN,
    title="比较方案",
    name="work_plan_compare",
    methods=("GET",),
)
def plan_compare(request: Request, plan_id: int) -> Shown:
    """What moves where between two plans, and how their figures differ (about 10 statements)."""
    from tongxin.web.plan_picture import draw_plan

    asked = request.GET.get("with", "")
    if (beside := number_in(asked)) is None:
        raise Invalid("no_other", "还没有选要比较的另一个方案。", "请从方案页上选。", "with")
    one, other = open_plan(request, plan_id), open_plan(request, beside)
    tree = territory.tree(request.district)
    first, second = (
        planning.plan_boards(request.district, tree, one),
        planning.plan_boards(request.district, tree, other),
    )
    names = {plan.pk: {n: p.name for n, p in planning.parts_of(plan).items()} for plan in (one, other)}
    there = {ident: (int(board.part[i]), board) for board in second for i, ident in enumerate(board.ids)}
    flows: dict[tuple[str, int, int], list[Any]] = defaultdict(lambda: [0, 0.0, []])
    missing = 0
    same = partners(one, other)
    for board in first:
        for i, ident in enumerate(board.ids):
            if ident not in there:
                missing += 1
                continue
            goes = there[ident][0]
            if same.get(int(board.part[i])) != goes:
                flow = flows[(board.name, int(board.part[i]), goes)]
                flow[0] += 1
                flow[1] += float(board.loads[i] or 0)
                flow[2].append(board.labels[i])
    rows = sorted(((key, *flow) for key, flow in flows.items()), key=lambda row: -row[2])
    return {
        "one": one, "other": other,
        "figures": [(title, kind, one.score.get("whole", {}).get(key), other.score.get("whole", {}).get(key)) for key, title, kind in COMPARED],
        "rows": [
            (inside, a, names[one.pk].get(a, ""), b, names[other.pk].get(b, ""), count, load, "、".join(units[:3]), len(units))
            for (inside, a, b), count, load, units in rows[:MOST_MOVED]
        ],
        "more": max(0, len(rows) - MOST_MOVED), "missing": missing, "moved": sum(row[1] for row in rows),
        "pictures": [
            (plan, mark_safe(draw_plan(boards, names[plan.pk], title=plan.title)))  # noqa: S308 - escaped where drawn
            for plan, boards in ((one, first), (other, second))
        ],
    }  # fmt: skip


def partners(one: planning.Plan, other: planning.Plan) -> dict[int, int]:
    """Return part of one → part of the other that counts as the same: it continues the same place of today, else it shares most (4 statements)."""

    def members(plan: planning.Plan) -> dict[int, tuple[int, float]]:
        rows = planning.PlanMember.objects.filter(plan=plan).values_list("unit_id", "part", "load")
        return {unit: (part, load) for unit, part, load in rows}

    old = {part.continues_id: number for number, part in planning.parts_of(other).items() if part.continues_id}
    found = {
        number: old[part.continues_id] for number, part in planning.parts_of(one).items() if part.continues_id in old
    }
    first, second = members(one), members(other)
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for unit, (part, load) in first.items():
        if unit in second:
            shared[(part, second[unit][0])] += load + 1e-6
    for (a, b), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if a not in found and b not in found.values():
            found[a] = b
    return found


@page(
    "/work/plans/<int:plan_id>/print",
    audience="work",
    permission=PLAN,
    title="打印方案",
    name="work_plan_print",
    methods=("GET",),
)
def plan_print(request: Request, plan_id: int) -> Shown:
    """One sheet a community: the drawing with its numbers and the table of parts (4 statements)."""
    from tongxin.web.plan_picture import draw_plan

    plan = open_plan(request, plan_id)
    tree = territory.tree(request.district)
    parts = planning.parts_of(plan)
    names = {n: p.name for n, p in parts.items()}
    sheets = []
    for board in planning.plan_boards(request.district, tree, plan):
        score = plan.score.get("communities", {}).get(str(board.inside), {})
        today = {p.id: o for p in tree.at_level(plan.level, board.inside) if (o := tree.outline(p.id)) is not None}
        picture = draw_plan([board], names, title=f"{plan.title} {board.name}", today=today)
        rows = [{**row, "name": names.get(row["number"], "")} for row in score.get("rows", ())]
        sheets.append((board.name, mark_safe(picture), rows, score))  # noqa: S308 - escaped where drawn
    schematic = planning.PlanUnit.objects.filter(district_id=request.district.id, schematic=True).exists()
    return {
        "plan": plan, "sheets": sheets, "place": tree.full_name(plan.under_id), "load_title": planning.LOADS[plan.load_by],
        "schematic": schematic,
    }  # fmt: skip


@page(
    "/work/plans/<int:plan_id>/plan.geojson",
    audience="work",
    permission=PLAN,
    title="导出 GeoJSON",
    name="work_plan_geojson",
    methods=("GET",),
)
def plan_geojson(request: Request, plan_id: int) -> Shown:
    """The parts as polygons and the units as points, in WGS84 (RFC 7946)."""
    from shapely.geometry import mapping

    plan = open_plan(request, plan_id)
    tree = territory.tree(request.district)
    parts = planning.parts_of(plan)
    features: list[dict[str, Any]] = []
    for board in planning.plan_boards(request.district, tree, plan):
        rows = {
            row["number"]: row for row in plan.score.get("communities", {}).get(str(board.inside), {}).get("rows", ())
        }
        for number, outline in board.outlines.items():
            row, part = rows.get(number, {}), parts.get(number)
            old = tree.ever(part.continues_id) if part else None
            words = {
                "格": number, "名称": part.name if part else "", "所在": board.name, "负荷": row.get("load"), "户数": row.get("households"),
                "人数": row.get("people"), "楼栋": row.get("units"), "延续": old.code if old else "",
            }  # fmt: skip
            features.append({"type": "Feature", "properties": words, "geometry": mapping(outline)})
        for i, code in enumerate(board.codes):
            words = {
                "编码": code,
                "名称": board.names[i],
                "格": int(board.part[i]),
                "户数": board.households[i],
                "锁定": board.locked[i],
            }
            point = {"type": "Point", "coordinates": [float(v) for v in board.points[i]]}
            features.append({"type": "Feature", "properties": words, "geometry": point})
    body = orjson.dumps({"type": "FeatureCollection", "features": features})
    return file_answer(request, body, f"plan-{plan.pk}", "geojson", "application/geo+json")


@page(
    "/work/plans/<int:plan_id>/plan.xlsx",
    audience="work",
    permission=PLAN,
    title="导出 Excel",
    name="work_plan_excel",
    methods=("GET",),
)
def plan_excel(request: Request, plan_id: int) -> Shown:
    """A sheet of parts and a sheet of buildings; the second can be taken in again."""
    plan = open_plan(request, plan_id)
    tree = territory.tree(request.district)
    boards, parts = planning.plan_boards(request.district, tree, plan), planning.parts_of(plan)
    heads = [
        "格",
        "名称",
        "所在",
        planning.LOADS[plan.load_by],
        "占目标",
        "户数",
        "人数",
        "楼栋",
        "块数",
        "穿过界线",
        "走到最远（分钟）",
        "延续",
    ]
    lines: list[list[Any]] = []
    for board in boards:
        for row in plan.score.get("communities", {}).get(str(board.inside), {}).get("rows", ()):
            part = parts.get(row["number"])
            old = tree.ever(part.continues_id) if part else None
            lines.append([
                row["number"], part.name if part else "", board.name, row["load"], row["share"], row["households"], row["people"],
                row["units"], row["pieces"], row["crossings"], row["minutes"], f"{old.name}（{old.code}）" if old else "",
            ])  # fmt: skip
    buildings = [
        [board.codes[i], board.names[i], board.name, int(board.part[i]), parts[int(board.part[i])].name, board.households[i], board.people[i],
         float(board.points[i, 0]), float(board.points[i, 1]), "是" if board.locked[i] else ""]
        for board in boards
        for i in range(board.n)
    ]  # fmt: skip
    columns = ["编码", "名称", "所在", "格", "格名称", "户数", "人数", "经度", "纬度", "锁定"]
    return excel_answer(request, f"plan-{plan.pk}", _sheet("格", heads, lines), _sheet("楼栋", columns, buildings))


def _sheet(name: str, heads: list[str], lines: list[list[Any]]) -> Sheet:
    return Sheet(name, [(head, max(8, 2 * len(head) + 4)) for head in heads], lines)
