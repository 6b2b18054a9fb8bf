"""Who acts: how many statements an actor costs, whom it refuses, what it carries."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model

from tests.domain.organization.conftest import C1, make_town
from tests.domain.smalltown import NOW, TODAY
from tongxin.kernel.errors import NotAllowed
from tongxin.organization import api as organization


def test_an_actor_costs_one_statement(town, django_assert_num_queries):
    town.hold("甲", "community_head", C1)
    view = town.view
    organization.directory(view)
    with django_assert_num_queries(1):
        actor = organization.actor_for_user(town.people["甲"].user_id, view, NOW)
    (post,) = actor.posts
    assert (actor.kind, actor.name, actor.label, actor.operator) == ("user", "甲", "甲（横江社区主任）", False)
    assert (post.role, post.grounds, post.covering) == ("community_head", (town.area(C1),), False)
    assert post.may == {"see_matters", "see_personal", "manage_people"}
    assert actor.holds("community_head")
    assert not actor.holds("leader")


def test_past_and_future_terms_carry_nothing(town):
    town.hold("甲", "community_head", C1, from_on=TODAY - timedelta(days=9), to_on=TODAY - timedelta(days=1))
    town.hold("甲", "leader", "341000", from_on=TODAY + timedelta(days=1))
    assert town.actor("甲").posts == ()
    assert town.actor("甲").label == "甲"


def test_an_account_without_a_person_has_no_posts(town):
    user = get_user_model()._default_manager.create(
        login="x", district_id=town.view.id, username="x", name="新人", created_at=NOW
    )
    assert organization.actor_for_user(user.pk, town.view, NOW).posts == ()


def test_refusals(town):
    other = make_town("othertown")
    other.hold("外", "leader", "341000")
    with pytest.raises(NotAllowed, match="不属于本地方"):
        organization.actor_for_user(other.people["外"].user_id, town.view, NOW)
    with pytest.raises(NotAllowed, match="没有这个账号"):
        organization.actor_for_user(10**9, town.view, NOW)
    town.hold("甲", "leader", "341000")
    get_user_model()._default_manager.filter(pk=town.people["甲"].user_id).update(is_active=False)
    with pytest.raises(NotAllowed, match="已停用"):
        town.actor("甲")


def test_an_operator_acts_in_every_district_without_posts(town):
    user = get_user_model()._default_manager.create(
        login="op", username="op", name="运维", is_operator=True, created_at=NOW
    )
    actor = organization.actor_for_user(user.pk, town.view, NOW)
    assert (actor.operator, actor.posts, actor.district_id) == (True, (), town.view.id)
    assert actor.label == "运维（平台运维）"


def test_residents_the_system_and_programs(town):
    view = town.view
    assert organization.resident_actor(view).label == "居民"
    assert organization.system_actor(view).kind == "system"
    key = SimpleNamespace(name="对接", may=["see_matters"], district_id=view.id)
    assert organization.program_actor(view, key).may == {"see_matters"}
    with pytest.raises(NotAllowed):
        organization.program_actor(view, SimpleNamespace(name="对接", may=[], district_id=view.id + 1))
