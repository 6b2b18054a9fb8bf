"""Every part of the design in one place, to look at while changing it. Only in the demo, never in production."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import render

from tongxin.kernel.errors import Invalid, NotFound
from tongxin.web.fields import Bound, Field, bind
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

SHELLS = ("resident", "grid", "work", "wall")
_UNITS = [
    (str(i), name)
    for i, name in enumerate(["住建局", "城管执法局", "供电公司", "自来水公司", "物业一公司", "社区党委"])
]
FIELDS = [
    Field("text", "说说是什么事", "longtext", required=True, help="时间、地点、发生了什么，一两句话就行。"),
    Field("photos", "照片", "photos", help="没有照片也一样受理。"),
    Field(
        "category",
        "类别",
        "category",
        required=True,
        choices=[("01", "路面破损"), ("02", "路灯不亮"), ("03", "垃圾清运")],
    ),
    Field(
        "grade", "紧急程度", "choice", required=True, choices=[("a", "紧急"), ("b", "较急"), ("c", "一般")], value="c"
    ),
    Field("units", "协办单位", "units", choices=_UNITS),
    Field("done", "是否已到现场", "yesno", required=True),
    Field("rating", "满意吗", "rating"),
    Field("on", "约定日期", "date"),
    Field("count", "涉及户数", "number", min=1, max=999),
    Field("phone", "联系电话", "phone", purpose="只用于核实和回访，办结三年后删除。"),
]


def _faulty() -> Bound:
    fault = Invalid("text_too_long", "“地点”有 231 个字，最多 200 个字。", "请删减后再提交。", "address")
    return bind([Field("address", "地点", required=True, value="横江社区第 3 网格 12 号楼东侧")], None, fault)[0]


@page("/styleguide/", audience="anyone", title="设计样张", methods=("GET",))
def styleguide(request: Request) -> Shown:
    """Show the parts in one of the shells (``?shell=work``)."""
    _only_in_demo()
    shell = request.GET.get("shell", "resident")
    shell = shell if shell in SHELLS else "resident"
    now = request.now
    rows = [
        SimpleNamespace(title=title, place=place, category=category, due_at=now + timedelta(minutes=ahead), word=word, tone=tone, households=n)
        for title, place, category, ahead, word, tone, n in (
            ("新安路路口路灯三天不亮，晚上看不见台阶", "横江社区第 3 网格", "路灯", -130, "办理中", "late", 42),
            ("3 号楼下水道返水", "横江社区第 1 网格", "排水", 95, "待派单", "soon", 6),
            ("菜市场北门垃圾没有及时清", "玉宁社区第 2 网格", "垃圾清运", 60 * 26, "办理中", "busy", 1280),
            ("小区健身器材松动", "状元社区第 5 网格", "公共设施", 60 * 75, "暂缓", "hold", 310),
            ("12 栋楼道照明改造的意见", "横江社区第 3 网格", "物业服务", 60 * 24 * 9, "待核查", "wait", 24),
        )
    ]  # fmt: skip
    steps = [
        SimpleNamespace(title="居民反映", at=now - timedelta(days=2, hours=3), says="收到您的反映，回执码 7K3M-9QXA-2B4C。", values=[], actor=""),
        SimpleNamespace(title="派给城管执法局", at=now - timedelta(days=1, hours=5), says="已派给城管执法局，请在 2 个工作日内办理。", values=[("主办", "城管执法局"), ("协办", "供电公司")], actor="县治理中心 值班员"),
        SimpleNamespace(title="办理中", at=now - timedelta(minutes=34), says="工作人员已到现场，正在更换灯具。", values=[], actor="城管执法局 收件员"),
    ]  # fmt: skip
    context = {
        "shell": shell,
        "fields": bind(FIELDS),
        "faulty": _faulty(),
        "rows": rows,
        "steps": steps,
        "refusal": Invalid("sample", "还有 1 项没有填对。", "请看下面标出的地方。"),
        "pills": [("新来", "new"), ("等待", "wait"), ("办理中", "busy"), ("快到期", "soon"), ("已超时", "late"), ("暂缓", "hold"), ("已办结", "done"), ("不受理", "stop")],
        "tokens": ["paper", "card", "sunk", "line", "ink", "ink-2", "ink-3", "accent", "accent-soft", "link", "busy", "done", "soon", "late", "hold"],
    }  # fmt: skip
    return render(request, f"anyone/styleguide_{shell}.html", context)


@page("/styleguide/areas.geojson", audience="anyone", title="样张地图", name="styleguide_areas", methods=("GET",))
def styleguide_areas(request: Request) -> Shown:
    """Squares for the map part."""
    _only_in_demo()

    def square(x: int, y: int) -> dict[str, object]:
        west, south = 118.16 + x * 0.012, 29.77 + y * 0.01
        ring = [[west, south], [west + 0.012, south], [west + 0.012, south + 0.01], [west, south + 0.01], [west, south]]
        named = {"name": f"第 {y * 4 + x + 1} 网格", "code": ""}
        return {"type": "Feature", "properties": named, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    features = [square(x, y) for y in range(3) for x in range(4)]
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")


def _only_in_demo() -> None:
    if not settings.DEBUG and settings.ENVIRONMENT == "production":
        raise NotFound("page_not_found", "没有这个页面。", "请从首页进入。")
