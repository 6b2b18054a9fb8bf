"""The desk's first page: what waits for us, what is late, what is new. With bulk acts for steps that the pack allows in bulk."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import numbers_in
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.notices import api as notices
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.web.fields import bind, new_request_key, read, request_key
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.waiting import count_waiting, list_waiting

FEW = 8  # a tray of no more needs no filter


@page("/work/", audience="work", title="收件箱", icon="inbox", nav=10, badge=count_waiting)
def inbox(request: Request) -> Shown:
    """List what waits for my posts, soonest first (1 statement; one more to offer filters when it is long or filtered)."""
    if request.method == "POST":
        return _bulk(request)
    chosen, step, late = request.GET.get("post", ""), request.GET.get("step", ""), request.GET.get("late") == "1"
    posts = numbers_in([chosen]) or None
    found = list_waiting(
        request, after=request.GET.get("after", ""), posts=posts,
        steps=_steps_named(request, step) if step else None, late_at=request.now if late else None,
    )  # fmt: skip
    filtered = bool(step or late)
    offers = _steps_held(request, posts) if filtered or len(found.rows) > FEW else []
    acts = {act.key: act for row in found.rows for act in procedures.bulk_options(request.district, row, request.actor)}
    return {
        "rows": [(row, row.late(request.now), _likely_place(request, row)) for row in found.rows],
        "after": found.after,
        "chosen": chosen,
        "step": step,
        "late": late,
        "filtered": filtered,
        "offers": offers,
        "bulk": [(act, bind(act.fields, prefix=act.key)) for act in acts.values()],
        "key": new_request_key(),
        "sees": access.may(request.actor, "see_matters"),
    }


def _likely_place(request: Request, row: procedures.RunRow) -> str:
    """The place that the title of an unplaced matter names, for whoever has to say where it is (0 statements)."""
    if row.subject_kind != matters.SUBJECT or row.area_id is not None or row.card.get("place"):
        return ""
    return learning.place_named(request.district, row.card.get("title", ""))


def _title_of(request: Request, procedure: str, state: str) -> str:
    spec = request.district.pack.procedures.get(procedure)
    return spec.states[state].title if spec is not None and state in spec.states else ""


def _steps_named(request: Request, title: str) -> list[tuple[str, str]]:
    """The steps that people know by one name, in whichever procedures they stand."""
    specs = request.district.pack.procedures
    return [(key, state) for key, spec in specs.items() for state, drawn in spec.states.items() if drawn.title == title]


def _steps_held(request: Request, posts: list[int] | None) -> list[tuple[str, str]]:
    """Return the names of steps at which something waits, with how many, most first; ``+`` where more waits (1 statement)."""
    counts: Counter[str] = Counter()
    held, more = procedures.count_held_steps(request.actor, posts)
    for procedure, state, count in held:
        counts[_title_of(request, procedure, state)] += count
    return [(title, f"{count}+" if more else str(count)) for title, count in counts.most_common() if title]


def _bulk(request: Request) -> HttpResponseRedirect:
    """Take one step on each of the chosen cases; each is its own transaction, and what was refused is told by number."""
    runs = numbers_in(request.POST.getlist("run"))[: limits.BULK_ROWS]
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
    back = urlencode({key: value for key in ("post", "step", "late") if (value := request.GET.get(key))})
    return HttpResponseRedirect(reverse("work_inbox") + (f"?{back}" if back else ""))


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
