"""Which unit handled such matters here: shown with the reason where somebody dispatches, offered, never set by itself."""

from __future__ import annotations

from django.test import Client

from tests.statements import at_most
from tests.world import World, open_world
from tongxin.accounts.models import User
from tongxin.kernel import caches
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.procedures import api as procedures
from tongxin.procedures.models import Run

LAMP = "横江小区门口路灯不亮，晚上老人出门不安全"


def to_dispatch(world: World) -> matters.Reported:
    """A matter that waits to be dispatched."""
    reported = world.report(LAMP)
    world.act(reported, "submit", "grid_worker", "横江", category="02", note="看过了")
    world.act(reported, "ask_to_step_in", "grid_head", "横江")
    world.act(reported, "ask_to_dispatch", "branch_secretary", "横江")
    return reported


def settle(world: World, body: str, times: int) -> None:
    """So many such matters were handled to the end by one unit."""
    for _ in range(times):
        reported = to_dispatch(world)
        world.act(reported, "dispatch", "receptionist", "横江", main_unit=world.bodies[body].pk)
        Run.objects.filter(id=reported.run_id).update(finished_at=world.now, outcome="done")
        matters.Matter.objects.filter(id=reported.matter_id).update(closed_at=world.now)


def page(world: World, reported: matters.Reported) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor("receptionist", "横江").user_id))
    return client.get(f"/work/cases/{reported.run_id}").content.decode()


def test_the_unit_that_handled_most_stands_chosen_and_why(world: World) -> None:
    settle(world, "city", 3)
    settle(world, "housing", 1)
    reported = to_dispatch(world)
    caches.clear_all()
    shown = page(world, reported)
    box = shown[shown.index("由谁来办") :]
    assert box.index("<strong>城管局</strong>") < box.index("住建局")
    assert "同类已办结 4 件，3 件由它主办" in box
    assert f'<option value="{world.bodies["city"].pk}" selected>' in shown
    assert world.run(reported).parts == {}  # nothing is set by itself


def test_few_cases_are_shown_but_not_chosen(world: World) -> None:
    settle(world, "water", 2)
    reported = to_dispatch(world)
    caches.clear_all()
    shown = page(world, reported)
    assert "同类已办结 2 件，2 件由它主办" in shown
    assert f'<option value="{world.bodies["water"].pk}" selected>' not in shown


def test_a_unit_that_the_duty_list_does_not_let_take_it_is_not_proposed(world: World) -> None:
    """A community handled such matters before; by the catalogue it may only assist with them (norm J-09)."""
    town = open_world("othertown", pack_key="wuhan")
    catalogue = [category for category, _ in town.district.pack.catalogue.walk()]
    code = next(category.code for category in catalogue if not category.community_may_handle)
    facts = {"category": code, "guessed": False}
    for body in ("office", "office", "office", "city"):
        done = town.report(LAMP)
        parts = {"main_unit": town.bodies[body].pk}
        Run.objects.filter(id=done.run_id).update(parts=parts, facts=facts, finished_at=town.now, outcome="done")
        matters.Matter.objects.filter(id=done.matter_id).update(closed_at=town.now, category=code)
    reported = town.report(LAMP)
    run = town.run(reported)
    spec = town.district.pack.procedures[run.procedure]
    run.state = next(state for state in spec.states if procedures.unit_steps(spec, state))
    actor = town.actor("receptionist")
    found = learning.suggest_units(town.district, run, code, actor=actor, now=town.now)
    assert found is not None
    assert [(one.name, one.cases, one.share) for one in found.guesses] == [("城管局", 1, 1.0)]
    assert "不在社区职责清单内" in found.refused[0]


def test_nothing_is_proposed_where_nothing_was_handled_or_no_unit_is_asked_for(world: World) -> None:
    reported = to_dispatch(world)
    assert "由谁来办" not in page(world, reported)
    fresh = world.report(LAMP)
    actor = world.actor("grid_worker", "横江")
    with at_most(1):
        found = learning.suggest_units(world.district, world.run(fresh), "02", actor=actor, now=world.now)
    assert found is None or not found.guesses
