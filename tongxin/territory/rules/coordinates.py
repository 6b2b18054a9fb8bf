"""Coordinate systems met in China, and how to tell which one a file is in. All outlines are kept in WGS84.

WGS84 and CGCS2000 differ by centimetres and are taken as one. GCJ-02 (高德、腾讯) and BD-09 (百度) are shifted by 100 to
1,200 m in a way that looks right and is not; a file in them is told by where its parts lie against known outlines.
The transformation is the published one; its inverse is found by iteration to below a millimetre.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from tongxin.kernel.errors import Invalid
from tongxin.territory.rules.locating import metres_per_degree

Floats = npt.NDArray[np.float64]
SYSTEMS: dict[str, str] = {
    "wgs84": "WGS84",
    "cgcs2000": "CGCS2000（国家 2000）",
    "gcj02": "GCJ-02（高德、腾讯地图）",
    "bd09": "BD-09（百度地图）",
}
# The shift is defined inside this box only.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_A, _EE = 6_378_245.0, 0.00669342162296594323  # Krasovsky's ellipsoid
CLEARLY = 0.003  # of the area; less is how people draw
_BD = math.pi * 3000.0 / 180.0


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root, pi = np.sqrt(np.abs(x)), np.pi
    common = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    d_lat += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    d_lon += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    radians = lat / 180.0 * pi
    magic = 1 - _EE * np.sin(radians) ** 2
    d_lat = d_lat * 180.0 / ((_A * (1 - _EE)) / (magic * np.sqrt(magic)) * pi)
    d_lon = d_lon * 180.0 / (_A / np.sqrt(magic) * np.cos(radians) * pi)
    inside = (lon > _WEST) & (lon < _EAST) & (lat > _SOUTH) & (lat < _NORTH)
    return np.where(inside, d_lon, 0.0), np.where(inside, d_lat, 0.0)


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift WGS84 degrees to GCJ-02; outside China nothing changes."""
    d_lon, d_lat = _gcj_shift(lon, lat)
    return lon + d_lon, lat + d_lat


def gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift GCJ-02 degrees to BD-09."""
    z = np.sqrt(lon * lon + lat * lat) + 0.00002 * np.sin(lat * _BD)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def _wgs84_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def _undo(shift: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon.copy(), lat.copy()
    for _ in range(12):
        shifted_x, shifted_y = shift(x, y)
        step_x, step_y = lon - shifted_x, lat - shifted_y
        x, y = x + step_x, y + step_y
        if not len(step_x) or max(float(np.abs(step_x).max()), float(np.abs(step_y).max())) < 1e-10:
            break
    return x, y


def convert_coordinates(lon: npt.ArrayLike, lat: npt.ArrayLike, system: str) -> tuple[Floats, Floats]:
    """Return WGS84 degrees of points given in ``system``.

    Args:
        lon, lat: degrees (metres for a projected ``EPSG:…``), one dimension.
        system: a key of ``SYSTEMS``, or any name that PROJ knows, such as ``EPSG:4547``.

    Raises:
        Invalid: the system is not known.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    word = system.lower()
    if word in ("wgs84", "cgcs2000"):
        return x, y
    if word == "gcj02":
        return _undo(wgs84_to_gcj02, x, y)
    if word == "bd09":
        return _undo(_wgs84_to_bd09, x, y)
    try:
        known = pyproj.CRS.from_user_input(system)
    except pyproj.exceptions.CRSError as error:
        names = "、".join(SYSTEMS)
        raise Invalid(
            "crs_unknown", f"不认识坐标系“{system[:60]}”。", f"可用 {names}，或 EPSG 编号如 EPSG:4547。", "crs"
        ) from error
    if known.is_geographic and known.datum is not None and known.to_epsg() in (4326, 4490, 4979, 4480):
        return x, y
    to = pyproj.Transformer.from_crs(known, "EPSG:4326", always_xy=True)
    out_x, out_y = to.transform(x, y)
    return np.asarray(out_x, dtype=np.float64), np.asarray(out_y, dtype=np.float64)


def convert_outlines(outlines: list[Any], system: str) -> list[Any]:
    """Return outlines (None passes through) moved from ``system`` to WGS84, without any height."""
    if system.lower() in ("wgs84", "cgcs2000"):
        return [None if outline is None else shapely.force_2d(outline) for outline in outlines]

    def move(xy: Floats) -> Floats:
        return np.column_stack(convert_coordinates(xy[:, 0], xy[:, 1], system))

    return [None if outline is None else shapely.transform(shapely.force_2d(outline), move) for outline in outlines]


def position_fault(outlines: list[Any]) -> str | None:
    """Return what is plainly wrong with coordinates said to be degrees in China or anywhere, or None."""
    drawn = [outline for outline in outlines if outline is not None and not outline.is_empty]
    if not drawn:
        return None
    west, south, east, north = shapely.total_bounds(np.asarray(drawn, dtype=object))
    if not all(math.isfinite(value) for value in (west, south, east, north)):
        return "坐标中有不是数字的值。"
    if west < -180 or east > 180 or south < -90 or north > 90:
        if west >= 3 and east <= 54 and south >= 73 and north <= 136:
            return "经度和纬度写反了（应先经度后纬度）。"
        return f"坐标（{west:.1f}, {south:.1f}）不是经纬度，像是以米为单位的投影坐标。请写明坐标系，例如 EPSG:4547（命令行加 --crs EPSG:4547）。"
    if west >= 3 and east <= 54 and south >= 73 and north <= 90:
        return "经度和纬度写反了（应先经度后纬度）。"
    return None


def shift_metres(lon: float, lat: float, system: str) -> float:
    """Return how far a point given in ``system`` lies from its WGS84 place, in metres."""
    x, y = convert_coordinates([lon], [lat], system)
    east, north = metres_per_degree(lat)
    return math.hypot((x[0] - lon) * east, (y[0] - lat) * north)


def detect_system(pairs: list[tuple[Any, Any]]) -> tuple[str, dict[str, float]]:
    """Return the system in which outlines fit their parents best, and the share of area inside the parent for each.

    Args:
        pairs: (outline as given, parent's outline in WGS84), valid polygons. A shift of 100 m and more shows where
            outlines reach the parent's border; plain degrees win unless another system fits clearly better.
    """
    given = [outline for outline, _ in pairs]
    parents = np.asarray([parent for _, parent in pairs], dtype=object)
    share: dict[str, float] = {}
    for system in ("wgs84", "gcj02", "bd09"):
        moved = np.asarray(convert_outlines(given, system), dtype=object)
        whole = float(shapely.area(moved).sum())
        share[system] = float(shapely.area(shapely.intersection(moved, parents)).sum()) / whole if whole else 0.0
        if share["wgs84"] > 1 - CLEARLY:
            break
    best = max(share, key=lambda system: share[system])
    return (best if share[best] > share["wgs84"] + CLEARLY else "wgs84"), share
