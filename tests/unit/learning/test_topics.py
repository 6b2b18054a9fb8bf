"""Hot topics of a made-up window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.unit.learning.corpus import examples
from tongxin.learning.api import Item, Text, find_topics

START = datetime(2025, 1, 1, tzinfo=UTC)
SAID = (
    "锦绣新城旁边的搅拌站日夜噪音，粉尘很大",
    "锦绣新城搅拌站噪音扰民，粉尘污染",
    "请查处锦绣新城附近搅拌站，夜里噪音不断",
    "锦绣新城业主：搅拌站粉尘噪音让人无法休息",
    "锦绣新城小区附近搅拌站噪音何时能停",
)


def window() -> list[Item]:
    """Five people on a mixing plant, one person eight times on a bus, three on a well cover; the rest is noise."""
    plant = [
        Item(at, Text(text, text + "。"), START + timedelta(days=60 + at), who=f"p{at}") for at, text in enumerate(SAID)
    ]
    bus = [
        Item(100 + at, Text("建议八路公交车延长到北站", f"建议八路公交车延长到北站，第{at}次建议"), START, who="same")
        for at in range(8)
    ]
    cover = [
        Item(200 + at, Text("翠湖路井盖缺失", f"翠湖路口井盖缺失，{word}"), START + timedelta(days=at), who=f"c{at}")
        for at, word in enumerate(("很危险", "请补上", "有人掉下去"))
    ]
    return [*bus, *plant, *cover]


def test_ranked_by_people_not_by_messages() -> None:
    topics = find_topics(window())
    assert [(set(topic.members), topic.people, topic.messages) for topic in topics] == [
        (set(range(5)), 5, 5),
        ({200, 201, 202}, 3, 3),
    ]


def test_one_person_alone_is_a_topic_only_if_asked_for() -> None:
    alone = find_topics(window(), fewest=1)[-1]
    assert (alone.people, alone.messages) == (1, 8)


def test_named_by_words_that_several_people_used() -> None:
    first = find_topics(window())[0]
    assert any("锦绣新城" in word for word in first.words)
    assert any("搅拌站" in word for word in first.words)
    for word in first.words:
        assert sum(word in text for text in SAID) >= 2


def test_no_name_begins_or_ends_with_a_particle() -> None:
    said = (
        "横江小区门前的电动车乱停",
        "横江小区楼下的电动车乱停放",
        "请管横江小区院里的电动车",
        "横江小区过道的电动车没人管",
    )
    rows = [Item(at, Text(text, text), START + timedelta(days=at), who=f"e{at}") for at, text in enumerate(said)]
    found = find_topics([*window(), *rows])
    named = next(topic for topic in found if 0 in topic.members and any("电动车" in word for word in topic.words))
    assert all(word[0] not in "的了" and word[-1] not in "的了" for topic in (named, *found) for word in topic.words)


def test_course_and_trend() -> None:
    first, second = find_topics(window(), since=START, until=START + timedelta(days=69))
    assert (len(first.weekly), sum(first.weekly), first.trend) == (10, 5, 5)
    assert (second.weekly[0], second.trend) == (3, -3)
    assert first.first_at == START + timedelta(days=60)
    assert first.last_at == START + timedelta(days=64)


def test_unknown_people_and_times_are_allowed() -> None:
    topics = find_topics([replace(item, who="", at=None) for item in window()])
    assert topics[0].people == topics[0].messages == 8  # nobody is known to be the same person
    assert (topics[0].weekly, topics[0].trend, topics[0].first_at) == ((), 0, None)


def test_far_places_with_the_same_words_are_two_topics() -> None:
    """Two estates of one name, 20 km apart."""
    north = [replace(item, lon=114.3, lat=30.6) for item in window()[8:13]]
    south = [replace(item, id=item.id + 50, who=item.who + "s", lon=114.3, lat=30.4) for item in window()[8:13]]
    sets = [set(topic.members) for topic in find_topics([*north, *south])]
    assert all(len({member >= 50 for member in members}) == 1 for members in sets)


def test_the_order_of_messages_does_not_matter() -> None:
    items = window()
    assert [set(topic.members) for topic in find_topics(items[::-1])] == [set(t.members) for t in find_topics(items)]


def test_windows_with_nothing_in_them() -> None:
    assert find_topics([]) == []
    assert find_topics([Item(1, Text("", ""), START)]) == []
    assert find_topics([Item(1, Text("", "路灯不亮"), START), Item(2, Text("", "学校补课"), START)]) == []


def test_many_different_matters_do_not_run_together() -> None:
    items = [Item(at, example.text, who=str(at)) for at, example in enumerate(examples())]
    assert max(topic.messages for topic in find_topics(items)) < len(items) / 4
