"""The district's walking network, kept once a process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tongxin.kernel.caches import VersionedCache
from tongxin.places.models import WalkMap, WalkReading
from tongxin.places.rules.network import WalkNetwork, network_from_bytes

_kept: VersionedCache[WalkNetwork] = VersionedCache(4)


@dataclass(frozen=True, slots=True)
class WalkMapCard:
    """What is known of the network without reading it."""

    file: str
    digest: str
    nodes: int
    links: int
    loaded_at: datetime


def walk_map_card(district_id: int) -> WalkMapCard | None:
    """Return the facts of the network, None where there is none (1 statement)."""
    row = (
        WalkMap.objects.filter(district_id=district_id).values("file", "digest", "nodes", "links", "loaded_at").first()
    )
    return None if row is None else WalkMapCard(**row)


def last_reading(district_id: int) -> WalkReading | None:
    """Return the extract sent in last, whatever became of it (1 statement)."""
    return WalkReading.objects.filter(district_id=district_id).order_by("-asked_at", "-id").first()


def walk_network(district_id: int) -> WalkNetwork | None:
    """Return the network, None where there is none (1 statement when kept, else 2)."""
    digest = WalkMap.objects.filter(district_id=district_id).values_list("digest", flat=True).first()
    if digest is None:
        return None

    def load() -> WalkNetwork:
        data = WalkMap.objects.values_list("data", flat=True).get(district_id=district_id)
        return network_from_bytes(bytes(data))

    return _kept.get(district_id, digest, load)
