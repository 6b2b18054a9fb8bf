"""Facilities by hand and by file: rows with faults are named and left out, a second run changes nothing; norms by hand."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.domain.places.conftest import at
from tests.domain.places.test_circle import put
from tests.domain.smalltown import seen
from tests.world import World
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.organization import api as organization
from tongxin.places import api as places
from tongxin.places.models import Facility
from tongxin.records.models import AuditEntry
from tongxin.territory import api as territory
from tongxin.territory.models import Area, PlaceName
from tongxin.territory.rules import coordinates


def take(world: World, path: Path, **more: object) -> places.FacilitiesTaken:
    given: dict[str, object] = {"actor": organization.system_actor(world.district), "now": world.now, **more}
    return places.import_facilities(district=seen(), path=path, **given)  # type: ignore[arg-type]


def table(folder: Path, *rows: str, head: str = "名称,种类,经度,纬度,床位,建筑面积", name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]))
    return path


def row(name: str, kind: str = "社区卫生服务站", column: float = 0.5, line: float = 0.5, more: str = ",") -> str:
    lon, lat = at(column, line)
    return f"{name},{kind},{lon},{lat},{more}"


def test_a_file_is_taken_once_and_only_differences_after(world: World, tmp_path: Path) -> None:
    head = (
        "身边设施台账,,,,,\n民政局,2026年3月,,,,\n名称,种类,经度,纬度,床位,建筑面积"  # as spreadsheets write titles out
    )
    path = table(tmp_path, row("一站", more=",150"), row("养老院", "elder_care", 1.5, more="30,400"), head=head)
    dry = take(world, path, dry_run=True)
    assert (dry.written, dry.created) == (False, 2)
    assert not Facility.objects.exists()
    assert (done := take(world, path)).created == 2
    assert done.faults == ()
    kept = Facility.objects.get(name="养老院")
    assert (kept.kind, kept.beds, kept.floor_area, kept.area.name) == ("elder_care", 30, 400, "第2网格")
    again = take(world, path)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    moved = take(world, table(tmp_path, row("一站", column=1.5)))
    assert (moved.created, moved.changed) == (0, 1)
    assert Facility.objects.get(name="一站").floor_area == 150  # what the file does not say stays
    assert AuditEntry.objects.filter(action="places.import_facilities").count() == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (row(""), "没有名称"),
        (row("长" * 81), "81 个字"),
        (row("一站", "火星站"), "种类“火星站”资料包里没有"),
        (row("一站", ""), "没有写种类"),
        (row("一站", column=9.5), "离率水社区第2网格约"),
        ("一站,社区卫生服务站,东经118,29,,", "不是数字"),
        ("一站,社区卫生服务站,,,,", "没有坐标，也没有地址"),
        (row("一站", more="三十,"), "床位应为不小于 0 的整数，却是“三十”"),
        (row("一站", more=",-5"), "建筑面积应为不小于 0 的整数"),
    ],
)
def test_a_row_with_a_fault_is_named_and_left_out(world: World, tmp_path: Path, line: str, words: str) -> None:
    done = take(world, table(tmp_path, line, row("好站")))
    assert [fault.row for fault in done.faults] == [2]
    assert words in done.faults[0].what
    assert done.faults[0].mend
    assert list(Facility.objects.values_list("name", flat=True)) == ["好站"]


def test_a_name_twice_in_one_file_is_said(world: World, tmp_path: Path) -> None:
    done = take(world, table(tmp_path, row("一站"), row("一站", column=0.8)))
    assert "出现了两次" in done.faults[0].what
    assert Facility.objects.count() == 1


def test_an_address_finds_the_place_and_doubt_is_told(world: World, tmp_path: Path) -> None:
    head = "名称,种类,地址"
    done = take(
        world,
        table(
            tmp_path,
            "一站,clinic,东苑3栋",
            "二站,clinic,第1网格",
            "三站,clinic,束苑小区东苑里",
            "四站,clinic,东边的院",
            head=head,
        ),
    )
    assert Facility.objects.get(name="一站").lon == pytest.approx(at(0.5, 0.5)[0])
    said = {fault.row: fault.what + fault.mend for fault in done.faults}
    assert "定不下来" in said[3]
    assert "地名里找不到" in said[5]


def test_geojson_and_points_of_polygons(world: World, tmp_path: Path) -> None:
    lon, lat = at(0.5, 0.5)
    square = [[lon, lat], [lon + 0.001, lat], [lon + 0.001, lat + 0.001], [lon, lat + 0.001], [lon, lat]]
    features = [
        {"type": "Feature", "properties": {"name": "一站"}, "geometry": {"type": "Point", "coordinates": [lon, lat]}},
        {"type": "Feature", "properties": {"name": "二站"}, "geometry": {"type": "Polygon", "coordinates": [square]}},
        {
            "type": "Feature",
            "properties": {"name": "线"},
            "geometry": {"type": "LineString", "coordinates": square[:2]},
        },
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    done = take(world, path, kind="clinic", schematic=True, source="台账")
    assert done.created == 2
    assert "不是点" in done.faults[0].what
    two = Facility.objects.get(name="二站")
    assert (two.lon, two.schematic, two.source) == (pytest.approx(lon + 0.0005), True, "台账")


def shifted(folder: Path, system: str) -> Path:
    """Ten points on the western border of the town, given in another system: as they stand most lie outside."""
    import numpy as np

    xs, ys = np.full(10, 118.0005), np.linspace(29.001, 29.019, 10)
    shift = {"gcj02": coordinates.wgs84_to_gcj02, "bd09": coordinates._wgs84_to_bd09}[system]
    east = np.full(10, 118.0795)
    out = [shift(x, ys) for x in (xs, east)]
    rows = [
        f"站{n},clinic,{x},{y},,"
        for n, (x, y) in enumerate(zip(*(np.concatenate(p) for p in zip(*out, strict=True)), strict=True))
    ]
    return table(folder, *rows)


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_a_wrong_coordinate_system_is_seen_by_position(world: World, tmp_path: Path, system: str) -> None:
    path = shifted(tmp_path, system)
    with pytest.raises(Invalid, match="点位整体偏了约") as refusal:
        take(world, path, crs="wgs84")
    assert refusal.value.field == "crs"
    assert not Facility.objects.exists()
    done = take(world, path, crs="auto")
    assert (done.created, done.system) == (20, system)
    assert "已按" in done.notes[0]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([(29.0, 118.0)] * 6, "写反了"),
        ([(500_000.0, 3_200_000.0)] * 6, "投影坐标"),
        ([(2.35 + n / 100, 48.85) for n in range(6)], "没有一个点落在本地范围内"),
    ],
)
def test_positions_that_cannot_be_are_refused(
    world: World, tmp_path: Path, points: list[tuple[float, float]], words: str
) -> None:
    path = table(tmp_path, *(f"站{n},clinic,{x},{y},," for n, (x, y) in enumerate(points)))
    with pytest.raises(Invalid, match=words):
        take(world, path)
    assert not Facility.objects.exists()


def test_many_rows_upon_one_point_are_noticed(world: World, tmp_path: Path) -> None:
    done = take(world, table(tmp_path, *(row(f"站{n}") for n in range(4))))
    assert "有 4 行在同一个点上" in done.notes[0]


def test_by_hand(world: World) -> None:
    made = put(world, beds=20)
    assert places.get_facility(seen(), made).area_name == "横江社区第1网格"
    with pytest.raises(Conflict, match="已有“一站”"):
        put(world)
    with pytest.raises(Invalid, match="不在本地范围内"):
        put(world, "外站", spot=(20, 20))
    with pytest.raises(Invalid, match="没有这一类"):
        put(world, "怪站", kind="volcano")
    lon, lat = at(0.5, 0.5)
    with pytest.raises(NotAllowed):
        places.save_facility(
            district=seen(),
            facility=places.NewFacility("clinic", "我的站", lon, lat),
            actor=world.actor("grid_worker"),
            now=world.now,
        )
    clerk = world.actor("receptionist", "玉宁社区")
    with pytest.raises(NotAllowed):  # another community's ground
        places.save_facility(
            district=seen(), facility=places.NewFacility("clinic", "邻站", lon, lat), actor=clerk, now=world.now
        )
    places.end_facility(
        district=seen(), facility_id=made, reason="搬走", actor=world.actor("receptionist", "横江社区"), now=world.now
    )
    assert places.list_facilities(seen()) == []
    assert put(world) != made  # the name is free again


def test_a_facility_follows_redrawn_borders(world: World) -> None:
    made = put(world)
    from tests.domain.smalltown import square

    first, second = Area.objects.get(code="341000001001001"), Area.objects.get(code="341000001001002")
    for area, outline in ((first, square(0, 0, 0.2, 1)), (second, square(0.2, 0, 1.8, 1))):
        territory.redraw_area(
            district=seen(), area_id=area.pk, outline=outline, source="测试", actor_label="测试", now=world.now
        )
    assert places.get_facility(seen(), made).area_name == "横江社区第2网格"


def test_norms_of_floor_area_by_facility_and_by_households(world: World) -> None:
    put(world, "小站", "service_station", floor_area=700)
    put(world, "大站", "service_station", (1.5, 0.5), floor_area=900)
    put(world, "新站", "service_station", (4.5, 0.5))
    Area.objects.filter(name="横江社区").update(households=5_000)
    Area.objects.filter(name="梅林社区").update(households=300)
    each, hundred = places.list_judged(seen())
    assert [(f.name, f.verdict, f.have) for f in each.findings] == [
        ("小站", "short", 700),
        ("新站", "unknown", None),
        ("大站", "kept", 900),
    ]
    assert each.words == "每处建筑面积不少于 800 平方米"
    found = {f.name: (f.verdict, f.have, f.need) for f in hundred.findings}
    assert found["横江社区"] == ("kept", 1_600, Fraction(1_500))  # 30 m² for each of 50 hundreds
    assert found["梅林社区"] == ("unknown", None, Fraction(90))
    assert found["玉宁社区"] == ("none", 0, None)  # its households are not known: 不适用, not 0 %


def test_homes_from_a_file(world: World, tmp_path: Path) -> None:
    lon, lat = at(2.5, 0.5)
    path = table(tmp_path, f"新苑,320,{lon},{lat},新院、新大院", f"空楼,0,{lon},{lat},", f"错楼,三百,{lon},{lat},", f"重苑,8,{lon},{lat},", f"重苑,9,{lon},{lat},", head="小区名称,户数,经度,纬度,别名")  # fmt: skip

    def bring(**more: object) -> territory.NamesTaken:
        return territory.import_place_names(district=seen(), path=path, actor_label="测试", now=world.now, **more)  # type: ignore[arg-type]

    before = PlaceName.objects.count()
    assert bring(dry_run=True).created == 3
    assert PlaceName.objects.count() == before
    done = bring()
    assert (done.created, [fault.row for fault in done.faults]) == (3, [4, 6])
    assert any("没有户数或户数为 0" in note for note in done.notes)
    kept = PlaceName.objects.get(name="新苑")
    assert (kept.households, kept.aliases, kept.area.name) == (320, ["新院", "新大院"], "第1网格")
    assert bring().unchanged == 3
