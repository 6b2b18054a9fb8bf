"""The city-size pack: the printed numbers, made by counts alone, tiling exactly, each body over the places it should cover."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from django.conf import settings
from shapely.geometry import shape

from tests.world import pack
from tongxin.packs.api import check_folder
from tongxin.web.demo.drawing import draw
from tongxin.web.demo.opening import find_localities

FOLDER = Path(settings.BASE_DIR) / "localities" / "wuhan_city"


@pytest.fixture(scope="module")
def drawn():
    """The places of the whole city, drawn once."""
    demo = pack("wuhan_city").demo
    assert demo is not None
    return draw(demo)


@pytest.mark.row("WH-08", "WH-15", "WH-42")
def test_the_numbers_are_those_printed(drawn):
    demo = pack("wuhan_city").demo
    assert demo is not None
    assert [len(drawn[level]) for level in ("county", "community", "grid", "neighbours")] == [13, 1525, 6465, 25000]
    inside = [f["properties"] for f in drawn["grid"] if f["properties"]["code"].startswith("420106")]
    assert len(inside) == 1272
    assert len(drawn["grid"]) - len(inside) == 5879 - 686
    made = {(batch.kind, bool(batch.within)): batch.count for batch in demo.bodies}
    assert made[("paired_unit", False)] == 1899
    assert made[("building_group", False)] == 30142
    assert made[("estate_party", True)] == 686
    assert demo.apart, "too large for make demo"


def test_each_level_tiles_the_one_above_and_households_add_up(drawn):
    demo = pack("wuhan_city").demo
    assert demo is not None
    whole = shape(drawn["city"][0]["geometry"])
    for level in ("county", "town", "community", "grid"):
        outlines = [shape(f["geometry"]) for f in drawn[level]]
        assert shapely.union_all(outlines).equals(whole), level
        assert sum(o.area for o in outlines) == pytest.approx(whole.area), level
        codes = [f["properties"]["code"] for f in drawn[level]]
        assert len(set(codes)) == len(codes)
    assert drawn["city"][0]["properties"]["households"] == 25_000 * 20 + 5_193 * 700
    assert draw(demo) == drawn, "the same at every run"


def test_it_does_not_come_with_the_ordinary_demo():
    apart = {one.pack.key for one in find_localities() if one.pack.demo and one.pack.demo.apart}
    assert apart == {"wuhan_city"}


@pytest.mark.parametrize(
    ("demo", "said"),
    [
        ("areas: [{level: grid, named: {'341000': 一}}]\ncentre: [118, 29]\n", "次序不对"),
        ("areas: [{level: county, count: 3}]\ncentre: [118, 29]\n", "最上一级"),
        ("areas: [{level: county, named: {'341000': 一}}]\n", "没有写画在哪里"),
        ("areas: [{level: county, named: {'341000': 一}, count: 2}]\ncentre: [118, 29]\n", "恰填其一"),
        (
            "areas: [{level: county, named: {'341000': 一}}, {level: town, within: '9', count: 2}]\ncentre: [1, 2]\n",
            "没有地域代码 9",
        ),
        ("bodies: [{kind: community_office, name: 居委会}]\n", "至少填一个"),
        ("bodies: [{kind: community_office, over: grid, name: 居委会}]\n", "覆盖的应是"),
    ],
)
def test_faults_in_generated_places_are_told(tmp_path: Path, demo: str, said: str):
    for name in ("_base", "_template"):
        (tmp_path / name).symlink_to(FOLDER.parent / name)
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "pack.yaml").write_text('pack: town\ntitle: 小镇\nregion: "341000"\nextends: _base\n')
    (folder / "demo.yaml").write_text(demo)
    assert any(said in f"{fault.what}{fault.mend}" for fault in check_folder(folder)), check_folder(folder)
