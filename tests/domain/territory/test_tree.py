"""The in-process copy of places: hierarchy, points, borders, names, maps; how many statements it costs."""

from __future__ import annotations

import numpy as np
import orjson
import pytest

from tests.domain.smalltown import COUNTY, SIDE, SOUTH, TOWNS, WEST, centre, open_town, seen
from tongxin.packs import api as packs
from tongxin.territory import api as territory
from tongxin.territory.models import Area, PlaceName

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> packs.DistrictView:
    return open_town()


def by_code(town: packs.DistrictView, code: str) -> territory.Place:
    place = territory.tree(town).by_code(code)
    assert place is not None
    return place


def test_costs_two_statements_once(town, django_assert_num_queries):
    packs.get_pack(town.pack_id)
    with django_assert_num_queries(2):
        territory.tree(town)
    with django_assert_num_queries(0):
        tree = territory.tree(town)
        tree.locate(*centre(0, 0))
        tree.find_place("横江社区第1网格")
    packs.bump_territory(town.id)
    with django_assert_num_queries(3):  # the districts' snapshot, then the two
        territory.tree(seen())


def test_hierarchy(town):
    tree = territory.tree(town)
    grid = by_code(town, TOWNS[0] + "001003")
    community = by_code(town, TOWNS[0] + "001")
    assert [tree.get(i).level for i in grid.path] == ["county", "town", "community", "grid"]
    assert [p.code for p in tree.children(None)] == [COUNTY]
    assert [p.name for p in tree.children(community.id)] == ["第1网格", "第2网格", "第3网格", "第4网格"]
    assert tree.ancestor(grid.id, "town").name == "东临镇"
    assert tree.ancestor(grid.id, "grid") == grid
    assert tree.ancestor(community.id, "grid") is None
    assert sorted(tree.under(community.id)) == sorted([community.id, *(p.id for p in tree.children(community.id))])
    assert len(tree.leaves_under(by_code(town, COUNTY).id)) == 16
    assert tree.leaves_under(grid.id) == [grid.id]
    assert tree.get(10**12) is None
    assert tree.under(10**12) == []
    assert tree.path(None) == ()


def test_full_name(town):
    tree = territory.tree(town)
    grid = by_code(town, TOWNS[0] + "001003")
    assert tree.full_name(grid.id) == "横江社区第3网格"
    assert tree.full_name(grid.id, "town") == "东临镇横江社区第3网格"
    assert tree.full_name(by_code(town, TOWNS[0] + "001").id) == "横江社区"
    assert tree.full_name(10**12) == ""


def test_a_point_lies_in_its_deepest_place(town):
    tree = territory.tree(town)
    for column in range(8):
        for row in range(2):
            place = tree.locate(*centre(column, row))
            assert place is not None
            assert place.level == "grid"
            assert place.code[-3:] == f"{column % 2 + 2 * row + 1:03}"


def test_a_shared_border_goes_to_the_lowest_code(town):
    tree = territory.tree(town)
    for lon, lat, code in [
        (WEST + 2 * SIDE, SOUTH + SIDE / 2, TOWNS[0] + "001002"),  # between two communities
        (WEST + 4 * SIDE, SOUTH + SIDE / 2, TOWNS[0] + "002002"),  # between two towns
        (WEST + SIDE, SOUTH + SIDE, TOWNS[0] + "001001"),  # where four grids meet
        (WEST, SOUTH, TOWNS[0] + "001001"),  # the outermost corner belongs as well
    ]:
        assert tree.locate(lon, lat).code == code
        assert tree.get(int(tree.locate_many([lon], [lat])[0])).code == code


def test_a_place_without_drawn_grids_answers_itself(town):
    Area.objects.filter(code__startswith=TOWNS[1] + "001", level="grid").update(outline=None)
    packs.bump_territory(town.id)
    tree = territory.tree(seen())
    assert tree.locate(*centre(4, 0)).name == "梅林社区"
    lons, lats = zip(centre(4, 0), centre(0, 0), centre(-3, 0), strict=True)
    found = tree.locate_many(lons, lats)
    assert [tree.get(int(i)).name if i != -1 else None for i in found] == ["梅林社区", "第1网格", None]


def test_outside_and_nonsense_are_nowhere(town):
    tree = territory.tree(town)
    nonsense = [(WEST - 1, SOUTH), (float("nan"), SOUTH), (WEST, float("inf")), (29.0, 118.0), (1e300, -1e300)]
    assert [tree.locate(*point) for point in nonsense] == [None] * 5
    lons, lats = zip(*nonsense, strict=True)
    assert tree.locate_many(lons, lats).tolist() == [-1] * 5
    assert tree.locate_many([], []).shape == (0,)


def test_locate_many_agrees_with_locate(town):
    tree = territory.tree(town)
    rng = np.random.default_rng(7)
    lons = np.concatenate([rng.uniform(WEST - SIDE, WEST + 9 * SIDE, 400), WEST + SIDE * rng.integers(0, 9, 200)])
    lats = np.concatenate([rng.uniform(SOUTH - SIDE, SOUTH + 3 * SIDE, 400), SOUTH + SIDE * rng.integers(0, 3, 200)])
    one_by_one = [place.id if (place := tree.locate(x, y)) else -1 for x, y in zip(lons, lats, strict=True)]
    assert tree.locate_many(lons, lats).tolist() == one_by_one


def test_near_says_how_far_outside(town):
    tree = territory.tree(town)
    lon, lat = WEST - 0.001, SOUTH + SIDE / 2  # 0.001° west: about 97 m at 29° N
    assert tree.locate(lon, lat) is None
    (place, metres), *_ = tree.near(lon, lat, 200)
    assert place.code == TOWNS[0] + "001001"
    assert 95 < metres < 100
    assert tree.near(lon, lat, 50) == []
    assert tree.near(*centre(0, 0), 1)[0][1] == 0


def test_districts_do_not_mix(town):
    other = open_town("othertown")
    assert territory.tree(other).get(by_code(town, COUNTY).id) is None
    assert territory.tree(town).locate(*centre(0, 0)) != territory.tree(other).locate(*centre(0, 0))
    assert territory.find_tree(other.id) is territory.tree(other)
    assert territory.find_tree(10**9) is None


def test_ended_places_stay_readable_but_are_not_found(town):
    Area.objects.filter(code=TOWNS[0] + "001003").update(ended_on="2026-01-01")
    packs.bump_territory(town.id)
    tree = territory.tree(seen())
    ended = Area.objects.get(code=TOWNS[0] + "001003")
    assert tree.get(ended.pk) is None
    assert tree.ever(ended.pk).ended
    assert tree.full_name(ended.pk) == "横江社区第3网格"
    assert tree.by_code(ended.code) is None
    assert tree.locate(*centre(0, 1)).name == "横江社区"
    assert ended.pk not in tree.under(ended.parent_id)
    assert ended.pk in tree.under(ended.parent_id, ended=True)
    assert tree.find_place("横江社区第3网格")[0].name == "横江社区"


class TestFindPlace:
    def find(self, town, text):
        return [(match.name, match.how) for match in territory.tree(town).find_place(text)]

    @pytest.fixture(autouse=True)
    def _names(self, town):
        grid = Area.objects.get(code=TOWNS[0] + "002001")
        other = Area.objects.get(code=TOWNS[1] + "001001")
        make = PlaceName.objects.create
        make(
            district_id=town.id, name="阳光小区", kind="estate", area=grid, aliases=["阳光花园"], lon=118.02, lat=29.005
        )
        make(district_id=town.id, name="阳光小区", kind="estate", area=other)
        make(district_id=town.id, name="新安路", kind="street", area=grid)
        make(district_id=town.id, name="新安路菜市场", kind="landmark", area=other)

    def test_names_of_areas(self, town):
        assert self.find(town, "横江社区第3网格3号楼2单元501室门口路灯不亮") == [("横江社区第3网格", "area")]
        assert self.find(town, "小县 东临镇 横江社区") == [("横江社区", "area")]
        assert self.find(town, "玉宁那边垃圾没人收") == [("玉宁社区", "short")]

    def test_longest_first(self, town):
        assert self.find(town, "新安路菜市场门口") == [("新安路菜市场", "place")]
        assert self.find(town, "新安路菜场门口") == [("新安路", "place")]

    def test_doubt_is_offered_not_guessed(self, town):
        assert len(self.find(town, "第3网格")) == 4
        assert self.find(town, "阳光小区12栋") == [("阳光小区", "place"), ("阳光小区", "place")]

    def test_another_name_in_the_text_decides(self, town):
        match, *rest = territory.tree(town).find_place("梅林社区阳光小区12栋")
        assert rest == []
        assert territory.tree(town).full_name(match.area_id) == "梅林社区第1网格"

    def test_names_that_contradict_each_other_are_both_offered(self, town):
        assert self.find(town, "横江社区新安路菜市场") == [("新安路菜市场", "place"), ("横江社区", "area")]
        assert self.find(town, "小县横江社区、玉宁社区") == [("横江社区", "area"), ("玉宁社区", "area")]

    def test_names_in_one_place_support_each_other(self, town):
        grid = Area.objects.get(code=TOWNS[0] + "002001")
        assert {m.area_id for m in territory.tree(town).find_place("新安路阳光小区")} == {grid.pk}

    def test_alias_gives_the_place_and_its_point(self, town):
        (match,) = territory.tree(town).find_place("住在 阳光花园（三期）")
        assert (match.name, match.how, match.lon, match.lat) == ("阳光小区", "alias", 118.02, 29.005)

    def test_nothing_known(self, town):
        assert self.find(town, "火星基地3号楼") == []
        assert self.find(town, "") == []


def test_geojson_is_small_whole_and_says_what_is_schematic(town):
    Area.objects.filter(code=TOWNS[0] + "001").update(outline=None)
    Area.objects.filter(code=TOWNS[0] + "002").update(schematic=True)
    packs.bump_territory(town.id)
    tree = territory.tree(seen())
    body = orjson.loads(tree.geojson("community"))
    assert [f["properties"]["name"] for f in body["features"]] == ["横江社区", "玉宁社区", "梅林社区", "率水社区"]
    assert [f["geometry"]["type"] for f in body["features"]] == ["Point", "Polygon", "Polygon", "Polygon"]
    assert [f["properties"]["schematic"] for f in body["features"]] == [False, True, False, False]
    assert body["schematic"] is True
    assert tree.geojson("community") is tree.geojson("community")
    under = orjson.loads(tree.geojson("grid", by_code(town, TOWNS[1]).id))
    assert len(under["features"]) == 8
