"""The tree of bodies over the tree of places: XN-11, XN-14, XN-15."""

from __future__ import annotations

import pytest

from tests.domain.organization.conftest import C1, C2
from tests.domain.smalltown import NOW, TODAY
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.organization import api as organization
from tongxin.organization.api import NewBody
from tongxin.organization.models import Body, BodyArea, Post
from tongxin.packs import api as packs


def add(town, actor=None, **body):
    return organization.add_body(district=town.view, body=NewBody(**body), actor=actor or town.system, now=NOW)


@pytest.mark.row("XN-15")
def test_four_levels_from_the_committee_to_the_household(town):
    (committee,) = organization.body_tree(town.view, ["party"])
    assert committee.body.name == "横江社区党委"
    assert [node.body.name for node in committee.below] == ["第一支部", "第二支部"]
    branch = committee.below[0]
    assert [place.name for place in branch.places] == ["第1网格", "第2网格", "第3网格"]
    assert committee.count("grid_branch") == 2
    names = {node.body.name for node in organization.body_tree(town.view)}
    assert names == {"横江社区党委", "公安局", "治理中心"}  # households hang under the party group when all are shown


def test_the_tree_costs_no_statement_when_kept(town, django_assert_num_queries):
    view = town.view
    organization.body_tree(view)
    with django_assert_num_queries(0):
        organization.body_tree(view, ["party"])
        organization.check_bodies(view)
        organization.bodies_over(view, 1)


@pytest.mark.row("XN-11")
def test_a_place_knows_its_bodies_nearest_first(town):
    found = organization.bodies_over(town.view, town.area(C1 + "002"))
    assert [body.name for body in found] == ["第一支部", "横江社区党委"]
    assert organization.bodies_over(town.view, town.area(C2)) == []
    assert [b.kind for b in organization.bodies_over(town.view, town.area(C1 + "002"), ["grid_branch"])] == [
        "grid_branch"
    ]


def test_the_check_names_places_without_a_branch_and_with_two(town):
    faults = organization.check_bodies(town.view)
    assert {fault.kind for fault in faults} == {"uncovered"}
    assert sum(fault.sentence.endswith("没有网格党支部。") for fault in faults) == 12
    BodyArea.objects.create(body_id=town.body("branch_b"), area_id=town.area(C1 + "001"))
    Body.objects.filter(key="group_a").update(parent_id=town.body("police"))
    packs.bump_organization(town.view.id)
    kinds = {fault.kind: fault.sentence for fault in organization.check_bodies(town.view)}
    assert "第一支部、第二支部" in kinds["covered_twice"]
    assert "不能隶属于“县直部门”" in kinds["wrong_parent"]


def test_add_body_makes_its_posts(town):
    body = add(
        town, kind="grid_branch", name="第三支部", parent_id=town.body("c1_party"), covers=(town.area(C1 + "004"),)
    )
    post = Post.objects.get(body_id=body)
    assert (post.title, post.grounds) == ("第三支部网格支部书记", [town.area(C1 + "004")])
    assert body in organization.directory(town.view).living


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"kind": "grid_branch", "name": "无上级"}, Invalid),
        ({"kind": "nothing", "name": "无类别"}, Invalid),
        ({"kind": "department", "name": ""}, Invalid),
        ({"kind": "department", "name": "公安局"}, Conflict),
        ({"kind": "department", "name": "新局", "key": "police"}, Conflict),
    ],
)
def test_add_body_refuses_and_changes_nothing(town, unchanged, body, error):
    before = unchanged()
    with pytest.raises(error):
        add(town, **body)
    assert unchanged() == before


def test_add_body_checks_parent_place_and_permission(town, unchanged):
    town.hold("主任", "community_head", C1)
    head = town.actor("主任")
    committee, grid, far = town.body("c1_party"), town.area(C1 + "001"), town.area(C2 + "001")
    before = unchanged()
    refused = [
        (NotAllowed, {"kind": "grid_branch", "name": "远支部", "parent_id": committee, "covers": (far,)}),
        (NotAllowed, {"kind": "department", "name": "新局"}),  # covers nothing: only for the whole district
        (Invalid, {"kind": "grid_branch", "name": "错级", "parent_id": committee, "covers": (town.area(C1),)}),
        (Invalid, {"kind": "estate_group", "name": "错上级", "parent_id": committee, "covers": (grid,)}),
    ]
    for error, body in refused:
        with pytest.raises(error):
            add(town, head, **body)
    assert unchanged() == before
    add(town, head, kind="grid_branch", name="近支部", parent_id=committee, covers=(grid,))


def test_covers_move_the_grounds_of_its_posts(town, unchanged):
    town.hold("书记", "branch_secretary", "branch_b")
    town.hold("主任", "community_head", C1)
    branch, to = town.body("branch_b"), [town.area(C1 + "003"), town.area(C1 + "004")]
    organization.set_body_covers(district=town.view, body_id=branch, covers=to, actor=town.actor("主任"), now=NOW)
    assert set(town.actor("书记").posts[0].grounds) == set(to)
    before = unchanged()
    with pytest.raises(NotAllowed):
        organization.set_body_covers(
            district=town.view, body_id=branch, covers=[town.area(C2 + "001")], actor=town.actor("主任"), now=NOW
        )
    assert unchanged() == before


def test_end_body_ends_its_posts_but_keeps_its_name(town, unchanged):
    town.hold("书记", "branch_secretary", "branch_b")
    before = unchanged()
    with pytest.raises(Conflict, match="下面还有 1 个组织"):
        organization.end_body(
            district=town.view, body_id=town.body("branch_a"), reason="合并", actor=town.system, now=NOW
        )
    assert unchanged() == before
    branch = town.body("branch_b")
    organization.end_body(district=town.view, body_id=branch, reason="合并", actor=town.system, now=NOW)
    assert town.actor("书记").posts == ()
    assert Post.objects.get(body_id=branch).ended_on == TODAY
    assert organization.directory(town.view).bodies[branch].name == "第二支部"


@pytest.mark.row("XN-14")
def test_many_households_at_once(town, django_assert_max_num_queries):
    group, view, system = town.body("group_a"), town.view, town.system
    homes = [NewBody("member_home", f"第{n}户", parent_id=group) for n in range(220)]
    with django_assert_max_num_queries(12):
        organization.add_bodies(district=view, bodies=homes, actor=system, now=NOW)
    (tree,) = organization.body_tree(town.view, ["party", "household"])
    assert tree.count("member_home") == 221
