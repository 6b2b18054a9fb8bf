"""Rules of duty: who must be bound to what, which posts each place must have, how many staff; kept or not, with the gaps by name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.clock import local
from tongxin.kernel.days import find_day, today_of
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.uploads import find_upload, keep_upload

MANAGE = "manage_people"
GAPS = 30
LINKS = 200
KINDS = (".xlsx", ".xls", ".csv", ".tsv", ".txt")
MOST_BYTES = 10 * 2**20


@page("/admin/duty", audience="admin", permission=MANAGE, title="联系与配备", icon="link", nav=25, methods=("GET",))
def duty(request: Request) -> Shown:
    """List every rule with how far it is kept, and where not (0–3 statements)."""
    found = organization.list_duties(request.district, on=local(request.now).date())
    sections = [
        (title, [(rule, [(gap, _mend(gap)) for gap in rule.gaps[:GAPS]], max(len(rule.gaps) - GAPS, 0)) for rule in found if rule.section == key])
        for key, title in organization.SECTIONS.items()
    ]  # fmt: skip
    links = request.district.pack.units.links
    by_hand = {key for key, kind in links.items() if kind.by == "hand"}
    return {"sections": [(title, rules) for title, rules in sections if rules], "by_hand": by_hand}


def _mend(gap: organization.Gap) -> str:
    """Where a gap is mended: the people of the place or the body, the post itself."""
    if gap.end is None:
        return ""
    what, ident = gap.end
    people = reverse("admin_people")
    match what:
        case "area":
            return f"{people}?area={ident}"
        case "body":
            return f"{people}?view=bodies&body={ident}"
        case "post":
            return reverse("admin_post", args=[ident])
    return reverse("admin_person", args=[ident])


@page(
    "/admin/duty/<slug:kind>",
    audience="admin",
    permission=MANAGE,
    title="联系",
    name="admin_duty_links",
    template="admin/duty_links.html",
)
def links(request: Request, kind: str) -> Shown:
    """Show the links of one kind; a POST sets, ends or takes in a file (about 8 statements)."""
    spec = request.district.pack.units.links.get(kind)
    if spec is None:
        raise NotFound("no_link_kind", "没有这种联系。", "请从“联系与配备”里选。")
    refusal: Refusal | None = None
    outcome: organization.LinksImported | None = None
    token = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") in ("try", "take"):
                outcome, token = _import(request, kind)
            else:
                _write(request, kind)
            if request.POST.get("do") != "try":
                return HttpResponseRedirect(reverse("admin_duty_links", args=[kind]))
        except Refusal as caught:
            refusal = caught
    today = local(request.now).date()
    found = organization.list_duties(request.district, on=today, sections=frozenset({"links"}))
    rule = next(one for one in found if one.key == kind)
    hand = spec.by == "hand"
    may = access.may(request.actor, MANAGE)
    context: dict[str, Any] = {
        "kind": kind, "spec": spec, "rule": rule, "gaps": [(gap, _mend(gap)) for gap in rule.gaps[:GAPS]], "hidden": max(len(rule.gaps) - GAPS, 0),
        "rows": organization.list_running(request.district, kind, on=today, rows=LINKS) if hand else [], "hand": hand and may,
        "sources": list(organization.options_of(request.district, spec.from_).items()) if hand else [],
        "targets": list(organization.options_of(request.district, spec.to).items()) if hand else [],
        "refusal": refusal, "asked": request.POST if refusal else {}, "outcome": outcome, "token": token, "accept": ",".join(KINDS),
    }  # fmt: skip
    return render(request, "admin/duty_links.html", context, status=refusal.status if refusal else 200)


def _write(request: Request, kind: str) -> None:
    asked, district = request.POST, request.district
    if asked.get("do") == "end":
        ident = asked.get("link", "")
        organization.end_link(district=district, link_id=number_in(ident) or 0, actor=request.actor, now=request.now)
        messages.success(request, "已结束。")
        return
    organization.set_link(
        district=district, kind=kind, source=_end(asked.get("source", ""), "source"), target=_end(asked.get("target", ""), "target"),
        from_on=find_day(asked.get("from_on"), "自哪天", "from_on", today=today_of(request.now)), reason=asked.get("note", ""),
        actor=request.actor, now=request.now,
    )  # fmt: skip
    messages.success(request, "已设立。")


def _import(request: Request, kind: str) -> tuple[organization.LinksImported, str]:
    token = request.POST.get("token", "")
    waiting = find_upload(request, token) if token else keep_upload(request, "file", kinds=KINDS, most_bytes=MOST_BYTES)
    really = request.POST.get("do") == "take"
    outcome = organization.import_links(
        district=request.district, kind=kind, path=waiting.path, name=waiting.name, actor=request.actor, now=request.now,
        dry_run=not really,
    )  # fmt: skip
    if really:
        waiting.forget()
        messages.success(request, f"新设 {outcome.added} 条，{len(outcome.faults)} 行没有导入。")
    return outcome, waiting.token


def _end(text: str, field: str) -> organization.End:
    what, _, ident = text.partition(":")
    if (number := number_in(ident)) is None:
        raise Invalid("link_end", "还没有选。", "请从列表里选。", field)
    return what, number
