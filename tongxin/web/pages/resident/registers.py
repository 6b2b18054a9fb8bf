"""Public registers for everybody; of persons only how many, never who."""

from __future__ import annotations

from typing import Any

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotFound
from tongxin.kernel.typed import number_in
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.page import Shown, page
from tongxin.web.programme import running
from tongxin.web.request import Request

MONEY_ROWS = 40


@page("/registers/<slug:key>", audience="resident", title="名册", name="resident_register", methods=("GET",))
def register(request: Request, key: str) -> Shown:
    """Show a public register: counts by class and stage, and its lines but for persons (2 statements)."""
    district, asked, today = request.district, request.GET, local(request.now).date()
    spec = district.pack.registers.get(key)
    if spec is None or not spec.public:
        raise NotFound("no_public_register", "没有这本公开的名册。", "请从“文件和名册”里选。")
    counts = registers.count_entries(district, today).get(key, {})
    context: dict[str, Any] = {
        "key": key, "spec": spec, "count": sum(counts.values()), "grounds": registers.grounds(district.pack).get(("registers", key), ()),
        "classes": [(k, title, sum(n for (c, _), n in counts.items() if c == k)) for k, title in spec.classes.items()],
        "stages": [(k, title, sum(n for (_, s), n in counts.items() if s == k)) for k, title in spec.stages.items()],
        "asked": asked, "words": "", "rows": [], "after": 0, "money": money_table(request, key, spec),
    }  # fmt: skip
    if spec.of == "person":
        return context
    words = asked.get("q", "").strip()[: limits.SEARCH_CHARS]
    after = asked.get("after", "")
    found, mark = registers.list_entries(
        district, key, today, klass=asked.get("class", ""), words=words,
        after=number_in(after) or 0,
    )  # fmt: skip
    return {
        **context,
        "words": words,
        "after": mark,
        "rows": [entry_row(request, spec, one, public=True) for one in found],
    }


def money_table(request: Request, key: str, spec: Any) -> dict[str, Any] | None:
    """Sums by class and by place of a register that states an amount, None of others (0–1 statement)."""
    found = registers.sums_of(request.district, key, local(request.now).date())
    if not found:
        return None
    tree = territory.tree(request.district)
    if len({area for _, area, _ in found}) > MONEY_ROWS:  # too many places to read: those of the level below the root
        found = _gathered(tree, found)
    places = {area: tree.full_name(area) if area and tree.ever(area) else "" for _, area, _ in found}
    by = {(area, klass): total for klass, area, total in found}
    classes = [k for k in spec.classes if any(klass == k for klass, _, _ in found)]
    rows = [
        (name, [by.get((area, k), 0) for k in classes], sum(by.get((area, k), 0) for k in classes))
        for area, name in places.items()
    ]
    return {
        "classes": [spec.classes[k] for k in classes], "rows": rows, "whole": sum(by.values()),
        "totals": [sum(total for (_, klass), total in by.items() if klass == k) for k in classes],
    }  # fmt: skip


def _gathered(tree: Any, found: list[tuple[str, int | None, int]]) -> list[tuple[str, int | None, int]]:
    """The sums of all that lies in one place of the second level, taken together."""
    sums: dict[tuple[str, int | None], int] = {}
    for klass, area, total in found:
        path = tree.path(area)
        above = path[1] if len(path) > 1 else area
        sums[klass, above] = sums.get((klass, above), 0) + total
    return [(klass, area, total) for (klass, area), total in sums.items()]


def entry_row(request: Request, spec: Any, one: registers.Entry, *, public: bool) -> dict[str, Any]:
    """A line as tables show it (0 statements)."""
    pack, tree = request.district.pack, territory.tree(request.district)
    cells = [
        (
            field.title,
            (field.choices or {}).get(str(value), value) if field.type != "yesno" else ("是" if value else "否"),
        )
        for name, field in spec.fields.items()
        if (value := one.fields.get(name)) not in (None, "") and (not public or field.shown == "public")
    ]
    document = pack.documents.get(one.document)
    return {
        "one": one, "title": one.title if public else one.who or one.title, "klass": spec.classes.get(one.klass, one.klass) if len(spec.classes) > 1 else "", "stage": spec.stages.get(one.stage, ""),
        "place": tree.full_name(one.area_id) if one.area_id and tree.ever(one.area_id) else "", "code": one.area.code if one.area else "",
        "body": one.body.name if one.body else "", "under": one.under.title if one.under else "", "cells": cells,
        "document": (one.document, document.title) if document else None, "running": running(request, _runs(spec, one.key)),
    }  # fmt: skip


def _runs(spec: Any, key: str) -> dict[str, list[str]]:
    seeded = next((entry for entry in spec.entries if entry.key == key), None)
    return seeded.runs if seeded else {}
