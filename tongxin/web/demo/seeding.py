"""A locality's folder through the doors of the packages that own the rows: places, bodies, posts, people."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.schema import DemoBodies, Pack
from tongxin.places import api as places
from tongxin.territory import api as territory
from tongxin.web.demo.drawing import draw

BY = "演示数据"
_COLUMNS = territory.Columns(name="name", code="code", parent_code="parent", households="households")


def seen(key: str) -> packs.DistrictView:
    """The district as it now is, past the copy of this process."""
    packs.forget_districts()
    view = packs.find_district(key=key)
    assert view is not None
    return view


def set_up_places(key: str, map_file: Path, pack: Pack, *, now: datetime, by: str = BY) -> None:
    """Take in the places of a locality's map, or of its demo where it has no map, level by level from above, and the
    names of its places.yaml.
    """
    if not map_file.exists() and pack.demo is not None and pack.demo.areas:
        content, by_level = {"type": "FeatureCollection"}, draw(pack.demo)
    else:
        content, by_level = json.loads(map_file.read_text(encoding="utf-8")), defaultdict(list)
        for feature in content["features"]:
            by_level[feature["properties"]["level"]].append(feature)
    with tempfile.TemporaryDirectory() as folder:
        for level in pack.units.level_keys():
            if not by_level.get(level):
                continue
            part = Path(folder) / f"{level}.geojson"
            part.write_text(json.dumps({**content, "features": by_level[level]}), encoding="utf-8")
            done = territory.import_areas(
                district=seen(key), path=part, level=level, columns=_COLUMNS, schematic=pack.settings.map.schematic,
                source=pack.settings.map.source, actor_label=by, now=now,
            )  # fmt: skip
            if not done.written:
                raise ValueError(f"{map_file}: {[fault.sentence for fault in done.report.blocking][:5]}")
    tree = territory.tree(seen(key))
    names = [
        territory.NewPlaceName(
            place.name, place.kind, tuple(place.aliases), area.id if (area := tree.by_code(place.area)) else None, place.lon,
            place.lat, place.households,
        )
        for place in pack.places
    ]  # fmt: skip
    if names:
        territory.add_place_names(district=seen(key), names=names, actor_label=by, now=now)


def set_up_facilities(key: str, *, since: date, now: datetime) -> None:
    """Make the facilities of facilities.yaml and study the service circles once, where that is quick."""
    district = seen(key)
    actor = organization.system_actor(district)
    places.set_up_facilities(district=district, actor=actor, since=since, now=now)
    if district.pack.facilities.kinds and len(territory.list_dwellings(district)):
        places.ask_study(district=district, actor=actor, now=now)


def set_up_bodies(key: str, pack: Pack, *, since: date, now: datetime, made_up: bool = True) -> None:
    """Make the bodies that the pack names, then (``made_up``) those that its demo makes in numbers under the bodies above."""
    district = seen(key)
    actor = organization.system_actor(district)
    organization.set_up_bodies(district, pack.bodies, now, actor=actor, since=since)
    for batch in pack.demo.bodies if pack.demo and made_up else []:
        district = seen(key)
        bodies = _over_areas(district, batch) if batch.over else _under_bodies(district, batch)
        if bodies:
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
