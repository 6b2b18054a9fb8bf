"""What the machine learned of the district's matters and how good it was measured to be; training anew, watched and given up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.learning import api as learning
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.worker import call_workers, living_workers


@page("/admin/text", audience="admin", permission="manage_pack", title="文字理解", icon="bulb", nav=70)
def text_model(request: Request) -> Shown:
    """Show the evaluation card of the model in force and the newest training (2–3 statements); a POST asks for one or gives it up."""
    refusal: Refusal | None = None
    if request.method == "POST":
        do = learning.cancel_training if request.POST.get("do") == "cancel" else learning.ask_training
        try:
            do(district=request.district, actor=request.actor, now=request.now)
        except Refusal as caught:
            refusal = caught
        else:
            call_workers()
            messages.success(
                request, "已要求取消。" if do is learning.cancel_training else "已排上，可以离开这一页，稍后回来看。"
            )
            return HttpResponseRedirect(reverse("admin_text_model"))
    kept = learning.find_model(request.district)
    training = learning.newest_training(request.district)
    waits = training is not None and training.finished_at is None
    context = {
        "kept": kept,
        "lines": learning.card_lines(request.district, kept) if kept else [],
        "trouble": learning.trouble_of(kept),
        "training": training,
        "waits": waits,
        "percent": round(100 * training.share) if training else 0,
        "nobody": waits and not living_workers(),
        "corrections": limits.RETRAIN_CORRECTIONS,
        "refusal": refusal,
    }
    return render(request, "admin/text_model.html", context, status=refusal.status if refusal else 200)
