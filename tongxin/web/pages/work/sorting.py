"""Giving matters their category in bulk: what the machine proposes, the surest first; a person looks and accepts (norm S-04)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import numbers_in
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


def _places(request: Request) -> list[int] | None:
    """The areas in which this person may sort; None for the whole district."""
    scopes = [access.scope(request.actor, key) for key in learning.MAY_SORT]
    if any(scope.everywhere for scope in scopes):
        return None
    return sorted(set().union(*(scope.area_ids for scope in scopes)))


@page("/work/sorting", audience="work", permission="see_matters", title="成批归类", icon="tags", nav=27)
def sorting(request: Request) -> Shown:
    """List the proposals of my places; a POST accepts those that were ticked, or all that the model is sure of (5–8 statements)."""
    places, code = _places(request), request.GET.get("category", "")
    doubtful = request.GET.get("doubtful") == "1"
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            done = _accept(request, places, code)
        except Refusal as caught:
            refusal = caught
        else:
            told = f"已归类 {done.accepted} 件，其中改过的 {done.changed} 件。"
            messages.success(
                request, told + (f"另有 {done.left} 件没有动：不在您的地域，或已有人归过类。" if done.left else "")
            )
            back = request.POST.get("back", "")  # from the page of one case
            if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
                return HttpResponseRedirect(back)
            return HttpResponseRedirect(f"{reverse('work_sorting')}?{request.GET.urlencode()}")
    found = learning.list_waiting(request.district, area_ids=places, code=code, doubtful=doubtful)
    runs = (
        procedures.rows_of(request.district, matters.SUBJECT, [row.matter_id for row in found.rows])
        if found.rows
        else {}
    )
    tree, titles = (
        territory.tree(request.district),
        {c.code: c.title for c, _ in request.district.pack.catalogue.walk()},
    )
    sure = sum(count for given, _, count in found.counts if not code or given == code)
    context = {
        "rows": [
            (row, runs.get(row.matter_id), tree.full_name(row.area_id) if row.area_id else "", min(round(100 * row.confidence), 99))
            for row in found.rows
        ],
        "counts": [(given, titles.get(given, "看不出来"), count) for given, count, _ in found.counts],
        "categories": [(c.code, " / ".join((*above, c.title))) for c, above in request.district.pack.catalogue.walk()],
        "total": found.total, "category": code, "doubtful": doubtful, "sure": min(sure, limits.SORT_ROWS), "refusal": refusal,
    }  # fmt: skip
    return render(request, "work/sorting.html", context, status=refusal.status if refusal else 200)


def _accept(request: Request, places: list[int] | None, code: str) -> learning.Sorted:
    """Take what was ticked with the category beside it, or everything sure that waits."""
    asked = request.POST
    if asked.get("do") == "sure":
        chosen = learning.surest(request.district, area_ids=places, code=code, rows=limits.SORT_ROWS)
    else:
        ticked = numbers_in(asked.getlist("matter"))
        chosen = {ident: asked[f"category-{ident}"] for ident in ticked if asked.get(f"category-{ident}")}
    return learning.accept_proposals(district=request.district, chosen=chosen, actor=request.actor, now=request.now)
