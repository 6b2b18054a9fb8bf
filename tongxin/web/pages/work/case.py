"""A matter on one page for communities, departments and supervisors."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxin.kernel.errors import NotFound
from tongxin.matters import api as matters
from tongxin.web.casework import case_page, open_run
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/work/cases/<int:run_id>", audience="work", title="诉求")
def case(request: Request, run_id: int) -> Shown:
    """Show a matter and take a step on it."""
    return case_page(request, run_id, template="work/case.html", back="work_inbox", here="work_case")


@page("/work/cases/<int:run_id>/time", audience="work", title="更正时间", name="work_case_time", methods=("POST",))
def retime(request: Request, run_id: int) -> Shown:
    """Put right when a matter happens (about 8 statements)."""
    open_run(request, run_id)
    happened = request.POST.get("happened", "")
    done = matters.retime_matter(
        district=request.district, run_id=run_id, happened=happened, actor=request.actor, now=request.now
    )
    if done is None:
        raise NotFound("no_case", "没有这一件。", "请从列表里重新打开。")
    messages.success(request, _("时间已更正。"))
    here = request.POST.get("here")
    return HttpResponseRedirect(reverse(here if here == "grid_case" else "work_case", args=[run_id]))
