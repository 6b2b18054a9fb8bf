"""One post: who holds it, who stands in, what waits there; appoint, end a term, set and end covers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.days import find_day, today_of
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.people import MANAGE, NEW_PERSON
from tongxin.web.request import Request

CHOICES = 20
_DATES = [
    Field("from_on", "从哪天起", "date", help="不填为今天。"),
    Field("to_on", "到哪天止", "date", help="不填为长期。"),
]
_REPLACE = Field("replace", "现任到前一天为止", "yesno", value=False, help="有人在任时，选“是”由新任接替。")


@page("/admin/people/posts/<int:post_id>", audience="admin", permission=MANAGE, title="岗位")
def post(request: Request, post_id: int) -> Shown:
    """Show a post, and change who fills it (about 5 statements)."""
    _demand(request, post_id)
    refusal: Refusal | None = None
    tried = request.POST.get("do", "")
    if request.method == "POST":
        act = _ACTS.get(tried)
        try:
            if act is None:
                raise Invalid("unknown_act", "不知道要做什么。", "请从页面上的按钮办理。")
            messages.success(request, act(request, post_id))
            return HttpResponseRedirect(reverse("admin_post", args=[post_id]))
        except Refusal as caught:
            refusal = caught
    context = _shown(request, post_id, tried if refusal else "", refusal)
    return render(request, "admin/post.html", context, status=refusal.status if refusal else 200)


def _demand(request: Request, post_id: int) -> None:
    known = organization.directory(request.district).post(post_id)
    if known is None or known.ended:
        raise NotFound("no_post", "没有这个岗位，或者它已经撤销。", "请从列表里重新打开。")
    access.demand_all(request.actor, MANAGE, known.grounds)


def _shown(request: Request, post_id: int, tried: str, refusal: Refusal | None) -> dict[str, Any]:
    district, today = request.district, local(request.now).date()
    row = organization.post_row(district, post_id, today)
    assert row is not None
    terms = organization.list_terms(district.id, post_id=post_id)
    held = organization.directory(district).post(post_id)
    covers = organization.list_covers(district.id, post_id, today)
    who = request.GET.get("who", "").strip()[: limits.SEARCH_CHARS]

    def bound(name: str, fields: list[Field]) -> list[Any]:
        mine = tried == name
        return bind(fields, request.POST if mine else None, refusal if mine else None, prefix=name)

    return {
        "row": row,
        "waiting": procedures.count_by_post(district).get(post_id, 0),
        "role": district.pack.units.roles.get(held.role) if held else None,
        "permissions": organization.PERMISSIONS,
        "terms": [(term, term.runs(today), term.over(today)) for term in terms],
        "covered": [(cover, cover.from_on <= today) for cover in covers if cover.post_id == post_id],
        "covering": [cover for cover in covers if cover.by_id == post_id],
        "who": who,
        "people": organization.list_people(district.id, words=who, rows=CHOICES) if who else [],
        "appoint": bound("appoint", [*_DATES, _REPLACE, *_unit_choice(request, post_id)]),
        "appoint_new": bound("appoint_new", [*NEW_PERSON, *_DATES, _REPLACE, *_unit_choice(request, post_id)]),
        "cover": bound("set_cover", [_cover_choice(request, post_id), *_DATES, Field("reason", "事由", max=120)]),
        "tried": tried,
        "refusal": refusal,
        "today": today,
    }


def _unit_choice(request: Request, post_id: int) -> list[Field]:
    """Of a part-time seat: the outside unit its holder comes from, those under the seat's own body first (0 statements)."""
    known = organization.directory(request.district)
    mine = known.post(post_id)
    role = request.district.pack.units.roles.get(mine.role) if mine else None
    if mine is None or role is None or not role.from_:
        return []
    units = sorted(known.units(role.from_), key=lambda unit: known.bodies[unit.id].parent_id != mine.body_id)
    choices = [(str(unit.id), unit.name) for unit in units[:300]]
    return [Field("unit_id", "来自哪个单位（兼职）", "unit", required=True, choices=choices)]


def _cover_choice(request: Request, post_id: int) -> Field:
    """Posts of the same body, or on the same ground, beside it or above it: nearest first (0 statements)."""
    district, today = request.district, local(request.now).date()
    known, tree = organization.directory(district), territory.tree(district)
    mine = known.post(post_id)
    assert mine is not None
    near = {above for ground in mine.grounds for above in tree.path(ground)}
    near |= {
        place.id
        for ground in mine.grounds
        for place in tree.children(tree.path(ground)[-2] if len(tree.path(ground)) > 1 else None)
    }
    held = known.held(today)
    fitting = [
        other for other in known.posts()
        if other.id != post_id and not other.ended and other.id in held
        and ((mine.body_id is not None and other.body_id == mine.body_id) or not near.isdisjoint(other.grounds))
        and (other.body_id == mine.body_id or access.near_enough(district.id, mine.grounds, other.grounds))
    ]  # fmt: skip
    fitting.sort(
        key=lambda p: (
            p.role != mine.role,
            p.body_id != mine.body_id,
            -len(tree.path(p.grounds[0] if p.grounds else None)),
            p.id,
        )
    )
    choices = [
        (str(p.id), f"{p.title}（{'、'.join(name for _, name in known.holders(p.id, today))}）") for p in fitting[:100]
    ]
    help_ = "同一组织、同一地域、相邻或上级的岗位；代岗期间看得到、办得了这里的事。"
    return Field("by_id", "由哪个岗位代", "unit", required=True, choices=choices, help=help_)


def _appoint(request: Request, post_id: int) -> str:
    given = read([*_DATES, _REPLACE, Field("unit_id", "")], request.POST)
    person_id = number_in(request.POST.get("person_id", ""))
    if person_id is None:
        raise Invalid("person_missing", "还没有选择人员。", "请先按姓名查找，再选一位。", "person_id")
    _give(request, post_id, person_id, given)
    return "已任命。"


def _appoint_new(request: Request, post_id: int) -> str:
    given = read([*NEW_PERSON, *_DATES, _REPLACE, Field("unit_id", "")], request.POST)
    with transaction.atomic():  # nobody is made when the appointment is refused
        made = organization.add_person(
            district=request.district, name=given.get("name", ""), phone=given.get("phone", ""), actor=request.actor,
            now=request.now,
        )  # fmt: skip
        _give(request, post_id, made, given)
    return "已新建人员并任命。"


def _span(given: dict[str, Any], request: Request) -> dict[str, date | None]:
    today = today_of(request.now)
    return {field.key: find_day(given.get(field.key), field.title, field.key, today=today) for field in _DATES}


def _give(request: Request, post_id: int, person_id: int, given: dict[str, Any]) -> None:
    organization.appoint(
        district=request.district, post_id=post_id, person_id=person_id, actor=request.actor, now=request.now,
        **_span(given, request), replace=given.get("replace") == "yes",
        unit_id=number_in(given.get("unit_id", "")),
    )  # fmt: skip


def _end_term(request: Request, post_id: int) -> str:
    del post_id  # the term names its post
    last = find_day(request.POST.get("last_on"), "最后一天", "last_on", today=today_of(request.now))
    organization.end_term(
        district=request.district, term_id=number_in(request.POST.get("term_id", "")) or 0, actor=request.actor, now=request.now,
        last_on=last,
    )  # fmt: skip
    return "已卸任。"


def _set_cover(request: Request, post_id: int) -> str:
    given = read([Field("by_id", ""), *_DATES, Field("reason", "")], request.POST)
    by_id = number_in(given.get("by_id", ""))
    if by_id is None:
        raise Invalid("cover_missing", "还没有选择代岗。", "请从列出的岗位里选。", "by_id")
    organization.set_cover(
        district=request.district, post_id=post_id, by_id=by_id, actor=request.actor, now=request.now,
        **_span(given, request), reason=given.get("reason", ""),
    )  # fmt: skip
    return "已设代岗。"


def _end_cover(request: Request, post_id: int) -> str:
    del post_id
    organization.end_cover(
        district=request.district,
        cover_id=number_in(request.POST.get("cover_id", "")) or 0,
        actor=request.actor,
        now=request.now,
    )
    return "代岗已结束。"


_ACTS: dict[str, Callable[[Request, int], str]] = {
    "appoint": _appoint, "appoint_new": _appoint_new, "end_term": _end_term, "set_cover": _set_cover, "end_cover": _end_cover,
}  # fmt: skip
