"""What a change of a single place would do, worked out before anybody signs; and the changes that are kept. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from django.db.models import Q

from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotFound
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.planning.models import AreaChange
from tongxin.planning.reshaping import Draft
from tongxin.procedures import api as procedures
from tongxin.procedures.api import InHand
from tongxin.territory import api as territory
from tongxin.territory.api import AreaTree, Compared

WITHIN = 0.99  # of its ground: a place below that lies so far in one new place lies in it


@dataclass(frozen=True)
class PostLine:
    """A post at an old place, who holds it, and the name of the new place where they go on (empty: nowhere)."""

    title: str
    holders: tuple[str, ...]
    goes_on: str


@dataclass(frozen=True, eq=False)
class ChangePreview:
    """All that a draft would do.

    Attributes:
        retired: (name, code) that end for good. codes: by the new places' keys, what they would get. below: places that follow to
            new codes. straddling: those of them that would lie across two. cases: by key, cases in hand that go there.
        staying: cases in hand that stay where they are. vacant: new places whose posts wait for people.
    """

    draft: Draft
    retired: tuple[tuple[str, str], ...]
    codes: dict[int, str]
    compared: Compared
    below: int
    straddling: tuple[str, ...]
    cases: dict[int, int]
    staying: int
    posts: tuple[PostLine, ...]
    vacant: tuple[str, ...]


def preview_change(district: DistrictView, draft: Draft, now: datetime) -> ChangePreview:
    """Work out what a draft would change if it took effect now (about 4 statements)."""
    tree = territory.tree(district)
    ids = [place.id for place in draft.old]
    fresh = [one for one in draft.new if one.key < 0]
    codes = territory.next_codes(district, draft.parent_id, len(fresh)) if fresh else []
    compared = territory.compare_topology(
        district, draft.level, draft.parent_id, ids, [(one.key, one.name, one.outline) for one in draft.new]
    )
    under = [ident for old in ids for ident in tree.under(old) if ident != old] if fresh else []
    cases = procedures.list_in_hand(district, [i for old in ids for i in tree.under(old, ended=True)])
    goals = _guess_goals(district, draft, cases, tree)
    counted: dict[int, int] = {}
    for key in goals.values():
        counted[key] = counted.get(key, 0) + 1
    on = {one.continues: one.name for one in draft.new if one.continues is not None}
    return ChangePreview(
        draft,
        tuple((place.name, place.code) for place in draft.old) if fresh else (),
        {one.key: code for one, code in zip(fresh, codes, strict=True)},
        compared,
        len(under),
        tuple(_straddling(tree, under, draft)),
        counted,
        len(cases) - len(goals),
        tuple(_post_lines(district, ids, on, now)) if fresh else (),
        tuple(one.name for one in fresh if one.continues is None),
    )


def _guess_goals(district: DistrictView, draft: Draft, cases: Sequence[InHand], tree: AreaTree) -> dict[int, int]:
    """Run → key of the place it would go to: where its matter lies, else where its place's middle does."""
    spots = matters.spots_of(district, [case.subject_id for case in cases if case.subject_kind == matters.SUBJECT])
    ids = {place.id for place in draft.old}
    goals: dict[int, int] = {}
    for case in cases:
        own = case.area_id in ids
        spot = spots.get(case.subject_id) if own and case.subject_kind == matters.SUBJECT else None
        if draft.kind == "redraw":
            inside = _holding(draft, spot) if spot is not None else None
            if inside is not None and inside != case.area_id:
                goals[case.run_id] = inside
            continue
        place = tree.ever(case.area_id)
        if spot is None and place is not None and place.lon is not None and place.lat is not None:
            spot = (place.lon, place.lat)
        goals[case.run_id] = (_holding(draft, spot) if spot is not None else None) or draft.new[0].key
    return goals


def _holding(draft: Draft, spot: tuple[float, float]) -> int | None:
    return next((one.key for one in draft.new if shapely.intersects_xy(one.outline, *spot)), None)


def _straddling(tree: AreaTree, under: Sequence[int], draft: Draft) -> list[str]:
    names = []
    for ident in under:
        outline = tree.outline(ident)
        if outline is None or not outline.is_valid:
            continue
        most = max(float(shapely.intersection(one.outline, outline).area) for one in draft.new)
        if most < WITHIN * float(outline.area):
            names.append(tree.full_name(ident))
    return names


def _post_lines(district: DistrictView, ids: Sequence[int], on: Mapping[int, str], now: datetime) -> list[PostLine]:
    known, today = organization.directory(district), local(now).date()
    return [
        PostLine(
            post.title, tuple(name for _, name, *_ in known.holders(post.id, today)), on.get(post.area_id or 0, "")
        )
        for post in known.posts()
        if post.area_id in ids and not post.ended
    ]


def get_change(district: DistrictView, change_id: int, *, lock: bool = False) -> AreaChange:
    """Return a change of this district (1 statement). Raises NotFound."""
    rows = AreaChange.objects.filter(district_id=district.id, pk=change_id)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise NotFound("no_change", "没有这次变更。", "请从列表里重新打开。")
    return row


def list_changes(district: DistrictView, area_id: int | None = None, rows: int = 100) -> list[AreaChange]:
    """Return the newest changes, or those that concern one place (1 statement)."""
    found = AreaChange.objects.filter(district_id=district.id).order_by("-made_at", "-id")
    if area_id is not None:
        found = found.filter(Q(became__contains=[area_id]) | Q(old__contains=[[area_id]])).defer("old", "new")
    return list(found[:rows])


def outlines_of(row: AreaChange) -> tuple[dict[int, Any], dict[int, Any]]:
    """Return the outlines before (by id) and after (by id or negative number) of a kept change."""
    before = {old[0]: shapely.from_wkb(old[3]) for old in row.old if old[3]}
    return before, {new[0]: shapely.from_wkb(new[2]) for new in row.new}
