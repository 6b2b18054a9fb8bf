"""What may be the name of a street in a sentence."""

from __future__ import annotations

import pytest

from tongxin.learning.queries.placing import streets


@pytest.mark.parametrize(
    ("said", "among"),
    [
        ("幸福路12号门口的路灯坏了", ["幸福路12号", "幸福路"]),
        ("老人在幸福路摔了一跤", ["幸福路"]),
        ("幸 福 路 １２ 号", ["幸福路12号", "幸福路"]),
        ("阳光花园三期和人民大道交叉口", ["阳光花园", "人民大道"]),
        ("我们小区没有路灯", []),
        ("这条路，那条街", []),
        ("", []),
        ("🚧\u200b\u202e", []),
    ],
)
def test_names_of_streets_and_estates(said: str, among: list[str]) -> None:
    found = streets(said)
    assert set(among) <= set(found)
    if not among:
        assert found == []


def test_a_long_list_of_streets_is_cut() -> None:
    assert len(streets("、".join(f"{n}村西河路" for n in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥东西"))) == 24
