"""Preparing a call-out, the list of call-outs, and the live part of coverage."""

from __future__ import annotations

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.callouts import api as callouts
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.calling import coverage_context
from tongxin.web.fields import Field, bind, new_request_key, request_key
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


def _fields(request: Request) -> list[Field]:
    tree = territory.tree(request.district)
    scope = access.scope(request.actor, "call_out")
    upper = request.district.pack.units.level_keys()[:-1]
    areas = [
        place for level in upper for place in tree.at_level(level) if scope.everywhere or place.id in scope.area_ids
    ]
    return [
        Field("title", "标题", required=True, max=80),
        Field("text", "要传达的话", "longtext", required=True, help="会照着念给各户听，请写短、写清楚。"),
        Field("area", "范围", "area", required=True, choices=[(str(a.id), tree.full_name(a.id)) for a in areas[:500]]),
        Field("drill", "这是演练吗", "yesno", value=False),
    ]


@page("/work/callouts", audience="work", permission="call_out", title="动员", icon="speakerphone", nav=28)
def call_outs(request: Request) -> Shown:
    """List call-outs of my places and prepare a new one (3 statements to show)."""
    district, refusal = request.district, None
    key = request_key(request.POST) or new_request_key()
    kinds = callouts.procedures_for(district)
    fields = _fields(request)
    if request.method == "POST":
        area = request.POST.get("area", "")
        try:
            run = callouts.prepare_call_out(
                district=district, procedure=next(iter(kinds), ""), area_id=number_in(area) or 0,
                title=request.POST.get("title", ""), text=request.POST.get("text", ""), drill=request.POST.get("drill") == "yes",
                actor=request.actor, now=request.now, request_key=key,
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            return HttpResponseRedirect(reverse("work_case", args=[run.id]))
    scope = access.scope(request.actor, "call_out")
    found = procedures.list_runs(
        district, subject_kind=callouts.SUBJECT, area_ids=None if scope.everywhere else sorted(scope.area_ids),
        after=request.GET.get("after", ""),
    )  # fmt: skip
    return render(
        request,
        "work/call_outs.html",
        {
            "rows": [(row, row.late(request.now)) for row in found.rows],
            "after": found.after,
            "kinds": kinds,
            "fields": bind(fields, request.POST if refusal else None, refusal),
            "key": key,
            "refusal": refusal,
        },
        status=refusal.status if refusal else 200,
    )


@page(
    "/work/callouts/<int:ident>/coverage", audience="work", title="覆盖情况", methods=("GET",), name="call_out_coverage"
)
def coverage(request: Request, ident: int) -> Shown:
    """Give the live part: asked again every few seconds while the call-out runs (4 statements)."""
    call_out = callouts.get_call_out(request.district, ident)
    run = procedures.find_run(request.district, callouts.SUBJECT, ident)
    if run is None or call_out.sent_at is None:
        raise NotFound("no_call_out", "这次动员还没有发出。", "请先发出。")
    context = coverage_context(request, call_out, request.GET.get("area", ""))
    return render(request, "subjects/call_out_coverage.html", context | {"run": run})
