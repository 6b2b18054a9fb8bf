"""The admission gate at the desk: what a community may be given, by whom, and how an urgent matter gets in and out (G-11, J-09, W-06)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.domain import smalltown
from tests.domain.lists.test_editions import add, draft, publish
from tests.statements import at_most
from tests.world import World
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.lists import api as lists
from tongxin.lists.guards import main_unit_may_handle
from tongxin.matters import api as matters
from tongxin.procedures import api as procedures

PARKING, MEDIATION, STREET, OTHER = "0502", "0403", "0202", "90"


def publish_list(world: World) -> lists.Edition:
    edition = draft(world)
    add(
        world, edition,
        lists.NewItem("调解纠纷", "society", share="main", categories=(MEDIATION,)),
        lists.NewItem("停车劝导", "life", share="assist", categories=(PARKING,)),
        lists.NewItem("路灯维护", "life", share="taken_back", categories=(STREET,)),
    )  # fmt: skip
    return publish(world, edition)


def received(world: World, category: str, *, by_town: bool = False) -> matters.Reported:
    """A matter that waits at the community's desk, or was passed up to the town's by lateness."""
    reported = world.report("小区里的事，请帮忙看看。", category=category)
    world.act(reported, "hand_over", "info_worker", "横江社区第1网格", category=category)
    world.act(reported, "to_branch", "grid_worker", "横江社区第1网格")
    world.act(reported, "ask_community", "branch_secretary", "横江")
    if by_town:
        world.later(days=5)
        while procedures.sweep(world.now):
            pass
    return reported


def give(world: World, reported: matters.Reported, unit: str, *, by_town: bool = False, **form: Any) -> Any:
    role, where = ("town_duty", "东临镇") if by_town else ("receptionist", "横江社区")
    return world.act(reported, "dispatch", role, where, main_unit=world.bodies[unit].pk, **form)


@pytest.mark.row("ZS-18")
@pytest.mark.row("G-11")
def test_the_town_cannot_give_a_community_what_is_not_on_the_list(world: World) -> None:
    edition = publish_list(world)
    reported = received(world, OTHER, by_town=True)
    before = world.run(reported).seq
    with pytest.raises(NotAllowed) as refused:
        give(world, reported, "office", by_town=True)
    assert "社区准入清单" in refused.value.what
    assert edition.title in refused.value.what
    assert "其他" in refused.value.what
    assert "申请准入" in refused.value.mend
    assert refused.value.details["list"] == "admission"
    assert refused.value.details["edition"] == edition.pk
    assert world.run(reported).seq == before, "a refusal changes nothing"
    give(world, reported, "city", by_town=True)


def test_nor_as_a_helper(world: World) -> None:
    publish_list(world)
    reported = received(world, OTHER, by_town=True)
    with pytest.raises(NotAllowed):
        give(world, reported, "city", by_town=True, co_units=[world.bodies["office"].pk])


@pytest.mark.row("J-09")
@pytest.mark.parametrize("by_town", [True, False])
def test_what_it_only_assists_with_is_never_its_main_duty(world: World, by_town: bool) -> None:
    publish_list(world)
    reported = received(world, PARKING, by_town=by_town)
    with pytest.raises(NotAllowed) as refused:
        give(world, reported, "office", by_town=by_town)
    assert "第 002 项“停车劝导”" in refused.value.what
    assert "只协助" in refused.value.what
    acted = give(world, reported, "housing", by_town=by_town, co_units=[world.bodies["office"].pk])
    assert acted.run.state == "handling"


@pytest.mark.row("W-06")
def test_what_was_taken_back_is_not_given_at_all(world: World) -> None:
    publish_list(world)
    reported = received(world, STREET, by_town=True)
    with pytest.raises(NotAllowed) as refused:
        give(world, reported, "city", by_town=True, co_units=[world.bodies["office"].pk])
    assert "收回" in refused.value.what


def test_what_is_its_own_goes_through(world: World) -> None:
    publish_list(world)
    reported = received(world, MEDIATION, by_town=True)
    assert give(world, reported, "office", by_town=True).run.state == "handling"


def test_a_community_may_take_up_for_itself_what_no_list_names(world: World) -> None:
    publish_list(world)
    reported = received(world, OTHER)
    assert give(world, reported, "office").run.state == "handling"


def test_without_a_list_the_catalogue_decides_as_before(world: World) -> None:
    reported = received(world, PARKING, by_town=True)
    with pytest.raises(NotAllowed) as refused:
        give(world, reported, "office", by_town=True)
    assert "社区职责清单" in refused.value.what
    reported = received(world, OTHER, by_town=True)
    assert give(world, reported, "office", by_town=True).run.state == "handling"


@pytest.mark.row("G-11")
def test_an_urgent_matter_needs_an_end_and_goes_by_itself(world: World) -> None:
    publish_list(world)

    def admit(**by: float) -> lists.Admission:
        return lists.admit_for_a_time(
            district=world.district, key="admission", title="暴雪除冰", categories=[OTHER], until_at=world.now + timedelta(**by),
            approved_by="区调度岗", now=world.now,
        )  # fmt: skip

    with pytest.raises(Invalid):
        admit(days=0)
    with pytest.raises(Invalid):
        admit(days=60)
    first, second = received(world, OTHER, by_town=True), received(world, OTHER, by_town=True)
    admitted = admit(days=3)
    world.district = smalltown.seen(world.district.key)
    assert give(world, first, "office", by_town=True).run.state == "handling"
    world.now = admitted.until_at + timedelta(seconds=1)
    with pytest.raises(NotAllowed) as refused:
        give(world, second, "office", by_town=True)
    assert "到期" in refused.value.what
    assert "暴雪除冰" in refused.value.what


def test_the_gate_asks_the_database_nothing(world: World) -> None:
    publish_list(world)
    reported = received(world, MEDIATION, by_town=True)
    give(world, reported, "office", by_town=True)
    run = world.run(reported)
    spec = procedures.procedure_of(world.district.pack, run.procedure)
    context = procedures.Context(
        world.district, world.district.pack, spec, run, "dispatch", spec.transitions["dispatch"], {"co_units": []},
        world.actor("town_duty", "东临镇"), world.now, to_state="handling",
    )  # fmt: skip
    main_unit_may_handle(context, None)
    with at_most(0):
        assert main_unit_may_handle(context, None) is None
