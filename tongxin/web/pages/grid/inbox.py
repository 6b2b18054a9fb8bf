"""The grid worker's first page: what must I do now, in what order, until when?"""

from __future__ import annotations

from tongxin.notices import api as notices
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.waiting import count_waiting, list_waiting


@page(
    "/grid/", audience="grid", permission="report_for_others", title="待办", icon="inbox", nav=10, badge=count_waiting
)
def inbox(request: Request) -> Shown:
    """List what waits, soonest first (1 statement)."""
    found = list_waiting(request, after=request.GET.get("after", ""))
    return {
        "rows": [(row, row.late(request.now)) for row in found.rows],
        "after": found.after,
        "first": not request.GET.get("after"),
    }


@page(
    "/grid/notices",
    audience="grid",
    permission="report_for_others",
    title="提醒",
    icon="bell",
    nav=30,
    badge=lambda request: notices.count_unread(request.actor),
)
def tray(request: Request) -> Shown:
    """Show unread notes; taking note of them clears the tray (1 statement)."""
    from tongxin.web.casework import tray_page

    return tray_page(request, "grid/tray.html", "grid_tray", "grid_case")
