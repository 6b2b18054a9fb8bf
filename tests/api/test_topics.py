"""Hot topics for programs: counted by people, numbers hidden, only with a key that may see matters."""

from __future__ import annotations

from tests.api.conftest import LAT, LON

SAID = ("滨江花园烧烤店油烟扰民，电话13912345678", "滨江花园烧烤店油烟呛人，每晚都这样", "滨江花园楼下烧烤店油烟太大")


def test_topics_are_told_to_a_program_that_may_see_matters(world, api, with_key):
    for number, text in enumerate(SAID):
        world.report(text, reporter_phone=f"1390000000{number}", lon=LON, lat=LAT)
    assert api.get("/api/v1/topics").status_code == 401
    assert with_key("report_for_others").get("/api/v1/topics").status_code == 403
    answer = with_key("see_matters").get("/api/v1/topics", {"days": 7})
    assert answer.status_code == 200
    told = answer.json()
    [topic] = told["topics"]
    assert (topic["people"], topic["messages"], len(topic["matters"])) == (3, 3, 3)
    assert "油烟" in topic["name"]
    assert "13912345678" not in answer.content.decode()
    assert told["taken_up"] == []


def test_an_odd_window_is_refused(with_key):
    assert with_key("see_matters").get("/api/v1/topics", {"days": 8}).status_code == 422
