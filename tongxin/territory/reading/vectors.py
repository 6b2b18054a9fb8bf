"""Zipped Shapefiles and GeoPackages, through pyogrio. A zip is unpacked by us, counted as it unpacks, then read."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.territory.reading.geojson import read_geojson
from tongxin.territory.reading.rows import RawFile, RawRow, word

_WANTED = {".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg", ".geojson", ".json"}
_BLOCK = 1 << 20
# by our own names, because GCJ-02 and BD-09 have no number and files of them state one of these: positions are looked at then
_PLAIN = {"EPSG:4326": "wgs84", "EPSG:4490": "cgcs2000"}


def read_vectors(path: Path) -> RawFile:
    """Read a GeoPackage, or a zip that holds one Shapefile, GeoPackage or GeoJSON file.

    Raises:
        Invalid: no such thing in the zip, more than one, too large when unpacked, a Shapefile without its .dbf or .shx.
    """
    if not zipfile.is_zipfile(path):
        return _read(path)
    with tempfile.TemporaryDirectory(prefix="areas-") as folder:
        _unpack(path, Path(folder))
        layers = sorted(f for f in Path(folder).iterdir() if f.suffix in (".shp", ".gpkg", ".geojson", ".json"))
        if len(layers) != 1:
            names = "、".join(f.name for f in layers)
            what = (
                f"压缩包里有几个图层：{names[:200]}。" if layers else "压缩包里没有 Shapefile、GeoPackage 或 GeoJSON。"
            )
            raise Invalid("zip_layers", what, "请每个压缩包只放一个图层。", "file")
        layer = layers[0]
        if layer.suffix in (".geojson", ".json"):
            return read_geojson(layer)
        missing = [end for end in (".shx", ".dbf") if not layer.with_suffix(end).exists()]
        if layer.suffix == ".shp" and missing:
            raise Invalid(
                "shapefile_parts", f"Shapefile 缺少 {'、'.join(missing)} 文件。", "请把同名的几个文件一起压缩。", "file"
            )
        return _read(layer)


def _unpack(path: Path, folder: Path) -> None:
    """Write the wanted members flat into the folder: no paths of the zip are followed, sizes are counted, not believed."""
    left = limits.EXCEL_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = Path(entry.filename.replace("\\", "/")).name
                suffix = Path(name).suffix.lower()
                if entry.is_dir() or suffix not in _WANTED or name.startswith("."):
                    continue
                with archive.open(entry) as source, (folder / (Path(name).stem + suffix)).open("xb") as target:
                    while block := source.read(_BLOCK):
                        left -= len(block)
                        if left < 0:
                            most = limits.EXCEL_UNPACKED_BYTES // 2**20
                            raise Invalid(
                                "zip_too_large", f"文件解开后超过 {most:,} MB。", "请分成几个文件。", "file", limit=most
                            )
                        target.write(block)
    except FileExistsError as error:
        raise Invalid("zip_layers", "压缩包里有同名的文件。", "请每个压缩包只放一个图层。", "file") from error
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError) as error:
        raise Invalid(
            "zip_broken", "压缩文件解不开，可能是坏的或加了密码。", "请重新压缩，不加密码。", "file"
        ) from error


def _encoding(layer: Path) -> str | None:
    """The encoding of a Shapefile's words where the file does not state it: UTF-8 if they are, else GBK."""
    table = layer.with_suffix(".dbf")
    if layer.suffix != ".shp" or layer.with_suffix(".cpg").exists() or not table.exists():
        return None
    data = table.read_bytes()
    head = int.from_bytes(data[8:10], "little")
    names = b"".join(data[at : at + 11].split(b"\0")[0] for at in range(32, head - 31, 32))
    try:
        (names + data[head:]).decode("utf-8")
    except UnicodeDecodeError:
        return "GBK"
    return "UTF-8"


def _only_layer(path: Path) -> str | None:
    """The one layer of a GeoPackage that has outlines; several are named and refused, never one of them taken for all."""
    import pyogrio

    found = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
    if len(found) > 1:
        what = f"文件里有 {len(found)} 个图层：{'、'.join(found)[:200]}。"
        raise Invalid("several_layers", what, "不知道要哪一个，请把要的那个另存为一个文件。", "file")
    return found[0] if found else None


def _read(layer: Path) -> RawFile:
    import pyogrio.errors
    import pyogrio.raw

    try:
        named = _only_layer(layer) if layer.suffix.lower() == ".gpkg" else None
        meta, _, shapes, fields = pyogrio.raw.read(layer, layer=named, encoding=_encoding(layer), force_2d=True)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        ValueError,
        TypeError,
        RuntimeError,
    ) as error:
        raise Invalid(
            "layer_broken", f"图层读不出来（{str(error)[:120]}）。", "请用 GIS 软件重新导出。", "file"
        ) from error
    names = [str(name) for name in meta["fields"]]
    outlines: Any = shapely.from_wkb(shapes, on_invalid="ignore") if shapes is not None else [None] * len(fields[0])
    if len(outlines) > limits.IMPORT_ROWS:
        raise Invalid(
            "file_rows", f"图层有 {len(outlines):,} 行，上限是 {limits.IMPORT_ROWS:,}。", "请分开导入。", "file"
        )
    rows = [
        RawRow(index + 1, {name: _cell(column[index]) for name, column in zip(names, fields, strict=True)}, outline)
        for index, outline in enumerate(outlines)
    ]
    system = _PLAIN.get(str(meta.get("crs") or ""), str(meta.get("crs") or ""))
    silent = not system and layer.suffix == ".shp"
    notes = ("文件没有写明坐标系，按 WGS84 看（Shapefile 缺少 .prj）；如果不是，请选定坐标系。",) if silent else ()
    return RawFile(tuple(rows), tuple(names), system, notes)


def _cell(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    return "" if isinstance(value, float) and np.isnan(value) else word(value)
