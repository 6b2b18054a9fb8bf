"""All lists of the locality, and one list: its editions, its items, and for its keeper drafting, adding, publishing, closing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.lists import api as lists
from tongxin.organization import api as organization
from tongxin.packs.schema import ListSpec
from tongxin.procedures import api as procedures
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

KINDS = {
    "demand": "需求", "supply": "供给", "project": "项目", "matching": "对接", "responsibility": "责任", "admission": "准入",
    "duty": "职责", "service": "服务",
}  # fmt: skip
SHOWN_FIELDS = 2


@page(
    "/work/lists",
    audience="work",
    title="清单",
    icon="list-check",
    nav=40,
    name="work_lists",
    template="work/lists.html",
)
def all_lists(request: Request) -> Shown:
    """Show every list with its editions in force and what is open (2 statements)."""
    rows = lists.list_lists(request.district)
    late = {edition.list_key for edition in lists.late_periods(request.district, request.now)}
    return {"rows": [(row, KINDS[row.spec.kind], row.key in late) for row in rows]}


@page("/work/lists/<slug:key>", audience="work", title="清单", name="work_list", template="work/list.html")
def one_list(request: Request, key: str) -> Shown:
    """Show an edition of a list; a POST drafts, adds, publishes or closes (about 8 statements)."""
    spec = lists.spec_of(request.district, key)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_do(request, key, spec))
        except Refusal as caught:
            refusal = caught
    context = _shown(request, key, spec, refusal)
    return render(request, "work/list.html", context, status=refusal.status if refusal else 200)


def _do(request: Request, key: str, spec: ListSpec) -> str:
    """Take the step that the form asks for; return where to go on."""
    district, actor, now, asked = request.district, request.actor, request.now, request.POST
    what = asked.get("do", "")
    here = reverse("work_list", args=[key])
    if what == "draft":
        area = asked.get("area", "")
        made = lists.draft_edition(
            district=district, key=key, area_id=number_in(area), title=asked.get("title", ""),
            basis=asked.get("basis", ""), actor=actor, now=now,
        )  # fmt: skip
        messages.success(request, f"已起草“{made.title}”，录好条目后公布。")
        return f"{here}?edition={made.pk}"
    ident = asked.get("edition", "")
    edition_id = number_in(ident) or 0
    if what == "add":
        edition = lists.get_edition(district, edition_id)
        item = item_from(request, spec, edition)
        made_items = lists.add_items(district=district, edition_id=edition_id, items=[item], actor=actor, now=now)
        messages.success(request, f"已加入第 {made_items[0].key} 项。")
    elif what == "publish":
        edition = lists.publish_edition(district=district, edition_id=edition_id, actor=actor, now=now)
        messages.success(request, f"“{edition.title}”已公布，从现在起生效。")
    elif what == "close":
        following = lists.close_period(district=district, edition_id=edition_id, actor=actor, now=now)
        if following is not None:
            messages.success(request, f"本期已关闭，没有办完的已转入“{following.title}”。")
            return f"{here}?edition={following.pk}"
        messages.success(request, "本期已关闭，全部办结。")
    elif what == "discard":
        lists.discard_draft(district=district, edition_id=edition_id, actor=actor, now=now)
        messages.success(request, "草稿已丢弃。")
        return here
    else:
        raise NotFound("no_act", "没有这个操作。", "请刷新页面。")
    return f"{here}?edition={edition_id}"


def item_fields(request: Request, spec: ListSpec, edition: Any, item: Any = None) -> list[Field]:
    """The form of an item: what every item has, then the list's own fields (0 statements)."""
    district = request.district
    given = item.fields if item is not None else {}
    fields = [
        Field("title", "事项", required=True, max=limits.TITLE_CHARS, value=item.title if item else None),
        Field("klass", "分类", "choice", required=True, choices=list(edition.classes.items()), value=item.klass if item else None),
    ]  # fmt: skip
    if spec.kind in ("admission", "duty"):
        shares = [(key, title) for key, title in lists.SHARES if key]
        codes = [(c.code, " / ".join((*above, c.title))) for c, above in district.pack.catalogue.walk()]
        fields.append(Field("share", "社区的责任", "choice", choices=shares, value=item.share if item else None))
        fields.append(
            Field("category", "对应的诉求类别", "category", choices=codes, help="派单时按它把关。",
                  value=item.categories[0] if item and item.categories else None)
        )  # fmt: skip
    for key, field in spec.fields.items():
        choices = list((field.choices or {}).items())
        fields.append(
            Field(
                f"x_{key}",
                field.title,
                field.type,
                field.required,
                field.help,
                given.get(key),
                choices,
                field.min,
                field.max,
            )
        )
    kinds = [name for name, kind in district.pack.units.bodies.items() if kind.desk]
    units = [(str(unit.id), unit.name) for unit in organization.list_units(district, kinds)]
    fields.append(
        Field("owner", "责任单位", "unit", choices=units, value=str(item.owner_id) if item and item.owner_id else None)
    )
    if spec.refers:
        names = "、".join(f"{key}（{title}）" for key, title in spec.refers.items())
        fields.append(
            Field("refers", "关联", help=f"写作 清单键:编号，空格隔开；可关联 {names}。", max=200,
                  value=" ".join(item.refers) if item else None)
        )  # fmt: skip
    return fields


def item_from(request: Request, spec: ListSpec, edition: Any) -> lists.NewItem:
    """The item that a form gives."""
    given = read(item_fields(request, spec, edition), request.POST)
    owner = given.get("owner", "")
    return lists.NewItem(
        title=given.get("title", ""), klass=given.get("klass", ""), share=given.get("share", ""),
        fields={key: given[f"x_{key}"] for key in spec.fields if f"x_{key}" in given},
        owner_id=number_in(owner), area_id=edition.area_id,
        categories=(given["category"],) if given.get("category") else (), refers=tuple(given.get("refers", "").split()),
    )  # fmt: skip


def _shown(request: Request, key: str, spec: ListSpec, refusal: Refusal | None) -> dict[str, Any]:
    district, asked = request.district, request.GET
    editions = lists.list_editions(district, key)
    tree = territory.tree(district)
    wanted = asked.get("edition") or request.POST.get("edition", "")
    chosen = next((edition for edition in editions if str(edition.pk) == wanted), None)
    if chosen is None:
        chosen = next(
            (edition for edition in editions if edition.status == "published"), editions[0] if editions else None
        )
    keeps = {e.area_id: lists.may_keep(request.actor, spec, e.area_id) for e in editions}
    places = [p for p in lists.places_of(district, spec) if lists.may_keep(request.actor, spec, p.id)]
    drafting = {e.area_id for e in editions if e.status == "draft"}
    context: dict[str, Any] = {
        "key": key, "spec": spec, "grounds": registers.grounds(district.pack).get(("lists", key), ()), "kind": KINDS[spec.kind], "refusal": refusal, "editions": editions, "edition": chosen,
        "names": {e.pk: f"{tree.full_name(e.area_id)} · {e.title}" if e.area_id else e.title for e in editions},
        "owner": district.pack.units.roles[spec.owner].title, "places": [(p.id, tree.full_name(p.id)) for p in places if p.id not in drafting],
        "may_draft": bool([p for p in places if p.id not in drafting]) if spec.per else lists.may_keep(request.actor, spec, None) and None not in drafting,
        "tried": request.POST.get("do", "") if refusal else "",
        "apply": _apply(request, spec), "apply_url": reverse("work_affair_open", args=[spec.gate.apply]) if spec.gate and spec.gate.apply else "", "now": request.now,
    }  # fmt: skip
    if spec.gate is not None:
        context["admissions"] = [(one, one.until_at > request.now) for one in lists.list_admissions(district, key)]
    if chosen is None:
        return context
    words = asked.get("q", "").strip()[: limits.SEARCH_CHARS]
    rows, after = lists.list_items(
        chosen, klass=asked.get("class", ""), stage=asked.get("stage", ""), words=words, after=asked.get("after", "")
    )
    runs = procedures.run_ids_of(district, [(lists.SUBJECT, item.case_id) for item in rows if item.case_id])
    directory = organization.directory(district)
    stages, shares = dict(lists.STAGES), dict(lists.SHARES)
    columns = list(spec.fields.items())[:SHOWN_FIELDS]
    context |= {
        "may_keep": keeps[chosen.area_id], "classes": lists.count_classes(chosen), "words": words, "after": after,
        "columns": [field.title for _, field in columns], "asked": asked, "stages": lists.STAGES if spec.procedure else (),
        "rows": [
            {
                "item": item, "klass": chosen.classes.get(item.klass, item.klass), "share": shares.get(item.share, "") if item.share else "",
                "cells": [(field.title, _cell(field, item.fields.get(name))) for name, field in columns], "stage": stages[item.stage],
                "owner": body.name if (body := directory.body(item.taken_by_id or item.owner_id)) else "",
                "run": runs.get((lists.SUBJECT, item.case_id or 0)),
            }
            for item in rows
        ],
        "before": next((e for e in editions if e.area_id == chosen.area_id and e.number < chosen.number and e.status != "draft"), None),
        "add": bind(item_fields(request, spec, chosen), request.POST if refusal else None, refusal, prefix="add")
        if keeps[chosen.area_id] and chosen.status == "draft" else [],
    }  # fmt: skip
    return context


def _cell(field: Any, value: Any) -> str:
    if value is None:
        return ""
    if field.type == "choice":
        return str((field.choices or {}).get(value, value))
    if field.type == "yesno":
        return "是" if value else "否"
    return str(value)


def _apply(request: Request, spec: ListSpec) -> str:
    """The title of the procedure by which something is admitted, where the pack has one."""
    pack = request.district.pack
    key = spec.gate.apply if spec.gate else None
    return pack.procedures[key].title if key in pack.procedures else "" if key is None else key
