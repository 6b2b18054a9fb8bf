"""Real files with something wrong in them, sent in by page: each gets a sentence that says what and where; nothing is mended in silence."""

from __future__ import annotations

import errno
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.domain import smalltown
from tests.pages.admin_site import said
from tests.pages.conftest import SignedIn
from tests.world import World
from tongxin.places.models import Facility
from tongxin.planning.models import PlanUnit
from tongxin.records import storage
from tongxin.records.models import Attachment
from tongxin.territory.models import Area
from tongxin.territory.rules import coordinates

LON, LAT = smalltown.centre(0, 0)
TWO = [("甲网格", smalltown.square(0, 0)), ("乙网格", smalltown.square(1, 0))]
BOW = shapely.Polygon([(118.0, 29.0), (118.01, 29.01), (118.01, 29.0), (118.0, 29.01)])
APART = shapely.MultiPolygon([smalltown.square(0, 0, 0.4, 1), smalltown.square(0.6, 0, 0.4, 1)])
DOUBLED = shapely.Polygon([(118, 29), (118, 29), (118.01, 29), (118.01, 29), (118.01, 29.01), (118, 29.01)])


def shown(client: Client, door: str, path: Path, **given: str) -> tuple[int, str]:
    """Send a file in at a door and return what the report says."""
    with path.open("rb") as file:
        response = client.post(door, {"file": file, **given})
    if response.status_code == 302:
        response = client.get(response["Location"])
    return response.status_code, said(response)


def areas(client: Client, path: Path, **given: str) -> str:
    before = list(Area.objects.order_by("id").values_list("id", "area_cm2"))
    status, page = shown(
        client,
        "/admin/areas/import",
        path,
        level="grid",
        crs="auto",
        column_parent_name="SJ",
        column_name="MC",
        **given,
    )
    assert status in (200, 422)
    assert list(Area.objects.order_by("id").values_list("id", "area_cm2")) == before  # looking writes nothing
    return page


def layer(path: Path, rows: list[tuple[str, Any]] = TWO, **more: Any) -> Path:
    fields = [np.array([name for name, _ in rows], dtype=object), np.array(["横江社区"] * len(rows), dtype=object)]
    outlines = np.array([shapely.to_wkb(outline) for _, outline in rows], dtype=object)
    kind = "MultiPolygon" if any(outline.geom_type == "MultiPolygon" for _, outline in rows) else "Polygon"
    given = {"geometry_type": kind, "crs": "EPSG:4326", **more}
    pyogrio.raw.write(path, outlines, fields, fields=["MC", "SJ"], **given)
    return path


def shapefile(folder: Path, without: str) -> Path:
    part = folder / "part"
    part.mkdir()
    layer(part / "grids.shp", encoding="UTF-8")
    with zipfile.ZipFile(folder / "grids.zip", "w") as archive:
        for file in part.iterdir():
            if file.suffix != without:
                archive.write(file, file.name)
    return folder / "grids.zip"


def several_layers(folder: Path) -> Path:
    layer(folder / "city.gpkg", layer="网格")
    return layer(folder / "city.gpkg", layer="社区", append=True)


def shifted(folder: Path) -> Path:
    """All four grids as GCJ-02 writes them, some hundred metres off: seen by position against the community."""
    rows = []
    for name, column, row in (("甲网格", 0, 0), ("乙网格", 1, 0), ("丙网格", 0, 1), ("丁网格", 1, 1)):
        ring = shapely.get_coordinates(smalltown.square(column, row))
        rows.append((name, shapely.Polygon(np.column_stack(coordinates.wgs84_to_gcj02(ring[:, 0], ring[:, 1])))))
    return layer(folder / "shifted.gpkg", rows)


def metres(folder: Path) -> Path:
    return layer(folder / "m.gpkg", [("甲网格", shapely.box(500_000, 3_200_000, 501_000, 3_201_000))], crs=None)


MAKE: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "a ring that crosses itself": (lambda f: layer(f / "a.gpkg", [("甲网格", BOW)]), ["“甲网格”", "自相交", "118.005", "不能导入"]),
    "several parts": (lambda f: layer(f / "a.gpkg", [("甲网格", APART)]), ["“甲网格”分成不相连的 2 块"]),
    "doubled points": (lambda f: layer(f / "a.gpkg", [("甲网格", DOUBLED), TWO[1]]), ["2 个地域"]),
    "a shapefile without .dbf": (lambda f: shapefile(f, ".dbf"), ["Shapefile 缺少 .dbf 文件", "同名的几个文件一起压缩"]),
    "a shapefile without .shx": (lambda f: shapefile(f, ".shx"), ["Shapefile 缺少 .shx 文件"]),
    "a geopackage of two layers": (several_layers, ["文件里有 2 个图层：网格、社区"]),
    "the wrong system": (shifted, ["坐标系", "GCJ-02"]),
    "metres for degrees": (metres, ["坐标"]),
}  # fmt: skip


@pytest.mark.parametrize("what", MAKE)
def test_a_file_of_areas_with_a_fault_is_told_where(
    world: World, signed_in: SignedIn, tmp_path: Path, what: str
) -> None:
    make, words = MAKE[what]
    page = areas(signed_in("administrator"), make(tmp_path))
    for word in words:
        assert word in page, (what, word, page[:1500])


def test_a_shapefile_without_its_system_is_judged_by_position(
    world: World, signed_in: SignedIn, tmp_path: Path
) -> None:
    page = areas(signed_in("administrator"), shapefile(tmp_path, ".prj"))
    assert "2 个地域" in page
    assert "文件没有写明坐标系，按 WGS84 看" in page


def test_a_file_beyond_the_limit_is_refused_with_the_limit(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    client = signed_in("administrator")
    big = tmp_path / "big.geojson"
    with big.open("wb") as file:
        file.truncate(31 * 2**20)  # nothing is read of it
    for door, given in (
        ("/admin/areas/import", {"level": "grid"}),
        ("/work/plans/units", {"what": "units"}),
        ("/work/facilities/import", {"what": "facilities"}),
    ):
        status, page = shown(client, door, big, **given)
        assert status == 422
        assert "“big.geojson”有 31.0 MB，页面上最多 30 MB" in page
    answer = client.post("/admin/areas/import", CONTENT_LENGTH=str(200 * 2**20))  # turned away before it is read
    assert answer.status_code == 413
    assert "100 MB" in said(answer)


def workbook(path: Path, head: list[str], *rows: list[Any]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number, row in enumerate([head, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def test_text_for_coordinates_in_excel_is_told_by_row(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    """Numbers kept as text are numbers; degrees in words are told with their row."""
    client = signed_in("administrator")
    head = ["名称", "户数", "经度", "纬度"]
    path = workbook(
        tmp_path / "楼.xlsx",
        head,
        ["甲楼", 30, f"{LON}", f" {LAT} "],
        ["乙楼", 30, "东经118°18′", "29.005"],
        ["丙楼", "三十", LON, LAT],
    )
    _, page = shown(client, "/work/plans/units", path, what="units", crs="wgs84")
    assert "“经度”应为数字，却是“东经118°18′”" in page
    assert "第 3 行" in page
    assert "“户数”应为数字，却是“三十”" in page
    assert "第 4 行" in page
    assert not PlanUnit.objects.exists()
    good = workbook(tmp_path / "好.xlsx", head, ["甲楼", "30", f"{LON}", f" {LAT} "])
    _, page = shown(client, "/work/plans/units", good, what="units", crs="wgs84")
    assert "可以导入" in page
    kinds = ["名称", "种类", "经度", "纬度"]
    path = workbook(tmp_path / "站.xlsx", kinds, ["一站", "社区卫生服务站", "118度", "29度"])
    _, page = shown(client, "/work/facilities/import", path, what="facilities", crs="wgs84")
    assert "第 2 行" in page
    assert "118度" in page
    assert not Facility.objects.exists()


def test_buildings_that_make_a_plan_impossible_are_named(world: World, signed_in: SignedIn, tmp_path: Path) -> None:
    """An island behind an impassable river, and a total that no number of grids can share out."""
    from tests.domain.planning.buildings import as_file, features
    from tongxin.kernel import clock
    from tongxin.planning import api as planning

    client = signed_in("county_duty")
    few = [
        one for one in features(range(2)) if one["properties"]["编码"].endswith(("-00", "-01"))
    ]  # 8 houses, 400 households
    far = {"type": "Feature", "properties": {"编码": "岛", "名称": "江心洲1栋", "户数": 40}, "geometry": {"type": "Point", "coordinates": [118.0195, 29.0195]}}  # fmt: skip
    led = client.post("/work/plans/units", {"file": as_file([*few, far]), "what": "units", "crs": "wgs84"})
    client.post(led["Location"])
    river = {"type": "Feature", "properties": {"name": "横江", "kind": "river", "不能通过": "是"}, "geometry": {"type": "LineString", "coordinates": [[118.018, 29.021], [118.018, 29.018], [118.021, 29.018]]}}  # fmt: skip
    file = io.BytesIO(json.dumps({"type": "FeatureCollection", "features": [river]}).encode())
    file.name = "河.geojson"
    led = client.post("/work/plans/units", {"file": file, "what": "lines", "crs": "wgs84"})
    assert client.post(led["Location"]).status_code == 302
    under = next(p.id for p in world.tree.at_level("community") if p.name == "横江社区")
    sent = {
        "under": str(under),
        "level": "grid",
        "load_by": "households",
        "begin": "afresh",
        "target": "400",
        "low": "300",
        "high": "500",
    }
    address = client.post("/work/plans/new", sent)["Location"]
    planning.draft_waiting(clock.now)
    page = said(client.get(address))
    assert "江心洲1栋" in page
    assert "孤岛" in page
    assert "不足下限 300" in page


def test_a_full_disk_costs_the_picture_and_not_the_report(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    client, made = Client(), io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(made, "JPEG")
    told = client.post("/photos", {"photo": SimpleUploadedFile("a.jpg", made.getvalue())})
    assert (told.status_code, told.json()["code"]) == (503, "no_room")
    assert (Attachment.objects.count(), [path for path in tmp_path.rglob("*") if path.is_file()]) == (0, [])
    sent = {"text": "路灯不亮", "request_key": "n" * 12}
    page = client.post("/report", {**sent, "photos": SimpleUploadedFile("a.jpg", made.getvalue())})
    assert (page.status_code, "请先不带照片提交" in page.content.decode(), "路灯不亮" in page.content.decode()) == (
        503,
        True,
        True,
    )
    assert client.post("/report", sent).status_code == 302
