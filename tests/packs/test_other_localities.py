"""The packs of the other localities hold what their articles say: levels, counts, names, and each its own way with an appeal."""

from __future__ import annotations

import importlib
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.conf import settings
from shapely.geometry import shape

from tests.world import pack
from tongxin.packs.api import Pack

LOCALITIES = Path(settings.BASE_DIR) / "localities"
KEYS = ("xigu", "zhongshan", "yuhu", "wuhan")
MOST_BYTES = 320_000


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return {key: pack(key) for key in KEYS}


def features(key: str) -> list[dict[str, Any]]:
    content: dict[str, Any] = json.loads((LOCALITIES / key / "map.geojson").read_text())
    return list(content["features"])


def levels(key: str) -> Counter[str]:
    return Counter(feature["properties"]["level"] for feature in features(key))


def kinds(pack: Pack) -> Counter[str]:
    made = Counter({row.kind: row.count for row in pack.demo.bodies} if pack.demo else {})
    return Counter(body.kind for body in pack.bodies) + made


@pytest.mark.parametrize("key", KEYS)
def test_the_map_tiles_is_schematic_and_bounded(key: str) -> None:
    found = features(key)
    outlines = {f["properties"]["code"]: shape(f["geometry"]) for f in found}
    below: dict[str, list[Any]] = {}
    for feature in found:
        properties = feature["properties"]
        assert properties["schematic"] is True
        assert properties["parent"] is None or properties["code"].startswith(properties["parent"])
        below.setdefault(properties["parent"], []).append(outlines[properties["code"]])
    for code, outline in outlines.items():
        assert outline.is_valid
        assert outline.geom_type == "Polygon"
        if code in below:
            assert shapely.coverage_is_valid(below[code])
            assert shapely.coverage_union_all(below[code]).equals(outline)
    assert (LOCALITIES / key / "map.geojson").stat().st_size < MOST_BYTES


@pytest.mark.parametrize("key", KEYS)
def test_the_map_is_what_its_script_draws(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(LOCALITIES.parent / "tools")
    script = importlib.import_module("draw_schematic")
    drawn, named = script.draw_nest(script.NESTS[key])
    assert drawn == (LOCALITIES / key / "map.geojson").read_text()
    assert named == (LOCALITIES / key / "places.yaml").read_text()


@pytest.mark.parametrize("key", KEYS)
def test_places_lie_in_smallest_areas(key: str, packs: dict[str, Pack]) -> None:
    outlines = {f["properties"]["code"]: shape(f["geometry"]) for f in features(key)}
    for place in packs[key].places:
        assert outlines[place.area].contains(shapely.Point(place.lon, place.lat)), place.name
    assert len({place.name for place in packs[key].places}) == len(packs[key].places)


def test_every_locality_has_its_own_way_with_an_appeal(packs: dict[str, Pack]) -> None:
    appeals = {key: pack.procedures["appeal"] for key, pack in packs.items()}
    first = {key: appeal.states[appeal.start].holder for key, appeal in appeals.items()}
    roles = {key: (holder.role, holder.of) for key, holder in first.items() if holder is not None}
    assert roles == {
        "xigu": ("grid_worker", "grid"),
        "zhongshan": ("info_worker", "grid"),
        "yuhu": ("grid_worker", "grid"),
        "wuhan": ("neighbour_lead", "neighbours"),
    }
    for a, b in itertools.combinations(appeals.values(), 2):
        assert set(a.states) != set(b.states)
        assert a.title != b.title
    for appeal in appeals.values():
        assert all(state.late and state.plain for state in appeal.states.values() if state.final is None)


# —— one community with nine grids ——


@pytest.mark.row("XG-13")
@pytest.mark.row("XG-14")
@pytest.mark.row("XG-15")
def test_nine_grids_alike_with_groups_of_two_hundred_households() -> None:
    assert levels("xigu") == {"county": 1, "town": 1, "community": 1, "grid": 9, "group": 27}
    households: dict[str, list[int]] = {"grid": [], "group": []}
    for feature in features("xigu"):
        if feature["properties"]["level"] in households:
            households[feature["properties"]["level"]].append(feature["properties"]["households"])
    assert all(190 <= count <= 210 for count in households["group"])
    assert max(households["grid"]) < 1.1 * min(households["grid"])


@pytest.mark.row("XG-11")
def test_four_levels_of_joint_care(packs: dict[str, Pack]) -> None:
    units, appeal = packs["xigu"].units, packs["xigu"].procedures["appeal"]
    assert units.bodies["building_group"].parents == ["grid_branch"]
    assert units.bodies["grid_branch"].parents == ["community_committee"]
    holders = [appeal.states[name].holder for name in appeal.main_path[:4]]
    assert [units.roles[holder.role or ""].title for holder in holders if holder is not None] == [
        "责任网格员", "楼栋党小组组长", "网格党支部书记", "社区党委书记",
    ]  # fmt: skip


@pytest.mark.row("XG-12")
def test_one_head_and_several_workers_in_a_grid(packs: dict[str, Pack]) -> None:
    roles = packs["xigu"].units.roles
    assert (roles["grid_head"].at, roles["grid_head"].seats) == ("grid", 1)
    assert roles["grid_worker"].seats > 1


# —— 542 grids ——


@pytest.mark.row("ZS-17")
def test_a_branch_for_each_of_542_grids(packs: dict[str, Pack]) -> None:
    grids = {f["properties"]["code"] for f in features("zhongshan") if f["properties"]["level"] == "grid"}
    branches = [body for body in packs["zhongshan"].bodies if body.kind == "grid_branch"]
    assert (len(grids), len(branches)) == (542, 542)
    assert {code for body in branches for code in body.covers} == grids
    assert all(len(body.covers) == 1 for body in branches)


@pytest.mark.row("ZS-21")
def test_a_worker_and_an_information_worker_in_each_grid(packs: dict[str, Pack]) -> None:
    roles = packs["zhongshan"].units.roles
    assert {key for key, role in roles.items() if role.at == "grid"} == {"grid_worker", "info_worker"}
    assert roles["grid_worker"].seats == roles["info_worker"].seats == 1


@pytest.mark.row("ZS-02")
@pytest.mark.row("ZS-03")
@pytest.mark.row("ZS-04")
def test_fusion_bodies_and_their_members(packs: dict[str, Pack]) -> None:
    found = kinds(packs["zhongshan"])
    assert (found["fusion"], found["sector_fusion"], found["property_branch"]) == (62, 4, 11)
    assert found["member_unit"] >= 1000


@pytest.mark.row("ZS-09")
def test_five_classes(packs: dict[str, Pack]) -> None:
    titles = [category.title for category in packs["zhongshan"].catalogue.categories]
    assert titles[:5] == ["党的建设", "行政服务", "人才服务", "社会服务", "生活服务"]


@pytest.mark.row("ZS-43")
def test_three_councils_of_a_court(packs: dict[str, Pack]) -> None:
    found = kinds(packs["zhongshan"])
    assert found["self_committee"] == found["court_council"] == found["watch_committee"] > 0


# —— 473 grids ——


@pytest.mark.row("YH-48")
def test_473_grids_under_streets_with_published_codes() -> None:
    assert levels("yuhu")["grid"] == 473
    towns = {
        f["properties"]["code"]: f["properties"]["name"] for f in features("yuhu") if f["properties"]["level"] == "town"
    }
    assert len(towns) == 12
    assert (towns["430302005"], towns["430302006"]) == ("窑湾街道", "昭潭街道")


@pytest.mark.row("YH-11")
@pytest.mark.row("YH-05")
def test_neighbour_organisations_and_the_alliance_across_streets(packs: dict[str, Pack]) -> None:
    found = kinds(packs["yuhu"])
    assert (found["neighbour_org"], found["project"]) == (152, 12)
    alliance = next(body for body in packs["yuhu"].bodies if body.kind == "alliance")
    assert len(alliance.covers) > 1


@pytest.mark.row("YH-14")
def test_the_street_whistles_departments_report_in_and_a_refusal_goes_to_the_district(packs: dict[str, Pack]) -> None:
    steps = packs["yuhu"].procedures["appeal"].transitions
    assert len(steps["whistle"].form["kind"].choices or {}) == 3
    assert (steps["whistle"].to, steps["report_in"].to, steps["decline"].to) == ("whistled", "handling", "to_district")


# —— one street of a city ——


@pytest.mark.row("WH-06")
@pytest.mark.row("WH-08")
def test_neighbour_units_in_the_articles_ratio() -> None:
    found = levels("wuhan")
    assert list(found) == ["county", "town", "community", "grid", "neighbours"]
    assert found["neighbours"] <= 400
    assert round(found["neighbours"] / found["grid"], 2) == round(25_000 / 1_272, 2) == 19.65


@pytest.mark.row("WH-05")
@pytest.mark.row("WH-09")
def test_a_neighbour_lead_for_each_unit_with_four_duties(packs: dict[str, Pack]) -> None:
    lead = packs["wuhan"].units.roles["neighbour_lead"]
    assert lead.at == "neighbours"
    assert len(lead.duties.split("、")) == 4


@pytest.mark.row("WH-15")
def test_every_community_is_paired(packs: dict[str, Pack]) -> None:
    codes = {f["properties"]["code"] for f in features("wuhan") if f["properties"]["level"] == "community"}
    assert {code for body in packs["wuhan"].bodies if body.kind == "paired_unit" for code in body.covers} == codes


def test_a_part_says_that_it_is_a_part(packs: dict[str, Pack]) -> None:
    assert "部分" in packs["wuhan"].settings.title
