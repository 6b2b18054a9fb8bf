"""What a demo makes up over a district that ``web.opening`` has set up: places where there is no map, bodies in numbers, people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.schema import DemoBodies, Pack
from tongxin.territory import api as territory
from tongxin.web import opening
from tongxin.web.demo.drawing import draw
from tongxin.web.opening import seen

BY = "演示数据"


def set_up_places(key: str, map_file: Path, pack: Pack, *, now: datetime) -> None:
    """Take in the places of a locality's map, or draw those of its demo where it has no map."""
    if not map_file.exists() and pack.demo is not None and pack.demo.areas:
        opening.set_up_places(key, pack, draw(pack.demo), by=BY, now=now)
    else:
        content, features = opening.read_map(map_file)
        opening.set_up_places(key, pack, features, by=BY, now=now, content=content)


def make_up_bodies(key: str, pack: Pack, *, since: date, now: datetime) -> None:
    """Make the bodies that the demo wants in numbers under the bodies above."""
    for batch in pack.demo.bodies if pack.demo else []:
        district = seen(key)
        bodies = _over_areas(district, batch) if batch.over else _under_bodies(district, batch)
        if bodies:
            actor = organization.system_actor(district)
            organization.add_bodies(district=district, bodies=bodies, actor=actor, now=now, since=since)


def _under_bodies(district: packs.DistrictView, batch: DemoBodies) -> list[organization.NewBody]:
    """So many bodies, dealt evenly to the bodies of the kind above."""
    directory = organization.directory(district)
    above = [body for body in directory.bodies.values() if body.kind == batch.under and body.id in directory.living]
    return [
        organization.NewBody(
            kind=batch.kind, parent_id=above[n % len(above)].id,
            name=batch.name.format(parent=above[n % len(above)].name, area="", n=n // len(above) + 1),
        )
        for n in range(batch.count or 0 if above else 0)
    ]  # fmt: skip


def _over_areas(district: packs.DistrictView, batch: DemoBodies) -> list[organization.NewBody]:
    """One body an area, or so many dealt over the areas in order of code: several to an area, or one over several neighbours."""
    tree, directory = territory.tree(district), organization.directory(district)
    assert batch.over is not None
    inside = {ident for code in batch.within if (place := tree.by_code(code)) for ident in tree.under(place.id)}
    left_out = {ident for code in batch.outside if (place := tree.by_code(code)) for ident in tree.under(place.id)}
    areas = [
        place
        for place in tree.at_level(batch.over)
        if place.id not in left_out and (not batch.within or place.id in inside)
    ]
    over = {ground: body for body in directory.bodies.values() if body.kind == batch.under for ground in body.covers}
    made = []
    count = batch.count or len(areas)
    for n in range(count):
        first = n * len(areas) // count
        covered = areas[first : max(first + 1, (n + 1) * len(areas) // count)]
        above = next((over[ident] for ident in reversed(covered[0].path) if ident in over), None)
        name = batch.name.format(parent=above.name if above else "", area=covered[0].name, n=n + 1)
        made.append(
            organization.NewBody(
                kind=batch.kind,
                parent_id=above.id if above else None,
                name=name[:80],
                covers=tuple(place.id for place in covered),
            )
        )
    return made


def staff(key: str, pack: Pack, *, name_of: Callable[[int], str], since: date, now: datetime) -> None:
    """Make the posts that the roles ask for and give each to a made-up person."""
    organization.set_up_posts(seen(key), pack, now)
    district = seen(key)
    posts = [post.id for post in organization.directory(district).posts() if not post.ended]
    names = {post_id: name_of(n) for n, post_id in enumerate(posts)}
    actor = organization.system_actor(district)
    organization.staff_posts(district=district, names=names, actor=actor, now=now, from_on=since, made_up=True)


def give_logins(key: str, users: dict[int, int], *, now: datetime) -> None:
    """Let persons sign in: person → user."""
    district = seen(key)
    actor = organization.system_actor(district)
    for person_id, user_id in users.items():
        organization.link_user(district=district, person_id=person_id, user_id=user_id, actor=actor, now=now)
