"""Reads of the tree of bodies over the tree of places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongxin.organization.queries.copies import directory
from tongxin.organization.rules import party
from tongxin.organization.rules.directory import Body
from tongxin.packs import api as packs
from tongxin.packs.schema import Responsibility
from tongxin.territory import api as territory


def body_tree(district: packs.DistrictView, families: Sequence[str] = ()) -> list[party.BodyNode]:
    """Return living bodies from the top with the places they are laid over. 0 statements when copies are kept.

    Args:
        families: e.g. ``["party"]`` for the party tree; empty for all.
    """
    return party.body_tree(directory(district), territory.tree(district), district.pack, families)


def bodies_over(district: packs.DistrictView, area_id: int, kinds: Sequence[str] = ()) -> list[Body]:
    """Return the living bodies laid over a place or one above it, nearest first. 0 statements when copies are kept."""
    path = territory.tree(district).path(area_id)
    depth = {above: number for number, above in enumerate(path)}
    found = [
        (max(depth[covered] for covered in body.covers if covered in depth), body)
        for body in directory(district).bodies.values()
        if not body.ended and (not kinds or body.kind in kinds) and not depth.keys().isdisjoint(body.covers)
    ]
    return [body for _, body in sorted(found, key=lambda pair: (-pair[0], pair[1].kind, pair[1].id))]


@dataclass(frozen=True)
class Answerable:
    """Who answers for a place at a level, and whether the matter lies with that level now (XN-22)."""

    spec: Responsibility
    body: Body | None
    place: str
    here: bool


def list_answerable(district: packs.DistrictView, area_id: int | None, holder_id: int | None) -> list[Answerable]:
    """Return the chain of responsibility over a place as the pack sets it, top down; empty where it sets none.

    Args:
        holder_id: the post that holds the matter. It lies with the lowest level of the chain that is not below that post.

    0 statements when copies are kept.
    """
    chain = district.pack.units.responsibility
    if not chain or area_id is None:
        return []
    tree, known = territory.tree(district), directory(district)
    post = known.post(holder_id) if holder_id is not None else None
    depth = max((len(tree.path(ground)) for ground in post.grounds), default=0) if post is not None else 0
    out = []
    for spec in chain:
        place = tree.ancestor(area_id, spec.level)
        over = bodies_over(district, area_id, [spec.body])
        out.append((spec, over[0] if over else None, place))
    depths = [len(tree.path(place.id)) if place is not None else 0 for _, _, place in out]
    mine = max((one for one in depths if 0 < one <= depth), default=0)
    return [
        Answerable(spec, body, place.name if place is not None else "", bool(mine) and at == mine)
        for (spec, body, place), at in zip(out, depths, strict=True)
    ]


def check_bodies(district: packs.DistrictView) -> list[party.BodyFault]:
    """Return what is wrong in the tree of bodies by the pack. 0 statements when copies are kept."""
    return party.check_bodies(directory(district), territory.tree(district), district.pack)
