"""Split, merge and redraw places into new ones with new codes; the old ones end and are linked (norm G-06)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import shapely

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.packs import api as packs
from tongxin.territory.actions.areas import clean_reason
from tongxin.territory.actions.writing import (
    NAME_CHARS,
    NewArea,
    check_outline,
    clean_name,
    codes_ever,
    insert,
    note,
    writing,
)
from tongxin.territory.models import Area, AreaSuccession, PlaceName
from tongxin.territory.rules.codes import CodeScheme, scheme


def succeed_area(
    *,
    district: packs.DistrictView,
    old_ids: Sequence[int],
    new: Sequence[NewArea],
    reason: str,
    links: Collection[tuple[int, int]] | None = None,
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> list[int]:
    """End places of one level under one parent and make new ones in their stead; return the new ids.

    One old and many new is a split, many old and one new a merge. What lay in the old places follows: each place below
    ends as well and has a successor of the same name under the new place that holds its label point (with one new place,
    under that one), because a code begins with its parent's. Place names follow in the same way. Posts are set up anew by
    ``organization.set_up_posts``. About 10 statements a level of depth, whatever the number of places.

    Args:
        links: (old id, index in ``new``): who follows whom, where many are redrawn into many; else each follows all.

    Raises:
        NotFound: an old place is not there. Invalid: different levels or parents, a bad name or outline, no reason, or a
        place below whose new parent cannot be told.
    """
    reason = clean_reason(reason)
    for one in new:
        clean_name(one.name)
        check_outline(one.name, one.outline)
    names = [one.name.strip() for one in new]
    if not new or len(set(names)) != len(names):
        raise Invalid("succession_new", "至少要有一个新地域，且名称不能相同。", "", "new")
    with writing(district.id):
        old = list(
            Area.objects.filter(district_id=district.id, pk__in=old_ids, ended_on=None)
            .select_related("parent")
            .order_by("code")
        )
        if not old or len(old) != len(set(old_ids)):
            raise NotFound("no_area", "要调整的地域不存在，或者已经停用。", "请刷新后再选。", "old_ids")
        if len({(area.level, area.parent_id) for area in old}) != 1:
            raise Invalid("succession_mixed", "只能调整同一上级之下、同一级的地域。", "请分开办理。", "old_ids")
        step = _Step(district, reason, now)
        made = step.replace(old, [(one, old[0].parent) for one in new], links=links)
        left = step.move_names()
        detail = {
            "old": [{"id": area.pk, "code": area.code, "name": area.name} for area in old],
            "new": [{"id": area.pk, "code": area.code, "name": area.name} for area in made],
            "reason": reason,
            "names_left_behind": left,
        }
        note(district.id, "succeed_area", "、".join(names), detail, actor_label=actor_label, user_id=user_id, now=now)
    return [area.pk for area in made]


class _Step:
    """One succession on its way down the levels."""

    def __init__(self, district: packs.DistrictView, reason: str, now: datetime) -> None:
        self.district, self.reason, self.now = district, reason, now
        self.rules: CodeScheme = scheme(district.pack.settings.code_scheme)
        self.ever = {parent: set(codes) for parent, codes in codes_ever(district.id).items()}
        self.taken = {code for codes in self.ever.values() for code in codes}
        self.heirs: dict[int, list[tuple[Area, Any | None]]] = {}

    def replace(
        self,
        old: list[Area],
        new: list[tuple[NewArea, Area | None]],
        pairs: dict[int, int] | None = None,
        links: Collection[tuple[int, int]] | None = None,
    ) -> list[Area]:
        """End the old, make the new, link them, and go one level down.

        Args:
            pairs: old id → number of its one successor; without it every new place may follow every old one.
            links: which of these followings are written down; all where not given.
        """
        coded = [(one, self._code(one, parent), parent) for one, parent in new]
        made = insert(self.district.id, old[0].level, coded, now=self.now)
        Area.objects.filter(pk__in=[area.pk for area in old]).update(ended_on=local(self.now).date())
        heirs = [(area, made[pairs[area.pk]]) for area in old] if pairs else [(a, b) for a in old for b in made]
        said = None if links is None else {(old_id, made[number].pk) for old_id, number in links}
        on = local(self.now).date()
        AreaSuccession.objects.bulk_create(
            AreaSuccession(old=a, new=b, on=on, reason=self.reason)
            for a, b in heirs
            if said is None or (a.pk, b.pk) in said
        )
        outlines = {area.pk: one.outline for area, (one, _) in zip(made, new, strict=True)}
        for a, b in heirs:
            self.heirs.setdefault(a.pk, []).append((b, outlines[b.pk]))
        below = list(Area.objects.filter(parent_id__in=[area.pk for area in old], ended_on=None).order_by("code"))
        by_level: dict[str, list[Area]] = {}
        for area in below:
            by_level.setdefault(area.level, []).append(area)
        for places in by_level.values():
            above = [self._heir(area.parent_id, area.lon, area.lat, area.name) for area in places]
            named = Counter((heir.pk, area.name) for heir, area in zip(above, places, strict=True))
            was = {area.pk: area.name for area in old}
            following: list[tuple[NewArea, Area | None]] = []
            for area, heir in zip(places, above, strict=True):
                # Two communities that merge may both have a 第1网格.
                doubled = named[(heir.pk, area.name)] > 1
                name = f"{area.name}（原{was[area.parent_id or 0]}）" if doubled else area.name
                following.append((self._same(area, name), heir))
            self.replace(places, following, {area.pk: number for number, area in enumerate(places)})
        return made

    def _code(self, one: NewArea, parent: Area | None) -> str:
        above, key = (parent.code, parent.pk) if parent else (None, None)
        siblings = self.ever.setdefault(key, set())
        code = one.code.strip()
        if code and ((fault := self.rules.fault(code, above)) or code in self.taken):
            raise Invalid(
                "code_wrong", fault or f"代码“{code}”用过了，用过的代码不再使用。", "请留空由系统编号。", "code"
            )
        code = code or self.rules.next_code(above, siblings, self.taken.__contains__)
        siblings.add(code)
        self.taken.add(code)
        return code

    @staticmethod
    def _same(area: Area, name: str) -> NewArea:
        """The same place, to be made under a new code."""
        outline = None if area.outline is None else shapely.from_wkb(bytes(area.outline))
        return NewArea(
            name[:NAME_CHARS],
            "",
            outline,
            area.lon,
            area.lat,
            area.households,
            area.people,
            area.schematic,
            area.source,
        )

    def _heir(self, old_id: int | None, lon: float | None, lat: float | None, name: str) -> Area:
        heirs = self.heirs[old_id] if old_id is not None else []
        if len(heirs) == 1:
            return heirs[0][0]
        if lon is not None and lat is not None:
            for area, outline in heirs:
                if outline is not None and shapely.intersects_xy(outline, lon, lat):
                    return area
        raise Invalid(
            "succession_heir",
            f"不知道“{name}”归哪个新地域：它没有位置，或不在任何新边界之内。",
            "请先停用它，或画好新边界。",
            "new",
        )

    def move_names(self) -> int:
        """Let place names follow; return how many stay behind because nothing tells which new place they lie in."""
        moved, left = [], 0
        for place in PlaceName.objects.filter(area_id__in=list(self.heirs)):
            try:
                place.area = self._heir(place.area_id, place.lon, place.lat, place.name)
            except Invalid:
                left += 1
                continue
            moved.append(place)
        PlaceName.objects.bulk_update(moved, ["area"], batch_size=5_000)
        return left
