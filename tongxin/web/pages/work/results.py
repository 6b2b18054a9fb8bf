"""Results that go back to the systems matters came from (12345): which systems, and a file of how each matter stands."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from tongxin.kernel.clock import LOCAL, local
from tongxin.kernel.days import find_day, today_of
from tongxin.matters import api as matters
from tongxin.matters.api import Result
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.matters import area_ids
from tongxin.web.request import Request
from tongxin.web.sheets import Sheet, excel_answer

MOST_ROWS = 5_000
DAYS = 30
_OUTCOMES = {"done": "办结", "refused": "不派单", "merged": "合并", "withdrawn": "撤回"}
_DISPOSITIONS = {
    "dispatched": "派单", "consultation": "即答", "emergency": "紧急", "legal_channel": "法定渠道", "same_matter": "同一件事",
    "secret": "涉密涉私", "outside_duty": "职责之外", "unlawful": "违法违俗",
}  # fmt: skip
HEADS: list[tuple[str, int]] = [
    ("来源编号", 20), ("本平台编号", 16), ("反映时间", 17), ("最近变化", 17), ("环节", 14), ("结果", 10), ("处置", 12), ("事项代码", 14), ("主办单位", 24),
    ("对居民说的话", 48), ("到期", 17), ("办结时间", 17), ("是否解决", 10), ("满意程度", 10), ("按时联系", 10), ("按期办结", 10), ("剔除", 8),
    ("挂账至", 12),
]  # fmt: skip


@page(
    "/work/results",
    audience="work",
    permission="export",
    title="结果回传",
    icon="file-export",
    nav=65,
    methods=("GET",),
)
def results(request: Request) -> Shown:
    """List where matters came from, with a file for each (1 statement)."""
    sources = matters.list_sources(request.district)
    return {"sources": sources, "since": f"{local(request.now - timedelta(days=DAYS)):%Y-%m-%d}", "most": MOST_ROWS}


@page(
    "/work/results.xlsx", audience="work", permission="export", title="结果回传", name="work_results_file", methods=("GET",)
)  # fmt: skip
def results_file(request: Request) -> Shown:
    """Give how the matters of a source stand that changed since a day, without names, telephones and texts (1 statement)."""
    day = find_day(request.GET.get("since"), "从哪天起", "since", today=today_of(request.now))
    since = datetime.combine(day, time(0), LOCAL) if day else None
    found = matters.list_results(
        request.district,
        request.GET.get("source", "")[:40],
        area_ids=area_ids(request, "export"),
        since=since,
        rows=MOST_ROWS,
    )
    return excel_answer(request, "results", Sheet("结果", HEADS, [_cells(row) for row in found.rows]))


def _cells(row: Result) -> list[Any]:
    def yes(value: bool | None) -> str:
        return "" if value is None else ("是" if value else "否")

    return [
        row.source_key, row.ref, row.reported_at, row.changed_at, row.state_title, _OUTCOMES.get(row.outcome, ""),
        _DISPOSITIONS.get(row.disposition, ""), row.matter_code, row.unit, row.says, row.due_at, row.closed_at, yes(row.solved), row.rating,
        yes(row.responded), yes(row.done_in_time), "是" if row.excluded else "", row.resume_on,
    ]  # fmt: skip
