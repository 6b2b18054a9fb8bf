"""Same text, near text, near place and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.unit.learning.corpus import examples
from tongxin.learning.api import Item, NearIndex, Text, near_pairs, same_texts
from tongxin.learning.near import metres_between, place_factor, time_factor

NOW = datetime(2025, 3, 1, 9, tzinfo=UTC)
POTHOLE = "滨江花园东门外的路面有一个大坑，昨天有老人摔倒，请尽快修补"
OPEN = [Item(at, example.text, NOW) for at, example in enumerate(examples()[:40])]
OPEN.append(Item(100, Text("东门路面大坑", POTHOLE), NOW - timedelta(days=2), 7, 114.30, 30.59))


def test_equal_texts_are_grouped_whatever_their_marks() -> None:
    texts = [Text("a", "路灯不亮！"), Text("b", "噪音"), Text("c", " 路燈不亮 "), Text("d", ""), Text("e", "")]
    assert same_texts(texts) == [[0, 2]]


def test_near_pairs_hold_equal_ones_and_reworded_ones() -> None:
    texts = [Text("", POTHOLE), Text("", POTHOLE + "，谢谢"), Text("", POTHOLE + "！"), Text("", "学校补课收费太高")]
    pairs = near_pairs([*texts, *(example.text for example in examples()[60:90])])
    found = {(i, j): like for i, j, like in pairs if j < 4}
    assert set(found) == {(0, 1), (0, 2), (1, 2)}
    assert found[0, 2] == 1.0


def test_typing_shows_the_open_matter_with_place_and_days() -> None:
    typed = Item(-1, Text("", "滨江花园东门路面有个大坑"), NOW, 7, 114.301, 30.59)
    near = NearIndex(OPEN).ask(typed)[0]
    assert (near.id, near.days, near.same_text) == (100, 2, False)
    assert near.metres == pytest.approx(96, abs=2)


def test_the_same_text_is_always_found_and_the_matter_itself_never() -> None:
    index = NearIndex(OPEN)
    assert index.ask(Item(-1, Text("", POTHOLE)))[0].same_text
    assert 100 not in [near.id for near in index.ask(OPEN[-1])]


def test_far_or_long_ago_counts_less() -> None:
    index = NearIndex(OPEN)
    here = Item(-1, Text("", POTHOLE), NOW, 7, 114.30, 30.59)
    likes = [
        next(near.likeness for near in index.ask(asked, least=0.1, most=50) if near.id == 100)
        for asked in (here, replace(here, lon=114.32085), replace(here, lon=114.32085, at=NOW + timedelta(days=365)))
    ]
    assert likes == sorted(likes, reverse=True)
    assert likes == pytest.approx([1, 0.3, 0.21], abs=0.01)


@pytest.mark.parametrize("text", ["", "?", "hello world", "😀😀", "龘靐"])
def test_text_without_anything_in_common_finds_nothing(text: str) -> None:
    assert NearIndex(OPEN).ask(Item(-1, Text("", text), NOW)) == []


def test_a_huge_text_is_answered_by_its_beginning() -> None:
    near = NearIndex(OPEN).ask(Item(-1, Text("", (POTHOLE + "。") * 4_000), NOW))
    assert near[0].id == 100


def test_no_open_matters() -> None:
    assert NearIndex([]).ask(OPEN[0]) == []


def test_factors_by_hand() -> None:
    one = Item(1, Text("", ""), NOW, 1)
    assert place_factor(one, replace(one, area_id=2)) == (0.7, None)
    assert place_factor(one, replace(one, area_id=None)) == (1.0, None)
    assert time_factor(NOW, NOW + timedelta(days=30)) == (1.0, 30)
    assert time_factor(NOW, NOW - timedelta(days=1_000))[0] == pytest.approx(0.7)
    assert time_factor(None, NOW) == (1.0, None)
    # one degree of latitude is 111.2 km on a sphere of 6,371 km
    assert metres_between(114, 30, 114, 31) == pytest.approx(111_195, rel=1e-3)
    assert np.isclose(metres_between(114, 30, 114, 30), 0)
