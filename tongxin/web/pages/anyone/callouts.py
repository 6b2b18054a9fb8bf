"""Confirming by a link, without an account: opening it shows the words, one tap confirms (a preview by a chat program does not)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.callouts import api as callouts
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/c/<str:token>", audience="anyone", title="动员", name="call_out_link")
def call_out_link(request: Request, token: str) -> Shown:
    """Show what is to be passed on, take the answer (1 statement to show)."""
    refusal: Refusal | None = None
    if request.method == "POST":
        reached = request.POST.get("reached", "")
        try:
            callouts.answer_by_link(
                district=request.district, token=token, now=request.now,
                reached=int(reached) if reached.isdecimal() and len(reached) < 7 else None,
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, "已记下，谢谢。")
            return HttpResponseRedirect(reverse("call_out_link", args=[token]))
    ident = callouts.read_token(token)
    if ident is None:
        raise NotFound("no_call_out", "链接不完整或不对。", "请向发链接的人再要一次。")
    row = callouts.get_recipient(request.district, ident)
    return render(
        request,
        "anyone/call_out.html",
        {"row": row, "call_out": row.call_out, "refusal": refusal},
        status=refusal.status if refusal else 200,
    )
