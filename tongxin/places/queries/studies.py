"""Studies of the service circles: the newest result, what one kind left out, whether things have changed since."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from tongxin.kernel.caches import VersionedCache
from tongxin.packs import api as packs
from tongxin.places.models import CircleStudy, WalkMap
from tongxin.places.queries.facilities import last_change
from tongxin.places.rules.network import Ints
from tongxin.places.rules.study import FAR
from tongxin.territory import api as territory

OPEN = (CircleStudy.WAITING, CircleStudy.RUNNING)
_SHOWN = ("id", "state", "asked_by", "asked_at", "ended_at", "percent", "stop", "trouble")
_kept: VersionedCache[dict[str, Any]] = VersionedCache(16)  # what a study found does not change any more


@dataclass(frozen=True, slots=True)
class StudyCard:
    """A study without its walks."""

    id: int
    state: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    percent: int
    stop: bool
    trouble: str
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN


def newest_study(district_id: int) -> StudyCard | None:
    """Return the newest study with a result (1 statement, 2 the first time)."""
    row = CircleStudy.objects.filter(district_id=district_id, state=CircleStudy.DONE).order_by("-asked_at")
    found = row.values(*_SHOWN).first()
    if found is None:
        return None
    version = (found["id"], found["ended_at"])
    result = _kept.get(
        district_id, version, lambda: CircleStudy.objects.values_list("result", flat=True).get(pk=found["id"])
    )
    return StudyCard(**found, result=result)


def last_asked(district_id: int) -> StudyCard | None:
    """Return the study asked for last, whatever became of it, without what it found (1 statement)."""
    found = CircleStudy.objects.filter(district_id=district_id).order_by("-asked_at", "-id").values(*_SHOWN).first()
    return None if found is None else StudyCard(**found)


def out_of_date(district: packs.DistrictView, study: StudyCard) -> bool:
    """Whether facilities, the network or places have changed since the study (2 statements)."""
    return study.result.get("territory_version") != district.territory_version or changed_since(
        district.id, study.asked_at
    )


def changed_since(district_id: int, moment: datetime) -> bool:
    """Whether facilities or the network have changed since then (2 statements)."""
    loaded = WalkMap.objects.filter(district_id=district_id).values_list("loaded_at", flat=True).first()
    return any(at is not None and at > moment for at in (last_change(district_id), loaded))


def left_out(
    study: StudyCard, district: packs.DistrictView, kind: str, most: int = 1_500
) -> list[tuple[str, float, float, int, int]]:
    """Return dwellings beyond the kind's minutes: name, lon, lat, households, tenths of minutes (-1: no way at all).

    Most households first; empty where places have changed since. 2 statements.
    """
    data = CircleStudy.objects.filter(pk=study.id).values_list("minutes", flat=True).first()
    kinds = study.result.get("order", [])
    if data is None or kind not in kinds or study.result.get("territory_version") != district.territory_version:
        return []
    homes = territory.list_dwellings(district)
    walks = unpack_walks(bytes(data), len(kinds))
    if walks.shape[1] != len(homes):
        return []
    walk, limit = walks[kinds.index(kind)], study.result["kinds"][kind]["minutes"] * 10
    order = sorted(np.flatnonzero(walk > limit).tolist(), key=lambda i: -int(homes.households[i]))[:most]
    return [
        (
            homes.names[i],
            round(float(homes.lons[i]), 6),
            round(float(homes.lats[i]), 6),
            int(homes.households[i]),
            -1 if walk[i] >= FAR else int(walk[i]),
        )
        for i in order
    ]


def pack_walks(walks: Ints) -> bytes:
    """Walks (kinds, dwellings) in tenths of minutes, compressed."""
    return zlib.compress(walks.astype("<i2").tobytes(), 6)


def unpack_walks(data: bytes, kinds: int) -> Ints:
    """What :func:`pack_walks` kept."""
    return np.frombuffer(zlib.decompress(data), dtype="<i2").astype(np.int64).reshape(kinds, -1)
