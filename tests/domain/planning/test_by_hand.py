"""A plan worked by hand: every act answers with its figures; what comes apart is told; everything can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.domain.planning.buildings import build, draw
from tests.statements import at_most
from tests.world import World, open_world
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, Refusal
from tongxin.planning import api as planning

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = open_world()
    build(world, tmp_path)
    return world


def by(world: World, plan: planning.Plan, **more: Any) -> dict[str, Any]:
    return {
        "district": world.district, "plan_id": plan.pk, "actor": world.actor("town_duty", "东临镇"), "now": world.now, **more
    }  # fmt: skip


def part_of(plan: planning.Plan, code: str) -> int:
    return planning.PlanMember.objects.get(plan=plan, unit__code=code).part


def unit(code: str) -> int:
    return planning.PlanUnit.objects.get(code=code).pk


def rows(plan: planning.Plan) -> dict[int, dict[str, Any]]:
    return {row["number"]: row for c in plan.score["communities"].values() for row in c["rows"]}


def test_a_moved_building_changes_loads_at_once_and_comes_back(world: World) -> None:
    plan = draw(world)
    here, before = part_of(plan, "0-0-00"), rows(plan)
    there = part_of(plan, "1-1-15")
    plan = planning.move_units(**by(world, plan, units=[unit("0-0-00")], to=there, seen=plan.version))
    after = rows(plan)
    assert after[here]["load"] == before[here]["load"] - 50
    assert after[there]["load"] == before[there]["load"] + 50
    # far away from its new part: told, not hidden
    (broken,) = next(iter(plan.score["communities"].values()))["broken"]
    assert broken["number"] == there
    assert broken["pieces"] == 2
    assert "00区1栋" in broken["away"]
    assert "不相连" in planning.fault_of(world.district, planning.get_plan(world.district, plan.pk))
    plan = planning.undo(**by(world, plan))
    assert rows(plan) == before
    plan = planning.redo(**by(world, plan))
    assert rows(plan) == after
    with pytest.raises(Invalid, match="没有可以重做"):
        planning.redo(**by(world, plan))


def test_split_and_merge_keep_every_building_and_undo_brings_parts_back(world: World) -> None:
    plan = draw(world)
    number = part_of(plan, "0-0-00")
    name = planning.parts_of(plan)[number].name
    plan = planning.split_part(**by(world, plan, number=number))
    assert plan.score["whole"]["parts"] == 9
    loads = rows(plan)
    fresh = max(loads)
    assert loads[number]["load"] == loads[fresh]["load"] == 200
    assert loads[number]["outside"]
    plan = planning.merge_parts(**by(world, plan, number=number, into=fresh))
    assert plan.score["whole"]["parts"] == 8
    assert number not in planning.parts_of(plan)
    plan = planning.undo(**by(world, plan))
    assert planning.parts_of(plan)[number].name == name
    plan = planning.undo(**by(world, plan))
    assert fresh not in planning.parts_of(plan)
    assert rows(plan)[number]["load"] == 400


def test_what_is_locked_stays_for_hands_and_for_the_machine(world: World) -> None:
    plan = draw(world)
    number = part_of(plan, "0-0-00")
    planning.lock_part(**by(world, plan, number=number, locked=True))
    kept = set(planning.PlanMember.objects.filter(plan=plan, part=number).values_list("unit__code", flat=True))
    with pytest.raises(Conflict, match="已锁定"):
        planning.move_units(**by(world, plan, units=[unit("0-0-00")], to=part_of(plan, "1-1-15")))
    planning.draft_again(**by(world, plan, wish={"target": 320, "low": 250, "high": 500}, begin="plan"))
    planning.draft_waiting(lambda: world.now)
    plan = planning.get_plan(world.district, plan.pk)
    now_in = part_of(plan, "0-0-00")
    assert kept <= set(planning.PlanMember.objects.filter(plan=plan, part=now_in).values_list("unit__code", flat=True))
    assert planning.PlanMember.objects.filter(plan=plan, locked=True).count() == len(kept)


def test_bad_input_by_hand_is_a_sentence_and_changes_nothing(world: World) -> None:
    plan = draw(world, under="东临镇")
    version = plan.version
    far = part_of(plan, "2-0-00")
    tried: list[tuple[type[Refusal], str, Any]] = [
        (Invalid, "另一个社区", lambda: planning.move_units(**by(world, plan, units=[unit("0-0-00")], to=far))),
        (Invalid, "不在同一个社区", lambda: planning.move_units(**by(world, plan, units=[unit("0-0-00"), unit("2-0-00")], to=far))),
        (Refusal, "没有 99 号格", lambda: planning.move_units(**by(world, plan, units=[unit("0-0-00")], to=99))),
        (Refusal, "没有这栋楼", lambda: planning.move_units(**by(world, plan, units=[10**9], to=far))),
        (Invalid, "请选 1", lambda: planning.move_units(**by(world, plan, units=[], to=far))),
        (Invalid, "同一个社区里的两个格", lambda: planning.merge_parts(**by(world, plan, number=1, into=far))),
        (Invalid, "格的名称", lambda: planning.rename_part(**by(world, plan, number=1, name=" "))),
        (Conflict, "已有“第2网格”", lambda: planning.rename_part(**by(world, plan, number=named(plan, "第1网格"), name="第2网格"))),
        (Invalid, "没有可以撤销", lambda: planning.undo(**by(world, plan))),
        (Conflict, "刚被别人改过", lambda: planning.split_part(**by(world, plan, number=1, seen=version - 1))),
        (Invalid, "什么都没有变", lambda: planning.move_units(**by(world, plan, units=[unit("0-0-00")], to=part_of(plan, "0-0-00")))),
    ]  # fmt: skip
    for kind, sentence, act in tried:
        with pytest.raises(kind, match=sentence):
            act()
    with pytest.raises(NotAllowed):
        planning.split_part(
            district=world.district, plan_id=plan.pk, number=1, actor=world.actor("town_duty", "西溪镇"), now=world.now
        )
    assert planning.get_plan(world.district, plan.pk).version == version


def named(plan: planning.Plan, name: str) -> int:
    return next(number for number, part in planning.parts_of(plan).items() if part.name == name)


def test_an_act_costs_the_same_however_large_the_plan(world: World) -> None:
    plan = draw(world, under="东临镇")
    with at_most(20):
        planning.move_units(**by(world, plan, units=[unit("0-0-00")], to=0))
