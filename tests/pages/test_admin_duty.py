"""The page of links and staffing: every rule with its gaps, a link set, refused, ended, taken in from a file."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World, open_world, pack
from tongxin.accounts.models import User
from tongxin.kernel import caches
from tongxin.organization.models import Body, DutyLink, Post, Term
from tongxin.packs import api as packs


@pytest.mark.row("XN-24")
def test_a_leader_is_bound_refused_and_freed(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    page = client.get("/admin/duty").content.decode()
    assert "“四大班子”主要领导联系社区" in page
    assert "还没有" in page
    client.get("/admin/duty")
    with at_most(6):
        client.get("/admin/duty")
    head = Post.objects.get(role="county_head")
    places = world.tree.at_level("community")
    sent = {"do": "set", "source": f"post:{head.pk}", "target": f"area:{places[0].id}"}
    for day in ("2026-02-31", "9999-12-31"):
        wrong = client.post("/admin/duty/head_community", sent | {"from_on": day})
        assert wrong.status_code == 422
        assert "自哪天" in wrong.content.decode()
    assert client.post("/admin/duty/head_community", sent).status_code == 302
    again = client.post("/admin/duty/head_community", sent | {"target": f"area:{places[1].id}"})
    assert again.status_code == 409
    assert "只联系一处" in again.content.decode()
    assert "横江社区" in client.get("/admin/duty/head_community").content.decode()
    link = DutyLink.objects.get()
    assert client.post("/admin/duty/head_community", {"do": "end", "link": link.pk}).status_code == 302
    assert not DutyLink.objects.filter(until_on=None).exists()
    assert client.get("/admin/duty/nothing").status_code == 404


def test_a_file_is_tried_before_it_is_written(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    head = Post.objects.get(role="county_head")
    text = f"县领导联系社区表,,\n组织部,2026年3月\n联系人,联系对象\n{head.title},横江社区\n没有这个人,玉宁社区\n"
    tried = client.post(
        "/admin/duty/head_community", {"do": "try", "file": SimpleUploadedFile("联系.csv", text.encode("gb18030"))}
    )
    assert "没有叫“没有这个人”的岗位" in tried.content.decode()
    assert not DutyLink.objects.exists()
    taken = client.post("/admin/duty/head_community", {"do": "take", "token": tried.context["token"]})
    assert taken.status_code == 302
    assert DutyLink.objects.count() == 1


@pytest.mark.parametrize(
    ("locality", "kind", "role", "level", "words"),
    [
        pytest.param("zhongshan", "second_to_grid", "seconded_cadre", "grid", "下沉包保干部包保网格", marks=pytest.mark.row("ZS-19")),
        pytest.param("wuhan", "clerk_estates", "committee_clerk", "grid", "专职执行秘书联系小区", marks=pytest.mark.row("WH-47")),
    ],
)  # fmt: skip
def test_whoever_was_sent_is_bound_to_a_place_and_gaps_are_named(
    db: None, client: Client, locality: str, kind: str, role: str, level: str, words: str
) -> None:
    caches.clear_all()
    world = open_world(with_pack=pack(locality))
    if not Post.objects.filter(role=role).exists():  # the small town has no body of that kind
        town = world.tree.at_level("town")[0]
        body = Body.objects.create(
            district_id=world.district.id, kind="incubator", name="孵化中心", began_on=date(2020, 1, 1)
        )
        for number in (1, 2):
            Post.objects.create(
                district_id=world.district.id,
                role=role,
                title=f"执行秘书{number}",
                body=body,
                grounds=[town.id],
                seat=number,
            )
        packs.bump_organization(world.district.id)
    client.force_login(User.objects.get(pk=world.actor("administrator").user_id))
    page = client.get("/admin/duty").content.decode()
    assert words in page
    post = Post.objects.filter(role=role).first()
    assert post is not None
    places = world.tree.at_level(level)
    sent = {"do": "set", "source": f"post:{post.pk}", "target": f"area:{places[0].id}"}
    assert client.post(f"/admin/duty/{kind}", sent).status_code == 302
    assert post.title in client.get(f"/admin/duty/{kind}").content.decode()
    other = Post.objects.filter(role=role).exclude(pk=post.pk).first()
    if other is not None:
        taken = client.post(f"/admin/duty/{kind}", sent | {"source": f"post:{other.pk}"})
        assert taken.status_code == 409, "one to a place"


@pytest.mark.row("WH-14")
def test_each_community_wants_a_young_cadre_as_deputy_secretary_or_assistant(db: None, client: Client) -> None:
    caches.clear_all()
    world = open_world(with_pack=pack("wuhan"))
    client.force_login(User.objects.get(pk=world.actor("administrator").user_id))
    page = client.get("/admin/duty").content.decode()
    assert "到社区锻炼的年轻干部" in page
    assert "在岗 0 人，要 1 人" not in page
    Term.objects.filter(post__role="assistant_secretary").update(to_on=date(2025, 6, 1))
    packs.bump_organization(world.district.id)
    assert "在岗 0 人，要 1 人" in client.get("/admin/duty").content.decode()
