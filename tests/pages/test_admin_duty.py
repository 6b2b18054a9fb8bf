"""The page of links and staffing: every rule with its gaps, a link set, refused, ended, taken in from a file."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.organization.models import DutyLink, Post


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
    text = f"联系人,联系对象\n{head.title},横江社区\n没有这个人,玉宁社区\n"
    tried = client.post(
        "/admin/duty/head_community", {"do": "try", "file": SimpleUploadedFile("联系.csv", text.encode())}
    )
    assert "没有叫“没有这个人”的岗位" in tried.content.decode()
    assert not DutyLink.objects.exists()
    taken = client.post("/admin/duty/head_community", {"do": "take", "token": tried.context["token"]})
    assert taken.status_code == 302
    assert DutyLink.objects.count() == 1
