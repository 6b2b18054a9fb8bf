"""Take in what people call places: estates, streets, landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxin.kernel.errors import Invalid
from tongxin.packs import api as packs
from tongxin.territory.actions.writing import clean_name, note, writing
from tongxin.territory.models import PlaceName
from tongxin.territory.queries.copies import load_tree


@dataclass(frozen=True, slots=True)
class NewPlaceName:
    """A name to be known; ``area_id`` may be left out where the point tells it."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    area_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    households: int | None = None


def add_place_names(
    *,
    district: packs.DistrictView,
    names: Sequence[NewPlaceName],
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
) -> int:
    """Make names that are not there yet, and renew aliases, points and households of those that are (6 statements).

    Returns how many lie in a place; those whose point lies in no place, and whose area is not given, are left out.

    Raises:
        Invalid: an empty or over-long name, or an area that the district does not have.
    """
    with writing(district.id):
        tree = load_tree(district.id, district.pack.units.level_keys())
        rows: dict[tuple[str, str, int], PlaceName] = {}
        for one in names:
            area_id = one.area_id
            if area_id is None and one.lon is not None and one.lat is not None:
                place = tree.locate(one.lon, one.lat)
                area_id = place.id if place else None
            if area_id is None:
                continue
            if tree.get(area_id) is None:
                raise Invalid("unknown_area", f"“{one.name}”所在的地域不存在。", "请从列出的地域里选。", "area_id")
            name = clean_name(one.name)
            rows[(one.kind, name, area_id)] = PlaceName(
                district_id=district.id, name=name, kind=one.kind[:20], aliases=[a.strip()[:80] for a in one.aliases if a.strip()],
                area_id=area_id, lon=one.lon, lat=one.lat, households=one.households,
            )  # fmt: skip
        PlaceName.objects.bulk_create(
            rows.values(), batch_size=5_000, update_conflicts=True,
            unique_fields=["district", "kind", "name", "area"], update_fields=["aliases", "lon", "lat", "households"],
        )  # fmt: skip
        detail = {"given": len(names), "kept": len(rows)}
        note(district.id, "add_place_names", "地名", detail, actor_label=actor_label, user_id=user_id, now=now)
    return len(rows)
