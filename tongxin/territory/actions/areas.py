"""Make, rename, redraw and end single places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.packs import api as packs
from tongxin.territory.actions.writing import (
    NewArea,
    check_outline,
    clean_name,
    codes_ever,
    drawn,
    get_living,
    insert,
    note,
    writing,
)
from tongxin.territory.models import Area
from tongxin.territory.rules.codes import scheme


def add_area(
    *,
    district: packs.DistrictView,
    level: str,
    parent_id: int | None,
    area: NewArea,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> int:
    """Make one place and return its id (7 statements).

    Raises:
        Invalid: unknown level, a parent that is not above it, a bad name, code or outline. NotFound: no such parent.
        Conflict: a place of that name is there, or the code was given before (codes are never used again, G-06).
    """
    levels = district.pack.units.level_keys()
    if level not in levels:
        raise Invalid("level_unknown", f"资料包里没有“{level}”这一级。", f"有 {'、'.join(levels)}。", "level")
    name = clean_name(area.name)
    check_outline(name, area.outline)
    with writing(district.id):
        parent = None if parent_id is None else get_living(district.id, parent_id)
        if parent is None and level != levels[0]:
            raise Invalid("parent_needed", "除最上一级之外，地域都要有上级。", "请选择上级。", "parent_id")
        if parent is not None and (parent.level not in levels or levels.index(parent.level) >= levels.index(level)):
            raise Invalid("parent_level", f"“{parent.name}”不在“{level}”的上面。", "请另选上级。", "parent_id")
        ever = codes_ever(district.id)
        code = _code(district, area.code.strip(), parent, ever)
        if Area.objects.filter(district_id=district.id, parent=parent, name=name, level=level, ended_on=None).exists():
            raise Conflict("area_there", f"这里已有“{name}”。", "请换一个名称。", "name")
        (made,) = insert(district.id, level, [(area, code, parent)], now=now)
        detail = {"id": made.pk, "level": level, "code": code, "parent": parent.code if parent else ""}
        note(district.id, "add_area", name, detail, actor_label=actor_label, user_id=user_id, now=now)
    return made.pk


def _code(district: packs.DistrictView, code: str, parent: Area | None, ever: dict[int | None, frozenset[str]]) -> str:
    """Return the given code checked, or the next one."""
    rules = scheme(district.pack.settings.code_scheme)
    taken = frozenset().union(*ever.values()) if ever else frozenset[str]()
    above = parent.code if parent else None
    if not code and parent is None and not taken:
        return district.pack.settings.region
    if not code:
        return rules.next_code(above, ever.get(parent.pk if parent else None, frozenset()), taken.__contains__)
    if fault := rules.fault(code, above):
        raise Invalid("code_wrong", fault, "请改正代码，或留空由系统编号。", "code")
    if code in taken:
        raise Conflict("code_taken", f"代码“{code}”用过了，用过的代码不再使用。", "请留空由系统编号。", "code")
    return code


def rename_area(
    *,
    district: packs.DistrictView,
    area_id: int,
    name: str,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> None:
    """Change a place's name; the old one stays in the record (5 statements). Conflict for a name that is there."""
    name = clean_name(name)
    with writing(district.id):
        area = get_living(district.id, area_id)
        same = Area.objects.filter(district_id=district.id, parent_id=area.parent_id, level=area.level, ended_on=None)
        if same.filter(name=name).exclude(pk=area.pk).exists():
            raise Conflict("area_there", f"这里已有“{name}”。", "请换一个名称。", "name")
        before, area.name = area.name, name
        area.save(update_fields=["name"])
        detail = {"id": area.pk, "code": area.code, "before": before, "after": name}
        note(district.id, "rename_area", name, detail, actor_label=actor_label, user_id=user_id, now=now)


def redraw_area(
    *,
    district: packs.DistrictView,
    area_id: int,
    outline: Any | None,
    source: str,
    schematic: bool = False,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> None:
    """Replace a place's outline (WGS84), its area and its label point (5 statements)."""
    with writing(district.id):
        area = get_living(district.id, area_id)
        check_outline(area.name, outline)
        before = area.area_cm2
        drawn(area, outline)
        area.source, area.schematic = source, schematic
        area.save(update_fields=["outline", "area_cm2", "lon", "lat", "source", "schematic"])
        detail = {"id": area.pk, "code": area.code, "area_cm2_before": before, "area_cm2_after": area.area_cm2}
        note(district.id, "redraw_area", area.name, detail, actor_label=actor_label, user_id=user_id, now=now)


def end_area(
    *,
    district: packs.DistrictView,
    area_id: int,
    reason: str,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> None:
    """End a place from today; its code is never given again, its name stays on what happened there (6 statements).

    Raises:
        Conflict: living places lie in it. Invalid: no reason.
    """
    reason = clean_reason(reason)
    with writing(district.id):
        area = get_living(district.id, area_id)
        below = Area.objects.filter(parent=area, ended_on=None).count()
        if below:
            raise Conflict(
                "area_has_children", f"“{area.name}”下面还有 {below} 个地域。", "请先停用或划转它们。", "area_id"
            )
        area.ended_on = local(now).date()
        area.save(update_fields=["ended_on"])
        detail = {"id": area.pk, "code": area.code, "reason": reason}
        note(district.id, "end_area", area.name, detail, actor_label=actor_label, user_id=user_id, now=now)


def clean_reason(reason: str) -> str:
    """Return the reason; refuses an empty or over-long one."""
    reason = reason.strip()
    if not 0 < len(reason) <= 200:
        raise Invalid("reason", "请写明事由，200 字以内。", "", "reason", limit=200)
    return reason
