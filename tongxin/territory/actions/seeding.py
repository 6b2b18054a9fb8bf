"""Make the places that a locality's own map names, all levels at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tongxin.kernel.errors import Invalid
from tongxin.packs import api as packs
from tongxin.territory.actions.writing import NewArea, check_outline, clean_name, insert, note, writing
from tongxin.territory.models import Area
from tongxin.territory.rules.codes import scheme


@dataclass(frozen=True, slots=True)
class SeedArea:
    """A place of the map: its level, its parent's code (empty for a root) and what it looks like, code included."""

    level: str
    parent: str
    area: NewArea


def set_up_areas(
    *,
    district: packs.DistrictView,
    areas: Sequence[SeedArea],
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
    since: date | None = None,
) -> int:
    """Make those places whose code is not there yet; return how many (5 statements and 2 a level). Idempotent.

    Args:
        since: the day the new places begin; today where not given.

    Raises:
        Invalid: an unknown level or parent, a code that does not fit, a broken outline; said by name. Nothing is made then.
    """
    levels, rules = district.pack.units.level_keys(), scheme(district.pack.settings.code_scheme)
    for seed in areas:
        if seed.level not in levels:
            raise Invalid(
                "level_unknown",
                f"“{seed.area.name}”的级别“{seed.level}”不在资料包里。",
                f"有 {'、'.join(levels)}。",
                "level",
            )
        clean_name(seed.area.name)
        check_outline(seed.area.name, seed.area.outline)
        if fault := rules.fault(seed.area.code, seed.parent or None):
            raise Invalid("code_wrong", f"“{seed.area.name}”：{fault}", "请改正代码。", "code")
    with writing(district.id):
        known = {area.code: area for area in Area.objects.filter(district_id=district.id).defer("outline")}
        made = 0
        for level in levels:
            rows: list[tuple[NewArea, str, Area | None]] = []
            for seed in areas:
                if seed.level != level or seed.area.code in known:
                    continue
                parent = known.get(seed.parent)
                if (parent is None or parent.ended_on is not None) and (seed.parent or level != levels[0]):
                    raise Invalid(
                        "unknown_parent",
                        f"“{seed.area.name}”的上级“{seed.parent}”不存在。",
                        "请改正上级代码。",
                        "parent",
                    )
                rows.append((seed.area, seed.area.code, parent))
            fresh = insert(district.id, level, rows, now=now, since=since)
            known.update({area.code: area for area in fresh})
            made += len(fresh)
        note(
            district.id,
            "set_up_areas",
            district.title,
            {"made": made},
            actor_label=actor_label,
            user_id=user_id,
            now=now,
        )
    return made
