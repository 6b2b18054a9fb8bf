"""Tags on a phone: which homes of my places need what kind of help. Opened with a reason, every look is recorded; nobody is scored."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

SEE = "see_personal"
SOON = timedelta(days=30)


def opens_any(request: Request) -> bool:
    """Whether a post of this person may see one of the district's tags (0 statements)."""
    return any(post.role in tag.roles for tag in request.district.pack.tags.values() for post in request.actor.posts)


@page(
    "/grid/tags",
    audience="grid",
    permission=SEE,
    title="关照",
    icon="heart-handshake",
    nav=27,
    listed=opens_any,
    name="grid_tags",
    methods=("GET",),
)
def tags(request: Request) -> Shown:
    """List the tags this person's posts open, with how many homes; no names here (1 statement)."""
    district, today = request.district, local(request.now).date()
    mine = {key: here for key in district.pack.tags if (here := registers.tag_grounds(district, request.actor, key))}
    counts = registers.count_marks(district, frozenset().union(*mine.values()), today) if mine else {}
    rows = [(key, district.pack.tags[key], *counts.get(key, (0, 0))) for key in mine]
    return {"rows": rows, "closed": [tag.title for key, tag in district.pack.tags.items() if key not in mine]}


@page("/grid/tags/<slug:key>", audience="grid", permission=SEE, title="关照", name="grid_tag", template="grid/tag.html")
def tag(request: Request, key: str) -> Shown:
    """Ask why, then show the homes noted; a POST looks (recorded), notes a home, or reviews one (about 5 statements)."""
    district = request.district
    spec = district.pack.tags.get(key)
    here = registers.tag_grounds(district, request.actor, key)
    if spec is None or not here:
        raise NotFound("no_tag", "没有这个标签，或您的岗位不能看。", "请从“关照”里重新打开。")
    refusal: Refusal | None = None
    marks: list[registers.Mark] | None = None
    asked, what = request.POST, request.POST.get("do", "")
    if request.method == "POST":
        try:
            if what == "look":
                marks = registers.look_at_marks(
                    district=district, tag=key, reason=asked.get("reason", ""), actor=request.actor, now=request.now
                )
            else:
                _write(request, key, what)
                return HttpResponseRedirect(reverse("grid_tag", args=[key]))
        except Refusal as caught:
            refusal = caught
    today = local(request.now).date()
    fields = _fields(request, here)
    context = {
        "key": key, "spec": spec, "marks": marks, "refusal": refusal, "tried": what if refusal else "", "soon": today + SOON,
        "roles": [district.pack.units.roles[role].title for role in spec.roles], "count": registers.count_marks(district, here, today).get(key, (0, 0))[0],
        "add": bind(fields, asked if refusal and what == "add" else None, refusal if what == "add" else None, prefix="add"),
        "grounds": registers.grounds(district.pack).get(("tags", key), ()), "reason": asked.get("reason", ""),
    }  # fmt: skip
    return render(request, "grid/tag.html", context, status=refusal.status if refusal else 200)


def _fields(request: Request, here: frozenset[int]) -> list[Field]:
    tree = territory.tree(request.district)
    places = [(str(p.id), tree.full_name(p.id)) for p in tree.at_level(tree.levels[-1]) if p.id in here][:400]
    return [
        Field(
            "area",
            "在哪个网格",
            "unit",
            required=True,
            choices=places,
            value=places[0][0] if len(places) == 1 else None,
        ),
        Field("who", "姓名", required=True, max=limits.NAME_CHARS, purpose="按标签写明的用途上门服务"),
        Field("home", "住处", required=True, max=limits.ADDRESS_CHARS, purpose="按标签写明的用途上门服务"),
        Field("note", "需要什么帮助", max=200),
    ]


def _write(request: Request, key: str, what: str) -> None:
    district, actor, now, asked = request.district, request.actor, request.now, request.POST
    if what == "add":
        given = read(_fields(request, registers.tag_grounds(district, actor, key)), asked)
        area = str(given.get("area", ""))
        registers.mark_home(
            district=district, tag=key, area_id=number_in(area) or 0, who=str(given.get("who", "")),
            home=str(given.get("home", "")), note=str(given.get("note", "")), actor=actor, now=now,
        )  # fmt: skip
        messages.success(request, "已登记，到期前请复核。")
        return
    if what not in ("keep", "off"):
        raise NotFound("no_act", "没有这个操作。", "请刷新页面。")
    ident = asked.get("mark", "")
    registers.review_mark(
        district=district,
        mark_id=number_in(ident) or 0,
        still=what == "keep",
        actor=actor,
        now=now,
    )
    messages.success(request, "已复核，继续有效。" if what == "keep" else "已撤下。")
