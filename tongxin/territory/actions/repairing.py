"""Mend a fault of the topology report as a person chose from its preview, or all slivers: redraw, with audit, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongxin.kernel.errors import Conflict, NotFound
from tongxin.packs import api as packs
from tongxin.territory.actions.areas import clean_reason, redraw_area
from tongxin.territory.actions.writing import note, writing
from tongxin.territory.models import Area, PlaceName
from tongxin.territory.queries.copies import load_tree
from tongxin.territory.queries.topology import SliverPlan, find_fault, find_repairs, plan_slivers
from tongxin.territory.rules.repairs import Repair

SOURCE_CHARS = 200


def choose_repair(district: packs.DistrictView, level: str, mark: str, choice: str) -> Repair:
    """Return the repair that a person chose, as it is now. Raises NotFound (the fault is gone), Conflict (the choice is)."""
    fault = find_fault(district, level, mark)
    repair = next((one for one in find_repairs(district, level, fault) if one.key == choice), None)
    if repair is None:
        raise Conflict("no_such_repair", "这个办法现在不适用了。", "请重新打开这处问题，再选一次。")
    return repair


def repair_outline(
    *,
    district: packs.DistrictView,
    level: str,
    mark: str,
    choice: str,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> list[int]:
    """Redraw what the chosen repair redraws; return the ids of the places (about 12 statements).

    Place names that hang on one of these places itself go to the one that now holds their point. Matters stay where they are
    in hand. The caller has asked for permission at each of the places.

    Raises:
        NotFound: the fault is gone. Conflict: the choice is, or places have changed since ``district`` was read.
    """
    fault = find_fault(district, level, mark)
    repair = choose_repair(district, level, mark, choice)
    changed = [change.area_id for change in repair.changes]
    with writing(district.id):
        _still(district)
        rows = {row.pk: row for row in Area.objects.filter(pk__in=changed).defer("outline")}
        for change in repair.changes:
            _redraw(district, rows[change.area_id], change.after, actor_label=actor_label, user_id=user_id, now=now)
        moved = _move_names(district, level, [*changed, *([repair.to] if repair.to else [])])
        detail = {"level": level, "fault": fault.sentence, "way": repair.way, "to": repair.to, "names_moved": moved}
        note(
            district.id,
            "repair_outline",
            "、".join(fault.places),
            detail,
            actor_label=actor_label,
            user_id=user_id,
            now=now,
        )
    return changed


def redraw_together(
    *,
    district: packs.DistrictView,
    level: str,
    outlines: Mapping[int, Any],
    reason: str,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> int:
    """Redraw several places of a level at once, codes and all else as they are; return how many place names followed.

    About 5 statements a place. The caller has asked for permission at each of them.

    Raises:
        NotFound: one is not there any more. Invalid: an outline is not sound, no reason.
    """
    reason = clean_reason(reason)
    with writing(district.id):
        rows = {row.pk: row for row in _living(district.id, list(outlines))}
        for key, outline in outlines.items():
            _redraw(district, rows[key], outline, said=reason, actor_label=actor_label, user_id=user_id, now=now)
        moved = _move_names(district, level, list(outlines))
        detail = {"level": level, "places": [row.code for row in rows.values()], "reason": reason, "names_moved": moved}
        names = "、".join(row.name for row in rows.values())
        note(district.id, "redraw_together", names, detail, actor_label=actor_label, user_id=user_id, now=now)
    return moved


def _living(district_id: int, area_ids: list[int]) -> list[Area]:
    rows = list(Area.objects.filter(district_id=district_id, pk__in=area_ids, ended_on=None).defer("outline"))
    if len(rows) != len(area_ids):
        raise NotFound("no_area", "要重画的地域里有的已经停用。", "请刷新后重画。", "area_id")
    return rows


def _move_names(district: packs.DistrictView, level: str, area_ids: list[int]) -> int:
    """Let names that hang on one of the places follow their points; return how many moved (3 statements)."""
    known = load_tree(district.id, district.pack.units.level_keys())
    names = list(PlaceName.objects.filter(district_id=district.id, area_id__in=area_ids, lon__isnull=False))
    moved = []
    taken = set(
        PlaceName.objects.filter(district_id=district.id, area_id__in=area_ids).values_list("kind", "name", "area_id")
    )
    for name in names:
        assert name.lon is not None
        assert name.lat is not None
        here = known.locate(name.lon, name.lat)
        place = known.ancestor(here.id, level) if here else None
        if (
            place
            and place.id in area_ids
            and place.id != name.area_id
            and (name.kind, name.name, place.id) not in taken
        ):
            name.area_id = place.id
            moved.append(name)
    PlaceName.objects.bulk_update(moved, ["area"], batch_size=5_000)
    return len(moved)


def repair_slivers(
    *, district: packs.DistrictView, level: str, actor_label: str, user_id: int | None = None, now: datetime
) -> SliverPlan:
    """Mend all slivers of a level that have a safe repair, in one transaction; return what was done (about 5 statements a place).

    The caller has asked for permission at each of the places. Raises Conflict: there are none, or places have just changed.
    """
    plan = plan_slivers(district, level)
    if not plan.changes:
        raise Conflict("no_slivers", "没有可以一起修正的细缝。", "请逐处看。")
    with writing(district.id):
        _still(district)
        rows = {row.pk: row for row in Area.objects.filter(pk__in=[c.area_id for c in plan.changes]).defer("outline")}
        for change in plan.changes:
            _redraw(district, rows[change.area_id], change.after, actor_label=actor_label, user_id=user_id, now=now)
        moved = _move_names(district, level, list(rows))
        detail = {"level": level, "slivers": len(plan.mended), "places": len(rows), "names_moved": moved}
        note(district.id, "repair_slivers", level, detail, actor_label=actor_label, user_id=user_id, now=now)
    return plan


def _still(district: packs.DistrictView) -> None:
    """Refuse when places have changed since ``district`` was read; inside the district's lock."""
    now_at = packs.District.objects.values_list("territory_version", flat=True).get(pk=district.id)
    if now_at != district.territory_version:
        raise Conflict("places_changed", "边界刚被别人改过。", "请重新看一遍再改。")


def _redraw(
    district: packs.DistrictView, row: Area, outline: Any, *, said: str = "边界检查后修正", actor_label: str, user_id: int | None, now: datetime
) -> None:  # fmt: skip
    source = row.source if said in row.source else f"{row.source}；{said}".lstrip("；")[:SOURCE_CHARS]
    redraw_area(
        district=district, area_id=row.pk, outline=outline, source=source, schematic=row.schematic, actor_label=actor_label,
        user_id=user_id, now=now,
    )  # fmt: skip
