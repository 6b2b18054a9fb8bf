"""One place drawn anew outside a plan: what a split, a merge or a handed-over piece would make of it. Reads the tree, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from tongxin.kernel.errors import Invalid
from tongxin.packs.api import DistrictView
from tongxin.planning.models import PlanUnit
from tongxin.planning.naming import name_parts
from tongxin.territory import api as territory
from tongxin.territory.api import AreaTree, Place

MOST_MERGED = 20
NAME_CHARS = 80


@dataclass(frozen=True, eq=False)
class NewPlace:
    """A place as it would stand. ``key``: its id when it only gets another outline, else a negative number.

    ``continues``: the old place whose staff go on here, or None (its posts wait for people).
    """

    key: int
    name: str
    outline: Any
    households: int | None = None
    people: int | None = None
    continues: int | None = None


@dataclass(frozen=True, eq=False)
class Draft:
    """A change that is not written yet. ``piece``: the ground to look at; ``notes``: what was done to the drawing, in words."""

    kind: str
    level: str
    parent_id: int | None
    old: tuple[Place, ...]
    new: tuple[NewPlace, ...]
    piece: Any
    notes: tuple[str, ...] = ()


def draft_split(district: DistrictView, area_id: int, line: str) -> Draft:
    """Cut a place along a drawn line (1 statement). The largest piece keeps name and staff until somebody says otherwise."""
    tree = territory.tree(district)
    place, outline = _drawn(tree, area_id)
    drawn = territory.read_drawing(line, ring=False)
    pieces = territory.cut(place.name, outline, drawn)
    counts, untold = _households(district, outline, pieces)
    if untold is not None and place.households is not None and untold != place.households:
        notes: tuple[str, ...] = (
            f"各块户数按里面的楼栋合计，共 {untold:,} 户；原来登记的是 {place.households:,} 户，请核对。",
        )
    else:
        notes = () if untold is not None else ("里面没有登记楼栋，各块有多少户请自己填。",)
    title = next((one.title for one in district.pack.units.levels if one.key == place.level), place.level)
    siblings = [one.name for one in tree.children(place.parent_id) if one.level == place.level]
    standing = [name for name in siblings if name != place.name]
    names = name_parts([place.name, *[None] * (len(pieces) - 1)], siblings, title, standing)
    new = [
        NewPlace(-1 - i, name, piece, count, None, place.id if i == 0 else None)
        for i, (name, piece, count) in enumerate(zip(names, pieces, counts, strict=True))
    ]
    return Draft("split", place.level, place.parent_id, (place,), tuple(new), outline, notes)


def draft_merge(district: DistrictView, area_id: int, others: Sequence[int]) -> Draft:
    """Join a place with neighbours under the same parent (0 statements). Its own name and staff go on until somebody says otherwise.

    Raises Invalid for no neighbour, too many, or one elsewhere.
    """
    tree = territory.tree(district)
    place, outline = _drawn(tree, area_id)
    beside = {one.id: one for one in tree.children(place.parent_id) if one.level == place.level}
    wanted = [ident for ident in dict.fromkeys(others) if ident != area_id]
    if not wanted:
        raise Invalid("no_others", "还没有选与谁合并。", "请在列表里勾选相邻的。", "others")
    if len(wanted) >= MOST_MERGED:
        raise Invalid("many_others", f"一次最多合并 {MOST_MERGED} 个。", "请分几次办。", "others", limit=MOST_MERGED)
    if any(ident not in beside for ident in wanted):
        raise Invalid("not_beside", "只能与同一上级之下、同一级的合并。", "请从列表里选。", "others")
    old = [place, *(beside[ident] for ident in wanted)]
    outlines = {area_id: outline, **{ident: _drawn(tree, ident)[1] for ident in wanted}}
    whole = territory.join(outlines, {one.id: one.name for one in old})
    households = _sum([one.households for one in old])
    new = NewPlace(-1, place.name, whole, households, None, place.id)
    return Draft("merge", place.level, place.parent_id, tuple(old), (new,), whole)


def draft_redraw(district: DistrictView, area_id: int, ring: str, way: str, to: int | None = None) -> Draft:
    """Take the ring's ground into a place (``way`` in) or give it to a neighbour (out); codes stay (0 statements). Invalid without a way."""
    tree = territory.tree(district)
    place, _ = _drawn(tree, area_id)
    patch = territory.read_drawing(ring, ring=True)
    beside = [one for one in tree.children(place.parent_id) if one.level == place.level]
    outlines = {one.id: o for one in beside if (o := tree.outline(one.id)) is not None and o.is_valid}
    names = {one.id: one.name for one in beside}
    parent = tree.outline(place.parent_id) if place.parent_id is not None else None
    if way == "in":
        done = territory.take_piece(area_id, patch, outlines, names, parent)
    elif way == "out":
        done = territory.give_piece(area_id, patch, outlines, to, names)
    else:
        raise Invalid("no_way", "还没有选划进来还是划出去。", "请选一个。", "way")
    notes = (f"圈到上级边界外面的 {done.beyond:,} 平方米没有算。",) if done.beyond else ()
    by_id = {one.id: one for one in beside}
    order = sorted(done.after, key=lambda key: (key != area_id, key))
    new = [NewPlace(key, by_id[key].name, done.after[key], continues=key) for key in order]
    return Draft(
        "redraw", place.level, place.parent_id, tuple(by_id[key] for key in order), tuple(new), done.piece, notes
    )


def with_words(
    draft: Draft,
    tree: AreaTree,
    names: Sequence[str],
    continues: Sequence[int | None],
    households: Sequence[int | None],
) -> Draft:
    """The same draft with the names, staff and households that a person gave to its new places.

    Raises:
        Invalid: a name missing, over-long, or given to two; the staff of one place going on at two.
    """
    if draft.kind == "redraw" or not names:
        return draft
    standing = {
        one.name for one in tree.children(draft.parent_id)
        if one.level == draft.level and one.id not in {place.id for place in draft.old}
    }  # fmt: skip
    given = [name.strip() for name in names]
    for i, name in enumerate(given):
        if not 0 < len(name) <= NAME_CHARS:
            raise Invalid(
                "area_name", f"第 {i + 1} 块的名称应为 1–{NAME_CHARS} 个字。", "", f"name{i}", limit=NAME_CHARS
            )
        if name in standing or given.count(name) > 1:
            raise Invalid("area_there", f"会有两个“{name}”。", "请换一个名称。", f"name{i}")
    on = [one for one in continues if one is not None]
    if len(set(on)) != len(on):
        raise Invalid("staff_twice", "原来的人员只能到一块继续。", "请只选一块。", "continues")
    new = [
        replace(one, name=name, continues=goes_on, households=count)
        for one, name, goes_on, count in zip(draft.new, given, continues, households, strict=True)
    ]
    return replace(draft, new=tuple(new))


def _drawn(tree: AreaTree, area_id: int) -> tuple[Place, Any]:
    place, outline = tree.get(area_id), tree.outline(area_id)
    if place is None or place.parent_id is None:
        raise Invalid("not_this_one", "最上一级的边界不能在这里改。", "请导入新的边界。", "area_id")
    if outline is None or not outline.is_valid:
        raise Invalid(
            "no_outline", f"“{place.name}”没有画好的边界。", "请先导入边界，或在“检查边界”里修正。", "area_id"
        )
    return place, outline


def _households(district: DistrictView, outline: Any, pieces: Sequence[Any]) -> tuple[list[int | None], int | None]:
    """Households of the buildings in each piece, and of all; None where no building is known (1 statement)."""
    west, south, east, north = outline.bounds
    rows = PlanUnit.objects.filter(
        district_id=district.id, lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north
    )
    found = list(rows.values_list("lon", "lat", "households"))
    table = np.array([(x, y, n or 0) for x, y, n in found], dtype=np.float64).reshape(-1, 3)
    inside = [shapely.contains_xy(piece, table[:, 0], table[:, 1]) for piece in pieces]
    if not any(one.any() for one in inside):
        return [None] * len(pieces), None
    counts: list[int | None] = [int(table[one, 2].sum()) for one in inside]
    return counts, _sum(counts)


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
