"""Make, rename, redraw, end, split and merge places: codes never come back, the past stays readable (G-06)."""

from __future__ import annotations

import pytest
import shapely

from tests.domain.smalltown import COUNTY, NOW, TODAY, TOWNS, centre, open_town, seen, square
from tongxin.kernel.errors import Conflict, Invalid, NotFound, Refusal
from tongxin.records.models import AuditEntry
from tongxin.territory import api as territory
from tongxin.territory.api import NewArea, NewPlaceName
from tongxin.territory.models import Area, AreaSuccession, PlaceName

BY = {"actor_label": "测试", "now": NOW}
C1, C2 = TOWNS[0] + "001", TOWNS[0] + "002"


def area(code):
    return Area.objects.get(code=code)


def add(level, parent, **new):
    return territory.add_area(
        district=seen(), level=level, parent_id=parent and area(parent).pk, area=NewArea(**new), **BY
    )


def succeed(old, new, reason="区划调整"):
    return territory.succeed_area(
        district=seen(), old_ids=[area(code).pk for code in old], new=new, reason=reason, **BY
    )


class TestAdd:
    def test_a_place_gets_the_next_code_its_path_and_its_area(self, town, django_assert_max_num_queries):
        parent, view = area(C1).pk, seen()
        new = NewArea("第5网格", outline=square(0, 2), households=320)
        with django_assert_max_num_queries(11):
            made = territory.add_area(district=view, level="grid", parent_id=parent, area=new, **BY)
        row = Area.objects.get(pk=made)
        assert (row.code, row.path, row.began_on) == (C1 + "005", [*area(C1).path, made], TODAY)
        assert row.area_cm2 == pytest.approx(1.0787e10, rel=1e-3)
        assert territory.tree(seen()).locate(*centre(0, 2)).id == made
        assert seen().territory_version == view.territory_version + 1
        entry = AuditEntry.objects.latest("pk")
        assert (entry.action, entry.target, entry.actor_label) == ("territory.add_area", "第5网格", "测试")

    def test_a_given_code_is_checked(self, town, unchanged):
        before = unchanged()
        for code, error in [("341000002001009", Invalid), (C1 + "1", Invalid), (C1 + "001", Conflict)]:
            with pytest.raises(error):
                add("grid", C1, name="新网格", code=code)
        assert unchanged() == before
        assert Area.objects.get(pk=add("grid", C1, name="新网格", code=C1 + "601")).code == C1 + "601"
        assert Area.objects.get(pk=add("grid", C1, name="又一网格")).code == C1 + "602"

    @pytest.mark.parametrize(
        ("level", "parent", "new", "words"),
        [
            ("galaxy", C1, {"name": "x"}, "没有“galaxy”这一级"),
            ("grid", None, {"name": "x"}, "都要有上级"),
            ("community", C1, {"name": "x"}, "不在“community”的上面"),
            ("grid", C1, {"name": " "}, "地域名称应为"),
            ("grid", C1, {"name": "长" * 81}, "现有 81 个"),
            ("grid", C1, {"name": "第1网格"}, "已有“第1网格”"),
            (
                "grid",
                C1,
                {"name": "x", "outline": shapely.Polygon([(118, 29), (119, 30), (119, 29), (118, 30)])},
                "自相交",
            ),
            ("grid", C1, {"name": "x", "outline": shapely.Point(1, 1)}, "应为面"),
        ],
    )
    def test_refusals_change_nothing(self, town, unchanged, level, parent, new, words):
        before = unchanged()
        with pytest.raises(Refusal) as refused:
            add(level, parent, **new)
        assert words in refused.value.what
        assert unchanged() == before

    def test_a_parent_of_another_district_is_unknown(self, town, unchanged):
        other = open_town("othertown")
        before = unchanged()
        foreign = Area.objects.get(district_id=other.id, code=C1)
        with pytest.raises(NotFound):
            territory.add_area(district=seen(), level="grid", parent_id=foreign.pk, area=NewArea("x"), **BY)
        assert unchanged() == before

    def test_the_first_root_takes_the_region_of_the_pack(self, db):
        open_town("emptytown", areas=False)
        made = territory.add_area(
            district=seen("emptytown"), level="county", parent_id=None, area=NewArea("空县"), **BY
        )
        assert Area.objects.get(pk=made).code == COUNTY


def test_rename_keeps_the_old_name_in_the_record(town, unchanged):
    territory.rename_area(district=seen(), area_id=area(C1).pk, name="新横江社区", **BY)
    assert territory.tree(seen()).full_name(area(C1 + "001").pk) == "新横江社区第1网格"
    assert AuditEntry.objects.latest("pk").detail["before"] == "横江社区"
    before = unchanged()
    for name, error in [("玉宁社区", Conflict), ("", Invalid)]:
        with pytest.raises(error):
            territory.rename_area(district=seen(), area_id=area(C1).pk, name=name, **BY)
    assert unchanged() == before


def test_redraw_moves_the_border_and_the_label(town, unchanged):
    grid = area(C1 + "001")
    territory.redraw_area(district=seen(), area_id=grid.pk, outline=square(0, 3), source="新测", **BY)
    assert territory.tree(seen()).locate(*centre(0, 3)).id == grid.pk
    assert (area(grid.code).lon, area(grid.code).lat) == pytest.approx(centre(0, 3))
    before = unchanged()
    with pytest.raises(Invalid):
        territory.redraw_area(district=seen(), area_id=grid.pk, outline=shapely.Polygon(), source="", **BY)
    assert unchanged() == before


class TestEnd:
    def end(self, code, reason="拆迁"):
        territory.end_area(district=seen(), area_id=area(code).pk, reason=reason, **BY)

    def test_the_code_is_never_given_again(self, town):
        self.end(C1 + "004")
        assert area(C1 + "004").ended_on == TODAY
        assert territory.tree(seen()).by_code(C1 + "004") is None
        assert Area.objects.get(pk=add("grid", C1, name="第4网格")).code == C1 + "005"
        with pytest.raises(Conflict, match="不再使用"):
            add("grid", C1, name="第9网格", code=C1 + "004")

    def test_refusals(self, town, unchanged):
        before = unchanged()
        with pytest.raises(Conflict, match="下面还有 4 个地域"):
            self.end(C1)
        with pytest.raises(Invalid):
            self.end(C1 + "004", reason=" ")
        with pytest.raises(NotFound):
            territory.end_area(district=seen(), area_id=10**9, reason="x", **BY)
        assert unchanged() == before


class TestSucceed:
    def test_a_split_makes_new_codes_with_links(self, town):
        old = area(C1 + "001")
        west, east = square(0, 0, 0.5), square(0.5, 0, 0.5)
        made = succeed([old.code], [NewArea("第1西网格", outline=west), NewArea("第1东网格", outline=east)])
        rows = list(Area.objects.filter(pk__in=made).order_by("code"))
        assert [(row.code, row.name) for row in rows] == [(C1 + "005", "第1西网格"), (C1 + "006", "第1东网格")]
        assert area(old.code).ended_on == TODAY
        assert set(AreaSuccession.objects.filter(old=old).values_list("new_id", flat=True)) == set(made)
        lon, lat = centre(0, 0)
        assert territory.tree(seen()).locate(lon - 0.002, lat).name == "第1西网格"
        assert territory.tree(seen()).ever(old.pk).name == "第1网格"

    def test_a_merge_of_communities_carries_what_lies_in_them(self, town):
        west, east = area(C1).pk, area(C2).pk
        PlaceName.objects.create(district_id=town.id, name="阳光小区", kind="estate", area=area(C2 + "002"))
        (made,) = succeed([C1, C2], [NewArea("江宁社区", outline=square(0, 0, 4, 2))])
        new = Area.objects.get(pk=made)
        assert new.code == TOWNS[0] + "003"
        tree = territory.tree(seen())
        grids = tree.children(made)
        assert [grid.code for grid in grids] == [f"{new.code}{n:03}" for n in range(1, 9)]
        assert {grid.name for grid in grids} == {
            f"第{n}网格（原{c}）" for n in range(1, 5) for c in ("横江社区", "玉宁社区")
        }
        assert AreaSuccession.objects.count() == 2 + 8
        assert all(link.new.path[:-1] == new.path for link in AreaSuccession.objects.filter(old__level="grid"))
        (match,) = tree.find_place("阳光小区")
        assert tree.ancestor(match.area_id, "community").id == made
        assert tree.locate(*centre(3, 1)).name == "第4网格（原玉宁社区）"
        assert tree.get(west) is None
        assert tree.get(east) is None
        assert len(tree.under(west, ended=True)) == 5  # the past stays together

    def test_a_split_puts_what_lies_within_by_its_position(self, town):
        halves = [NewArea("横江东社区", outline=square(1, 0, 1, 2)), NewArea("横江西社区", outline=square(0, 0, 1, 2))]
        east, west = succeed([C1], halves)
        tree = territory.tree(seen())
        assert [grid.name for grid in tree.children(east)] == ["第2网格", "第4网格"]
        assert [grid.name for grid in tree.children(west)] == ["第1网格", "第3网格"]

    @pytest.mark.parametrize(
        ("old", "new", "error"),
        [
            ([C1, C1 + "001"], [NewArea("x")], Invalid),
            ([C1, TOWNS[1] + "001"], [NewArea("x")], Invalid),
            ([C1], [], Invalid),
            ([C1], [NewArea("x"), NewArea("x")], Invalid),
            ([C1], [NewArea("x"), NewArea("y")], Invalid),  # without outlines nobody knows where the grids go
            ([C1], [NewArea("x", code=C1)], Invalid),
            ([C1], [NewArea("")], Invalid),
        ],
    )
    def test_refusals_change_nothing(self, town, unchanged, old, new, error):
        before = unchanged()
        with pytest.raises(error):
            succeed(old, new)
        with pytest.raises(Invalid):
            succeed([C1 + "001"], [NewArea("好")], reason="")
        assert unchanged() == before

    def test_statements_do_not_grow_with_places(self, town, django_assert_max_num_queries):
        ids, view = [area(C1).pk, area(C2).pk], seen()
        new = [NewArea("江宁社区", outline=square(0, 0, 4, 2))]
        with django_assert_max_num_queries(24):
            territory.succeed_area(district=view, old_ids=ids, new=new, reason="合并", **BY)


def test_place_names_are_located_kept_once_and_renewed(town, unchanged):
    lon, lat = centre(2, 0)
    names = [
        NewPlaceName("阳光小区", "estate", ("阳光花园", " "), lon=lon, lat=lat),
        NewPlaceName("远方小区", "estate", lon=1.0, lat=1.0),
        NewPlaceName("菜市场", "landmark", area_id=area(C1).pk),
    ]
    assert territory.add_place_names(district=seen(), names=names, **BY) == 2
    assert (
        territory.add_place_names(
            district=seen(), names=[NewPlaceName("阳光小区", "estate", lon=lon, lat=lat, households=9)], **BY
        )
        == 1
    )
    row = PlaceName.objects.get(name="阳光小区")
    assert (row.area.code, row.aliases, row.households) == (C2 + "001", [], 9)
    assert territory.tree(seen()).find_place("菜市场旁")[0].area_id == area(C1).pk
    before = unchanged()
    with pytest.raises(Invalid, match="所在的地域不存在"):
        territory.add_place_names(district=seen(), names=[NewPlaceName("x", "estate", area_id=10**9)], **BY)
    assert unchanged() == before


class TestSetUp:
    def seeds(self):
        return [
            territory.SeedArea("grid", C1, NewArea("第1网格", C1 + "001", square(0, 0), schematic=True)),
            territory.SeedArea("county", "", NewArea("小县", COUNTY, square(0, 0, 8, 2))),
            territory.SeedArea("community", TOWNS[0], NewArea("横江社区", C1, square(0, 0, 2, 2))),
            territory.SeedArea("town", COUNTY, NewArea("东镇", TOWNS[0])),
        ]

    def set_up(self, seeds, **more):
        return territory.set_up_areas(district=seen("maptown"), areas=seeds, **BY, **more)

    def test_all_levels_in_any_order_and_only_once(self, db, django_assert_max_num_queries):
        view = open_town("maptown", areas=False)
        with django_assert_max_num_queries(16):
            made = territory.set_up_areas(district=view, areas=self.seeds(), since=TODAY.replace(year=2020), **BY)
        assert made == 4
        grid = Area.objects.get(code=C1 + "001")
        assert [Area.objects.get(pk=pk).code for pk in grid.path] == [COUNTY, TOWNS[0], C1, C1 + "001"]
        assert (grid.began_on.year, grid.schematic) == (2020, True)
        assert self.set_up(self.seeds()) == 0

    @pytest.mark.parametrize(
        ("seed", "words"),
        [
            (territory.SeedArea("galaxy", COUNTY, NewArea("甲", TOWNS[0])), "“甲”的级别“galaxy”"),
            (territory.SeedArea("town", "341001", NewArea("甲", "341001001")), "上级“341001”不存在"),
            (territory.SeedArea("town", COUNTY, NewArea("甲", "999")), "3 位"),
            (territory.SeedArea("town", COUNTY, NewArea("甲", TOWNS[0], shapely.Point(1, 1))), "应为面"),
            (territory.SeedArea("town", "", NewArea("甲", TOWNS[0])), "上级“”不存在"),
        ],
    )
    def test_refused_whole(self, db, seed, words):
        open_town("maptown", areas=False)
        with pytest.raises(Invalid) as refused:
            self.set_up([*self.seeds()[1:], seed])
        assert words in refused.value.what
        assert not Area.objects.exists()
