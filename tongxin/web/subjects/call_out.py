"""动员 on the case page: the words, and how far they have come, place by place."""

from __future__ import annotations

from tongxin.callouts import api as callouts
from tongxin.packs.schema import Procedure
from tongxin.procedures.api import Run
from tongxin.web.calling import coverage_context
from tongxin.web.request import Request
from tongxin.web.subjects import Described, Panel, described


@described(callouts.SUBJECT)
def describe(request: Request, run: Run, spec: Procedure, sees_person: bool) -> Described:
    """Return the call-out as the page shows it (1 statement, 2 more once it is sent)."""
    call_out = callouts.get_call_out(request.district, run.subject_id)
    context: dict[str, object] = {"call_out": call_out}
    panels: tuple[Panel, ...] = ()
    if call_out.sent_at is not None:
        context |= coverage_context(request, call_out, request.GET.get("area", ""))
        panels = (Panel("覆盖情况", "subjects/call_out_coverage.html", wide=True),)
    return Described(
        title=str(run.card.get("title", "")),
        about="要传达的话",
        content="subjects/call_out_content.html",
        panels=panels,
        context=context,
    )
