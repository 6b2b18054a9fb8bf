"""What calls me, in one tap; and whom I am to telephone because they have not answered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from tongxin.callouts import api as callouts
from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import number_in
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


def waiting(request: Request) -> int:
    """The number beside the navigation entry (1 statement)."""
    return callouts.count_waiting(request.actor)


@page(
    "/grid/callouts",
    audience="grid",
    permission="report_for_others",
    title="动员",
    icon="speakerphone",
    nav=25,
    badge=waiting,
)
def call_outs(request: Request) -> Shown:
    """List and answer (2 statements to show, 2 more to answer)."""
    if request.method == "POST":
        ident, reached = request.POST.get("recipient", ""), request.POST.get("reached", "")
        try:
            callouts.answer(
                district=request.district, recipient_id=number_in(ident) or 0,
                reached=int(reached) if reached.isdecimal() and len(reached) < 7 else None, actor=request.actor, now=request.now,
            )  # fmt: skip
            messages.success(request, "已记下，谢谢。")
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("grid_call_outs"))
    passed = callouts.list_passed(request.actor)
    return {
        "mine": callouts.list_mine(request.actor),
        "passed": [
            (row, request.build_absolute_uri(reverse("call_out_link", args=[callouts.token_of(row.id)])))
            for row in passed
        ],
    }
