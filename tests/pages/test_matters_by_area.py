"""The lists of matters and affairs by place: what a post reaches, what may be chosen, and nothing of others, at the same cost for any size."""

from __future__ import annotations

import re

import pytest

from tests.domain import smalltown
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.kernel.clock import local


@pytest.fixture
def reported(world: World) -> World:
    """One matter in the first grid of the east, one in the west."""
    for column, text in ((0, "东边的路灯不亮了，晚上看不见。"), (7, "西边的井盖破了，孩子差点掉下去。")):
        lon, lat = smalltown.centre(column, 0)
        world.report(text, lon=lon, lat=lat)
    return world


def texts(page: str) -> set[str]:
    return {word for word in ("东边", "西边") if word in page}


@pytest.mark.parametrize("path", ["/work/matters", "/work/affairs"])
def test_a_post_lists_and_chooses_only_below_it(reported: World, signed_in: SignedIn, path: str) -> None:
    world, tree = reported, reported.tree
    here = next(
        user for (role, title), user in world.users.items() if role == "community_secretary" and "横江" in title
    )
    client = signed_in(here)
    client.get(path)
    with at_most(9):
        page = client.get(path).content.decode()
    mine, other = (next(p for p in tree.at_level("community") if p.name == name) for name in ("横江社区", "率水社区"))
    grid = tree.children(mine.id)[0]
    offered = set(map(int, re.findall(r'<option value="(\d+)"', page.split('name="area"')[1].split("</select>")[0])))
    assert mine.id in offered
    assert other.id not in offered
    if path == "/work/matters":
        assert texts(page) == {"东边"}
        assert texts(client.get(f"{path}?area={grid.id}").content.decode()) == {"东边"}
        assert texts(client.get(f"{path}?area={tree.roots()[0].id}").content.decode()) == {"东边"}
    beyond = client.get(f"{path}?area={other.id}").content.decode()
    assert texts(beyond) == set()
    assert f'value="{other.id}"' not in beyond


def test_whoever_reaches_the_whole_district_lists_all_and_may_narrow_it(reported: World, signed_in: SignedIn) -> None:
    world, client = reported, signed_in("supervisor")
    assert texts(client.get("/work/matters").content.decode()) == {"东边", "西边"}
    west = next(p for p in world.tree.at_level("town") if p.name == "西溪镇")
    assert texts(client.get(f"/work/matters?area={west.id}").content.decode()) == {"西边"}
    assert texts(client.get("/work/matters?area=999999999").content.decode()) == {"东边", "西边"}
    today = local(world.now).date().isoformat()
    assert texts(client.get(f"/work/matters?since={today}&until={today}").content.decode()) == {"东边", "西边"}
    for day in ("2026-02-31", "0001-01-01", "9999-12-31"):
        assert "“自”" in client.get(f"/work/matters?since={day}").content.decode()
        assert client.get(f"/work/results.xlsx?since={day}").status_code == 422
        assert client.get(f"/work/topics?until={day}").status_code == 200
