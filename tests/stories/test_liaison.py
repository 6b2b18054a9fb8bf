"""Two who own one liaison: each finds it in their own inbox, each signs, and only then is it settled; who answers for it stands beside."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from tests.domain import smalltown
from tests.world import World, open_world, pack
from tongxin.accounts.models import User
from tongxin.affairs.models import Affair
from tongxin.matters.models import Matter
from tongxin.organization.models import Body, BodyArea
from tongxin.packs import api as packs
from tongxin.packs.schema import Procedure
from tongxin.procedures import api as procedures

pytestmark = pytest.mark.django_db
GRID = "横江社区第1网格"
VISIT = {
    "topic": "夜里大货车绕进小区", "visited": "household", "purpose": "两户来电说睡不好", "heard": "晚十一点以后每小时两三辆",
    "visited_on": "2026-03-01",
}  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    world = open_world()
    for key, kind, name, code in (
        ("county_committee", "county_committee", "中共休宁县委", "341000"),
        ("town_committee", "town_committee", "海阳镇党委", "341000001"),
    ):
        body = Body.objects.create(
            district_id=world.district.id, key=key, kind=kind, name=name, began_on=date(2020, 1, 1)
        )
        place = world.tree.by_code(code)
        assert place is not None
        BodyArea.objects.create(body=body, area_id=place.id)
    packs.bump_organization(world.district.id)
    world.district = smalltown.seen(world.district.key)
    return world


def sign_in(world: World, role: str, where: str = "") -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role, where).user_id))
    return client


def post(client: Client, path: str, **form: str) -> str:
    page = client.get(path).content.decode()
    key = re.search(r'name="request_key" value="([^"]+)"', page)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert key is not None, page[-2000:]
    given = {"request_key": key[1], **({"seen": seen[1]} if seen else {}), **form}
    return client.post(path, given, follow=True).content.decode()


@pytest.mark.row("XN-16", "XN-22", "XN-47")
def test_both_sign_before_it_is_settled_and_the_chain_of_responsibility_stands_beside(world: World) -> None:
    head, secretary = sign_in(world, "grid_head", GRID), sign_in(world, "branch_secretary")
    grid = next(place for place in world.tree.at_level("grid") if place.code == "341000001001001")
    for day in ("2999-01-01", "9999-12-31"):  # a visit that has been cannot lie ahead
        ahead = post(head, "/work/affairs/open/liaison", area_id=str(grid.id), **VISIT | {"visited_on": day})
        assert "那天还没有到。已经做了的事，请写今天或以前的日期。" in ahead
    assert not Affair.objects.exists()
    post(head, "/work/affairs/open/liaison", area_id=str(grid.id), **VISIT)
    affair = Affair.objects.get()
    run = procedures.find_run(world.district, "affair", affair.id)
    assert run is not None
    case = f"/work/cases/{run.id}"
    page = head.get(case).content.decode()
    chain = page[page.index("责任链") :]
    said = ("主体责任", "中共休宁县委", "直接责任", "海阳镇党委", "具体责任", "现在在这一级", "横江社区党委")
    found = [chain.index(word) for word in said]
    assert found == sorted(found), "top down, and the level with which it lies is marked"
    post(head, case, transition="together", wish="找谁来管")
    tasks = procedures.list_tasks(world.district, run)
    assert {task.procedure_title for task in tasks} == {"共同联络签认"}
    assert len(tasks) == 2
    for client in (head, secretary):
        assert client.get("/work/").content.decode().count("【共同】夜里大货车绕进小区") >= 1
    assert "没有办完" in secretary.get(case).content.decode()
    pages = [f"/work/cases/{task.run_id}" for task in tasks]
    for client in (head, secretary):
        (mine,) = [path for path in pages if 'value="sign"' in client.get(path).content.decode()]
        asked = client.get(mine).content.decode().partition("请来办什么")[2]
        assert "找谁来管" in asked, "whoever is asked to sign reads what for"
        assert f'href="{case}"' in asked
        post(client, mine, transition="sign", opinion="请城管夜里设卡")
    post(secretary, case, transition="to_matter", what="请城管局夜里劝返大货车")
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("passed_on", "done")
    assert "请城管局夜里劝返大货车" in Matter.objects.get().text
    assert "夜里大货车绕进小区" in head.get(case).content.decode()


@pytest.mark.row("XN-63")
def test_the_hall_and_the_owners_committee_deal_with_each_other_and_nobody_between() -> None:
    spec: Procedure = pack("xiuning").procedures["direct_line"]
    holders = {(state.holder.role, state.holder.unit) for state in spec.states.values() if state.holder is not None}
    assert holders == {("receptionist", None), (None, "owners")}
    assert spec.open is not None
    assert spec.open.form["owners"].kinds == ["owners_committee"]


def test_a_vacant_post_is_asked_once_through_who_stands_in(world: World) -> None:
    """The second grid of the community has no branch secretary of its own: nobody signs twice for one and the same desk."""
    grid = next(place for place in world.tree.at_level("grid") if not place.code.startswith("341000001001"))
    name = world.tree.full_name(grid.id)
    head = sign_in(world, "grid_head", name)
    post(head, "/work/affairs/open/liaison", area_id=str(grid.id), **VISIT)
    run = procedures.find_run(world.district, "affair", Affair.objects.get().id)
    assert run is not None
    post(head, f"/work/cases/{run.id}", transition="together", wish="找谁来管")
    assert len(procedures.list_tasks(world.district, run)) == 1
