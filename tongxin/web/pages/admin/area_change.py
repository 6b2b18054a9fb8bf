"""Split, merge or redraw one place outside a plan: draw it, see all that it would change, give it a day; and what was changed so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from tongxin.kernel.clock import local
from tongxin.kernel.days import read_day, today_of
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.kernel.typed import number_in, numbers_in
from tongxin.organization.api import access
from tongxin.planning import api as planning
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.areas import MANAGE
from tongxin.web.request import Request

KINDS = dict(planning.AreaChange.KINDS)
TONES = {"waiting": "soon", "in_force": "done", "withdrawn": "stop"}
FAULTS_SHOWN = 8
LISTED = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A new place as the preview lets a person name it; ``key`` tells its outline on the drawing."""

    number: int
    name: str
    code: str
    square_metres: int
    households: int | str
    cases: int
    continues: int | None


@page("/admin/areas/<int:area_id>/change/<slug:kind>", audience="admin", permission=MANAGE, title="改一个地域")
def area_change(request: Request, area_id: int, kind: str) -> Shown:
    """Draw and look (about 5 statements); a POST with ``confirm`` keeps the change for its day."""
    if kind not in KINDS:
        raise NotFound("no_kind", "没有这种变更。", "请从地域的页面进来。")
    tree = territory.tree(request.district)
    place = tree.get(area_id)
    if place is None:
        raise NotFound("no_area", "没有这个地域，或者它已经停用。", "请从列表里重新打开。")
    access.demand(request.actor, MANAGE, area_id)
    refusal: Refusal | None = None
    shown: planning.ChangePreview | None = None
    if request.method == "POST":
        try:
            draft = _drafted(request, area_id, kind)
            shown = planning.preview_change(request.district, draft, request.now)
            if request.POST.get("do") == "confirm":
                draft = _worded(request, draft, tree)
                shown = planning.preview_change(request.district, draft, request.now)
                return _kept(request, draft)
        except Refusal as caught:
            refusal = caught
    context = {
        **_form(request, place, kind, refusal),
        **(_previewed(request, shown) if shown else {}),
        "shown": shown,
        "refusal": refusal,
    }
    return render(request, "admin/area_change.html", context, status=refusal.status if refusal else 200)


def _drafted(request: Request, area_id: int, kind: str) -> planning.Draft:
    sent = request.POST
    if kind == "split":
        return planning.draft_split(request.district, area_id, sent.get("shape", ""))
    if kind == "merge":
        others = numbers_in(sent.getlist("others"))
        return planning.draft_merge(request.district, area_id, others)
    to = sent.get("to", "")
    return planning.draft_redraw(
        request.district, area_id, sent.get("shape", ""), sent.get("way", ""), number_in(to)
    )  # fmt: skip


def _worded(request: Request, draft: planning.Draft, tree: territory.AreaTree) -> planning.Draft:
    """The draft with what was typed beside it."""
    if draft.kind == "redraw":
        return draft
    if request.POST.get("pieces") != str(len(draft.new)):
        raise Invalid("pieces_changed", "画的线改过了，块数和刚才看的不一样。", "请先点“看看会怎样”。", "shape")
    olds = {place.id for place in draft.old}
    names, households, continues = [], [], []
    for i in range(len(draft.new)):
        names.append(request.POST.get(f"name{i}", ""))
        typed = request.POST.get(f"households{i}", "").strip()
        if typed and (not typed.isdecimal() or len(typed) > 7):
            raise Invalid(
                "not_a_number", f"第 {i + 1} 块的户数应为不小于 0 的整数。", "不知道的不填。", f"households{i}"
            )
        households.append(int(typed) if typed else None)
        chosen = request.POST.get(f"continues{i}", "")
        continues.append(number if (number := number_in(chosen)) in olds else None)
    return planning.with_words(draft, tree, names, continues, households)


def _kept(request: Request, draft: planning.Draft) -> HttpResponseRedirect:
    given = read(_when(request), request.POST)
    day = read_day(
        given.get("effective_on", ""), "生效日期", "effective_on", today=today_of(request.now), days="coming"
    )
    row = planning.schedule_change(
        district=request.district, draft=draft, reason=str(given.get("reason") or ""), effective_on=day, actor=request.actor, now=request.now
    )  # fmt: skip
    if row.status == planning.AreaChange.IN_FORCE:
        messages.success(request, f"已生效，{row.moved} 件在办的事随之划转。" if row.moved else "已生效。")
    else:
        messages.success(request, f"已记下，{day:%Y-%m-%d} 由后台生效；在那以前可以撤回。")
    return HttpResponseRedirect(reverse("admin_area_change_one", args=[row.pk]))


def _when(request: Request) -> list[Field]:
    return [
        Field("reason", "依据", required=True, max=200, help="例如：某街道某号批复。记入管理记录和沿革。"),
        Field("effective_on", "生效日期", "date", required=True, days="coming", value=f"{local(request.now):%Y-%m-%d}", help="今天的立即生效；以后的由后台到日子生效。"),
    ]  # fmt: skip


def _form(request: Request, place: territory.Place, kind: str, refusal: Refusal | None) -> dict[str, Any]:
    import shapely

    tree = territory.tree(request.district)
    own = tree.outline(place.id)
    beside: list[tuple[territory.Place, bool]] = []
    for one in tree.children(place.parent_id) if place.parent_id is not None else ():
        outline = tree.outline(one.id)
        if one.id != place.id and one.level == place.level and outline is not None and own is not None:
            beside.append((one, bool(shapely.dwithin(outline, own, 1e-6))))
    beside.sort(key=lambda pair: not pair[1])
    chosen = set(request.POST.getlist("others"))
    ways = Field(
        "way",
        "怎么改",
        "choice",
        required=True,
        choices=[("in", "把圈出的划进来"), ("out", "把圈出的划出去")],
        value="in",
    )
    takers = Field(
        "to", "划给谁", "choice", choices=[(str(one.id), one.name) for one, near in beside if near],
        help="只在划出去时用；不选就给共有边界最长的邻居。",
    )  # fmt: skip
    data = request.POST if request.method == "POST" else None
    return {
        "place": place, "kind": kind, "title": KINDS[kind], "line": [(p.id, p.name) for i in tree.path(place.id) if (p := tree.ever(i))],
        "map_level": place.level, "under": str(place.parent_id or ""), "focus": str(place.id),
        "draw": {"split": "line", "redraw": "ring"}.get(kind, ""), "shape": request.POST.get("shape", ""),
        "beside": [(one, near, str(one.id) in chosen) for one, near in beside[:LISTED]],
        "ways": bind([ways, takers], data, refusal), "when": bind(_when(request), data if request.POST.get("do") == "confirm" else None, refusal),
        "wrong": refusal.field if isinstance(refusal, Invalid) else "",
    }  # fmt: skip


def _previewed(request: Request, shown: planning.ChangePreview) -> dict[str, Any]:
    import shapely

    tree, draft = territory.tree(request.district), shown.draft
    rows = [
        Row(
            i, request.POST.get(f"name{i}", one.name), shown.codes.get(one.key, ""), _metres(one.outline),
            request.POST.get(f"households{i}", "" if one.households is None else one.households), shown.cases.get(one.key, 0),
            number_in(request.POST.get(f"continues{i}", str(one.continues or ""))),
        )
        for i, one in enumerate(draft.new)
    ]  # fmt: skip
    before = {place.id: outline for place in draft.old if (outline := tree.outline(place.id)) is not None}
    after = {one.key: one.outline for one in draft.new}
    named = {
        **{place.id: place.name for place in draft.old},
        **{one.key: row.name for one, row in zip(draft.new, rows, strict=True)},
    }
    pictures = _pictures(
        request,
        draft.piece if draft.kind == "redraw" else shapely.union_all(list(before.values())),
        before,
        after,
        named,
        draft,
    )
    was = {place.id: place for place in draft.old}
    return {
        "rows": rows, "olds": [(place.id, place.name) for place in draft.old], "pictures": pictures, "notes": draft.notes,
        "sizes": [(was[key].name, _metres(before[key]), _metres(after[key]), _metres(after[key]) - _metres(before[key])) for key in after if key in before],
        "come": [(territory.FAULT_TITLES[f.kind], f.sentence) for f in shown.compared.come[:FAULTS_SHOWN]],
        "gone": [(territory.FAULT_TITLES[f.kind], f.sentence) for f in shown.compared.gone[:FAULTS_SHOWN]],
        "moving": sum(shown.cases.values()), "lost": [one for one in shown.posts if not one.goes_on and one.holders],
        "going_on": sum(1 for one in shown.posts if one.goes_on),
    }  # fmt: skip


def _metres(outline: Any) -> int:
    return territory.square_metres(outline)


def _pictures(
    request: Request, ground: Any, before: dict[int, Any], after: dict[int, Any], names: dict[int, str], draft: planning.Draft
) -> tuple[SafeString, SafeString]:  # fmt: skip
    """Before and after, with what lies beside."""
    from tongxin.web.change_picture import draw_places

    tree = territory.tree(request.district)
    around = {
        one.id: outline for one in tree.children(draft.parent_id)
        if one.id not in before and (outline := tree.outline(one.id)) is not None
    }  # fmt: skip
    return draw_places(ground, before, after, names, around)


# ---- what was changed ----


@page("/admin/areas/changes", audience="admin", permission=MANAGE, title="地域变更", methods=("GET",))
def area_changes(request: Request) -> Shown:
    """List the changes made outside plans, those that wait first (1 statement)."""
    rows = planning.list_changes(request.district)
    rows.sort(key=lambda row: row.status != planning.AreaChange.WAITING)
    tree = territory.tree(request.district)
    return {
        "rows": [
            (row, KINDS[row.kind], "、".join(old[1] for old in row.old), tree.full_name(row.parent_id) if row.parent_id else "",
             "、".join(new[1] for new in row.new), row.get_status_display(), TONES[row.status])
            for row in rows
        ],
    }  # fmt: skip


@page("/admin/areas/changes/<int:change_id>", audience="admin", permission=MANAGE, title="一次地域变更")
def area_change_one(request: Request, change_id: int) -> Shown:
    """Show one change with its drawings as they were; a POST calls it off before its day (2 statements)."""
    import shapely

    from tongxin.web.change_picture import draw_places

    row = planning.get_change(request.district, change_id)
    for old in row.old:
        access.demand(request.actor, MANAGE, old[0])
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            planning.withdraw_change(
                district=request.district, change_id=change_id, actor=request.actor, now=request.now
            )
            messages.success(request, "已撤回，什么都没有改。")
            return HttpResponseRedirect(reverse("admin_area_changes"))
        except Refusal as caught:
            refusal = caught
    tree = territory.tree(request.district)
    before, after = planning.outlines_of(row)
    names = {**{old[0]: old[1] for old in row.old}, **{new[0]: new[1] for new in row.new}}
    ground = shapely.union_all([*before.values(), *after.values()])
    made = [tree.ever(ident) for ident in row.became] if row.kind != "redraw" else []
    news: list[tuple[int | None, str, str]] = [
        (place.id, place.name, place.code) for place in made if place is not None
    ]
    news = news or [(None, new[1], "") for new in row.new]
    context = {
        "row": row, "title": KINDS[row.kind], "status": row.get_status_display(), "tone": TONES[row.status], "refusal": refusal,
        "pictures": draw_places(ground, before, after, names, {}),
        "olds": [(old[0], old[1], old[2]) for old in row.old],
        "news": news,
        "keeps": row.kind == "redraw", "waiting": row.status == planning.AreaChange.WAITING, "why": row.failed.get("why", ""),
    }  # fmt: skip
    return render(request, "admin/area_change_one.html", context, status=refusal.status if refusal else 200)
