"""A district goes into service: its locality's folder through the doors of the packages that own the rows. Nothing made up."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack
from tongxin.places import api as places
from tongxin.territory import api as territory

Features = Mapping[str, Sequence[dict[str, Any]]]  # by level


def seen(key: str) -> packs.DistrictView:
    """The district as it now is, past the copy of this process."""
    packs.forget_districts()
    view = packs.find_district(key=key)
    assert view is not None
    return view


def read_map(path: Path) -> tuple[dict[str, Any], Features]:
    """Return what a locality's map says of itself, and its features by level."""
    content = json.loads(path.read_text(encoding="utf-8"))
    by_level: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for feature in content.pop("features"):
        by_level[feature["properties"]["level"]].append(feature)
    return content, by_level


def set_up_places(
    key: str, pack: Pack, features: Features, *, by: str, now: datetime, content: Mapping[str, Any] | None = None
) -> None:
    """Take in the places level by level from above, then the names of the pack's places.yaml.

    Args:
        content: the other members of the GeoJSON file, such as its coordinate system.

    Raises:
        ValueError: the features cannot be taken in; its words say why.
    """
    for level in pack.units.level_keys():
        if features.get(level):
            _take_in(seen(key), level, features[level], pack, {"type": "FeatureCollection", **(content or {})}, by, now)
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


def _take_in(
    district: packs.DistrictView, level: str, features: Sequence[dict[str, Any]], pack: Pack, content: Mapping[str, Any], by: str, now: datetime,
) -> None:  # fmt: skip
    told = {word for feature in features for word in feature["properties"]}
    columns = territory.Columns(
        name="name",
        code="code",
        parent_code="parent",
        households="households",
        people="people" if "people" in told else "",
    )
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / f"{level}.geojson"
        part.write_text(json.dumps({**content, "features": list(features)}), encoding="utf-8")
        done = territory.import_areas(
            district=district, path=part, level=level, columns=columns, schematic=pack.settings.map.schematic,
            source=pack.settings.map.source, actor_label=by, now=now,
        )  # fmt: skip
    if not done.written:
        raise ValueError(f"{district.key} {level}: {[fault.sentence for fault in done.report.blocking][:5]}")


def set_up_facilities(key: str, *, since: date, now: datetime) -> None:
    """Make the facilities of facilities.yaml and study the service circles once, where that is quick."""
    district = seen(key)
    actor = organization.system_actor(district)
    places.set_up_facilities(district=district, actor=actor, since=since, now=now)
    if district.pack.facilities.kinds and len(territory.list_dwellings(district)):
        places.ask_study(district=district, actor=actor, now=now)


def set_up_bodies(key: str, pack: Pack, *, since: date, now: datetime) -> None:
    """Make the bodies that the pack names."""
    district = seen(key)
    organization.set_up_bodies(district, pack.bodies, now, actor=organization.system_actor(district), since=since)
