"""Figures of today's grids, worked out by hand on the small town's squares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.domain.planning.buildings import build, features
from tests.statements import at_most
from tests.world import World, open_world
from tongxin.kernel.registry import measures
from tongxin.organization.models import Term
from tongxin.planning import api as planning
from tongxin.territory.models import Area

pytestmark = pytest.mark.django_db
COMMUNITY = "341000001001"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = open_world()
    found = features(range(2))  # 横江社区 only: four grids of 800
    for one in found[:16]:
        one["properties"]["户数"] = 100  # the first grid has 1,600
    build(world, tmp_path, found)
    return world


def ask(world: World, name: str, area: str = COMMUNITY) -> float | None:
    given = {"area": area} if area else {}
    (found,) = measures[name].call(world.district, [given], world.now)
    return None if found.value is None else float(found.value)


@pytest.mark.row("XG-15")
@pytest.mark.row("WH-04")
def test_the_figures_of_a_community(world: World) -> None:
    # loads 1600, 800, 800, 800: mean 1000, deviation 346.41
    assert ask(world, "grid_load_cv") == pytest.approx(0.3464, abs=1e-4)
    assert ask(world, "grid_max_mean") == pytest.approx(1.6)
    assert ask(world, "grid_coverage") == 1.0
    assert ask(world, "grid_within_60_minutes") == 1.0
    # a square is 973 m by 1112 m; houses at eighths of it; of each grid's sixteen the base is an inner one. 10 minutes are
    # 577 m as the crow flies: 3 columns and rows away is too far, 2 in one way and 1 in the other is not
    reached = ask(world, "grid_within_10_minutes")
    assert reached is not None
    assert 0.5 < reached < 0.9
    assert ask(world, "grid_moved_in_a_year") is None  # no plan has been put in force
    # another community has no buildings: not applicable, not nought
    assert ask(world, "grid_load_cv", "341000002001") is None
    assert ask(world, "grid_coverage", "341000002001") is None


def test_what_lies_in_no_grid_is_not_covered(world: World) -> None:
    Area.objects.filter(code=f"{COMMUNITY}004").update(ended_on=world.now.date())
    world.tree  # noqa: B018 - the copy of this process is of the same version: read past it
    from tests.domain import smalltown
    from tongxin.packs import api as packs

    packs.bump_territory(world.district.id)
    world.district = smalltown.seen()
    assert ask(world, "grid_coverage") == pytest.approx(3200 / 4000)
    assert ask(world, "grid_within_60_minutes") == pytest.approx(3200 / 4000)


def test_posts_that_nobody_holds_show(world: World) -> None:
    whole = ask(world, "grid_posts_filled")
    assert whole == 1.0
    from tests.domain import smalltown
    from tongxin.packs import api as packs

    Term.objects.filter(post__area__code=f"{COMMUNITY}001", post__role="grid_worker").delete()
    packs.bump_organization(world.district.id)
    world.district = smalltown.seen()
    filled = ask(world, "grid_posts_filled")
    assert filled is not None
    assert filled < 1.0


def test_the_table_has_the_district_first_and_costs_little(world: World) -> None:
    with at_most(6):
        rows = planning.judge_today(world.district, world.now)
    assert rows[0].name == "小县"
    assert (rows[0].households, rows[0].units) == (4000, 64)
    assert [row.name for row in rows[1:]] == ["横江社区", "玉宁社区", "梅林社区", "率水社区"]
    only = planning.judge_today(world.district, world.now, [rows[1].area_id])
    assert [row.name for row in only] == ["横江社区"]
