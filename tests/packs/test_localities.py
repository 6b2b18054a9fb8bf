"""The packs in the repository pass, and the county's pack holds what the article says of it."""

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
from tongxin.packs.api import Pack, check_folder, list_folders
from tongxin.packs.schema import Procedure, RuledSpan

LOCALITIES = Path(settings.BASE_DIR) / "localities"


@pytest.fixture(scope="module")
def county() -> Pack:
    return pack("xiuning")


@pytest.fixture(scope="module")
def features() -> list[dict[str, Any]]:
    content: dict[str, Any] = json.loads((LOCALITIES / "xiuning" / "map.geojson").read_text())
    return list(content["features"])


@pytest.mark.parametrize("folder", list_folders(LOCALITIES), ids=lambda folder: folder.name)
def test_every_pack_passes(folder: Path) -> None:
    assert check_folder(folder) == []


def test_the_shared_packs_are_there() -> None:
    assert {"_base", "_template", "xiuning"} <= {folder.name for folder in list_folders(LOCALITIES)}


@pytest.mark.row("XN-13")
def test_sixty_nine_grids_in_four_communities_of_a_town(features: list[dict[str, Any]], county: Pack) -> None:
    levels = Counter(feature["properties"]["level"] for feature in features)
    assert levels == {"county": 1, "town": 1, "community": 4, "grid": 69}
    assert [level.title for level in county.units.levels] == ["县", "镇", "社区", "网格"]
    for feature in features:
        properties = feature["properties"]
        assert properties["schematic"] is True
        assert len(properties["code"]) == {"county": 6, "town": 9, "community": 12, "grid": 15}[properties["level"]]
        assert properties["parent"] is None or properties["code"].startswith(properties["parent"])
        if properties["level"] == "grid":
            assert 300 <= properties["households"] <= 500
    names = {f["properties"]["name"] for f in features if f["properties"]["level"] == "community"}
    assert {"横江社区", "万宁社区", "萝宁社区"} < names
    assert [name for name in names if "拟名" in name] == list(names - {"横江社区", "万宁社区", "萝宁社区"})


@pytest.mark.row("XN-12")
def test_the_map_tiles_without_gaps_or_overlaps(features: list[dict[str, Any]]) -> None:
    outlines = {f["properties"]["code"]: shape(f["geometry"]) for f in features}
    below: dict[str, list[Any]] = {}
    for feature in features:
        below.setdefault(feature["properties"]["parent"], []).append(outlines[feature["properties"]["code"]])
    for code, outline in outlines.items():
        assert outline.is_valid
        if code in below:
            assert shapely.coverage_is_valid(below[code])
            assert shapely.coverage_union_all(below[code]).equals(outline)
    assert outlines["341022"].contains(shapely.Point(118.19, 29.78))


@pytest.mark.row("XN-14")
@pytest.mark.row("XN-11")
def test_party_bodies_are_as_many_as_the_article_says(county: Pack, features: list[dict[str, Any]]) -> None:
    assert county.demo is not None
    kinds = Counter(body.kind for body in county.bodies)
    made = {row.kind: row.count for row in county.demo.bodies}
    assert (kinds["grid_branch"], kinds["estate_group"], made["member_household"]) == (22, 18, 220)
    covered = [code for body in county.bodies if body.kind == "grid_branch" for code in body.covers]
    grids = {f["properties"]["code"] for f in features if f["properties"]["level"] == "grid"}
    assert set(covered) == grids
    assert len(covered) == 69, "a grid has one branch, a branch several grids"
    assert (kinds["great_committee"], kinds["owners_committee"]) == (4, 11)
    assert (made["resident_unit"], made["property_alliance"]) == (62, 26)


@pytest.mark.row("XN-15")
def test_the_four_levels_of_party_bodies(county: Pack) -> None:
    kinds = county.units.bodies
    chain = ["community_committee", "grid_branch", "estate_group", "member_household"]
    assert all(above in kinds[below].parents for above, below in itertools.pairwise(chain))


@pytest.mark.row("XN-46")
def test_ten_classes_with_words_to_suggest_by(county: Pack) -> None:
    top = county.catalogue.categories
    assert len(top) == 10
    assert [category.title for category in top[:3]] == ["文明创建", "公共设施完善", "房屋维修"]
    for category in top:
        words = {word for item in [category, *category.children] for word in item.keywords}
        assert 20 <= len(words) <= 80, category.title
        units = {item.unit for item in [category, *category.children]}
        assert None not in units, category.title
    assert all(
        isinstance(grade.within, RuledSpan) and grade.within.source for grade in county.catalogue.grades.values()
    )


def _ways(procedure: Procedure) -> set[tuple[str, str]]:
    return {(source, step.to) for step in procedure.transitions.values() for source in step.from_}


@pytest.mark.row("XN-17")
@pytest.mark.row("XN-09")
def test_the_loop_runs_from_collecting_to_the_archive(county: Pack) -> None:
    appeal = county.procedures["appeal"]
    titles = [appeal.states[name].title for name in appeal.main_path]
    assert titles == ["采集", "汇总", "介入协商", "待派单", "已派单", "办理中", "核查", "回访评价", "已归档"]
    assert set(itertools.pairwise(appeal.main_path)) <= _ways(appeal)
    holders = [state.holder for name in appeal.main_path if (state := appeal.states[name]).holder is not None]
    assert [h.role or h.unit for h in holders if h is not None] == [
        "grid_worker", "grid_head", "branch_secretary", "receptionist", "main_unit", "main_unit", "supervisor", "receptionist",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "start", "end"),
    [
        ("settle", "reported", "rating"),
        ("refuse", "to_dispatch", "refused"),
        ("merge", "collating", "merged"),
        ("object", "dispatched", "objection"),
        ("reject_objection", "objection", "dispatched"),
        ("whistle", "handling", "coordinating"),
        ("ask_hold", "handling", "hold_asked"),
        ("approve_hold", "hold_asked", "held"),
        ("resume", "held", "handling"),
        ("ask_extension", "handling", "extension_asked"),
        ("approve_extension", "extension_asked", "extended"),
        ("rework", "checking", "handling"),
        ("reopen", "closed", "stepping_in"),
        ("withdraw", "handling", "withdrawn"),
    ],
)
def test_the_ways_beside_the_main_one(step: str, start: str, end: str, county: Pack) -> None:
    transition = county.procedures["appeal"].transitions[step]
    assert start in transition.from_
    assert transition.to == end


@pytest.mark.row("XN-18")
def test_three_first_times_are_limits_on_states(county: Pack) -> None:
    states = county.procedures["appeal"].states
    first = [states[name].within for name in ("reported", "stepping_in")]
    assert [span.words for span in first if isinstance(span, RuledSpan)] == ["2个工作时", "1个工作日"]
    assert states["handling"].within == "grade"
    assert all(state.late for state in states.values() if state.final is None)
    assert all(state.plain for state in states.values())


@pytest.mark.row("XN-59")
def test_two_receptionists_cover_each_other(county: Pack) -> None:
    assert county.units.roles["receptionist"].seats == 2


def test_six_reasons_not_to_dispatch(county: Pack) -> None:
    """Norm J-03."""
    assert len(county.procedures["appeal"].transitions["refuse"].form["reason"].choices or {}) == 6


def test_places_lie_in_their_grids(county: Pack, features: list[dict[str, Any]]) -> None:
    outlines = {f["properties"]["code"]: shape(f["geometry"]) for f in features}
    assert {place.area for place in county.places} == {c for c in outlines if len(c) == 15}
    assert len({(place.name, place.kind) for place in county.places}) == len(county.places)
    for place in county.places:
        assert outlines[place.area].contains(shapely.Point(place.lon, place.lat)), place.name


def test_the_map_is_what_its_script_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(LOCALITIES.parent / "tools")
    script = importlib.import_module("draw_schematic")
    drawn, named = script.draw(script.PLANS["xiuning"])
    assert drawn == (LOCALITIES / "xiuning" / "map.geojson").read_text()
    assert named == (LOCALITIES / "xiuning" / "places.yaml").read_text()
