"""The walking network: nodes and links from an OpenStreetMap extract (pbf), in metres.

Holds no routes and no time: walking time is distance / speed in ``circle``. Ways closed to people on foot are left
out. Both directions of every link are walked.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tongxin.kernel.errors import Cancelled
from tongxin.places.rules.findings import PlacesError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EARTH_M = 6_371_008.8
MAX_PBF_MB = 200
TELL_EVERY = 500  # ways
NOT_ON_FOOT = frozenset({"motorway", "motorway_link", "construction", "proposed", "raceway", "bus_guideway", "escape"})
CLOSED = frozenset({"no", "private"})


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """``xy`` (n, 2) metres on a plane tangent at ``origin`` (longitude, latitude); ``links`` symmetric, in metres."""

    origin: tuple[float, float]
    xy: Floats
    links: csr_matrix

    def plane(self, lonlat: Floats) -> Floats:
        """Longitude/latitude (k, 2) → metres on the network's plane."""
        return to_plane(lonlat, self.origin)

    def nearest_nodes(self, lonlat: Floats) -> tuple[Ints, Floats]:
        """The nearest node of each point and the metres to it."""
        metres, node = cKDTree(self.xy).query(self.plane(lonlat))
        return np.asarray(node, dtype=np.int64), np.asarray(metres, dtype=np.float64)


def to_plane(lonlat: Floats, origin: tuple[float, float]) -> Floats:
    """Longitude/latitude (k, 2) in degrees → metres on a plane tangent at ``origin``; 0.1 % good within 100 km."""
    scale = math.radians(1.0) * EARTH_M
    plane = (np.asarray(lonlat, dtype=np.float64) - np.array(origin)) * scale
    plane[:, 0] *= math.cos(math.radians(origin[1]))
    return np.asarray(plane)


def read_network(
    path: Path,
    *,
    max_mb: int = MAX_PBF_MB,
    largest_only: bool = True,
    progress: Callable[[int], bool] | None = None,
) -> WalkNetwork:
    """Read the ways people may walk from an OSM pbf.

    ``largest_only`` keeps the largest connected part, so that no dwelling is snapped to a stray footpath from which
    nothing can be reached. Raises ``PlacesError`` for a missing, too large, broken or empty file, ``Cancelled`` when ``progress`` (told the ways read) says so.
    """
    if not path.is_file():
        raise PlacesError(f"找不到路网文件 {path.name}。", "没有路网就按直线 × 1.3 估算。", "请重新上传 OSM pbf。")
    size = path.stat().st_size / 1e6
    if size > max_mb:
        raise PlacesError(f"路网文件 {size:.0f} MB,超过上限 {max_mb} MB。", "", "请只截取本区范围再上传。")
    import osmium

    try:
        node_of, lonlat, chains = _read_ways(path, progress)
    except (RuntimeError, osmium.InvalidLocationError) as broken:
        raise PlacesError(
            f"路网文件 {path.name} 读不出来。", "它不是完整的 OSM pbf。", "请重新下载后上传。"
        ) from broken
    if not node_of:
        raise PlacesError(f"路网文件 {path.name} 里没有可步行的道路。", "", "请检查截取的范围。")
    ends = np.array(chains, dtype=np.int64).reshape(-1, 2)
    return network_from_links(np.array(lonlat), ends, largest_only=largest_only)


def network_bytes(network: WalkNetwork) -> bytes:
    """The network as one compressed block, to be kept in the database."""
    out = io.BytesIO()
    links = network.links.tocoo()
    once = links.row < links.col
    np.savez_compressed(
        out, origin=np.array(network.origin), xy=network.xy.astype(np.float32),
        ends=np.column_stack([links.row[once], links.col[once]]).astype(np.int32), metres=links.data[once].astype(np.float32),
    )  # fmt: skip
    return out.getvalue()


def network_from_bytes(data: bytes) -> WalkNetwork:
    """The network that :func:`network_bytes` kept."""
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        xy = kept["xy"].astype(np.float64)
        u, v = kept["ends"][:, 0], kept["ends"][:, 1]
        metres = kept["metres"].astype(np.float64)
        origin = (float(kept["origin"][0]), float(kept["origin"][1]))
    links = csr_matrix((np.r_[metres, metres], (np.r_[u, v], np.r_[v, u])), shape=(len(xy), len(xy)))
    return WalkNetwork(origin, xy, links)


def cut_network(network: WalkNetwork, bounds: tuple[float, float, float, float], margin_m: float) -> WalkNetwork | None:
    """The part of a network within ``margin_m`` of (west, south, east, north); None when nothing lies there.

    Of what is left only the largest connected part is kept.
    """
    corners = network.plane(np.array([bounds[:2], bounds[2:]]))
    low, high = corners.min(axis=0) - margin_m, corners.max(axis=0) + margin_m
    keep = np.flatnonzero(((network.xy >= low) & (network.xy <= high)).all(axis=1))
    if not len(keep):
        return None
    links = network.links[keep][:, keep]
    label = connected_components(links, directed=False)[1]
    largest = np.flatnonzero(label == np.bincount(label).argmax())
    return WalkNetwork(network.origin, network.xy[keep][largest], links[largest][:, largest])


def network_from_links(lonlat: Floats, ends: Ints, *, largest_only: bool = True) -> WalkNetwork:
    """A network from node coordinates (n, 2) in degrees and node pairs (m, 2); doubled and looping pairs fall away."""
    origin = (float(lonlat[:, 0].mean()), float(lonlat[:, 1].mean()))
    xy = to_plane(lonlat, origin)
    ends = np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0)
    metres = np.maximum(np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T), 0.01)  # a zero would mean "no link"
    u, v = ends[:, 0], ends[:, 1]
    links = csr_matrix((np.r_[metres, metres], (np.r_[u, v], np.r_[v, u])), shape=(len(xy), len(xy)))
    if largest_only:
        label = connected_components(links, directed=False)[1]
        keep = np.flatnonzero(label == np.bincount(label).argmax())
        xy, links = xy[keep], links[keep][:, keep]
    return WalkNetwork(origin, xy, links)


def on_foot(tags: dict[str, str]) -> bool:
    """Whether a way's tags let people walk on it."""
    kind, foot = tags.get("highway"), tags.get("foot")
    if kind is None or kind in NOT_ON_FOOT or foot in CLOSED or tags.get("area") == "yes":
        return False
    if tags.get("motorroad") == "yes" or tags.get("access") in CLOSED:
        return foot in ("yes", "designated", "permissive")
    return True


def _read_ways(
    path: Path, progress: Callable[[int], bool] | None = None
) -> tuple[dict[int, int], list[tuple[float, float]], list[tuple[int, int]]]:
    import osmium

    node_of: dict[int, int] = {}
    lonlat: list[tuple[float, float]] = []
    chains: list[tuple[int, int]] = []
    seen = 0
    wanted = osmium.filter.KeyFilter("highway")
    wanted.enable_for(osmium.osm.WAY)
    for way in osmium.FileProcessor(str(path)).with_locations().with_filter(wanted):
        seen += 1
        if progress is not None and seen % TELL_EVERY == 0 and not progress(seen):
            raise Cancelled
        if not isinstance(way, osmium.osm.Way) or not on_foot(dict(way.tags)):
            continue
        before = -1
        for node in way.nodes:
            if not node.location.valid():
                before = -1  # the extract cut the way here
                continue
            place = node_of.setdefault(node.ref, len(lonlat))
            if place == len(lonlat):
                lonlat.append((node.lon, node.lat))
            if before >= 0:
                chains.append((before, place))
            before = place
    return node_of, lonlat, chains
