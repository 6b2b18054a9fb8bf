"""The cases behind a figure of the big screen, as far as one's places reach."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.screens import api as screens
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.matters import tops
from tongxin.web.request import Request

WHAT = {
    "overdue": "已超时", "due_today": "今天到期", "open": "正在办", "came_today": "今天收到", "done_today": "今天办结", "finished": "已办结", "all": "全部",
}  # fmt: skip


@page("/lead/cases", audience="lead", permission="see_matters", title="办件", icon="list-check", methods=("GET",))
def cases(request: Request) -> Shown:
    """List cases by what the wall counts, newest first (1 statement)."""
    what, procedure = request.GET.get("what", "overdue"), request.GET.get("procedure", "")
    what = what if what in WHAT else "overdue"
    spec = request.district.pack.procedures.get(procedure)
    area = request.GET.get("area", "")
    chosen = territory.tree(request.district).get(int(area)) if area.isdecimal() and len(area) < 12 else None
    found = procedures.list_runs(
        request.district, under=tops(request), procedure=procedure if spec else None, after=request.GET.get("after", ""),
        **_filter(what, request.now),
    )  # fmt: skip
    return {
        "found": found,
        "rows": [(row, row.late(request.now)) for row in found.rows],
        "what": what,
        "choices": WHAT,
        "area": chosen,
        "procedure": procedure if spec else "",
        "procedure_title": spec.title if spec else "",
        "mine_only": not access.scope(request.actor, "see_matters").everywhere,
    }


def _filter(what: str, now: datetime) -> dict[str, Any]:
    today, tomorrow = screens.day_of(now)
    filters: dict[str, dict[str, Any]] = {
        "overdue": {"late_at": now}, "due_today": {"due": (now, tomorrow)}, "open": {"open_only": True}, "came_today": {"since": today},
        "done_today": {"finished_since": today}, "finished": {"finished_since": datetime.fromtimestamp(0, tz=now.tzinfo)}, "all": {},
    }  # fmt: skip
    return filters[what]
