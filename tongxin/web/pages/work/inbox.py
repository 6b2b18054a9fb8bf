"""The desk's first page: what waits for us, what is late, what is new. With bulk acts for steps that the pack allows in bulk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.notices import api as notices
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.web.fields import bind, new_request_key, read, request_key
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


def waiting(request: Request) -> int:
    """The number beside the navigation entry (1 statement)."""
    return procedures.count_held(request.actor)


@page("/work/", audience="work", title="收件箱", icon="inbox", nav=10, badge=waiting)
def inbox(request: Request) -> Shown:
    """List what waits for my posts, soonest first (3 statements)."""
    if request.method == "POST":
        return _bulk(request)
    chosen = request.GET.get("post", "")
    posts = [int(chosen)] if chosen.isdecimal() else None
    found = procedures.inbox(request.actor, request.district, after=request.GET.get("after", ""), posts=posts)
    acts = {act.key: act for row in found.rows for act in procedures.bulk_options(request.district, row, request.actor)}
    return {
        "rows": [(row, row.late(request.now)) for row in found.rows],
        "after": found.after,
        "chosen": chosen,
        "bulk": [(act, bind(act.fields, prefix=act.key)) for act in acts.values()],
        "key": new_request_key(),
        "sees": access.may(request.actor, "see_matters"),
    }


def _bulk(request: Request) -> HttpResponseRedirect:
    """Take one step on each of the chosen cases; each is its own transaction, and what was refused is told by number."""
    runs = [int(ident) for ident in request.POST.getlist("run") if ident.isdecimal()][: limits.BULK_ROWS]
    transition, key = request.POST.get("transition", ""), request_key(request.POST)
    done, refused = 0, []
    for run_id in runs:
        run = procedures.get_run(request.district, run_id)
        spec = procedures.drawn(run).transitions.get(transition) if run else None
        if run is None or spec is None or not spec.bulk:
            continue
        fields = [procedures.Field(name, item.title, item.type, item.required) for name, item in spec.form.items()]
        try:
            procedures.act(
                district=request.district, run_id=run_id, transition=transition, form=read(fields, request.POST),
                actor=request.actor, now=request.now, request_key=f"{key}" if key else None,
            )  # fmt: skip
            done += 1
        except Refusal as refusal:
            refused.append(f"{run.card.get('ref', run_id)}：{refusal.what}")
    if done:
        messages.success(request, f"已办 {done} 件。")
    for line in refused[:10]:
        messages.error(request, line)
    if not runs:
        messages.error(request, "还没有选中要办的。")
    return HttpResponseRedirect(reverse("work_inbox"))


@page(
    "/work/notices",
    audience="work",
    title="提醒",
    icon="bell",
    nav=40,
    badge=lambda request: notices.count_unread(request.actor),
)
def tray(request: Request) -> Shown:
    """Show unread notes; taking note of them clears the tray (2 statements)."""
    from tongxin.web.casework import tray_page

    return tray_page(request, "work/tray.html", "work_tray", "work_case")
