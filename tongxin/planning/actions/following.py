"""What follows when places give way to others, whoever drew them: places below, cases in hand with their log, desks, notes to staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import shapely
from django.db import transaction

from tongxin.affairs import api as affairs
from tongxin.matters import api as matters
from tongxin.notices.api import Note
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, Followed
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.procedures.api import InHand
from tongxin.territory import api as territory
from tongxin.territory.api import AreaTree

Desks = Mapping[tuple[int, int], int]


def below(before: AreaTree, after: AreaTree, heirs: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """What lay in ended places has followed too; each has the successor that now holds its label point."""
    found: dict[int, list[int]] = {}
    for old_id in heirs:
        for ident in before.under(old_id):
            place = before.get(ident)
            if ident == old_id or place is None or after.get(ident) is not None:
                continue
            same = [
                p.id for new in heirs[old_id] for p in after.at_level(place.level, new)
                if (p.lon, p.lat) == (place.lon, place.lat)
            ]  # fmt: skip
            found[ident] = same[:1]
    return found


def same_below(before: AreaTree, after: AreaTree, heirs: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """A place below that followed unchanged keeps its staff."""
    return {
        new[0]: old for old, new in heirs.items()
        if len(new) == 1 and (a := before.get(old)) is not None and (b := after.get(new[0])) is not None and (a.lon, a.lat) == (b.lon, b.lat)
    }  # fmt: skip


def move_cases(
    district: DistrictView, cases: Sequence[InHand], goals: Mapping[int, int], desks: Desks, after: AreaTree, *, says: str, actor: Actor,
    now: datetime,
) -> dict[int, int]:  # fmt: skip
    """Let cases in hand go to their new places, each with an entry in its log; return new place → how many came.

    Args:
        goals: run → new place. desks: (old post, new place) → the post in its stead. says: the line of the log; ``{place}``.
    """
    procedures.relocate_runs(
        district=district, goals={run: (area, after.full_name(area)) for run, area in goals.items()}, desks=desks,
        says=says, actor=actor, now=now,
    )  # fmt: skip
    places: dict[str, dict[int, int]] = {matters.SUBJECT: {}, affairs.SUBJECT: {}}
    for case in cases:
        if case.subject_kind in places and case.run_id in goals:
            places[case.subject_kind][case.subject_id] = goals[case.run_id]
    matters.move_matters(district=district, places=places[matters.SUBJECT])
    affairs.move_affairs(district=district, places=places[affairs.SUBJECT])
    moved: dict[int, int] = {}
    for area_id in goals.values():
        moved[area_id] = moved.get(area_id, 0) + 1
    return moved


def settle(
    district: DistrictView, gone: Sequence[int], heirs: Mapping[int, Sequence[int]], *, says: str, now: datetime
) -> int:
    """Move cases that came in while places gave way and were still written into one that ended; return how many.

    Args:
        gone: places that have ended. heirs: each → those that follow it.
    """
    cases = procedures.list_in_hand(district, gone)
    if not cases:
        return 0
    tree = territory.load_tree(district.id, district.pack.units.level_keys())
    goals = find_goals(district, cases, heirs, tree, tree)
    desks = desks_of(cases, goals, organization.directory(district))
    with transaction.atomic():
        actor = organization.system_actor(district)
        return sum(move_cases(district, cases, goals, desks, tree, says=says, actor=actor, now=now).values())


def find_goals(
    district: DistrictView,
    cases: Sequence[InHand],
    heirs: Mapping[int, Sequence[int]],
    before: AreaTree,
    after: AreaTree,
) -> dict[int, int]:
    """Return run → new place: where its matter's point lies, else the heir with most of the old ground (1 statement)."""
    spots = matters.spots_of(district, [case.subject_id for case in cases if case.subject_kind == matters.SUBJECT])
    goals: dict[int, int] = {}
    for case in cases:
        own = list(heirs.get(case.area_id, ()))
        spot = spots.get(case.subject_id) if case.subject_kind == matters.SUBJECT else None
        place = after.locate(*spot) if spot is not None else None
        old = before.ever(case.area_id)
        if place is not None and old is not None and place.level == old.level and (place.id in own or not own):
            goals[case.run_id] = place.id
        elif own:
            goals[case.run_id] = max(own, key=lambda ident: _overlap(before, after, case.area_id, ident))
        elif place is not None:
            goals[case.run_id] = place.id
    return goals


def _overlap(before: AreaTree, after: AreaTree, old: int, new: int) -> float:
    first, second = before.outline(old), after.outline(new)
    return 0.0 if first is None or second is None else float(shapely.intersection(first, second).area)


def followed_desks(cases: Iterable[InHand], goals: Mapping[int, int], followed: Followed) -> dict[tuple[int, int], int]:
    """(old post, new place) → the post in its stead, of posts that have just followed their places."""
    return {
        (old, goals[case.run_id]): post
        for case in cases if case.run_id in goals
        for old in case.post_ids
        if (post := followed.desk(old, goals[case.run_id])) is not None
    }  # fmt: skip


def desks_of(
    cases: Iterable[InHand], goals: Mapping[int, int], directory: organization.Directory
) -> dict[tuple[int, int], int]:
    posts = {post.id: post for post in directory.posts()}
    at = {(post.role, post.area_id, post.seat): post.id for post in posts.values() if not post.ended}
    found: dict[tuple[int, int], int] = {}
    for case in cases:
        if case.run_id not in goals:
            continue
        goal = goals[case.run_id]
        for old in (posts[ident] for ident in case.post_ids if ident in posts):
            if (stead := at.get((old.role, goal, old.seat))) is not None:
                found[(old.id, goal)] = stead
    return found


def tell_staff(
    what: str, subject: tuple[str, int | None], after: AreaTree, posts: Mapping[int, Sequence[int]], moved: Mapping[int, int]
) -> list[Note]:  # fmt: skip
    """One note to each post of each place concerned.

    Args:
        what: the sentence that says why. posts: place → its posts. moved: place → cases that came.
    """
    notes = []
    for area_id, own in posts.items():
        came = moved.get(area_id, 0)
        body = what + (f"有 {came} 件在办的事转到这里，期限不变。" if came else "没有在办的事转来。")
        title = f"网格调整：{after.full_name(area_id)}"
        notes += [
            Note(
                kind="grid_changed",
                title=title,
                post_id=post,
                body=body,
                subject_kind=subject[0],
                subject_id=subject[1],
            )
            for post in own
        ]
    return notes
