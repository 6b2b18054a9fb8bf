"""Party data for programs: bodies, posts and grids by key, never a name; documents and public registers for everybody."""

from __future__ import annotations

import pytest

from tests.statements import at_most
from tongxin.organization import api as organization
from tongxin.registers import api as registers


@pytest.mark.row("XN-19", "XN-20")
def test_a_program_reads_the_party_tree_over_the_grids(world, api, with_key):
    assert api.get("/api/v1/bodies").status_code == 401
    assert with_key("see_matters").get("/api/v1/bodies").status_code == 403
    program = with_key("see_places")
    program.get("/api/v1/grids")
    with at_most(3):
        answer = program.get("/api/v1/bodies", {"family": "party"})
    assert answer.status_code == 200
    bodies = {body["id"]: body for body in answer.json()["bodies"]}
    assert {body["kind"] for body in bodies.values()} == {"community_committee", "grid_branch"}
    grid = world.tree.at_level("grid")[0]
    near = program.get("/api/v1/bodies", {"area": grid.code}).json()["bodies"]
    assert "横江第一网格党支部" in {body["name"] for body in near}
    assert program.get("/api/v1/bodies", {"area": "9"}).status_code == 404
    first = program.get("/api/v1/grids").json()["grids"][0]
    assert first["code"] == grid.code
    assert [bodies[ident]["kind"] for ident in first["party_bodies"]] == ["grid_branch", "community_committee"]
    assert {network["key"]: network["kept"] for network in first["networks"]} == {"party": True, "governance": True}
    posts = program.get("/api/v1/posts", {"role": "branch_secretary"})
    assert [post["held"] for post in posts.json()["posts"]] == [True]
    assert "演示" not in posts.content.decode(), "no names"
    paths = api.get("/api/v1/openapi.json").json()["paths"]
    assert {"/bodies", "/posts", "/grids", "/documents", "/registers/{key}"} <= {
        path.removeprefix("/api/v1") for path in paths
    }


def test_pages_of_posts_lead_on(world, with_key, monkeypatch):
    from tongxin.kernel import limits

    monkeypatch.setattr(limits, "API_ROWS", 5)
    program, seen, after = with_key("see_places"), [], 0
    while after is not None:
        answer = program.get("/api/v1/posts", {"after": after}).json()
        seen += [post["id"] for post in answer["posts"]]
        after = answer["after"]
    assert seen == sorted(set(seen))
    assert len(seen) == sum(not post.ended for post in organization.directory(world.district).posts())


def test_documents_and_public_registers_are_open_but_for_persons(world, api):
    registers.set_up_registers(world.district, actor=organization.system_actor(world.district), now=world.now)
    documents = api.get("/api/v1/documents").json()["documents"]
    assert len(documents) == 12
    assert next(one for one in documents if one["key"] == "appeal_rules")["clauses"][0]["runs"] == {
        "rules": ["appeal.reported"]
    }
    assert api.get("/api/v1/registers/recruitment").json()["count"] == 3
    assert api.get("/api/v1/registers/recruits").json() == {"count": 0, "entries": [], "after": None}
    assert api.get("/api/v1/registers/nothing").status_code == 404
