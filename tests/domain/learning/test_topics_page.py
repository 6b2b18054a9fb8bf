"""The hot topics page over HTTP: a planted topic is found, named and linked; nothing outside the viewer's places is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.domain import smalltown
from tests.statements import at_most
from tests.world import World
from tongxin.accounts.models import User
from tongxin.learning import api as learning
from tongxin.matters.models import Matter
from tongxin.web.pages.work import topics

HERE = (
    "滨江花园门口烧烤店油烟扰民，电话13912345678",
    "滨江花园烧烤店油烟呛人，每晚都这样",
    "滨江花园楼下烧烤店油烟太大，开不了窗",
    "反映滨江花园烧烤店油烟，半夜还在烤",
)
THERE = ("梅林路大桥夜间施工打桩噪音", "梅林路大桥施工噪音，夜间打桩睡不着", "梅林路大桥夜间打桩施工太吵")


@pytest.fixture
def planted(world: World) -> World:
    """Four people tell of one thing in the first community, three of another in the far town, one person repeats a third."""
    world.later(hours=-2)
    for number, text in enumerate(HERE):
        world.report(text, reporter_phone=f"1390000000{number}")
    lon, lat = smalltown.centre(6, 0)
    for number, text in enumerate(THERE):
        world.report(text, reporter_phone=f"1380000000{number}", lon=lon, lat=lat)
    for _ in range(5):
        world.report("和平里健身器材螺丝松动", reporter_phone="13700000000")
    return world


def shown(world: World, role: str, where: str = "", query: str = "") -> str:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role, where).user_id))
    response = client.get(f"/work/topics{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_topic_is_named_by_its_words_and_leads_to_its_matters(planted: World) -> None:
    page = shown(planted, "supervisor")
    first = page[page.index("1. ") : page.index("2. ")]
    assert "油烟" in first.split("</h2>")[0]
    assert "梅林路" in page[page.index("2. ") :]
    assert first.count("/work/cases/") == 4
    assert "13912345678" not in page
    assert "健身器材" not in page  # one person's repeats are no topic


def test_all_matters_behind_a_topic_can_be_read(planted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "MEMBERS", 2)
    page = shown(planted, "supervisor", query="?days=7")
    assert page[page.index("1. ") : page.index("2. ")].count("/work/cases/") == 2
    assert "再看另外 2 件" in page
    link = page.split("再看另外", 1)[0].rsplit('href="', 1)[1].split("#", 1)[0].replace("&amp;", "&")
    assert "days=7" in link
    whole = shown(planted, "supervisor", query=link)
    assert whole[whole.index("1. ") : whole.index("2. ")].count("/work/cases/") == 4
    assert whole[whole.index("2. ") :].count("/work/cases/") == 2
    assert shown(planted, "supervisor", query="?all=" + "9" * 30)


def test_nothing_outside_the_viewers_places_is_shown(planted: World) -> None:
    page = shown(planted, "receptionist", "横江社区")
    assert "油烟" in page
    assert "梅林路" not in page
    far = shown(planted, "receptionist", "梅林社区")
    assert "油烟" not in far


def test_the_window_is_chosen_and_an_odd_one_is_the_usual_one(planted: World) -> None:
    assert "油烟" in shown(planted, "supervisor", query="?days=7")
    assert "油烟" in shown(planted, "supervisor", query="?days=-1")
    found, cut = learning.list_topics(planted.district, days=7, now=planted.now + timedelta(days=20), area_ids=None)
    assert (found, cut) == ([], False)


def test_an_earlier_window_is_looked_at_by_its_last_day(planted: World) -> None:
    """What was imported from last year is read as it was then."""
    Matter.objects.update(reported_at=planted.now - timedelta(days=400))
    assert "油烟" not in shown(planted, "supervisor", query="?days=90")
    day = (planted.now - timedelta(days=390)).date().isoformat()
    page = shown(planted, "supervisor", query=f"?days=90&until={day}")
    assert "油烟" in page
    assert f"until={day}" in page[page.index("立项治理") - 200 :]
    assert shown(planted, "supervisor", query="?until=2026-99-99")


def test_topics_cost_one_statement(planted: World) -> None:
    with at_most(1):
        found, _ = learning.list_topics(planted.district, days=30, now=planted.now, area_ids=None)
    assert [topic.people for topic in found] == [4, 3]
