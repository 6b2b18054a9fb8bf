"""Real polygons of a city: streets, then 193 communities; what the report finds; where a year of tickets lies."""

from __future__ import annotations

import csv
import json
from collections import Counter

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command

from tests import kept
from tests.domain.smalltown import NOW, make_pack, open_town, seen
from tests.shared_data import find_data
from tongxin.territory import api as territory
from tongxin.territory.models import Area

pytestmark = [pytest.mark.realdata, pytest.mark.django_db]

STREETS = territory.Columns(name="JDMC")
COMMUNITIES = territory.Columns(name="SQMC", parent_name="SSJD")


def take(path, level, columns, **more):
    return territory.import_areas(
        district=seen("yichang"), path=path, level=level, columns=columns, actor_label="测试", now=NOW, **more
    )


def communities():
    return find_data("yichang", "communities_193.geojson")


@pytest.fixture
def city(db):
    kept.once("yichang by streets", "yichang", open_city)
    return seen("yichang")


def open_city():
    district = open_town("yichang", areas=False, pack=make_pack("yichang"))
    county = territory.NewArea("城区", source="测试")
    territory.add_area(district=district, level="county", parent_id=None, area=county, actor_label="测试", now=NOW)
    done = take(find_data("yichang", "streets_22.geojson"), "town", STREETS)
    assert (done.written, done.created) == (True, 22)


def test_import_report_and_tickets(city, django_assert_max_num_queries):
    """One import, looked at from all sides, because reading 193 real outlines takes seconds."""
    with django_assert_max_num_queries(16):
        done = take(communities(), "community", COMMUNITIES)
    assert (done.written, done.created, done.changed) == (True, 193, 0)
    the_report_finds_the_three_overlaps(done)
    what_is_kept_is_what_the_file_said()
    every_located_ticket_lies_in_its_recorded_community()
    again = territory.topology_report(seen("yichang"), "community")
    assert Counter(f.kind for f in again.faults) == Counter(f.kind for f in done.report.faults)
    before = list(Area.objects.order_by("id").values_list("id", "code", "name", "path", "area_cm2"))
    done = take(communities(), "community", COMMUNITIES)
    assert (done.written, done.created, done.changed, done.unchanged) == (True, 0, 0, 193)
    assert list(Area.objects.order_by("id").values_list("id", "code", "name", "path", "area_cm2")) == before


def the_report_finds_the_three_overlaps(done):
    pairs = {frozenset(fault.places): fault.square_metres for fault in done.report.of("overlap")}
    assert {tuple(sorted(pair)) for pair in pairs} == {
        ("兴安社区", "沙河社区"),
        ("沙河社区", "锦江社区"),
        ("金斗山社区", "锦江社区"),
    }
    assert 168_000 < pairs[frozenset({"金斗山社区", "锦江社区"})] < 172_000
    for fault in done.report.faults:
        assert fault.sentence.endswith("。")
        assert fault.places
        assert fault.point is not None


def what_is_kept_is_what_the_file_said():
    """An import never mends in silence."""
    given = {f["properties"]["SQMC"]: f["geometry"] for f in json.loads(communities().read_text())["features"]}
    for area in Area.objects.filter(level="community").select_related("parent"):
        assert shapely.from_wkb(bytes(area.outline)).equals(shapely.geometry.shape(given[area.name]))
        assert area.code.startswith(area.parent.code)
        assert 0 < area.area_cm2 < 10**13


def every_located_ticket_lies_in_its_recorded_community():
    with find_data("yichang", "yichang_12345_2024.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["geocode"] == "ok"]
    tree = territory.tree(seen("yichang"))
    found = tree.locate_many([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows])
    assert len(rows) == 7_654
    wrong = [
        r["id"] for r, area_id in zip(rows, found, strict=True) if tree.get(int(area_id)).name != r["community_sjoin"]
    ]
    assert wrong == []
    for row, area_id in list(zip(rows, found, strict=True))[::500]:
        assert tree.locate(float(row["lon"]), float(row["lat"])).id == area_id


def test_the_174_urban_communities_lie_in_eight_pieces(city, tmp_path):
    content = json.loads(communities().read_text())
    content["features"] = [f for f in content["features"] if f["properties"]["类型"] == "城市社区"]
    path = tmp_path / "urban.geojson"
    path.write_text(json.dumps(content))
    report = take(path, "community", COMMUNITIES, dry_run=True).report
    assert report.places == 174
    assert len(report.components) == 8
    assert not Area.objects.filter(level="community").exists()


@pytest.mark.parametrize(("system", "metres", "places"), [("gcj02", (550, 650), 193), ("bd09", (1_150, 1_300), 20)])
def test_shifted_coordinates_are_told_and_moved_only_when_asked(city, tmp_path, system, metres, places):
    from tongxin.territory.rules import coordinates

    shift = {"gcj02": coordinates.wgs84_to_gcj02, "bd09": coordinates._wgs84_to_bd09}[system]
    content = json.loads(communities().read_text())
    del content["features"][places:]
    for feature in content["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        moved = shapely.transform(shape, lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1])))
        feature["geometry"] = shapely.geometry.mapping(moved)
    path = tmp_path / "shifted.geojson"
    path.write_text(json.dumps(content))

    refused = take(path, "community", COMMUNITIES)
    (fault,) = refused.report.of("coordinates")
    assert not refused.written
    assert f"--crs {system}" in fault.sentence
    said = int(fault.sentence.split("约 ")[1].split(" 米")[0])
    assert metres[0] < said < metres[1]
    assert not Area.objects.filter(level="community").exists()

    done = take(path, "community", COMMUNITIES, crs="auto" if system == "gcj02" else system)
    assert (done.written, done.system) == (True, system)
    assert len(done.report.of("overlap")) == (3 if places == 193 else 0)
    assert Area.objects.filter(level="community").count() == places


def test_the_command_says_what_it_found(city, capsys):
    arguments = ["yichang", str(communities()), "--level", "community", "--name", "SQMC", "--parent-name", "SSJD"]
    call_command("import_areas", *arguments, "--dry-run")
    out = capsys.readouterr().out
    assert "重叠 3 处" in out
    assert "没有写入：新增 193" in out
    assert not Area.objects.filter(level="community").exists()
    arguments[-1] = "来源"
    with pytest.raises(CommandError, match="必须先改正"):
        call_command("import_areas", *arguments)
    assert not Area.objects.filter(level="community").exists()
