"""Search by words and by meaning on the list of all matters: what has the words first, then the same in other words."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.domain import smalltown
from tests.statements import at_most
from tests.world import World
from tongxin.accounts.models import User
from tongxin.kernel.errors import Invalid
from tongxin.learning import api as learning

TOLD = (
    "和平里电梯故障，已经三天", "东风小区三栋电梯坏了没人修", "长青巷路灯不亮", "光明路井盖破损，老人绊倒", "滨江花园物业收费太高",
    "铁路新村夜间施工打桩", "菜场摊位油烟大", "公园健身器材松动", "学校门口停车乱",
)  # fmt: skip


@pytest.fixture
def told(world: World) -> World:
    for text in TOLD:
        world.report(text)
    lon, lat = smalltown.centre(6, 0)
    world.report("远处的电梯故障", lon=lon, lat=lat)
    return world


def page(world: World, words: str, role: str = "supervisor", where: str = "") -> str:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role, where).user_id))
    return client.get("/work/matters", {"q": words}).content.decode()


def test_what_has_the_words_comes_first_then_what_says_it_otherwise(told: World) -> None:
    shown = page(told, "电梯故障")
    exact, divider, other = shown.index("和平里电梯故障"), shown.index("意思相近"), shown.index("三栋电梯坏了")
    assert exact < divider < other
    assert "路灯不亮" not in shown


def test_nothing_outside_ones_places_is_found(told: World) -> None:
    assert "远处的电梯故障" in page(told, "电梯故障")
    assert "远处的电梯故障" not in page(told, "电梯故障", "receptionist", "横江社区")


def test_one_statement_and_another_once_a_day(told: World) -> None:
    with at_most(2):
        learning.search(told.district, "电梯故障", area_ids=None, now=told.now)
    with at_most(1):
        found = learning.search(told.district, "电梯故障", area_ids=None, now=told.now)
    assert [one.exact for one in found] == [True, True, False]
    assert found[-1].likeness < 1


@pytest.mark.parametrize("words", ["不亮", "%%", "' OR 1=1", "😀😀", "hello", "龘龘龘", "路灯" * 40, "路 灯"])
def test_any_words_are_answered(told: World, words: str) -> None:
    learning.search(told.district, words, area_ids=None, now=told.now)
    assert page(told, words)


def test_one_character_is_too_little_and_says_so(told: World) -> None:
    with pytest.raises(Invalid, match="至少输入两个字"):
        learning.search(told.district, "灯", area_ids=None, now=told.now)
    assert "至少输入两个字" in page(told, "灯")


def test_an_empty_district_finds_nothing(world: World) -> None:
    assert learning.search(world.district, "电梯", area_ids=None, now=world.now) == []
