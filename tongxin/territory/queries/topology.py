"""The topology report of a level as it stands, and what a repair of one of its faults would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.errors import NotFound
from tongxin.packs import api as packs
from tongxin.territory.models import Area, PlaceName
from tongxin.territory.queries.copies import tree
from tongxin.territory.rules.codes import scheme
from tongxin.territory.rules.importing.plan import drawn_of, parents_of
from tongxin.territory.rules.repairs import REPAIRABLE, Change, Repair, boxes_touch, list_repairs, mend_slivers, mended
from tongxin.territory.rules.shapes import area_cm2
from tongxin.territory.rules.topology import OUTSIDE_SHARE, Drawn, Fault, TopologyReport, check
from tongxin.territory.rules.tree import AreaTree

_reports: VersionedCache[TopologyReport] = VersionedCache(32)


def topology_report(district: packs.DistrictView, level: str) -> TopologyReport:
    """Examine the outlines, codes and names of a level (norms G-04, G-05, G-06).

    0 statements when the copy of places is kept; some seconds for 25,000, once until places change.
    """
    version = (district.territory_version, district.pack_id)
    return _reports.get((district.id, level), version, lambda: _examine(district, level))


def _examine(district: packs.DistrictView, level: str) -> TopologyReport:
    known = tree(district)
    above = {place.parent_id for place in known.at_level(level) if place.parent_id is not None}
    report = check(drawn_of(known, level), parents_of(known, above))
    faults = (*_words(district, known, level), *report.faults)
    return TopologyReport(tuple(sorted(faults, key=lambda fault: not fault.blocking)), report.places, report.components)


def _words(district: packs.DistrictView, known: AreaTree, level: str) -> list[Fault]:
    """Codes that do not follow from the parent's, parents that do not lie above, names twice under one parent."""
    rules, levels = scheme(district.pack.settings.code_scheme), known.levels
    places = known.at_level(level)
    named = Counter((place.parent_id, place.name) for place in places)
    faults = []
    for place in places:
        parent = known.get(place.parent_id)
        where = known.outline(place.id)
        if where is None and place.lon is not None:
            where = shapely.Point(place.lon, place.lat)
        if said := rules.fault(place.code, parent.code if parent else None):
            faults.append(Fault("wrong_code", f"“{place.name}”：{said}", (place.name,), where, keys=(place.id,)))
        if parent is not None and parent.level in levels and levels.index(parent.level) >= levels.index(level):
            said = f"“{place.name}”的上级“{parent.name}”不在它的上一级。"
            faults.append(Fault("wrong_level", said, (place.name, parent.name), where, keys=(place.id,)))
        if named[(place.parent_id, place.name)] > 1:
            said = f"“{parent.name if parent else ''}”里有 {named[(place.parent_id, place.name)]} 个“{place.name}”（{place.code}）。"
            faults.append(Fault("duplicate_name", said, (place.name,), where, keys=(place.id,)))
    return faults


@dataclass(frozen=True, eq=False)
class RepairPreview:
    """One way to mend a fault and all that follows.

    Attributes:
        gone: whether the fault would be gone. more: faults that would come up in its stead.
        sticking_out: names of places below that would reach over the new border.
        homes, households: dwellings on the piece that changes hands.
    """

    repair: Repair
    gone: bool
    more: tuple[Fault, ...]
    sticking_out: tuple[str, ...]
    homes: int
    households: int


def find_fault(district: packs.DistrictView, level: str, mark: str) -> Fault:
    """Return the fault with this mark. Raises NotFound when it is gone, or the places have changed so that it is another."""
    fault = next((one for one in topology_report(district, level).faults if one.mark == mark), None)
    if fault is None:
        raise NotFound("no_fault", "这处问题已经没有了，或者边界有了变化。", "请回到边界检查重新看。")
    return fault


def has_repair(fault: Fault) -> bool:
    """Whether it is worth asking for repairs (it may still turn out that none is safe)."""
    return fault.kind in REPAIRABLE and bool(fault.keys)


def find_repairs(district: packs.DistrictView, level: str, fault: Fault) -> list[Repair]:
    """Return the safe repairs of a fault (0 statements)."""
    known = tree(district)
    outlines = {p.id: o for p in known.at_level(level) if (o := known.outline(p.id)) is not None and o.is_valid}
    parent_id = fault.keys[-1] if fault.keys and fault.kind in ("gap", "sliver", "outside_parent") else None
    parent = known.outline(parent_id) if parent_id is not None and parent_id not in outlines else None
    siblings = [place.id for place in known.children(parent_id)] if parent is not None else []
    return list_repairs(fault, outlines, parent, siblings)


def preview_repairs(district: packs.DistrictView, level: str, fault: Fault) -> list[RepairPreview]:
    """Return every safe repair with what follows from it (1 statement when there are any)."""
    repairs = find_repairs(district, level, fault)
    if not repairs:
        return []
    known = tree(district)
    places = [place for place in known.at_level(level) if known.outline(place.id) is not None]
    outlines = {place.id: known.outline(place.id) for place in places}
    around = shapely.union_all(
        [change.before for one in repairs for change in one.changes] + [one.piece for one in repairs]
    )
    ids = np.array(list(outlines))
    near = set(ids[boxes_touch(around, list(outlines.values()))].tolist())
    drawn = [one for one in drawn_of(known, level) if one.key in near]
    above = {p.parent_id for i in near if (p := known.get(i)) is not None and p.parent_id is not None}
    before = check(drawn, parents_of(known, above), gaps=False).faults
    homes = _homes(district.id)
    found = []
    for repair in repairs:
        changed = {change.area_id: change.after for change in repair.changes}
        redrawn = [replace(one, outline=changed.get(one.key or 0, one.outline)) for one in drawn]
        after = check(redrawn, parents_of(known, above), gaps=False).faults
        here = shapely.contains_xy(repair.piece, homes[:, 0], homes[:, 1])
        found.append(
            RepairPreview(
                repair,
                mended(fault, repair, outlines),
                tuple(_more(before, after)),
                tuple(_sticking_out(known, changed)),
                int(here.sum()),
                int(homes[here, 2].sum()),
            )
        )
    return found


def _homes(district_id: int) -> Any:
    rows = PlaceName.objects.filter(district_id=district_id, lon__isnull=False, households__gt=0)
    return np.array(list(rows.values_list("lon", "lat", "households")), dtype=np.float64).reshape(-1, 3)


def _more(before: Sequence[Fault], after: Sequence[Fault]) -> list[Fault]:
    """Faults that are new or have grown."""
    was = {(fault.kind, fault.keys): fault.square_metres or 0 for fault in before}
    return [fault for fault in after if (fault.square_metres or 0) > was.get((fault.kind, fault.keys), -1) + 1]


def _sticking_out(known: AreaTree, changed: dict[int, Any]) -> list[str]:
    names = []
    for area_id, outline in changed.items():
        for child in known.children(area_id):
            inner = known.outline(child.id)
            if inner is None or not inner.is_valid:
                continue
            beyond = area_cm2(shapely.difference(inner, outline))
            if beyond > 10_000 and beyond > OUTSIDE_SHARE * area_cm2(inner):
                names.append(known.full_name(child.id))
    return names


@dataclass(frozen=True, eq=False)
class SliverPlan:
    """What mending all slivers of a level at once would redraw, and which slivers it leaves."""

    changes: tuple[Change, ...]
    mended: tuple[Fault, ...]
    left: tuple[Fault, ...]

    @property
    def square_metres(self) -> int:
        """How much ground changes hands altogether."""
        return sum(fault.square_metres or 0 for fault in self.mended)


def plan_slivers(district: packs.DistrictView, level: str) -> SliverPlan:
    """Return what mending all slivers of a level would change (0 statements)."""
    known = tree(district)
    slivers = topology_report(district, level).of("sliver")
    outlines = {p.id: o for p in known.at_level(level) if (o := known.outline(p.id)) is not None and o.is_valid}
    above = {fault.keys[-1] for fault in slivers if len(fault.keys) == 1}
    parents = {i: o for i in above if (o := known.outline(i)) is not None}
    children = {i: [place.id for place in known.children(i)] for i in above}
    changed, done, left = mend_slivers(slivers, outlines, parents, children)
    changes = tuple(Change(key, outlines[key], after) for key, after in changed.items())
    return SliverPlan(changes, tuple(done), tuple(left))


@dataclass(frozen=True, eq=False)
class Compared:
    """What a change of borders does to the faults around it: those that go, those that come, how many stay."""

    gone: tuple[Fault, ...]
    come: tuple[Fault, ...]
    stay: int
    sticking_out: tuple[str, ...] = ()


def compare_topology(
    district: packs.DistrictView,
    level: str,
    parent_id: int | None,
    gone: Sequence[int],
    made: Sequence[tuple[int, str, Any]],
) -> Compared:
    """Examine the places of one parent, and what touches them, before and after a change (0 statements).

    Args:
        gone: ids of places that are no more, or are drawn anew. made: (id or a negative number, name, outline) of what stands then.
    """
    known = tree(district)
    siblings = {place.id for place in known.children(parent_id)} if parent_id is not None else set[int]()
    outlines = {p.id: o for p in known.at_level(level) if (o := known.outline(p.id)) is not None and o.is_valid}
    around = shapely.union_all([outlines[key] for key in gone if key in outlines] + [outline for _, _, outline in made])
    ids = np.array(list(outlines))
    near = set(ids[boxes_touch(around, list(outlines.values()))].tolist()) | siblings
    before = [one for one in drawn_of(known, level) if one.key in near]
    word = next((one.parent for one in before if one.key in gone), None)
    after = [one for one in before if one.key not in gone]
    after += [Drawn(name, word, outline, key=key) for key, name, outline in made]
    parents = parents_of(known, {parent_id} if parent_id is not None else set())
    was, now = (check(drawn, parents).faults for drawn in (before, after))
    old, new = ({_same(fault): fault for fault in faults} for faults in (was, now))
    left = [fault for key, fault in old.items() if key not in new]
    come = [fault for key, fault in new.items() if key not in old]
    out = _sticking_out(known, {key: outline for key, _, outline in made if key > 0})
    return Compared(tuple(left), tuple(come), len(new) - len(come), tuple(out))


def _same(fault: Fault) -> tuple[object, ...]:
    """What tells one fault from another on both sides of a change: kind, names, and where it lies to about a metre."""
    spot = fault.point
    return fault.kind, fault.places, None if spot is None else (round(spot[0], 5), round(spot[1], 5))


def next_codes(district: packs.DistrictView, parent_id: int | None, count: int) -> list[str]:
    """Return the codes that the next places under a parent would get (1 statement); none is given by asking."""
    rules, known = scheme(district.pack.settings.code_scheme), tree(district)
    rows = Area.objects.filter(district_id=district.id).values_list("parent_id", "code")
    taken = {code for _, code in rows}
    own = {code for parent, code in rows if parent == parent_id}
    parent = known.get(parent_id)
    found: list[str] = []
    for _ in range(count):
        code = rules.next_code(parent.code if parent else None, own, taken.__contains__)
        own.add(code)
        taken.add(code)
        found.append(code)
    return found
