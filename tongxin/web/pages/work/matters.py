"""All matters of one's places: filters, search by words, export to Excel."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tongxin.kernel.clock import LOCAL
from tongxin.kernel.days import find_day, today_of
from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import number_in
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Page, RunRow
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.sheets import Sheet, excel_answer

EXPORT_ROWS = 5_000
MOST_CHOICES = 300


def area_ids(request: Request, permission: str = "see_matters") -> list[int] | None:
    """The areas a member of staff may list, all leaves written out; None for the whole district (0 statements)."""
    scope = access.scope(request.actor, permission)
    chosen = request.GET.get("area", "")
    tree = territory.tree(request.district)
    mine = None if scope.everywhere else scope.area_ids
    if (place := tree.get(number_in(chosen))) is not None:
        under = set(tree.under(place.id))
        return sorted(under if mine is None else under & mine)
    return None if mine is None else sorted(mine)


def tops(request: Request, permission: str = "see_matters") -> list[int] | None:
    """The areas above all that a member of staff may list, the one that was chosen among them; None for the whole district (0 statements)."""
    scope, tree = access.scope(request.actor, permission), territory.tree(request.district)
    chosen = tree.get(number_in(request.GET.get("area", "")))
    if chosen is None:
        return None if scope.everywhere else list(scope.tops)
    if scope.everywhere or not set(scope.tops).isdisjoint(chosen.path):
        return [chosen.id]
    return [top for top in scope.tops if chosen.id in tree.path(top)]


def area_choices(request: Request, permission: str = "see_matters") -> list[tuple[int, str]]:
    """The areas to filter by: from mine downwards while they are few enough to choose from, and what lies around the one chosen."""
    scope, tree = access.scope(request.actor, permission), territory.tree(request.district)
    lowest, top = tree.levels[-1], tree.levels[0]
    offered: dict[int, territory.Place] = {}
    row = (
        tree.roots() if scope.everywhere else [place for ident in scope.tops if (place := tree.get(ident)) is not None]
    )
    while row and len(offered) + len(row) <= MOST_CHOICES:
        offered |= {place.id: place for place in row}
        row = [child for place in row for child in tree.children(place.id)]
    chosen = tree.get(number_in(request.GET.get("area", "")))
    if chosen is not None and (scope.everywhere or not set(scope.tops).isdisjoint(chosen.path)):
        near = [chosen, *tree.children(chosen.id), *tree.children(chosen.parent_id)]
        offered |= {place.id: place for place in near[:MOST_CHOICES]}
    places = [place for place in offered.values() if place.level not in (lowest, top) or place == chosen]
    return [
        (place.id, tree.full_name(place.id))
        for place in sorted(places, key=lambda place: (place.level != lowest, place.code))
    ]


def find(request: Request, rows: int, after: str = "", *, exact: bool = False) -> tuple[Page, frozenset[int]]:
    """Return the matters that the filters of the address ask for, and which runs are only like the words (1–2 statements).

    Words find what contains them and then, unless ``exact``, what speaks of the same in other words.
    """
    asked = request.GET
    words = asked.get("q", "").strip()
    if words:
        told = learning.search(
            request.district, words, area_ids=area_ids(request), now=request.now, rows=min(rows, 200)
        )
        found = [one for one in told if one.exact or not exact]
        by_id = procedures.rows_of(request.district, matters.SUBJECT, [one.id for one in found])
        like = frozenset(by_id[one.id].run_id for one in found if not one.exact and one.id in by_id)
        return Page([by_id[one.id] for one in found if one.id in by_id]), like

    def day(key: str, add: int = 0) -> datetime | None:
        given = find_day(asked.get(key), "自" if key == "since" else "至", key, today=today_of(request.now))
        return datetime.combine(given + timedelta(days=add), time(0), LOCAL) if given else None

    page = procedures.list_runs(
        request.district, under=tops(request), subject_kind=matters.SUBJECT, states=[asked["state"]] if asked.get("state") else (),
        open_only=asked.get("open") == "1", late_at=request.now if asked.get("late") == "1" else None,
        category=asked.get("category", ""), since=day("since"), until=day("until", 1), after=after, rows=rows,
    )  # fmt: skip
    return page, frozenset()


@page("/work/matters", audience="work", permission="see_matters", title="全部诉求", icon="list", nav=20)
def matter_list(request: Request) -> Shown:
    """List the matters of my places, newest first (1–2 statements)."""
    refusal: Refusal | None = None
    found, like = Page([]), frozenset[int]()
    try:
        found, like = find(request, 50, request.GET.get("after", ""))
    except Refusal as caught:
        refusal = caught
    pack = request.district.pack
    intake = pack.settings.intake
    states = pack.procedures[intake.procedure].states if intake else {}
    kept = {k: v for k, v in request.GET.items() if v and k != "after"}
    return {
        "rows": [(row, row.late(request.now), row.run_id in like) for row in found.rows],
        "after": found.after,
        "refusal": refusal,
        "asked": request.GET,
        "kept": "&".join(f"{k}={v}" for k, v in kept.items()),
        "states": [(key, state.title) for key, state in states.items()],
        "categories": [(c.code, " / ".join((*above, c.title))) for c, above in pack.catalogue.walk()],
        "areas": area_choices(request),
        "may_export": access.may(request.actor, "export"),
    }


@page("/work/export.xlsx", audience="work", permission="export", title="导出", name="work_export", methods=("GET",))
def export(request: Request) -> Shown:
    """Give the filtered list as an Excel file, without reporters' names and telephones (S-01)."""
    found, _ = find(request, EXPORT_ROWS, exact=True)
    return excel_answer(request, "matters", sheet_of(found.rows))


def sheet_of(rows: list[RunRow], title: str = "诉求") -> Sheet:
    """Return runs as a table."""
    heads: list[tuple[str, int]] = [
        ("编号", 16), ("标题", 36), ("类别", 14), ("地点", 28), ("渠道", 12), ("环节", 12), ("承办", 24), ("反映时间", 17),
        ("本步到期", 17), ("全程到期", 17), ("办结时间", 17), ("结果", 10),
    ]  # fmt: skip
    outcomes = {"done": "办结", "refused": "不予受理", "merged": "合并", "withdrawn": "撤回"}
    cells = [
        (
            *(row.card.get(key, "") for key in ("ref", "title", "category", "place", "channel")), row.state_title,
            row.holder.title if row.holder else "", row.started_at, row.due_at, row.limit_at, row.finished_at, outcomes.get(row.outcome, ""),
        )
        for row in rows
    ]  # fmt: skip
    return Sheet(title, heads, cells)
