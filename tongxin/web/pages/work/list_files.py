"""A list as a file: items taken in from Excel (looked at first, then written), an edition given as Excel."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.errors import Refusal
from tongxin.lists import api as lists
from tongxin.organization import api as organization
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.sheets import Sheet, excel_answer
from tongxin.web.uploads import find_upload, keep_upload

KINDS = (".xlsx", ".xls", ".csv", ".tsv", ".txt")
MOST_BYTES = 10 * 2**20
FAULTS = 200


@page(
    "/work/lists/<slug:key>/editions/<int:edition_id>/import", audience="work", title="导入条目", name="work_list_import",
    template="work/list_import.html",
)  # fmt: skip
def import_list(request: Request, key: str, edition_id: int) -> Shown:
    """Take a file, tell row by row what it would do, then write it (about 10 statements)."""
    spec = lists.spec_of(request.district, key)
    edition = lists.get_edition(request.district, edition_id)
    refusal: Refusal | None = None
    outcome: lists.ItemsImported | None = None
    token, name = request.POST.get("token", ""), ""
    if request.method == "POST":
        try:
            waiting = (
                find_upload(request, token)
                if token
                else keep_upload(request, "file", kinds=KINDS, most_bytes=MOST_BYTES)
            )
            token, name = waiting.token, waiting.name
            really = request.POST.get("do") == "take"
            outcome = lists.import_items(
                district=request.district, edition_id=edition_id, path=waiting.path, name=waiting.name, actor=request.actor,
                now=request.now, dry_run=not really,
            )  # fmt: skip
            if really:
                waiting.forget()
                messages.success(
                    request, f"新增 {outcome.added} 条，改动 {outcome.changed} 条，{len(outcome.faults)} 行没有导入。"
                )
                return HttpResponseRedirect(f"{reverse('work_list', args=[key])}?edition={edition_id}")
        except Refusal as caught:
            refusal = caught
    context: dict[str, Any] = {
        "key": key, "spec": spec, "edition": edition, "refusal": refusal, "outcome": outcome, "token": token, "name": name,
        "kinds": ",".join(KINDS), "most": MOST_BYTES // 2**20, "columns": lists.columns_of(spec),
        "faults": outcome.faults[:FAULTS] if outcome else (), "hidden": max(len(outcome.faults) - FAULTS, 0) if outcome else 0,
    }  # fmt: skip
    return render(request, "work/list_import.html", context, status=refusal.status if refusal else 200)


@page(
    "/work/lists/<slug:key>/editions/<int:edition_id>/export.xlsx", audience="work", title="导出清单", name="work_list_export",
    methods=("GET",),
)  # fmt: skip
def export_list(request: Request, key: str, edition_id: int) -> Shown:
    """Give an edition as an Excel file; what comes out can be taken in again (2 statements)."""
    spec = lists.spec_of(request.district, key)
    edition = lists.get_edition(request.district, edition_id)
    items, _ = lists.list_items(edition, rows=lists.ITEMS)
    directory, tree = organization.directory(request.district), territory.tree(request.district)
    shares, stages = dict(lists.SHARES), dict(lists.STAGES)
    heads = [*lists.columns_of(spec), "进展", "认领单位"]
    rows = []
    for item in items:
        owner, taken = directory.body(item.owner_id), directory.body(item.taken_by_id)
        place = tree.ever(item.area_id)
        rows.append([
            item.key, item.title, edition.classes.get(item.klass, item.klass), shares[item.share] if item.share else "",
            owner.name if owner else "", place.code if place else "", " ".join(item.categories), " ".join(item.refers),
            *(_word(field, item.fields.get(name)) for name, field in spec.fields.items()),
            stages[item.stage] if item.case_id else "", taken.name if taken else "",
        ])  # fmt: skip
    sheet = Sheet(spec.title, [(head, 36 if column == 1 else 16) for column, head in enumerate(heads)], rows)
    return excel_answer(request, f"{key}-{edition.number}", sheet)


def _word(field: Any, value: Any) -> str:
    if value is None:
        return ""
    if field.type == "choice":
        return str((field.choices or {}).get(value, value))
    if field.type == "yesno":
        return "yes" if value else "no"
    return str(value)
