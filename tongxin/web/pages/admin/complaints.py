"""Complaints about formalism, for those who supervise: read and answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from tongxin.kernel.errors import Invalid
from tongxin.kernel.typed import number_in
from tongxin.records import api as records
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

ROWS = 30


@page(
    "/admin/complaints", audience="admin", permission="supervise", title="形式主义反映", icon="message-report", nav=80
)
def complaints(request: Request) -> Shown:
    """List complaints, newest first, and note what was done about one."""
    if request.method == "POST":
        return _answer(request)
    after = request.GET.get("after", "")
    rows = records.list_complaints(request.district.id, after=number_in(after), rows=ROWS + 1)
    more = str(rows[ROWS - 1].pk) if len(rows) > ROWS else ""
    return {"rows": rows[:ROWS], "after": more}


def _answer(request: Request) -> Shown:
    answer, ident = request.POST.get("answer", "").strip(), request.POST.get("id", "")
    if not answer or (number := number_in(ident)) is None:
        raise Invalid("answer_missing", "处理情况还没有写。", "请写明核实的结果和怎么改。", "answer")
    user_id = request.actor.user_id
    if user_id is not None and records.answer_complaint(
        complaint_id=number, district_id=request.district.id, user_id=user_id, answer=answer, now=request.now
    ):
        records.audit(
            district_id=request.district.id,
            user_id=user_id,
            actor_label=request.actor.label,
            action="records.answer_complaint",
            target=ident,
            detail={"answer": answer},
            now=request.now,
        )
        messages.success(request, "已记下处理情况。")
    else:
        messages.warning(request, "这一条已经有人处理过了。")
    return HttpResponseRedirect(reverse("admin_complaints"))
