"""Appoint, end, stand in, link: permission, change and record in one; a refusal changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from tests.domain.organization.conftest import C1, C2, make_town
from tests.domain.smalltown import COUNTY, NOW, TODAY
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.organization import api as organization
from tongxin.organization.models import Cover, Person, Term
from tongxin.records.models import AuditEntry

GRID = C1 + "001"


@pytest.fixture
def head(town):
    """Head of 横江社区: may manage people there and nowhere else."""
    town.hold("主任", "community_head", C1)
    return town.actor("主任")


@pytest.fixture
def person(town):
    return organization.add_person(district=town.view, name="李一", phone="138 0000-0001", actor=town.system, now=NOW)


def appoint(town, actor, person, post, **more):
    return organization.appoint(district=town.view, post_id=post.pk, person_id=person, actor=actor, now=NOW, **more)


def test_appoint_takes_effect_at_once_and_is_recorded(town, head, person):
    version = town.view.organization_version
    appoint(town, head, person, town.post("grid_worker", GRID))
    desk = organization.resolve_role(town.view, "grid_worker", town.area(GRID), None, NOW)
    assert not desk.vacant
    assert organization.directory(town.view).holders(desk.post_id, TODAY) == [(person, "李一")]
    assert town.view.organization_version == version + 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_label) == ("organization.appoint", "主任（横江社区主任）")
    assert entry.target == "李一 → 横江社区第1网格员"
    assert "1380000" not in str(entry.detail)  # no telephone numbers in the record
    assert Person.objects.get(pk=person).phone == "13800000001"


def test_statement_counts(town, head, person, django_assert_max_num_queries):
    post, view = town.post("grid_worker", GRID), town.view
    organization.may(head, "manage_people", town.area(GRID))
    with django_assert_max_num_queries(11):  # 8, the districts' snapshot, and two for the transaction
        organization.appoint(district=view, post_id=post.pk, person_id=person, actor=head, now=NOW)


@pytest.mark.row("XN-51")
def test_one_person_may_hold_several_posts(town, head, person):
    for code in ("001", "002", "003"):
        appoint(town, head, person, town.post("grid_worker", C1 + code))
    assert len(organization.directory(town.view).posts_of(person, TODAY)) == 3


def test_outside_ones_grounds_is_refused_and_changes_nothing(town, head, person, unchanged):
    before = unchanged()
    for role, code in [("grid_worker", C2 + "001"), ("leader", COUNTY), ("clerk", "police")]:
        with pytest.raises(NotAllowed):
            appoint(town, head, person, town.post(role, code))
    assert unchanged() == before
    appoint(town, head, person, town.post("secretary", "c1_party"))  # whose committee covers the head's own community


def test_nobody_without_the_permission(town, person, unchanged):
    town.hold("员", "grid_worker", GRID)
    before = unchanged()
    for actor in (town.actor("员"), organization.resident_actor(town.view)):
        with pytest.raises(NotAllowed):
            appoint(town, actor, person, town.post("grid_worker", GRID))
        with pytest.raises(NotAllowed):
            organization.add_person(district=town.view, name="王", actor=actor, now=NOW)
    assert unchanged() == before


def test_a_district_boundary_is_never_crossed(town, person, unchanged):
    other = make_town("othertown")
    other.hold("外", "leader", COUNTY)
    outsider = other.actor("外")
    post = town.post("grid_worker", GRID)
    before = unchanged()
    with pytest.raises(NotAllowed):
        appoint(town, outsider, person, post)
    with pytest.raises(NotFound):  # their own district does not have this post
        organization.appoint(district=other.view, post_id=post.pk, person_id=person, actor=outsider, now=NOW)
    theirs = other.post("leader", COUNTY)
    with pytest.raises(NotFound):  # nor this person
        organization.appoint(
            district=other.view, post_id=theirs.pk, person_id=person, actor=outsider, now=NOW, replace=True
        )
    assert unchanged() == before


def test_a_post_has_one_holder_at_a_time(town, head, person, unchanged):
    town.hold("旧", "grid_worker", GRID, from_on=TODAY - timedelta(days=30))
    post = town.post("grid_worker", GRID)
    before = unchanged()
    with pytest.raises(Conflict, match="由旧担任"):
        appoint(town, head, person, post)
    assert unchanged() == before
    appoint(town, head, person, post, replace=True)
    assert Term.objects.get(person__name="旧").to_on == TODAY - timedelta(days=1)
    known = organization.directory(town.view)
    assert known.holders(post.pk, TODAY) == [(person, "李一")]
    assert known.holders(post.pk, TODAY - timedelta(days=1))[0][1] == "旧"
    with pytest.raises(Conflict):  # the same person again
        appoint(town, head, person, post, replace=True)


def test_terms_that_follow_each_other_do_not_meet(town, head, person):
    post = town.post("grid_worker", GRID)
    appoint(town, head, person, post, from_on=TODAY, to_on=TODAY + timedelta(days=9))
    other = organization.add_person(district=town.view, name="王二", actor=head, now=NOW)
    with pytest.raises(Conflict):
        appoint(town, head, other, post, from_on=TODAY + timedelta(days=9))
    appoint(town, head, other, post, from_on=TODAY + timedelta(days=10))
    with pytest.raises(Invalid):
        appoint(town, head, other, post, from_on=TODAY, to_on=TODAY - timedelta(days=1))


def test_end_term_empties_the_post_at_once(town, head, person, unchanged):
    post = town.post("grid_worker", GRID)
    term = appoint(town, head, person, post, from_on=TODAY - timedelta(days=3))
    organization.end_term(district=town.view, term_id=term, actor=head, now=NOW)
    assert organization.desk(town.view, post.pk, NOW).vacant
    assert Term.objects.get(pk=term).to_on == TODAY - timedelta(days=1)
    before = unchanged()
    with pytest.raises(Conflict):
        organization.end_term(district=town.view, term_id=term, actor=head, now=NOW)
    with pytest.raises(NotFound):
        organization.end_term(district=town.view, term_id=10**9, actor=head, now=NOW)
    assert unchanged() == before
    today = appoint(town, head, person, post)  # one that would end before it began is taken back
    organization.end_term(district=town.view, term_id=today, actor=head, now=NOW)
    assert not Term.objects.filter(pk=today).exists()


def test_end_term_outside_ones_grounds(town, head, unchanged):
    town.hold("丙", "grid_worker", C2 + "001")
    before = unchanged()
    with pytest.raises(NotAllowed):
        organization.end_term(district=town.view, term_id=Term.objects.get(person__name="丙").pk, actor=head, now=NOW)
    assert unchanged() == before


class TestCover:
    @pytest.fixture
    def posts(self, town):
        town.hold("甲", "community_clerk", C1, 1)
        town.hold("乙", "community_clerk", C1, 2)
        return town.post("community_clerk", C1, 1), town.post("community_clerk", C1, 2)

    def cover(self, town, actor, post, by, **more):
        return organization.set_cover(district=town.view, post_id=post.pk, by_id=by.pk, actor=actor, now=NOW, **more)

    @pytest.mark.row("XN-59")
    def test_a_receptionist_asks_the_other_to_stand_in(self, town, posts):
        made = self.cover(town, town.actor("甲"), *posts, to_on=TODAY + timedelta(days=2), reason="休假")
        assert [p.covering for p in town.actor("乙").posts] == [False, True]
        assert organization.may(town.actor("乙"), "report_for_others", town.area(GRID))
        assert AuditEntry.objects.latest("pk").detail["reason"] == "休假"
        organization.end_cover(district=town.view, cover_id=made, actor=town.actor("甲"), now=NOW)
        assert [p.covering for p in town.actor("乙").posts] == [False]
        assert not Cover.objects.filter(pk=made).exists()

    def test_who_may_not(self, town, posts, head, unchanged):
        before = unchanged()
        with pytest.raises(NotAllowed):  # 乙 may not take over 甲's post by himself
            self.cover(town, town.actor("乙"), *posts)
        with pytest.raises(NotAllowed):  # nor the head of this community another's post
            self.cover(town, head, town.post("community_clerk", C2), posts[0])
        assert unchanged() == before

    def test_not_by_somebody_from_elsewhere(self, town, posts, unchanged):
        before = unchanged()
        far = town.post("grid_worker", "341000002001001")
        with pytest.raises(Invalid, match="不在同一地域"):
            self.cover(town, town.actor("甲"), posts[0], far)
        with pytest.raises(Invalid):
            self.cover(town, town.actor("甲"), posts[0], posts[0])
        with pytest.raises(Invalid):
            self.cover(town, town.actor("甲"), *posts, to_on=TODAY - timedelta(days=1))
        assert unchanged() == before

    def test_the_same_cover_twice(self, town, posts, unchanged):
        self.cover(town, town.actor("甲"), *posts)
        before = unchanged()
        with pytest.raises(Conflict):
            self.cover(town, town.actor("甲"), *posts, from_on=TODAY + timedelta(days=1))
        assert unchanged() == before

    def test_a_cover_one_holds_does_not_let_one_pass_it_on(self, town, posts, unchanged):
        self.cover(town, town.actor("甲"), *posts)
        before = unchanged()
        with pytest.raises(NotAllowed):
            self.cover(town, town.actor("乙"), posts[0], town.post("community_clerk", C2))
        assert unchanged() == before


class TestLink:
    def account(self, town, name="新"):
        return get_user_model()._default_manager.create(
            login=f"{name}@{town.key}", district_id=town.view.id, username=name, name=name, created_at=NOW
        )

    def link(self, town, actor, person, user):
        organization.link_user(district=town.view, person_id=person, user_id=user and user.pk, actor=actor, now=NOW)

    def test_an_account_acts_for_a_person(self, town, head, person):
        appoint(town, head, person, town.post("grid_worker", GRID))
        user = self.account(town)
        self.link(town, head, person, user)
        assert organization.actor_for_user(user.pk, town.view, NOW).person_id == person
        self.link(town, head, person, None)
        assert organization.actor_for_user(user.pk, town.view, NOW).posts == ()

    def test_refusals(self, town, head, person, unchanged):
        appoint(town, town.system, person, town.post("grid_worker", C2 + "001"))
        other = make_town("othertown")
        user, foreign = self.account(town), self.account(other, "外")
        before = unchanged()
        with pytest.raises(NotAllowed):  # the person's post lies outside the head's grounds
            self.link(town, head, person, user)
        with pytest.raises(NotFound):
            self.link(town, town.system, person, foreign)
        with pytest.raises(Conflict):
            self.link(town, town.system, person, get_user_model()._default_manager.get(pk=town.people["主任"].user_id))
        assert unchanged() == before


@pytest.mark.parametrize(("name", "phone"), [("", ""), (" ", ""), ("长" * 41, ""), ("王", "12ab"), ("王", "1" * 20)])
def test_bad_words_are_refused(town, unchanged, name, phone):
    before = unchanged()
    with pytest.raises(Invalid):
        organization.add_person(district=town.view, name=name, phone=phone, actor=town.system, now=NOW)
    assert unchanged() == before
