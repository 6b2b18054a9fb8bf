"""One item of a list. One that is being worked on is a case: its page is the case page. In a draft its keeper may change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.errors import Refusal
from tongxin.lists import api as lists
from tongxin.procedures import api as procedures
from tongxin.web.fields import bind
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.lists import item_fields, item_from
from tongxin.web.request import Request
from tongxin.web.subjects.list_item import facts_of


@page("/work/lists/items/<int:item_id>", audience="work", title="清单条目", name="work_list_item")
def list_item(request: Request, item_id: int) -> Shown:
    """Show an item, or lead to its case; a POST changes or removes it (about 5 statements)."""
    district = request.district
    item = lists.get_item(district, item_id)
    spec = lists.spec_of(district, item.list_key)
    edition = item.edition
    refusal: Refusal | None = None
    if request.method == "POST":
        back = f"{reverse('work_list', args=[item.list_key])}?edition={edition.pk}"
        try:
            if request.POST.get("do") == "remove":
                lists.remove_item(district=district, item_id=item_id, actor=request.actor, now=request.now)
                messages.success(request, f"第 {item.key} 项已从草稿里拿掉。")
            else:
                changed = item_from(request, spec, edition)
                lists.edit_item(district=district, item_id=item_id, item=changed, actor=request.actor, now=request.now)
                messages.success(request, "已改好。")
            return HttpResponseRedirect(back)
        except Refusal as caught:
            refusal = caught
    run = procedures.find_run(district, lists.SUBJECT, item.case_id) if item.case_id else None
    keeps = edition.status == "draft" and lists.may_keep(request.actor, spec, edition.area_id)
    if run is not None and request.method == "GET" and not keeps:
        return HttpResponseRedirect(reverse("work_case", args=[run.id]))

    fields = (
        bind(item_fields(request, spec, edition, item), request.POST if refusal else None, refusal) if keeps else []
    )
    context = facts_of(district, item) | {"fields": fields, "refusal": refusal, "run": run, "keeps": keeps}
    return render(request, "work/list_item.html", context, status=refusal.status if refusal else 200)
