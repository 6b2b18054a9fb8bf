"""The rows behind a locality's folder: places from map.geojson, bodies, posts, people."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

import shapely

from tongxin.organization.models import Body, BodyArea, Person, Post, Term
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Pack
from tongxin.territory import api as territory
from tongxin.territory.models import Area, PlaceName

if TYPE_CHECKING:
    from tongxin.web.demo.opening import Locality


def set_up_places(district: DistrictView, locality: Locality, *, since: date, now: datetime) -> None:
    """Make the areas of map.geojson and the names of places.yaml."""
    features = json.loads((locality.folder / "map.geojson").read_text(encoding="utf-8"))["features"]
    made: dict[str, Area] = {}
    for feature in features:
        said = feature["properties"]
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        label = shape.representative_point()
        parent = made.get(said["parent"])
        area = Area.objects.create(
            district_id=district.id, level=said["level"], code=said["code"], name=said["name"], parent=parent, began_on=since,
            outline=shapely.to_wkb(shape), lon=label.x, lat=label.y, households=said.get("households"), schematic=said.get("schematic", False),
        )  # fmt: skip
        area.path = [*(parent.path if parent else []), area.pk]
        area.save(update_fields=["path"])
        made[area.code] = area
    PlaceName.objects.bulk_create(
        PlaceName(
            district_id=district.id, name=place.name, kind=place.kind, aliases=place.aliases, area=made[place.area], lon=place.lon,
            lat=place.lat, households=place.households,
        )
        for place in locality.pack.places
    )  # fmt: skip
    packs.bump_territory(district.id)


def set_up_bodies(district: DistrictView, pack: Pack, *, since: date, now: datetime) -> None:
    """Make the bodies that the pack names and those that its demo makes in numbers."""
    tree = territory.tree(district)
    made: dict[str, Body] = {}
    by_kind: dict[str, list[Body]] = defaultdict(list)
    grounds: list[BodyArea] = []
    for seed in pack.bodies:
        seat = tree.by_code(seed.seat) if seed.seat else None
        body = Body.objects.create(
            district_id=district.id, key=seed.key, kind=seed.kind, name=seed.name, began_on=since, parent=made.get(seed.parent or ""),
            seat_id=seat.id if seat else None,
        )  # fmt: skip
        made[seed.key] = body
        by_kind[seed.kind].append(body)
        grounds += [
            BodyArea(body=body, area_id=place.id) for code in seed.covers if (place := tree.by_code(code)) is not None
        ]
    for batch in pack.demo.bodies if pack.demo else []:
        above = by_kind[batch.under]
        by_kind[batch.kind] += Body.objects.bulk_create(
            Body(
                district_id=district.id, kind=batch.kind, parent=above[n % len(above)], began_on=since,
                name=batch.name.format(parent=above[n % len(above)].name, n=n // len(above) + 1),
            )
            for n in range(batch.count)
        )  # fmt: skip
    BodyArea.objects.bulk_create(grounds)
    packs.bump_organization(district.id)


def set_up_posts(district: DistrictView, pack: Pack, *, now: datetime) -> None:
    """Make the posts that the pack's roles ask for."""
    tree = territory.tree(district)
    covers: dict[int, list[int]] = defaultdict(list)
    for body_id, area_id in BodyArea.objects.filter(body__district_id=district.id).values_list("body_id", "area_id"):
        covers[body_id].append(area_id)
    posts = []
    for role, spec in pack.units.roles.items():
        for place in tree.at_level(spec.at) if spec.at else []:
            for seat in range(1, spec.seats + 1):
                mark = f"（{'甲乙丙丁戊己庚辛'[(seat - 1) % 8]}）" if spec.seats > 1 else ""
                title = f"{tree.full_name(place.id)}{spec.title}{mark}"
                posts.append(
                    Post(
                        district_id=district.id, role=role, title=title, area_id=place.id, seat=seat, grounds=[place.id]
                    )
                )
        inside = Body.objects.filter(district_id=district.id, kind=spec.in_) if spec.in_ else Body.objects.none()
        posts += [
            Post(
                district_id=district.id, role=role, title=f"{body.name}{spec.title}", body=body, grounds=covers[body.pk]
            )
            for body in inside
        ]
    Post.objects.bulk_create(posts)
    packs.bump_organization(district.id)


def fill_posts(district: DistrictView, *, name_of: Callable[[int], str], since: date, now: datetime) -> None:
    """Give every post to a made-up person."""
    posts = list(Post.objects.filter(district_id=district.id).order_by("id"))
    people = Person.objects.bulk_create(
        Person(district_id=district.id, name=name_of(n), made_up=True) for n in range(len(posts))
    )
    Term.objects.bulk_create(
        Term(post=post, person=person, from_on=since) for post, person in zip(posts, people, strict=True)
    )
    packs.bump_organization(district.id)


def give_login(person_id: int, user_id: int, district: DistrictView) -> None:
    """Let a person sign in."""
    Person.objects.filter(pk=person_id, district_id=district.id).update(user_id=user_id)
    packs.bump_organization(district.id)


def only_made_up() -> bool:
    """Whether no person is real (1 statement)."""
    return not Person.objects.filter(made_up=False).exists()
