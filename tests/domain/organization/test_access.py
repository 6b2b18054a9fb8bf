"""Who may do what, and where. Properties over random posts: never outside the grounds, never in another district."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.organization.conftest import C1, C2, make_town
from tests.domain.smalltown import COUNTY, TOWNS
from tongxin.kernel.errors import NotAllowed
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, HeldPost, access
from tongxin.packs import api as packs
from tongxin.territory import api as territory
from tongxin.territory.models import Area

EVERY = sorted(access.PERMISSIONS)
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def user(district_id, posts=(), **more):
    held = tuple(
        HeldPost(n, "r", "t", None, None, tuple(grounds), covering, frozenset(may))
        for n, (grounds, may, covering) in enumerate(posts)
    )
    return Actor("user", district_id, 1, 1, "某", "某", held, **more)


@pytest.fixture
def two(town):
    """Two districts with the same codes and their trees."""
    other = make_town("othertown")
    return territory.tree(town.view), territory.tree(other.view)


def test_a_permission_holds_at_the_grounds_and_below(town):
    town.hold("甲", "community_head", C1)
    actor = town.actor("甲")
    assert organization.may(actor, "see_personal")
    assert organization.may(actor, "see_personal", town.area(C1))
    assert organization.may(actor, "see_personal", town.area(C1 + "004"))
    assert not organization.may(actor, "see_personal", town.area(C2))
    assert not organization.may(actor, "see_personal", town.area(TOWNS[0]))  # nor above
    assert not organization.may(actor, "supervise")
    assert organization.scope(actor, "see_personal").area_ids == {
        town.area(C1 + tail) for tail in ("", "001", "002", "003", "004")
    }


def test_a_refusal_says_what_is_missing(town):
    town.hold("甲", "grid_worker", C1 + "001")
    with pytest.raises(NotAllowed, match="查看个人信息") as refused:
        organization.demand(town.actor("甲"), "see_personal", town.area(C1))
    assert refused.value.status == 403
    organization.demand(town.actor("甲"), "see_matters", town.area(C1 + "001"))


def test_a_body_reaches_the_places_it_covers_and_no_others(town):
    town.hold("甲", "branch_secretary", "branch_a")
    reached = organization.scope(town.actor("甲"), "see_matters").area_ids
    assert reached == {town.area(C1 + tail) for tail in ("001", "002", "003")}


def test_a_body_that_covers_nothing_reaches_nothing(town):
    town.hold("甲", "clerk", "police")
    actor = town.actor("甲")
    assert not organization.may(actor, "see_matters")
    assert organization.scope(actor, "see_matters").nowhere


def test_the_head_of_the_whole_district_is_everywhere_in_it(town):
    town.hold("甲", "leader", COUNTY)
    assert organization.scope(town.actor("甲"), "supervise").everywhere
    assert organization.may_all(town.actor("甲"), "supervise", [])


def test_ended_places_stay_within_reach(town):
    ended = town.area(C1 + "001")
    Area.objects.filter(pk=ended).update(ended_on="2026-01-01")
    packs.bump_territory(town.view.id)
    town.hold("甲", "community_head", C1)
    assert organization.may(town.actor("甲"), "see_matters", ended)
    assert ended in organization.scope(town.actor("甲"), "see_matters").area_ids


def test_kinds_of_actors(town, two):
    here, there = two
    place, foreign = here.roots()[0].id, there.roots()[0].id
    resident, system = organization.resident_actor(town.view), town.system
    program = Actor("program", town.view.id, None, None, "p", "p", may=frozenset({"see_matters"}))
    operator = user(town.view.id, operator=True)
    for permission in EVERY:
        assert not organization.may(resident, permission)
        assert organization.scope(resident, permission).nowhere
        assert organization.may(system, permission, place)
        assert organization.may(program, permission, place) == (permission == "see_matters")
        assert organization.may(operator, permission, place) == (permission in access.OPERATOR_MAY)
        for actor in (resident, system, program, operator):
            assert not organization.may(actor, permission, foreign)
    assert {"see_matters", "see_personal", "see_places", "export"}.isdisjoint(access.OPERATOR_MAY)


def test_an_unknown_permission_is_a_programming_error(town):
    for ask in (organization.may, organization.scope, organization.demand):
        with pytest.raises(ValueError, match="fly"):
            ask(town.system, "fly")


@SLOW
@given(data=st.data())
def test_no_permission_reaches_outside_the_grounds_or_the_district(two, data):
    here, there = two
    ours, theirs = [list(tree._all) for tree in two]
    posts = data.draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from([*ours, *theirs]), max_size=3),
                st.sets(st.sampled_from(EVERY), max_size=4),
                st.booleans(),
            ),
            max_size=4,
        )
    )
    permission = data.draw(st.sampled_from(EVERY))
    district_id = packs.find_district(key="smalltown").id
    actor = user(district_id, posts)
    scope = organization.scope(actor, permission)
    for area_id in (*ours, *theirs):
        allowed = organization.may(actor, permission, area_id)
        carrying = {g for grounds, may, _ in posts if permission in may for g in grounds}
        assert allowed == (area_id in here and not carrying.isdisjoint(here.path(area_id)))
        assert (scope.everywhere and area_id in here) or (area_id in scope.area_ids) == allowed
        assert not (allowed and area_id in there)
    assert scope.area_ids <= set(ours)


@SLOW
@given(data=st.data())
def test_another_post_never_takes_a_permission_away(two, data):
    here, _ = two
    areas = list(here._all)
    post = st.tuples(
        st.lists(st.sampled_from(areas), max_size=2), st.sets(st.sampled_from(EVERY), max_size=3), st.booleans()
    )
    few = data.draw(st.lists(post, max_size=2))
    more = [*few, data.draw(post)]
    permission, area_id = data.draw(st.sampled_from(EVERY)), data.draw(st.sampled_from(areas))
    district_id = packs.find_district(key="smalltown").id
    if organization.may(user(district_id, few), permission, area_id):
        assert organization.may(user(district_id, more), permission, area_id)
