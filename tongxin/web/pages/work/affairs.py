"""Affairs of one's places: what may be opened here, the list with its counts, export to Excel."""

from __future__ import annotations

from collections import Counter

from tongxin.affairs import api as affairs
from tongxin.kernel.errors import Refusal
from tongxin.learning import api as learning
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Page
from tongxin.web.affairwork import open_page
from tongxin.web.page import Shown, page
from tongxin.web.pages.work.matters import EXPORT_ROWS, area_choices, area_ids, sheet_of, tops
from tongxin.web.request import Request
from tongxin.web.sheets import excel_answer


def find(request: Request, rows: int, after: str = "", *, exact: bool = False) -> tuple[Page, frozenset[int]]:
    """Return the affairs that the filters of the address ask for, and which runs are only like the words (1–2 statements).

    Words find what contains them and then, unless ``exact``, what speaks of the same in other words.
    """
    asked, words = request.GET, request.GET.get("q", "").strip()
    if words:
        told = learning.search_affairs(
            request.district, words, area_ids=area_ids(request), now=request.now, procedure=asked.get("procedure", ""),
            rows=min(rows, 200),
        )  # fmt: skip
        there = procedures.rows_of(request.district, affairs.SUBJECT, [one.id for one in told])
        kept = [one for one in told if one.id in there and (one.exact or not exact)]
        like = frozenset(there[one.id].run_id for one in kept if not one.exact)
        return Page([there[one.id] for one in kept]), like
    page = procedures.list_runs(
        request.district, under=tops(request), subject_kind=affairs.SUBJECT, procedure=asked.get("procedure") or None,
        states=[asked["state"]] if asked.get("state") else (), open_only=asked.get("open") == "1",
        late_at=request.now if asked.get("late") == "1" else None, after=after, rows=rows,
    )  # fmt: skip
    return page, frozenset()


@page("/work/affairs", audience="work", permission="see_matters", title="事项", icon="checklist", nav=22)
def affair_list(request: Request) -> Shown:
    """List the affairs of my places, newest first, with how many stand where (2 statements, 3 for words)."""
    district = request.district
    refusal: Refusal | None = None
    found, like = Page([]), frozenset[int]()
    try:
        found, like = find(request, 50, request.GET.get("after", ""))
    except Refusal as caught:
        refusal = caught
    known = {spec.procedure: spec for spec in affairs.list_procedures(district)}
    counts: Counter[str] = Counter()
    by_state: dict[str, list[tuple[str, str, int]]] = {}
    for key, state, count in procedures.count_by_state(district, tops(request)):
        if key in known:
            counts[key] += count
            title = known[key].states[state].title if state in known[key].states else state
            by_state.setdefault(key, []).append((state, title, count))
    chosen = known.get(request.GET.get("procedure", ""))
    openable = {spec.procedure for spec in affairs.list_openable(district, request.actor)}
    return {
        "rows": [(row, row.late(request.now), row.run_id in like) for row in found.rows],
        "after": found.after,
        "refusal": refusal,
        "asked": request.GET,
        "kinds": [(spec, counts[key], key in openable) for key, spec in known.items()],
        "chosen": chosen,
        "counts": by_state.get(chosen.procedure, []) if chosen else [],
        "states": [(key, state.title) for key, state in chosen.states.items()] if chosen else [],
        "areas": area_choices(request),
        "may_export": access.may(request.actor, "export"),
        "filtered": any(value for key, value in request.GET.items() if key != "after"),
    }


@page("/work/affairs/open/<str:procedure>", audience="work", title="开一件事项")
def affair_open(request: Request, procedure: str) -> Shown:
    """Open an affair from the desk."""
    return open_page(request, procedure, template="work/affair_open.html", case="work_case", back="work_affair_list")


@page(
    "/work/affairs.xlsx",
    audience="work",
    permission="export",
    title="导出",
    name="work_affair_export",
    methods=("GET",),
)
def export(request: Request) -> Shown:
    """Give the filtered list as an Excel file, without names and telephones (S-01)."""
    found, _ = find(request, EXPORT_ROWS, exact=True)
    return excel_answer(request, "affairs", sheet_of(found.rows, "事项"))
