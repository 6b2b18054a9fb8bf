"""Who changed what in people, places, packs and settings: filters and export."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tongxin.kernel import limits
from tongxin.kernel.clock import LOCAL
from tongxin.kernel.days import find_day, today_of
from tongxin.kernel.errors import Invalid
from tongxin.kernel.typed import number_in
from tongxin.records import api as records
from tongxin.records.api import AuditEntry
from tongxin.web import audit_words
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.sheets import excel_answer

EXPORT_ROWS = 10_000


def _find(request: Request, rows: int, after: int | None) -> list[AuditEntry]:
    asked = request.GET

    def day(key: str, add: int = 0) -> datetime | None:
        given = find_day(asked.get(key), "自" if key == "since" else "至", key, today=today_of(request.now))
        return datetime.combine(given + timedelta(days=add), time(0), LOCAL) if given else None

    return records.list_audit(
        request.district.id, after=after, rows=rows, action=asked.get("action", "")[:60],
        words=asked.get("q", "").strip()[: limits.SEARCH_CHARS], since=day("since"), until=day("until", 1),
    )  # fmt: skip


@page(
    "/admin/audit", audience="admin", permission="see_audit", title="管理记录", icon="history", nav=60, methods=("GET",)
)
def audit(request: Request) -> Shown:
    """List what administrators did, newest first (1 statement)."""
    refusal: Invalid | None = None
    found: list[AuditEntry] = []
    try:
        found = _find(request, limits.PAGE_ROWS + 1, number_in(request.GET.get("after", "")))
    except Invalid as caught:
        refusal = caught
    rows = found[: limits.PAGE_ROWS]
    return {
        "rows": [(entry, audit_words.title_of(entry.action), audit_words.detail_of(entry.detail)) for entry in rows],
        "after": str(rows[-1].pk) if len(found) > limits.PAGE_ROWS else "",
        "asked": request.GET,
        "packages": [(f"{key}.", title) for key, title in audit_words.PACKAGES.items()],
        "actions": sorted(audit_words.ACTIONS.items()),
        "filtered": any(request.GET.get(key) for key in ("q", "action", "since", "until")),
        "refusal": refusal,
    }


@page(
    "/admin/audit.xlsx",
    audience="admin",
    permission="see_audit",
    title="导出管理记录",
    name="admin_audit_export",
    methods=("GET",),
)
def audit_export(request: Request) -> Shown:
    """Give the filtered record as an Excel file (2 statements); the export stands in the record too."""
    entries = _find(request, EXPORT_ROWS, None)
    records.audit(
        district_id=request.district.id, user_id=request.actor.user_id, actor_label=request.actor.label,
        action="records.export_audit", target=f"{len(entries)} 条", detail=dict(request.GET.items()), now=request.now,
    )  # fmt: skip
    return excel_answer(request, "audit", audit_words.sheet_of(entries))
