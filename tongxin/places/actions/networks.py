"""Take in the walking network of a district from an OpenStreetMap extract."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from tongxin.packs import api as packs
from tongxin.places.models import WalkMap
from tongxin.places.queries.networks import WalkMapCard
from tongxin.places.rules.findings import PlacesError
from tongxin.places.rules.network import cut_network, network_bytes, read_network
from tongxin.records import api as records
from tongxin.territory import api as territory

MARGIN_M = 2_000.0  # facilities and ways a little beyond the border serve people inside


def load_walk_map(
    *,
    district: packs.DistrictView,
    path: Path,
    name: str = "",
    actor_label: str,
    user_id: int | None = None,
    now: datetime,
    progress: Callable[[int], bool] | None = None,
) -> WalkMapCard:
    """Read the ways of an extract, cut them to the district and keep them (4 statements). The caller asked for permission.

    Args:
        progress: told now and then how many ways have been read; False calls it off.

    Raises:
        Cancelled: ``progress`` said so. PlacesError: missing, too large (200 MB), broken, without ways, or of another part of the world.
    """
    network = read_network(path, progress=progress)
    bounds = territory.tree(district).bounds()
    if bounds is not None:
        cut = cut_network(network, bounds, MARGIN_M)
        if cut is None:
            raise PlacesError(
                "路网里没有一条路在本地范围内。", "它是别处的截取。", "请截取包含本地的范围（OSM 坐标是 WGS84）。"
            )
        network = cut
    data = network_bytes(network)
    card = WalkMapCard(
        (name or path.name)[:120], hashlib.sha256(data).hexdigest(), len(network.xy), network.links.nnz // 2, now
    )
    with transaction.atomic():
        WalkMap.objects.update_or_create(
            district_id=district.id,
            defaults={
                "file": card.file, "digest": card.digest, "nodes": card.nodes, "links": card.links, "data": data, "loaded_at": now,
            },
        )  # fmt: skip
        records.audit(
            district_id=district.id, user_id=user_id, actor_label=actor_label, action="places.load_walk_map",
            target=card.file, detail={"nodes": card.nodes, "links": card.links, "digest": card.digest}, now=now,
        )  # fmt: skip
    return card
