"""import_areas: every kind of file, every way in which one can be wrong; whole or not at all."""

from __future__ import annotations

import csv
import json
import zipfile

import numpy as np
import pyogrio.raw
import pytest
import shapely
import xlsxwriter

from tests.domain.smalltown import NOW, TODAY, TOWNS, open_town, seen, square
from tongxin.kernel import limits
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.records.models import AuditEntry
from tongxin.territory import api as territory
from tongxin.territory.models import Area

C1 = TOWNS[0] + "001"
# Two new grids in the open field north of 横江社区, and what a file says of them.
ROWS = [("北一网格", "横江社区", square(0, 2), 310), ("北二网格", "横江社区", square(1, 2), 290)]


@pytest.fixture(autouse=True)
def _room_in_the_north(request):
    """横江社区 reaches far north, so that there is room for new grids."""
    if "town" in request.fixturenames:
        request.getfixturevalue("town")
        Area.objects.filter(code=C1).update(outline=shapely.to_wkb(square(0, 0, 2, 8)))


def take(path, level="grid", columns=None, **more):
    return territory.import_areas(
        district=seen(),
        path=path,
        level=level,
        columns=columns or territory.Columns(),
        actor_label="测试",
        now=NOW,
        **more,
    )


def geojson(path, rows=ROWS, **top):
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "parent": parent, "户数": households},
            "geometry": None if outline is None else shapely.geometry.mapping(outline),
        }
        for name, parent, outline, households in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **top}, ensure_ascii=False))
    return path


def csv_file(path, encoding="utf-8-sig", rows=ROWS):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["名称", "上级", "边界", "户数"])
        writer.writerows([name, parent, outline.wkt, households] for name, parent, outline, households in rows)
    return path


def workbook(path, lists=False):
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(
        0, 0, ["名称", "上级", "经度列表", "纬度列表", "户数"] if lists else ["名称", "上级", "边界坐标", "户数"]
    )
    for number, (name, parent, outline, households) in enumerate(ROWS, start=1):
        xy = list(outline.exterior.coords)
        lons, lats = (",".join(str(point[i]) for point in xy) for i in (0, 1))
        pairs = ";".join(f"{x},{y}" for x, y in xy)
        sheet.write_row(
            number, 0, [name, parent, lons, lats, households] if lists else [name, parent, pairs, households]
        )
    book.close()
    return path


def layer(path, crs="EPSG:4326", encoding=None, rows=ROWS):
    columns = [[name for name, *_ in rows], [parent for _, parent, *_ in rows], [row[3] for row in rows]]
    fields = [np.array(values, dtype=object if n < 2 else np.int64) for n, values in enumerate(columns)]
    outlines = np.array([shapely.to_wkb(row[2]) for row in rows], dtype=object)
    pyogrio.raw.write(
        path, outlines, fields, fields=["MC", "SJ", "HS"], geometry_type="Polygon", crs=crs, encoding=encoding
    )
    return path


def zipped(path, folder, names=None):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            if names is None or file.suffix in names:
                archive.write(file, f"数据/{file.name}")
    return path


LAYER = territory.Columns(name="MC", parent_name="SJ", households="HS")


def make_file(kind, folder):
    """Return (file, columns) of the same two grids in one of the forms."""
    part = folder / "part"
    part.mkdir()
    match kind:
        case "geojson":
            return geojson(folder / "a.geojson"), None
        case "gbk geojson":
            path = geojson(folder / "a.json")
            path.write_bytes(path.read_text().encode("gbk"))
            return path, None
        case "csv":
            return csv_file(folder / "a.csv"), None
        case "gbk csv":
            return csv_file(folder / "a.csv", "gbk"), None
        case "utf-16 csv":
            return csv_file(folder / "a.csv", "utf-16"), None
        case "pairs in xlsx":
            return workbook(folder / "a.xlsx"), None
        case "lists in xlsx":
            return workbook(folder / "a.xlsx", lists=True), None
        case "gpkg":
            return layer(folder / "a.gpkg"), LAYER
        case "shapefile":
            layer(part / "a.shp", encoding="UTF-8")
            return zipped(folder / "a.zip", part), LAYER
        case "gbk shapefile without cpg":
            layer(part / "a.shp", encoding="GBK")
            return zipped(folder / "a.zip", part, {".shp", ".shx", ".dbf", ".prj"}), LAYER
        case "projected gpkg":
            import pyproj

            to = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4548", always_xy=True)
            rows = [
                (n, p, shapely.transform(o, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1]))), h)
                for n, p, o, h in ROWS
            ]
            return layer(folder / "a.gpkg", "EPSG:4548", rows=rows), LAYER
    raise AssertionError(kind)


KINDS = [
    "geojson", "gbk geojson", "csv", "gbk csv", "utf-16 csv", "pairs in xlsx", "lists in xlsx", "gpkg", "shapefile",
    "gbk shapefile without cpg", "projected gpkg",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_says_the_same(town, tmp_path, kind):
    path, columns = make_file(kind, tmp_path)
    done = take(path, columns=columns)
    assert (done.written, done.created) == (True, 2), [fault.sentence for fault in done.report.faults]
    rows = Area.objects.filter(name__startswith="北").order_by("code")
    assert [(row.code, row.name, row.households) for row in rows] == [
        (C1 + "005", "北一网格", 310),
        (C1 + "006", "北二网格", 290),
    ]
    for row, (_, _, outline, _) in zip(rows, ROWS, strict=True):
        assert shapely.from_wkb(bytes(row.outline)).symmetric_difference(outline).area < 1e-12
    assert take(path, columns=columns).unchanged == 2


def test_a_table_without_outlines(town, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "网格代码,网格名称,所属社区,户数,人口\n" + C1 + "601,专属网格,横江社区,,\n," + "第6网格,玉宁社区,300,1000\n"
    )
    done = take(path, columns=territory.Columns(code="网格代码", name="网格名称", parent_name="所属社区"))
    assert (done.created, done.report.blocking) == (2, [])
    assert Area.objects.get(name="专属网格").code == C1 + "601"
    row = Area.objects.get(name="第6网格")
    assert (row.code, row.households, row.people, row.outline) == (TOWNS[0] + "002005", 300, 1000, None)


def test_a_code_makes_a_place_the_same_whatever_its_name(town, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"代码,名称,户数\n{C1}001,新一网格,99\n")
    done = take(path)
    assert (done.created, done.changed) == (0, 1)
    row = Area.objects.get(code=C1 + "001")
    assert (row.name, row.households) == ("新一网格", 99)
    assert row.outline is not None  # a file that says nothing of outlines takes none away


def test_codes_run_from_north_to_south_and_west_to_east(town, tmp_path):
    rows = [(f"{c}{r}", "横江社区", square(c, 4 + r), None) for r in (0, 1) for c in (1, 0)]
    take(geojson(tmp_path / "a.geojson", rows))
    assert list(Area.objects.filter(code__gt=C1 + "004", parent__code=C1).order_by("code").values_list("name", flat=True)) == [
        "01", "11", "00", "10",
    ]  # fmt: skip


def test_a_whole_district_from_its_root(db, tmp_path):
    open_town(areas=False)
    root = geojson(tmp_path / "a.geojson", [("小县", "", square(0, 0, 8, 2), None)])
    assert take(root, "county").created == 1
    assert Area.objects.get().code == "341000"
    towns = geojson(
        tmp_path / "b.geojson", [("东镇", "", square(0, 0, 4, 2), None), ("西镇", "小县", square(4, 0, 4, 2), None)]
    )
    assert take(towns, "town").created == 2  # with one possible parent none need be named
    places = geojson(tmp_path / "c.geojson", [("甲社区", "", square(0, 0), None), ("乙社区", "", square(5, 0), None)])
    assert take(places, "community").created == 2  # the position tells the parent
    assert Area.objects.get(name="乙社区").parent.name == "西镇"
    assert Area.objects.get(name="乙社区").began_on == TODAY


def faulty(town, path, unchanged, kind, words, row=None, level="grid", **more):
    """Take in a file that must be refused whole, and return the fault looked for."""
    before = unchanged()
    done = take(path, level, **more)
    assert not done.written
    assert unchanged() == before
    found = [fault for fault in done.report.blocking if fault.kind == kind]
    assert found, [fault.sentence for fault in done.report.faults]
    assert any(words in fault.sentence for fault in found), [fault.sentence for fault in found]
    if row is not None:
        assert found[0].row == row
    return found[0]


BOW = shapely.Polygon([(118, 29.03), (118.01, 29.04), (118.01, 29.03), (118, 29.04)])


@pytest.mark.parametrize(
    ("rows", "kind", "words", "row"),
    [
        ([("北一", "横江", square(0, 2), 1)], "unknown_parent", "相近的有：横江社区", 1),
        ([("北一", "火星", square(0, 2), 1)], "unknown_parent", "上级“火星”不存在", 1),
        ([("北一", "", square(50, 50), 1)], "unknown_parent", "不知道“北一”属于哪个上级", 1),
        ([("", "横江社区", square(0, 2), 1)], "row", "没有名称", 1),
        ([("长" * 81, "横江社区", square(0, 2), 1)], "row", "81 个字", 1),
        ([("北一", "横江社区", square(0, 2), "三百")], "row", "应为不小于 0 的整数，却是“三百”", 1),
        ([("北一", "横江社区", square(0, 2), -3)], "row", "不小于 0", 1),
        ([*ROWS, ("北一网格", "横江社区", square(0, 3), 1)], "duplicate_name", "“横江社区”里有 2 个“北一网格”", 1),
        ([ROWS[0], ("北二", "横江社区", BOW, 1)], "invalid_ring", "自相交", 2),
        ([("北一", "横江社区", shapely.Point(118, 29), 1)], "invalid_ring", "应为面，却是点", 1),
        (
            [("北一", "横江社区", shapely.Polygon([(118, 29), (118.1, 29), (118.2, 29)]), 1)],
            "invalid_ring",
            "“北一”",
            1,
        ),
        ([("北一", "横江社区", square(40, 40), 1)], "outside_parent", "大部分都在外面", 1),
        ([("北一", "横江社区", shapely.box(29, 118, 29.01, 118.01), 1)], "coordinates", "写反了", None),
        (
            [("北一", "横江社区", shapely.box(500_000, 3_200_000, 501_000, 3_201_000), 1)],
            "coordinates",
            "--crs EPSG",
            None,
        ),
    ],
)
def test_what_stops_an_import(town, tmp_path, unchanged, rows, kind, words, row):
    faulty(town, geojson(tmp_path / "a.geojson", rows), unchanged, kind, words, row)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (f"代码,名称,上级\n{C1}009,甲,横江社区\n{C1}009,乙,横江社区\n", "duplicate_code", "出现 2 次"),
        (f"代码,名称,上级\n{C1}09,甲,横江社区\n", "wrong_code", "14 位"),
        (f"代码,名称,上级\n{C1}009,甲,玉宁社区\n", "wrong_code", "应以上级代码"),
        (f"代码,名称,上级\n{C1},甲,横江社区\n", "wrong_level", "已是“横江社区”"),
        (f"代码,名称,上级代码\n{C1}009,甲,999\n", "unknown_parent", "上级代码“999”不存在"),
        ("名字,所在\n甲,横江社区\n", "row", "不知道哪一列是名称"),
    ],
)
def test_what_stops_a_table(town, tmp_path, unchanged, text, kind, words):
    path = tmp_path / "a.csv"
    path.write_text(text)
    faulty(town, path, unchanged, kind, words)


def test_a_used_code_stays_used_after_its_place_has_ended(town, tmp_path, unchanged):
    Area.objects.filter(code=C1 + "004").update(ended_on=TODAY)
    path = tmp_path / "a.csv"
    path.write_text(f"代码,名称,上级\n{C1}004,又四网格,横江社区\n")
    faulty(town, path, unchanged, "duplicate_code", "不再使用")


def test_wrong_columns_and_levels_are_named(town, tmp_path, unchanged):
    path = geojson(tmp_path / "a.geojson")
    faulty(town, path, unchanged, "row", "有的列是：name、parent、户数", columns=territory.Columns(name="SQMC"))
    faulty(town, path, unchanged, "wrong_level", "有 county、town、community、grid", level="galaxy")


def test_rings_are_mended_only_when_asked_and_it_is_told(town, tmp_path, unchanged):
    path = geojson(tmp_path / "a.geojson", [("北一", "横江社区", BOW, 1)])
    faulty(town, path, unchanged, "invalid_ring", "自相交")
    done = take(path, repair=True)
    assert done.written
    (said,) = done.notes
    assert said.startswith("第 1 行“北一”：边界自相交，已按要求修正，面积由")
    assert AuditEntry.objects.latest("pk").detail["notes"] == [said]


def test_titles_may_stand_above_the_heading(tmp_path):
    rows = [["横江社区网格台账"], [], ["填报人：王"], ["名称", "上级"], ["北一", "横江社区"]]
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    for name in ("a.csv", "a.xlsx"):
        read = territory.read_table(tmp_path / name)
        assert (read.columns, [(row.number, row.words) for row in read.rows]) == (
            ("名称", "上级"), [(5, {"名称": "北一", "上级": "横江社区"})],
        )  # fmt: skip
    (tmp_path / "b.csv").write_text("名称\n北一\n", encoding="utf-8")
    assert territory.read_table(tmp_path / "b.csv").columns == ("名称",)


def test_titles_above_the_heading_of_a_text_file_of_places(town, tmp_path):
    outline = ";".join(f"{lon},{lat}" for lon, lat in ROWS[0][2].exterior.coords)
    lines = [
        "横江社区网格台账",
        "填报单位：横江社区，综治中心\t2026年3月",
        "名称\t上级\t边界坐标",
        f"北一网格\t横江社区\t{outline}",
    ]
    for name, encoding in (("a.tsv", "gb18030"), ("a.txt", "utf-8-sig"), ("a.csv", "utf-16")):
        (tmp_path / name).write_bytes("\n".join(lines).encode(encoding))
        assert take(tmp_path / name, dry_run=True).created == 1, name
    mixed = "名称\t上级\n北一网格\t横江社区\n".encode() + "北二网格\t横江社区\n".encode("gb18030")
    (tmp_path / "b.tsv").write_bytes(mixed)
    with pytest.raises(Invalid, match="混在一起"):
        take(tmp_path / "b.tsv")


def test_a_place_is_not_moved_to_another_parent_by_a_file(town, tmp_path, unchanged):
    Area.objects.filter(code=TOWNS[0] + "002001").update(code=C1 + "777")
    path = tmp_path / "a.csv"
    path.write_text(f"代码,名称,上级\n{C1}777,第1网格,横江社区\n")
    before = unchanged()
    with pytest.raises(Conflict, match="属于另一个上级"):
        take(path)
    assert unchanged() == before


class TestBadFiles:
    def refused(self, path, words, unchanged, **more):
        before = unchanged()
        with pytest.raises(Invalid) as refusal:
            take(path, **more)
        assert words in refusal.value.sentence
        assert unchanged() == before

    def file(self, folder, name, data):
        path = folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("a.pdf", "x", "Shapefile 请打成 zip"),
            ("a.geojson", "", "是空的"),
            ("a.geojson", '{"type": "FeatureCollection",\n "features": [', "第 2 行"),
            ("a.geojson", '{"features": 7}', "不是 GeoJSON"),
            ("a.geojson", "[1, 2]", "不是 GeoJSON"),
            ("a.geojson", '{"features": []}', "没有内容行"),
            (
                "a.geojson",
                '{"features": [{"geometry": {"type": "Polygon", "coordinates": [[["a"]]]}}]}',
                "第 1 个要素的图形",
            ),
            ("a.geojson", '{"features": [{"geometry": {"type": "Circle"}}]}', "第 1 个要素的图形"),
            ("a.geojson", '{"features": [{"properties": [1]}]}', "第 1 个要素的 properties"),
            ("a.geojson", b"\xff\xff\xff\xff\x80", "文字编码"),
            ("a.geojson", "[" * 100_000, "不是正确的 JSON"),
            ("a.xlsx", "MZ\x90 program", "不像是 Excel"),
            ("a.csv", "名称,名称\n甲,乙\n", "重复的列名：名称"),
            ("a.csv", '名称,边界\n甲,"没有关的引号\n', "引号没有成对"),
            ("a.csv", '名称,边界\n甲,"POLYGON((1 1, 2 2"\n', "第 2 行的边界读不出来"),
            ("a.csv", '名称,边界\n甲,"118,29;118.1,29"\n', "只有 2 个点"),
            ("a.csv", '名称,经度列表,纬度列表\n甲,"118,118.1,118.1","29,29"\n', "经度 3 个，纬度 2 个"),
            ("a.zip", "not a zip", "图层读不出来"),
            ("a.gpkg", "not a gpkg", "图层读不出来"),
        ],
    )
    def test_each_gets_a_sentence(self, town, tmp_path, unchanged, name, data, words):
        self.refused(self.file(tmp_path, name, data), words, unchanged)

    def test_no_file(self, town, tmp_path, unchanged):
        self.refused(tmp_path / "none.csv", "找不到", unchanged)

    def test_the_limit_of_size_is_said(self, town, tmp_path, unchanged):
        path = tmp_path / "big.geojson"
        with path.open("wb") as file:
            file.truncate(limits.IMPORT_BYTES + 1)  # a sparse file: no 200 MB are written
        self.refused(path, "上限是 200 MB", unchanged)

    @pytest.mark.parametrize(("name", "words"), [("bomb.zip", "解开后"), ("bomb.xlsx", "解开有")])
    def test_zip_bombs(self, town, tmp_path, unchanged, name, words, monkeypatch):
        monkeypatch.setattr(limits, "EXCEL_UNPACKED_BYTES", 2_000_000)
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.shp", b"0" * 3_000_000)
        self.refused(tmp_path / name, words, unchanged)

    @pytest.mark.parametrize(
        ("row", "column", "words"), [(1_048_575, 16_383, "第 16384 列"), (200_000, 600, "铺开有 200,001 行")]
    )
    def test_one_stray_cell_far_out(self, town, tmp_path, unchanged, row, column, words):
        """calamine would lay the whole rectangle out; memory ends, and the process with it."""
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["名称", "上级"])
            sheet.write(row, column, "x")
        self.refused(tmp_path / "a.xlsx", words, unchanged)

    def test_a_zip_that_lies_about_its_size(self, town, tmp_path, unchanged, monkeypatch):
        monkeypatch.setattr(limits, "EXCEL_UNPACKED_BYTES", 2_000_000)
        path = tmp_path / "liar.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.shp", b"0" * 3_000_000)
        data = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
        path.write_bytes(data)
        before = unchanged()
        with pytest.raises(Invalid):
            take(path)
        assert unchanged() == before

    def test_zips_without_with_many_and_with_half_a_layer(self, town, tmp_path, unchanged):
        for name, members, words in [
            ("none.zip", {"readme.doc": b"x"}, "没有 Shapefile"),
            ("two.zip", {"a.shp": b"x", "b.shp": b"x"}, "几个图层"),
            ("same.zip", {"x/a.shp": b"x", "y/a.shp": b"x"}, "同名"),
            ("half.zip", {"a.shp": b"x"}, "缺少 .shx、.dbf"),
            ("escape.zip", {"../../a.shp": b"x"}, "缺少 .shx、.dbf"),
        ]:
            with zipfile.ZipFile(tmp_path / name, "w") as archive:
                for member, data in members.items():
                    archive.writestr(member, data)
            self.refused(tmp_path / name, words, unchanged)
        assert not (tmp_path.parent / "a.shp").exists()

    def test_an_unknown_coordinate_system(self, town, tmp_path, unchanged):
        self.refused(geojson(tmp_path / "a.geojson"), "不认识坐标系“mars”", unchanged, crs="mars")
        stated = geojson(tmp_path / "b.geojson", crs={"type": "name", "properties": {"name": "EPSG:999999"}})
        self.refused(stated, "不认识坐标系", unchanged)


class TestPositions:
    """What positions say about a wrong setting, told with what and where; and label points of places without an outline."""

    def moved(self, path, system):
        from tongxin.territory.rules import coordinates

        shift = {"gcj02": coordinates.wgs84_to_gcj02, "bd09": coordinates._wgs84_to_bd09}[system]
        rows = [
            (f"新{n}", "横江社区", shapely.transform(square(n % 2, 2 + n // 2), lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1]))), 1)
            for n in range(12)
        ]  # fmt: skip
        return geojson(path, rows)

    @pytest.mark.parametrize(("real", "asked"), [("gcj02", "bd09"), ("gcj02", "wgs84"), ("bd09", "gcj02")])
    def test_another_system_than_the_one_set_fits_better(self, town, tmp_path, real, asked):
        report = take(self.moved(tmp_path / "a.geojson", real), crs=asked, dry_run=True).report
        (fault,) = report.of("coordinates")
        assert not fault.blocking  # whoever sets a system may know better
        assert "坐标系多半设错了" in fault.sentence
        assert territory.SYSTEMS[real] in fault.sentence
        assert not take(self.moved(tmp_path / "b.geojson", real), crs=real, dry_run=True).report.of("coordinates")

    def test_a_country_that_is_another(self, db, tmp_path):
        open_town(areas=False)
        done = take(
            geojson(tmp_path / "a.geojson", [("远县", "", shapely.box(2.3, 48.8, 2.4, 48.9), None)]),
            "county",
            dry_run=True,
        )
        (fault,) = done.report.of("coordinates")
        assert "在中国范围之外（经度 2.30–2.40" in fault.sentence

    def test_a_table_of_points(self, town, tmp_path, unchanged):
        path = tmp_path / "a.csv"
        path.write_text("名称,经度,纬度\n甲点网格,118.005,29.045\n乙点网格,118.045,29.005\n")
        done = take(path)
        assert (done.created, done.report.blocking, done.report.of("outside_parent")) == (2, [], [])
        row = Area.objects.get(name="甲点网格")
        assert (row.lon, row.lat, row.outline, row.parent.name) == (118.005, 29.045, None, "横江社区")
        assert Area.objects.get(name="乙点网格").parent.name == "梅林社区"
        assert take(path).unchanged == 2
        path.write_text("名称,上级,经度,纬度\n丙点网格,横江社区,118.055,29.005\n")
        (fault,) = take(path, dry_run=True).report.of("outside_parent")
        assert "边界之外约" in fault.sentence
        assert fault.point == pytest.approx((118.055, 29.005))
        path.write_text("名称,上级,经度,纬度\n丁点网格,横江社区,东经118,29\n")
        faulty(town, path, unchanged, "row", "应为小数形式的度，却是“东经118”", 2)
        path.write_text("名称,上级,经度,纬度\n丁点网格,横江社区,29.0,118.0\n")
        faulty(town, path, unchanged, "coordinates", "写反了", 2)

    def test_doubled_points_and_several_parts_are_told_or_harmless(self, town, tmp_path):
        doubled = shapely.Polygon(
            [(118, 29.02), (118, 29.02), (118.01, 29.02), (118.01, 29.03), (118.01, 29.03), (118, 29.03)]
        )
        parts = shapely.MultiPolygon([square(1, 2), square(1, 4)])
        done = take(geojson(tmp_path / "a.geojson", [("重点", "横江社区", doubled, 1), ("两块", "横江社区", parts, 0)]))
        assert done.written
        (fault,) = done.report.of("multi_part")
        assert "“两块”分成不相连的 2 块" in fault.sentence
        assert fault.row == 2
        assert Area.objects.get(name="两块").households == 0
