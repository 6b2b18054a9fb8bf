"""Where a case goes: by role at a place, by body, and what happens when nobody is there (XN-16, XN-59)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.domain.organization.conftest import C1, C2, COUNTY
from tests.domain.smalltown import NOW, TODAY
from tongxin.organization import api as organization
from tongxin.organization.models import Body, Post
from tongxin.packs import api as packs

GRID = C1 + "001"


def role(town, key, code, level=None, now=NOW):
    return organization.resolve_role(town.view, key, None if code is None else town.area(code), level, now)


def unit(town, key, now=NOW):
    return organization.resolve_unit(town.view, town.body(key), now)


def test_costs_no_statement_when_kept(town, django_assert_num_queries):
    town.hold("甲", "grid_worker", GRID)
    view, area, police = town.view, town.area(GRID), town.body("police")
    organization.resolve_role(view, "grid_worker", area, None, NOW)
    with django_assert_num_queries(0):
        desk = organization.resolve_role(view, "grid_worker", area, None, NOW)
        organization.resolve_unit(view, police, NOW)
        assert organization.desks(view, [desk.post_id, 10**12]) == {desk.post_id: desk}
        organization.list_units(view, ["department"], area)
    packs.bump_organization(view.id)
    with django_assert_num_queries(6):  # the districts' snapshot, then five for the copy
        organization.resolve_role(town.view, "grid_worker", area, None, NOW)


def test_the_post_at_the_place(town):
    town.hold("甲", "grid_worker", GRID)
    desk = role(town, "grid_worker", GRID)
    assert (desk.title, desk.vacant, desk.area_id) == ("横江社区第1网格员", False, town.area(GRID))


def test_the_nearest_place_above(town):
    town.hold("甲", "community_head", C1)
    assert role(town, "community_head", GRID).title == "横江社区主任"
    assert role(town, "community_head", GRID, "community") == role(town, "community_head", C1)
    assert role(town, "leader", GRID).vacant


def test_a_level_begins_the_line(town):
    town.hold("甲", "community_head", C1)
    assert role(town, "community_head", GRID, "town") is None  # no head at the town or above
    assert role(town, "leader", GRID, "county").area_id == town.area(COUNTY)
    assert role(town, "leader", None).area_id == town.area(COUNTY)
    assert role(town, "leader", COUNTY, "grid").area_id == town.area(COUNTY)  # lies in no grid: from itself


def test_a_body_acts_for_the_places_it_covers(town):
    town.hold("甲", "branch_secretary", "branch_a")
    for code in ("001", "002", "003"):
        desk = role(town, "branch_secretary", C1 + code)
        assert (desk.body_name, desk.vacant) == ("第一支部", False)
    assert role(town, "branch_secretary", C1 + "004").body_name == "第二支部"
    assert role(town, "branch_secretary", C2 + "001") is None


def test_vacancy_the_deputy_at_the_same_place(town):
    town.hold("乙", "branch_secretary", "branch_a")
    assert role(town, "grid_worker", GRID).role == "branch_secretary"


def test_nothing_held_waits_at_the_nearest_post_and_says_so(town):
    desk = role(town, "grid_worker", GRID)
    assert (desk.role, desk.area_id, desk.vacant) == ("grid_worker", town.area(GRID), True)


def test_a_term_counts_by_the_day(town):
    town.hold("甲", "grid_worker", GRID, from_on=TODAY + timedelta(days=1), to_on=TODAY + timedelta(days=2))
    days = [role(town, "grid_worker", GRID, now=NOW + timedelta(days=n)).vacant for n in range(4)]
    assert days == [True, False, False, True]
    # 23:59 and 00:01 of the local day, not of UTC
    evening = NOW.replace(hour=15, minute=59)
    assert role(town, "grid_worker", GRID, now=evening).vacant
    assert not role(town, "grid_worker", GRID, now=evening + timedelta(minutes=2)).vacant


@pytest.mark.row("XN-59")
def test_a_cover_keeps_the_desk_and_fills_it(town):
    town.hold("甲", "community_clerk", C1, seat=1, to_on=TODAY - timedelta(days=1), from_on=date(2026, 1, 1))
    town.hold("乙", "community_clerk", C1, seat=2)
    first, second = town.post("community_clerk", C1, 1), town.post("community_clerk", C1, 2)
    assert role(town, "community_clerk", C1).post_id == second.pk
    town.cover(first, second, to_on=TODAY)
    assert role(town, "community_clerk", C1).post_id == first.pk
    assert not role(town, "community_clerk", C1).vacant
    assert [p.id for p in town.actor("乙").posts] == [second.pk, first.pk]
    assert [p.covering for p in town.actor("乙").posts] == [False, True]
    tomorrow = NOW + timedelta(days=1)
    assert role(town, "community_clerk", C1, now=tomorrow).post_id == second.pk
    assert [p.id for p in town.actor("乙", tomorrow).posts] == [second.pk]


def test_a_cover_does_not_pass_on(town):
    town.hold("丙", "community_clerk", C2)
    a, b, c = (
        town.post("community_clerk", C1, 1),
        town.post("community_clerk", C1, 2),
        town.post("community_clerk", C2, 1),
    )
    town.cover(a, b)
    town.cover(b, c)
    assert {p.id for p in town.actor("丙").posts} == {b.pk, c.pk}


def test_a_unit_and_what_stands_above_it(town):
    assert (unit(town, "station").body_name, unit(town, "station").vacant) == ("公安局", True)
    town.hold("甲", "clerk", "police")
    assert (unit(town, "station").body_name, unit(town, "station").vacant) == ("公安局", False)
    assert unit(town, "group_a") == unit(town, "c1_party")  # branches have no desk here
    assert unit(town, "hub").role == "dispatcher"
    assert organization.resolve_unit(town.view, 10**12, NOW) is None


def test_an_ended_body_leaves_its_cases_to_the_one_above(town):
    town.hold("甲", "secretary", "c1_party")
    branch = town.body("branch_a")
    Body.objects.filter(pk=branch).update(ended_on=TODAY)
    packs.bump_organization(town.view.id)
    assert organization.resolve_unit(town.view, branch, NOW).body_name == "横江社区党委"
    assert branch in organization.directory(town.view).bodies
    assert branch not in organization.directory(town.view).living


def test_units_to_choose_from(town):
    def names(kinds=(), code=None):
        area_id = None if code is None else town.area(code)
        return [u.name for u in organization.list_units(town.view, kinds, area_id)]

    assert sorted(names()) == sorted(["横江社区党委", "公安局", "派出所", "治理中心"])  # every kind that has a desk
    assert names(["department", "office"]) == ["公安局", "派出所"]
    assert names(["community_committee", "department"], GRID) == ["横江社区党委", "公安局"]
    assert names(["community_committee", "department"], C2) == ["公安局"]


def test_districts_do_not_mix(town):
    from tests.domain.organization.conftest import make_town

    other = make_town("othertown")
    assert organization.resolve_role(other.view, "grid_worker", town.area(GRID), None, NOW) is None
    assert organization.resolve_unit(other.view, town.body("police"), NOW) is None
    post = Post.objects.filter(district_id=town.view.id).first()
    assert organization.desk(other.view, post.pk) is None
