"""Desks and units: where a case goes and how it is shown. The rule of vacancy is in ``rules/resolving.py``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.clock import local
from tongxin.organization.queries.copies import directory
from tongxin.organization.rules.directory import Directory
from tongxin.organization.rules.people import Desk, Unit
from tongxin.organization.rules.resolving import choose
from tongxin.packs import api as packs
from tongxin.territory import api as territory

_resolved: VersionedCache[Desk | None] = VersionedCache(20_000)


def resolve_role(
    district: packs.DistrictView, role: str, area_id: int | None, level: str | None, now: datetime
) -> Desk | None:
    """Return the desk of that role for the area or the nearest place above. 0 statements when copies are kept.

    Args:
        area_id: where the matter lies; None for the district as a whole (its roots).
        level: begin at the place of this level in which the area lies; where it lies in none, at the area itself.
    """

    def resolve() -> Desk | None:
        tree = territory.tree(district)
        if area_id is None:
            line = [place.id for place in tree.roots()]
        else:
            place = tree.ancestor(area_id, level) if level else None
            line = list(reversed(tree.path(place.id if place else area_id)))
        return _choose(directory(district), [(role, where) for where in line], now, district, by_place=True)

    version = (district.pack_id, district.territory_version, district.organization_version, local(now).date())
    return _resolved.get((district.id, role, area_id, level), version, resolve)


def resolve_unit(district: packs.DistrictView, body_id: int, now: datetime) -> Desk | None:
    """Return the desk of a body, else of the nearest body above that has one. 0 statements when copies are kept."""
    known = directory(district)
    kinds = district.pack.units.bodies
    steps = [(kinds[b.kind].desk, b.id) for b in known.line_of(body_id) if b.kind in kinds]
    return _choose(known, [(role, where) for role, where in steps if role], now, district, by_place=False)


def _choose(
    known: Directory, steps: Sequence[tuple[str, int]], now: datetime, district: packs.DistrictView, *, by_place: bool
) -> Desk | None:
    on = local(now).date()
    held = known.held(on)
    post = choose(
        steps,
        posts_of=known.posts_at if by_place else known.posts_in,
        held=held.__contains__,
        deputy_of={key: role.deputy for key, role in district.pack.units.roles.items()},
    )
    return known.desk(post.id, on) if post else None


def desk(district: packs.DistrictView, post_id: int, now: datetime | None = None) -> Desk | None:
    """Return one post of the district as a desk, ended ones included. 0 statements when the copy is kept."""
    return desks(district, [post_id], now).get(post_id)


def desks(district: packs.DistrictView, post_ids: Iterable[int], now: datetime | None = None) -> dict[int, Desk]:
    """Return posts of the district as desks by id, ended ones included. 0 statements when the copy is kept.

    Ids that the district does not have are left out.

    Args:
        now: for ``vacant``; without it vacancy is that of the newest day the copy was asked about.
    """
    known = directory(district)
    on = local(now).date() if now else None
    return {post_id: shown for post_id in set(post_ids) if (shown := known.desk(post_id, on)) is not None}


def list_units(district: packs.DistrictView, kinds: Sequence[str] = (), area_id: int | None = None) -> list[Unit]:
    """Return living bodies as choices, in order of kind and name. 0 statements when copies are kept.

    Args:
        kinds: body kinds in the order wanted; empty: all kinds that have a desk.
        area_id: only bodies laid over a place on the line from the root to this area, or over no place at all.
    """
    wanted = kinds or [key for key, kind in district.pack.units.bodies.items() if kind.desk]
    if not wanted:
        return []
    grounds = None if area_id is None else frozenset(territory.tree(district).path(area_id))
    return directory(district).units(wanted, grounds)
