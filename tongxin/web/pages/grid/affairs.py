"""Affairs on the phone: what a grid worker or a neighbour lead may open, for somebody or from their own round."""

from __future__ import annotations

from tongxin.affairs import api as affairs
from tongxin.web.affairwork import open_page
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/grid/affairs", audience="grid", permission="report_for_others", title="事项", icon="checklist", nav=25)
def affair_kinds(request: Request) -> Shown:
    """List what my posts may open (0 statements)."""
    return {"kinds": affairs.list_openable(request.district, request.actor)}


@page("/grid/affairs/<str:procedure>", audience="grid", permission="report_for_others", title="开一件事项")
def affair_open(request: Request, procedure: str) -> Shown:
    """Open an affair on the phone."""
    return open_page(request, procedure, template="grid/affair_open.html", case="grid_case", back="grid_affair_kinds")
