"""A plan from the street's proposal to the day it takes effect: places, posts, people and cases in hand follow, all or nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely

from tests.domain import smalltown
from tests.domain.planning.buildings import build, draw, features
from tests.world import World, open_world
from tongxin.kernel.errors import Refusal
from tongxin.notices.models import Notice
from tongxin.organization import api as organization
from tongxin.organization.models import Post
from tongxin.planning import api as planning
from tongxin.planning.actions import following
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.territory.models import Area, AreaSuccession

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return open_world()


def fresh(world: World) -> World:
    world.district = smalltown.seen()
    return world


def step(world: World, run_id: int, transition: str, role: str, **form: Any) -> procedures.Acted:
    where = "东临镇" if role == "town_duty" else ""
    return procedures.act(
        district=world.district,
        run_id=run_id,
        transition=transition,
        form=form,
        actor=world.actor(role, where),
        now=world.now,
    )


def approve(world: World, plan: planning.Plan, days: int = 1) -> int:
    run_id = planning.submit_plan(
        district=world.district, plan_id=plan.pk, actor=world.actor("town_duty", "东临镇"), now=world.now
    )
    step(world, run_id, "approve", "county_duty", opinion="同意")
    day = f"{(world.now + timedelta(hours=8)).date() + timedelta(days=days):%Y-%m-%d}"
    step(world, run_id, "file", "county_duty", filing_number="备〔2026〕1号", effective_on=day)
    return run_id


@pytest.mark.row("G-06")
@pytest.mark.row("YH-48")
def test_a_plan_travels_from_the_street_to_its_day_and_cases_follow(world: World, tmp_path: Path) -> None:
    build(world, tmp_path)
    reported = world.report()
    before = world.run(reported)
    plan = draw(world)
    assert plan.score["whole"]["parts"] == 8
    assert plan.score["whole"]["inside"] == 1.0
    run_id = approve(world, plan)
    assert planning.put_due_in_force(world.now) == 0  # not before the day
    world.later(days=1)
    old_codes = set(Area.objects.filter(level="grid").values_list("code", flat=True))
    assert planning.put_due_in_force(world.now) == 1
    fresh(world)
    community = next(p for p in world.tree.at_level("community") if p.name == "横江社区")
    grids = world.tree.at_level("grid", community.id)
    assert len(grids) == 8
    assert not {p.code for p in grids} & old_codes  # codes are never used again
    ended = Area.objects.filter(level="grid", parent_id=community.id, ended_on__isnull=False)
    assert ended.count() == 4
    assert AreaSuccession.objects.filter(old__in=ended).count() >= 8
    assert Area.objects.filter(level="grid", parent_id=community.id, ended_on=None, households=400).count() == 8
    whole = shapely.union_all([world.tree.outline(p.id) for p in grids])
    assert whole.symmetric_difference(world.tree.outline(community.id)).area < 1e-12
    assert not territory.topology_report(world.district, "grid").faults

    after = procedures.get_run(world.district, before.pk)
    assert after is not None
    place = world.tree.get(after.area_id)
    assert place is not None
    assert shapely.contains_xy(world.tree.outline(place.id), *smalltown.centre(0, 0))
    assert after.card["place"] == world.tree.full_name(place.id)
    assert (after.state, after.due_at, after.seq) == (before.state, before.due_at, before.seq + 1)
    assert procedures.verify(after) is None
    desk = organization.desk(world.district, after.holder_post_id or 0)
    assert desk is not None
    assert place.name in desk.title
    told = procedures.timeline(world.district, after, audience="reporter")[-1]
    assert place.name in told.says
    # the people of the four grids go on in the grids that continue theirs
    carried = [
        p
        for p in organization.directory(world.district).posts()
        if p.role == "grid_worker" and p.area_id in {g.id for g in grids}
    ]
    held = [
        p
        for p in carried
        if organization.directory(world.district).holders(p.id, (world.now + timedelta(hours=8)).date())
    ]
    assert len(carried) == 8
    assert len(held) == 4
    # the one who held the case still finds it
    worker = world.actor("grid_worker", "横江社区第1网格")
    assert any(post.area_id in {g.id for g in grids} for post in worker.posts)
    # once more changes nothing
    assert planning.put_due_in_force(world.now) == 0
    run = procedures.get_run(world.district, run_id)
    assert run is not None
    assert run.outcome == "done"
    # and afterwards matters are reported into the new grids
    again = world.report("门口的井盖松了，车一压就响。")
    assert world.run(again).area_id == place.id


def test_a_plan_that_cannot_take_effect_changes_nothing_and_says_why(world: World, tmp_path: Path) -> None:
    build(world, tmp_path)
    plan = draw(world)
    run_id = approve(world, plan, days=0)
    parts = list(planning.PlanPart.objects.filter(plan=plan))
    planning.PlanPart.objects.filter(pk=parts[0].pk).update(name=parts[1].name)
    count = Area.objects.count()
    assert planning.put_due_in_force(world.now) == 0
    assert Area.objects.count() == count
    plan = planning.get_plan(world.district, plan.pk)
    assert plan.status == "approved"
    assert "会有两个" in plan.score["failed"]["why"]
    run = procedures.get_run(world.district, run_id)
    assert run is not None
    assert run.state == "scheduled"
    assert Notice.objects.filter(kind="late", subject_kind=planning.SUBJECT).count() == 1
    planning.PlanPart.objects.filter(pk=parts[0].pk).update(name=parts[0].name)
    assert planning.put_due_in_force(world.now) == 0  # not again at once
    world.later(minutes=11)
    assert planning.put_due_in_force(world.now) == 1
    assert "failed" not in planning.get_plan(world.district, plan.pk).score


def test_whatever_breaks_in_the_midst_leaves_everything_as_it_was(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(world, tmp_path)
    reported = world.report()
    plan = draw(world)
    approve(world, plan, days=0)
    before = (Area.objects.count(), Post.objects.filter(ended_on=None).count(), world.run(reported).area_id)

    def broken(**_: Any) -> int:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(following.matters, "move_matters", broken)
        assert planning.put_due_in_force(world.now) == 0
    assert before == (Area.objects.count(), Post.objects.filter(ended_on=None).count(), world.run(reported).area_id)
    assert "程序出了错" in planning.get_plan(world.district, plan.pk).score["failed"]["why"]
    world.later(minutes=11)
    assert planning.put_due_in_force(world.now) == 1
    fresh(world)
    assert world.run(reported).area_id != before[2]


def test_a_grid_whose_buildings_stay_together_stays_itself_and_an_empty_one_is_left_alone(
    world: World, tmp_path: Path
) -> None:
    found = [
        f for f in features(range(2)) if not f["properties"]["编码"].startswith("1-1")
    ]  # no house in the fourth grid
    build(world, tmp_path, found)
    plan = draw(world, begin="today")
    by: dict[str, Any] = {
        "district": world.district,
        "plan_id": plan.pk,
        "actor": world.actor("town_duty", "东临镇"),
        "now": world.now,
    }
    names = {part.name: number for number, part in planning.parts_of(plan).items()}
    plan = planning.split_part(**by, number=names["第1网格"])
    approve(world, plan, days=0)
    old = {a.name: a for a in Area.objects.filter(level="grid", parent__name="横江社区")}
    assert planning.put_due_in_force(world.now) == 1
    fresh(world)
    community = next(p for p in world.tree.at_level("community") if p.name == "横江社区")
    living = {p.name: p for p in world.tree.at_level("grid", community.id)}
    assert {name: living[name].code for name in ("第2网格", "第3网格", "第4网格")} == {
        name: old[name].code for name in ("第2网格", "第3网格", "第4网格")
    }
    assert len(living) == 5
    assert living["第1网格"].code != old["第1网格"].code
    halves = [world.tree.outline(p.id) for p in living.values() if p.name not in ("第2网格", "第3网格", "第4网格")]
    first = shapely.from_wkb(bytes(old["第1网格"].outline))
    assert shapely.union_all(halves).symmetric_difference(first).area < 1e-12
    # nobody of the other grids lost a post
    kept = Post.objects.filter(area_id=living["第2网格"].id, ended_on=None)
    assert kept.filter(terms__to_on=None).count() == kept.count() > 0


def test_a_plan_sent_back_is_changed_and_goes_on_in_the_same_case(world: World, tmp_path: Path) -> None:
    build(world, tmp_path)
    plan = draw(world)
    actor = world.actor("town_duty", "东临镇")
    run_id = planning.submit_plan(district=world.district, plan_id=plan.pk, actor=actor, now=world.now)
    with pytest.raises(Refusal, match="不能再改"):
        planning.draft_again(district=world.district, plan_id=plan.pk, actor=actor, now=world.now)
    step(world, run_id, "send_back", "county_duty", reason="第2格太大")
    planning.draft_again(
        district=world.district,
        plan_id=plan.pk,
        wish={"target": 450, "low": 300, "high": 500},
        begin="afresh",
        actor=actor,
        now=world.now,
    )
    planning.draft_waiting(lambda: world.now)
    with pytest.raises(Refusal, match="退回修改"):
        planning.submit_plan(district=world.district, plan_id=plan.pk, actor=actor, now=world.now)
    step(world, run_id, "resubmit", "town_duty", changes="重新划分")
    assert planning.get_plan(world.district, plan.pk).status == "submitted"
    step(world, run_id, "withdraw", "town_duty", reason="不划了")
    assert planning.get_plan(world.district, plan.pk).status == "withdrawn"


def test_what_lies_below_follows_with_its_people_and_cases(world: World, tmp_path: Path) -> None:
    build(world, tmp_path)
    reported = world.report()
    before = world.run(reported)
    plan = draw(world, under="东临镇", level="community", begin="today", wish={"target": 3200})
    by: dict[str, Any] = {
        "district": world.district,
        "plan_id": plan.pk,
        "actor": world.actor("town_duty", "东临镇"),
        "now": world.now,
    }
    plan = planning.move_units(
        **by, units=[planning.PlanUnit.objects.get(code="2-0-00").pk], to=part_with(plan, "1-0-03")
    )
    shown = planning.preview(world.district, plan)
    assert [len(one.straddling) for one in shown.replacing] == [1]  # the grid out of which a house went
    approve(world, plan, days=0)
    assert planning.put_due_in_force(world.now) == 1
    fresh(world)
    town = next(p for p in world.tree.at_level("town") if p.name == "东临镇")
    assert [p.name for p in world.tree.at_level("community", town.id)] == ["横江社区", "玉宁社区"]
    grids = world.tree.at_level("grid", town.id)
    assert len(grids) == 8
    after = procedures.get_run(world.district, before.pk)
    assert after is not None
    assert after.area_id in {p.id for p in grids}
    assert after.area_id != before.area_id
    assert after.holder_post_id != before.holder_post_id
    worker = world.actor("grid_worker", "横江社区第1网格")
    assert any(post.area_id == after.area_id for post in worker.posts)
    assert Area.objects.filter(parent__name="玉宁社区", level="grid", ended_on=None).count() == 4


def part_with(plan: planning.Plan, code: str) -> int:
    return planning.PlanMember.objects.get(plan=plan, unit__code=code).part
