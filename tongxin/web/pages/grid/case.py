"""A matter on the phone: settle it on the spot, or pass it on."""

from __future__ import annotations

from tongxin.web.casework import case_page
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/grid/cases/<int:run_id>", audience="grid", title="诉求")
def case(request: Request, run_id: int) -> Shown:
    """Show a matter and take a step on it."""
    return case_page(request, run_id, template="grid/case.html", back="grid_inbox", here="grid_case")
