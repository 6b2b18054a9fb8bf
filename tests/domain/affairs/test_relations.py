"""One thing gives rise to another: a matter to an affair, seen from both sides."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.world import NOW, World, open_world
from tongxin.accounts.models import User
from tongxin.affairs import api as affairs
from tongxin.kernel import caches
from tongxin.matters.models import Matter
from tongxin.notices import api as notices
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures


def test_an_affair_gives_rise_to_a_matter_seen_from_both_sides(db: None) -> None:
    caches.clear_all()
    world = open_world(pack_key="zhongshan")
    leaf = world.tree.at_level("grid")[0].id
    opened = affairs.open_affair(
        district=world.district, actor=organization.resident_actor(world.district), now=NOW,
        start=affairs.Start("three_councils", {"issue": "院里的树倒了", "kind": "repair"}, leaf),
    )  # fmt: skip
    secretary = world.actor("branch_secretary", "横江")
    form = {"reason": "要请部门来锯"}
    procedures.act(
        district=world.district, run_id=opened.run_id, transition="hand_over", form=form, actor=secretary, now=NOW
    )
    matter = Matter.objects.get()
    assert (matter.text, matter.area_id) == ("院里的树倒了。要请部门来锯", leaf)
    run = procedures.find_run(world.district, "matter", matter.pk)
    assert run is not None
    assert run.holder_post_id is not None
    page = Client()
    page.force_login(User.objects.get(pk=world.actor("receptionist", "横江").user_id))
    assert "引出了这件" in page.get(f"/work/cases/{opened.run_id}").content.decode()
    assert "由这件而来" in page.get(f"/work/cases/{run.pk}").content.decode()


@pytest.mark.row("XN-56")
def test_a_matter_gives_rise_to_an_affair_and_hears_of_its_end(world: World) -> None:
    reported = world.report("楼上楼下为漏水吵起来了。")
    world.act(reported, "submit", "grid_worker", "横江社区第1网格", category="03")
    world.act(reported, "ask_to_step_in", "grid_head", "横江社区第1网格")
    world.act(reported, "to_mediation", "branch_secretary", "横江", dispute="楼上漏水")
    origin = world.run(reported)
    (child,) = affairs.list_children(world.district, "matter", reported.matter_id)
    assert (child.procedure, child.card["title"], child.area_id) == ("mediation", "楼上漏水", origin.area_id)
    assert origin.facts["gave_rise_to"] == [child.card["ref"]]
    affair = affairs.get_affair(world.district, child.subject_id)
    parent = affairs.find_parent(world.district, affair)
    assert parent is not None
    assert parent.run_id == origin.id
    mediator = world.actor("community_mediator", "横江")
    procedures.act(
        district=world.district,
        run_id=child.run_id,
        transition="not_willing",
        form={"note": "对方不来"},
        actor=mediator,
        now=NOW,
    )
    told = [note.title for note in notices.list_unread(world.actor("branch_secretary", "横江"))]
    assert "不愿调解：楼上漏水" in told
    page = Client()
    page.force_login(User.objects.get(pk=world.actor("branch_secretary", "横江").user_id))
    assert "引出了这件" in page.get(f"/work/cases/{origin.id}").content.decode()
    assert "由这件而来" in page.get(f"/work/cases/{child.run_id}").content.decode()
