"""Lists of runs for programs: the filters that every kind of subject has, and the page they give."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from pydantic import AwareDatetime, Field

from tongxin.kernel import limits
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import REPORTS, Caller, admit, caller_of, key_needed
from tongxin.web.api.v1 import views
from tongxin.web.api.v1.shown.matters import RowsOut
from tongxin.web.request import Request


class RunFilters(views.Asked):
    """Filters of a list; a kind of subject adds its own."""

    area_id: int | None = Field(None, ge=1, le=2**53, description="在这个区域及其下级")
    state: Annotated[str, Field(max_length=40)] = Field("", description="环节的键")
    open: bool = Field(False, description="只要在办的")
    late: bool = Field(False, description="只要超时的")
    since: AwareDatetime | None = Field(None, description="何时起开始的（含）")
    until: AwareDatetime | None = Field(None, description="到何时开始的（不含）")
    after: Annotated[str, Field(max_length=100)] = Field("", description="上一页给的标记")
    rows: int = Field(limits.PAGE_ROWS, ge=1, le=limits.API_ROWS, description="一页几件")


def reader(request: Request) -> Caller:
    """Return the program that asks, which must have a key that may list (2 statements)."""
    caller = caller_of(request)
    if caller.key is None:
        raise key_needed()
    admit(request, caller, "list", REPORTS)
    caller.demand("see_matters")
    return caller


def areas_of(request: Request, caller: Caller, area_id: int | None) -> list[int] | None:
    """Return the places that a program may list of those it asks for; None for the whole district (0 statements)."""
    scope = organization.access.scope(caller.actor, "see_matters")
    if area_id is None:
        return None if scope.everywhere else sorted(scope.area_ids)
    organization.access.demand(caller.actor, "see_matters", area_id)
    return territory.tree(request.district).under(area_id, ended=True)


def list_for(request: Request, asked: RunFilters, subject_kind: str, **more: Any) -> HttpResponse:
    """Answer with the runs that a key may read, newest first (5 statements at most); ``more`` are further filters of ``list_runs``."""
    page = procedures.list_runs(
        request.district, subject_kind=subject_kind, area_ids=areas_of(request, reader(request), asked.area_id),
        states=[asked.state] if asked.state else (), open_only=asked.open, late_at=request.now if asked.late else None,
        since=asked.since, until=asked.until, after=asked.after, rows=asked.rows, **more,
    )  # fmt: skip
    return answer(RowsOut(rows=[views.row(row, request.now) for row in page.rows], after=page.after))
