"""Places of the district: the tree with counts, the map, one place with its history; rename and end it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.planning import api as planning
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

MANAGE = "manage_areas"
BRANCHES = 300
_END = [Field("reason", "事由", required=True, max=200, help="例如：并入某某社区的批文。")]


@page("/admin/areas", audience="admin", permission=MANAGE, title="地域与代码", icon="map-2", nav=30)
def areas(request: Request) -> Shown:
    """Show the whole district: counts by level, the places at the top, the map (0 statements beyond the frame)."""
    district, tree = request.district, territory.tree(request.district)
    levels = district.pack.units.levels
    words = request.GET.get("q", "").strip()[: limits.SEARCH_CHARS]
    found = []
    if words:
        exact = tree.by_code(words)
        found = (
            [exact]
            if exact
            else [p for level in tree.levels for p in tree.at_level(level) if words in tree.full_name(p.id)][:50]
        )
    roots = tree.roots()
    top = roots[0] if len(roots) == 1 else None
    return {
        "levels": [(level, len(tree.at_level(level.key)), _undrawn(tree, level.key)) for level in levels],
        "branches": _branches(tree, top.id if top else None),
        "top": top,
        "map_level": levels[1].key,
        "words": words,
        "found": [(place, tree.full_name(place.id)) for place in found],
        "leaf": levels[-1].key,
    }


def _undrawn(tree: territory.AreaTree, level: str) -> int:
    return sum(1 for place in tree.at_level(level) if tree.outline(place.id) is None)


def _branches(tree: territory.AreaTree, area_id: int | None) -> list[tuple[territory.Place, int]]:
    """The places directly under, each with how many lie in it."""
    return [(place, len(tree.under(place.id)) - 1) for place in tree.children(area_id)[:BRANCHES]]


@page("/admin/areas/<int:area_id>", audience="admin", permission=MANAGE, title="地域")
def area(request: Request, area_id: int) -> Shown:
    """Show one place, and rename or end it (about 5 statements)."""
    card = territory.area_card(request.district.id, area_id)
    access.demand(request.actor, MANAGE, area_id)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            messages.success(request, _change(request, area_id))
            return HttpResponseRedirect(reverse("admin_area", args=[area_id]))
        except Refusal as caught:
            refusal = caught
    context = _shown(request, card, request.POST.get("do", "") if refusal else "", refusal)
    return render(request, "admin/area.html", context, status=refusal.status if refusal else 200)


def _change(request: Request, area_id: int) -> str:
    who: dict[str, Any] = {"district": request.district, "area_id": area_id, "actor": request.actor, "now": request.now}
    match request.POST.get("do", ""):
        case "rename":
            organization.rename_place(**who, name=request.POST.get("name", ""))
            return "已改名，岗位名称也跟着改了。"
        case "end":
            procedures.end_place(**who, reason=read(_END, request.POST).get("reason", ""))
            return "已停用，代码不再使用。"
    raise Invalid("unknown_act", "不知道要做什么。", "请从页面上的按钮办理。")


def _shown(request: Request, card: territory.AreaCard, tried: str, refusal: Refusal | None) -> dict[str, Any]:
    district, tree = request.district, territory.tree(request.district)
    levels = {level.key: level for level in district.pack.units.levels}
    below, here = tree.children(card.id), tree.get(card.id)
    below_root = here is not None and here.parent_id is not None
    inner = below[0].level if below else card.level
    naming = [Field("name", "新名称", required=True, max=80, value=card.name, help="代码不变，原名留在管理记录里。")]
    posts = organization.count_posts_by_area(district, local(request.now).date()).get(card.id, (0, 0))

    def bound(name: str, fields: list[Field]) -> Any:
        mine = tried == name
        return bind(fields, request.POST if mine else None, refusal if mine else None, prefix=name)

    return {
        "card": card,
        "under": str(card.id),
        "level": levels[card.level].title if card.level in levels else card.level,
        "line": [(p.id, p.name) for i in tree.path(card.id) if (p := tree.ever(i)) is not None],
        "branches": _branches(tree, card.id),
        "map_level": inner,
        "drawn": tree.outline(card.id) is not None or any(tree.outline(place.id) is not None for place in below),
        "may_change": below_root and tree.outline(card.id) is not None,
        "changes": planning.list_changes(district, card.id, 10),
        "waiting": procedures.count_in_areas(district, tree.under(card.id)),
        "posts": posts[0],
        "vacant": posts[1],
        "rename": bound("rename", naming),
        "end": bound("end", _END),
        "tried": tried,
        "refusal": refusal,
    }
