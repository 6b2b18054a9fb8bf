"""Reads of the tree of bodies over the tree of places."""

from __future__ import annotations

from collections.abc import Sequence

from tongxin.organization.queries.copies import directory
from tongxin.organization.rules import party
from tongxin.organization.rules.directory import Body
from tongxin.packs import api as packs
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


def check_bodies(district: packs.DistrictView) -> list[party.BodyFault]:
    """Return what is wrong in the tree of bodies by the pack. 0 statements when copies are kept."""
    return party.check_bodies(directory(district), territory.tree(district), district.pack)
