"""The machine's work in the background: shared among workers, stoppable, begun anew after a death, and told in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connection

from tests.domain import smalltown
from tests.domain.planning.buildings import build, draw, features
from tests.world import World, open_world
from tongxin.planning import api as planning
from tongxin.planning.actions import drafting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path: Path) -> World:
    return open_world()


def begin(world: World, under: str = "东临镇", **more: Any) -> planning.Plan:
    place = next(p for level in world.tree.levels for p in world.tree.at_level(level) if p.name == under)
    given = {"title": "方案", "level": "grid", "wish": {"target": 400, "low": 300, "high": 500}, **more}
    return planning.begin_plan(
        district=world.district, under=place.id, actor=world.actor("county_duty"), now=world.now, **given
    )


def test_whoever_asks_it_to_stop_keeps_what_the_plan_was(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(world, tmp_path)
    plan = draw(world, role="county_duty")
    before = list(planning.PlanMember.objects.filter(plan=plan).order_by("unit_id").values_list("unit_id", "part"))
    by: dict[str, Any] = {
        "district": world.district,
        "plan_id": plan.pk,
        "actor": world.actor("county_duty"),
        "now": world.now,
    }
    planning.draft_again(**by, wish={"target": 200, "low": 150, "high": 250}, begin="afresh")
    planning.stop_drafting(**by)  # before any worker took it
    assert planning.draft_waiting(lambda: world.now) == 0
    planning.draft_again(**by, wish={"target": 200, "low": 150, "high": 250}, begin="afresh")
    monkeypatch.setattr(drafting, "TELL_SECONDS", 0.0)
    swept: list[int] = []

    def meanwhile() -> None:
        swept.append(1)
        planning.Drafting.objects.filter(plan=plan).update(stop_asked=True)

    assert planning.draft_waiting(lambda: world.now, meanwhile) == 1
    assert swept  # deadlines were looked after in the midst
    found = planning.get_plan(world.district, plan.pk)
    assert found.drafting.outcome == "stopped"
    assert "保持原样" in found.drafting.says
    after = list(planning.PlanMember.objects.filter(plan=plan).order_by("unit_id").values_list("unit_id", "part"))
    assert after == before


def test_a_worker_that_died_is_followed_by_another_and_two_do_not_share_one(world: World, tmp_path: Path) -> None:
    build(world, tmp_path)
    plan = begin(world)
    planning.Drafting.objects.filter(plan=plan).update(begun_at=world.now, share=0.4)  # as a dead worker leaves it
    assert planning.draft_waiting(lambda: world.now) == 1
    first = planning.get_plan(world.district, plan.pk)
    assert first.drafting.outcome == "done"
    again = begin(world)
    at_it = connection.copy()
    try:
        with at_it.cursor() as cursor:  # as another worker holds it: passed by
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [drafting._LOCK, again.pk])
        assert planning.draft_waiting(lambda: world.now) == 0
        assert planning.get_plan(world.district, again.pk).drafting.begun_at is None
        with at_it.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        at_it.close()
    assert planning.draft_waiting(lambda: world.now) == 1
    second = planning.get_plan(world.district, again.pk)
    parts = [
        list(planning.PlanMember.objects.filter(plan=p).order_by("unit_id").values_list("part", flat=True))
        for p in (first, second)
    ]
    assert parts[0] == parts[1]  # the same input and seed give the same plan


def test_a_fault_of_ours_ends_the_plan_and_not_the_worker(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(world, tmp_path)
    plan = begin(world)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(drafting, "divide", broken)
    assert planning.draft_waiting(lambda: world.now) == 1
    found = planning.get_plan(world.district, plan.pk)
    assert "已记入日志" in found.drafting.says
    assert planning.draft_waiting(lambda: world.now) == 0


def test_one_bad_community_does_not_hold_up_the_others_and_is_named(world: World, tmp_path: Path) -> None:
    found = features(range(4))
    for one in found:
        if one["properties"]["编码"].startswith("2-0-00"):
            del one["properties"]["户数"]
    build(world, tmp_path, found)
    plan = draw(world, under="小县", role="county_duty")
    assert {c["name"] for c in plan.score["communities"].values()} == {"横江社区"}
    said = "".join(plan.score["said"])
    assert "“玉宁社区”没有划分：1 个单元没有户数：20区1栋" in said.replace(":", "：")
    assert "“梅林社区”里没有一栋楼" in said


@pytest.mark.row("G-01")
def test_a_river_is_not_crossed_and_an_impassable_one_makes_islands(world: World, tmp_path: Path) -> None:
    build(world, tmp_path)
    river = shapely.LineString([(118.0, 29.0101), (118.08, 29.0101)])  # between the two rows of squares
    line = planning.BarrierLine(
        district_id=world.district.id, key="r", name="横江", kind="river", line=shapely.to_wkb(river)
    )
    line.save()
    plan = draw(world)
    assert plan.score["whole"]["crossings"] == 0
    line.impassable = True
    line.save()
    plan = draw(world, title="不能过河")
    (score,) = plan.score["communities"].values()
    assert any("孤岛" in sentence for sentence in score["findings"])
    assert score["broken"] == []


def test_loads_by_people_and_by_matters(world: World, tmp_path: Path) -> None:
    found = features(range(2))
    for one in found:
        one["properties"]["人数"] = 130
    build(world, tmp_path, found)
    plan = draw(world, load_by="people", wish={"target": 1040, "low": 900, "high": 1200})
    assert plan.score["whole"]["parts"] == 8
    with_none = draw(world, load_by="matters", wish={"target": 1})
    assert "每周事项数都是 0" in with_none.drafting.says
    for k in range(12):
        lon, lat = found[k]["geometry"]["coordinates"]
        world.report(f"第{k}件：楼道灯坏了，晚上看不见路。", lon=lon, lat=lat)
    plan = draw(world, load_by="matters", wish={"target": 0.05})
    (score,) = plan.score["communities"].values()
    assert score["load"] == pytest.approx(12 / 52, rel=0.05)
    assert score["parts"] > 1


def test_today_improved_and_today_as_it_is(world: World, tmp_path: Path) -> None:
    build(world, tmp_path)
    kept = draw(world, begin="today")
    assert kept.score["whole"]["parts"] == 4
    assert kept.score["whole"]["moved"] == 0.0
    better = draw(
        world,
        begin="improve",
        wish={"target": 800, "low": 700, "high": 900, "order": ["change", "load", "barriers", "raggedness"]},
    )
    assert better.score["whole"]["moved"] == 0.0
    names = {part.name for part in planning.parts_of(better).values()}
    assert names == {"第1网格", "第2网格", "第3网格", "第4网格"}


def test_a_target_that_cannot_be_met_and_a_place_without_an_outline(world: World, tmp_path: Path) -> None:
    build(world, tmp_path, features(range(2), households=130))
    plan = draw(world, wish={"target": 200, "low": 190, "high": 210})
    (score,) = plan.score["communities"].values()
    assert any("无论几份" in s or "超过" in s or "不足" in s for s in score["findings"])
    from tongxin.packs import api as packs
    from tongxin.territory.models import Area

    Area.objects.filter(name="横江社区").update(outline=None)
    packs.bump_territory(world.district.id)
    world.district = smalltown.seen()
    plan = draw(world)
    assert "没有边界" in plan.drafting.says
