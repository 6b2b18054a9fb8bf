"""Posts in step with the pack, the places and the bodies; what it costs for many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from tests.domain.organization.conftest import C1, seeds
from tests.domain.smalltown import NOW, TODAY, UNITS, make_pack, open_town
from tongxin.organization import api as organization
from tongxin.organization.models import Post, Term
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack
from tongxin.records.models import AuditEntry
from tongxin.territory.models import Area


def again(town, pack: Pack | None = None):
    return organization.set_up_posts(town.view, pack or town.view.pack, NOW)


def test_one_post_a_place_a_body_and_a_seat(town):
    posts = Post.objects.filter(district_id=town.view.id)
    count = {role: posts.filter(role=role).count() for role in UNITS["roles"]}
    assert count == {
        "grid_worker": 16, "community_head": 4, "community_clerk": 8, "leader": 1, "branch_secretary": 2,
        "secretary": 1, "clerk": 1, "dispatcher": 1, "sitting_member": 1,
    }  # fmt: skip
    assert town.post("community_clerk", C1, 2).title == "横江社区接待员（乙）"
    assert town.post("branch_secretary", "branch_a").title == "第一支部网格支部书记"
    assert set(town.post("branch_secretary", "branch_a").grounds) == {town.area(C1 + n) for n in ("001", "002", "003")}
    assert town.post("dispatcher", "hub").grounds == [
        town.area("341000")
    ]  # a centre covers the county without saying so
    assert town.post("clerk", "police").grounds == []
    assert town.post("sitting_member", "group_a").grounds == []


def test_a_second_time_changes_nothing(town):
    before = list(Post.objects.order_by("pk").values())
    kept = again(town)
    assert (kept.made, kept.changed, kept.ended) == (0, 0, 0)
    assert list(Post.objects.order_by("pk").values()) == before


def test_a_renamed_place_keeps_its_post_and_its_holder(town):
    town.hold("甲", "community_head", C1)
    post = town.post("community_head", C1)
    Area.objects.filter(code=C1).update(name="新横江社区")
    kept = again(town)
    assert kept.changed == 1 + 2 + 4  # head, two clerks, four grid workers
    post.refresh_from_db()
    assert post.title == "新横江社区主任"
    assert [p.title for p in town.actor("甲").posts] == ["新横江社区主任"]


def test_what_nothing_requires_ends_with_its_terms_and_can_come_back(town):
    town.hold("甲", "community_clerk", C1, 2, from_on=TODAY - timedelta(days=5))
    town.hold("乙", "community_clerk", C1, 1)
    fewer = {**UNITS, "roles": {**UNITS["roles"], "community_clerk": {**UNITS["roles"]["community_clerk"], "seats": 1}}}
    kept = again(town, make_pack(units=fewer))
    assert (kept.ended, kept.changed) == (4, 4)  # second seats end, first ones lose the mark of the seat
    post = town.post("community_clerk", C1, 2)
    assert post.ended_on == TODAY
    assert Term.objects.get(post=post).to_on == TODAY
    assert town.actor("甲").posts == ()
    assert [p.title for p in town.actor("乙").posts] == ["横江社区接待员"]
    assert organization.desk(town.view, post.pk).vacant
    again(town)
    post.refresh_from_db()
    assert post.ended_on is None
    assert organization.resolve_role(town.view, "community_clerk", town.area(C1), None, NOW).post_id != post.pk


def test_posts_of_an_ended_place_end(town):
    Area.objects.filter(code=C1 + "001").update(ended_on=TODAY)
    assert again(town).ended == 1
    assert town.post("grid_worker", C1 + "001").ended_on == TODAY
    assert town.area(C1 + "002") in town.post("branch_secretary", "branch_a").grounds
    assert len(town.post("branch_secretary", "branch_a").grounds) == 2


def test_it_is_recorded_and_told(town):
    before = town.view.organization_version
    again(town)
    assert town.view.organization_version == before + 1
    entry = AuditEntry.objects.filter(action="organization.set_up_posts").latest("pk")
    assert entry.detail == {"pack": "smalltown", "made": 0, "changed": 0, "ended": 0}


@pytest.mark.django_db
def test_many_posts_cost_no_more_statements_than_few(django_assert_max_num_queries):
    view = open_town("bigtown", areas=False, pack=make_pack("bigtown"))
    root = Area.objects.create(district_id=view.id, level="county", code="341000", name="大县", began_on=TODAY)
    Area.objects.bulk_create(
        Area(district_id=view.id, level="grid", code=f"341000{n:06}", name=f"第{n}网格", parent=root, began_on=TODAY)
        for n in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE territory_area SET path = array_remove(ARRAY[parent_id, id], NULL)")
    packs.get_pack(view.pack_id)
    with django_assert_max_num_queries(12):
        kept = organization.set_up_posts(view, view.pack, NOW)
    assert kept.made == 3_001
    with django_assert_max_num_queries(12):
        assert organization.set_up_posts(view, view.pack, NOW).made == 0


def test_bodies_come_from_the_pack_by_key_and_follow_it(town):
    kept = organization.set_up_bodies(town.view, seeds(), NOW, actor=town.system)
    assert (kept.made, kept.changed, kept.beyond) == (0, 0, ())
    from tests.domain.organization.conftest import BODIES

    rows = [dict(row) for row in BODIES if row["key"] not in ("home_a", "hub")]
    rows[1] = {**rows[1], "name": "红旗支部", "covers": [C1 + "001", C1 + "004"]}
    kept = organization.set_up_bodies(town.view, seeds(rows), NOW, actor=town.system)
    assert (kept.made, kept.changed, kept.beyond) == (0, 1, ("home_a", "hub"))
    again(town)
    post = town.post("branch_secretary", "branch_a")
    assert post.title == "红旗支部网格支部书记"
    assert set(post.grounds) == {town.area(C1 + "001"), town.area(C1 + "004")}


def test_bodies_with_unknown_codes_or_parents_are_refused_whole(town, unchanged):
    from tongxin.kernel.errors import Invalid

    before = unchanged()
    for row, words in [
        ({"key": "x", "kind": "grid_branch", "name": "某支部", "covers": ["999"]}, "999"),
        ({"key": "x", "kind": "grid_branch", "name": "某支部", "parent": "nobody"}, "nobody"),
    ]:
        with pytest.raises(Invalid, match=words):
            organization.set_up_bodies(
                town.view, seeds([{"key": "new", "kind": "department", "name": "新部门"}, row]), NOW, actor=town.system
            )
    assert unchanged() == before
