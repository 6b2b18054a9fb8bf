"""Admission walked whole (ZS-18, G-11): a department may not simply give; it applies, it is admitted, and the gate follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.domain import smalltown
from tests.world import World, open_world
from tongxin.affairs import api as affairs
from tongxin.kernel import caches
from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotAllowed
from tongxin.lists import api as lists
from tongxin.lists.models import Admission, Edition, Item
from tongxin.matters import api as matters
from tongxin.procedures import api as procedures

OTHER = "90"


@pytest.fixture
def world(db: None) -> World:
    caches.clear_all()
    world = open_world(pack_key="zhongshan")
    keeper = world.actor("admission_office")
    edition = lists.draft_edition(district=world.district, key="admission", actor=keeper, now=world.now)
    item = lists.NewItem("调解纠纷", "society", share="main", categories=("0403",))
    lists.add_items(district=world.district, edition_id=edition.pk, items=[item], actor=keeper, now=world.now)
    lists.publish_edition(district=world.district, edition_id=edition.pk, actor=keeper, now=world.now)
    world.district = smalltown.seen(world.district.key)
    return world


def apply(world: World, *, urgent: bool) -> Any:
    """The housing department asks that communities help with snow."""
    county = world.tree.at_level("county")[0]
    form = {
        "item": "暴雪除冰", "applicant": world.bodies["housing"].pk, "kind": "society", "work": "组织志愿者扫雪", "law": "某某条例第3条",
        "payer": "住建局", "amount": 20000, "until": (local(world.now).date() + timedelta(days=20)).isoformat(), "urgent": urgent,
    }  # fmt: skip
    return affairs.open_affair(
        district=world.district,
        start=affairs.Start("admission", form, county.id),
        actor=world.actor("department_desk", "住建局"),
        now=world.now,
    )


def waiting_at_town(world: World) -> matters.Reported:
    reported = world.report("路上结冰了，老人出不了门。", category=OTHER)
    world.act(reported, "hand_over", "info_worker", "横江社区第1网格", category=OTHER)
    world.act(reported, "to_branch", "grid_worker", "横江社区第1网格")
    world.act(reported, "ask_community", "branch_secretary", "横江")
    world.later(days=5)
    while procedures.sweep(world.now):
        pass
    return reported


def give(world: World, reported: matters.Reported, unit: str, **form: Any) -> Any:
    return world.act(reported, "dispatch", "town_duty", "东临镇", main_unit=world.bodies[unit].pk, **form)


@pytest.mark.row("ZS-18")
@pytest.mark.row("G-11")
def test_what_is_admitted_for_good_comes_onto_the_next_edition_and_then_goes_through(world: World) -> None:
    reported = waiting_at_town(world)
    helping = {"co_units": [world.bodies["office"].pk]}
    with pytest.raises(NotAllowed):
        give(world, reported, "city", **helping)
    opened = apply(world, urgent=False)
    office = world.actor("admission_office")

    def step(key: str, by: str, /, **form: Any) -> Any:
        return procedures.act(
            district=world.district,
            run_id=opened.run_id,
            transition=key,
            form=form,
            actor=world.actor(by),
            now=world.later(hours=1),
        )

    step("accept", "admission_office")
    step("hear_communities", "admission_office", asked=4, opinion="愿意协助，不作主办")
    acted = step("admit", "county_duty", conclusion="列入", role="assist", category=OTHER)
    assert acted.run.outcome == "done"
    draft = Edition.objects.get(status="draft")
    assert {(item.title, item.share) for item in Item.objects.filter(edition=draft)} == {
        ("调解纠纷", "main"),
        ("暴雪除冰", "assist"),
    }
    with pytest.raises(NotAllowed):
        give(world, reported, "city", **helping)  # not in force before it is published
    lists.publish_edition(district=world.district, edition_id=draft.pk, actor=office, now=world.now)
    world.district = smalltown.seen(world.district.key)
    with pytest.raises(NotAllowed) as refused:
        give(world, reported, "office")
    assert "只协助" in refused.value.what
    assert give(world, reported, "city", **helping).run.state == "handling"


@pytest.mark.row("G-11")
def test_what_is_urgent_is_let_through_until_a_day_and_then_no_more(world: World) -> None:
    first, second = waiting_at_town(world), waiting_at_town(world)
    opened = apply(world, urgent=True)
    until = local(world.now).date() + timedelta(days=10)
    procedures.act(
        district=world.district, run_id=opened.run_id, transition="allow_urgent", actor=world.actor("admission_office"), now=world.now,
        form={"reason": "雪还在下", "category": OTHER, "until": until.isoformat()},
    )  # fmt: skip
    admitted = Admission.objects.get()
    assert (admitted.title, admitted.department_id, local(admitted.until_at).date()) == (
        "暴雪除冰",
        world.bodies["housing"].pk,
        until,
    )
    world.district = smalltown.seen(world.district.key)
    assert give(world, first, "office").run.state == "handling"
    world.later(days=11)
    with pytest.raises(NotAllowed) as refused:
        give(world, second, "office")
    assert "到期" in refused.value.what
