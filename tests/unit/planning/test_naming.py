"""What the parts of a plan are called."""

from __future__ import annotations

import pytest

from tongxin.planning.naming import name_parts


@pytest.mark.parametrize(
    ("continued", "siblings", "title", "names"),
    [
        (["第1网格", None, None], ["第1网格", "第2网格"], "网格", ["第1网格", "第2网格", "第3网格"]),
        ([None, "第1网格"], ["第1网格"], "网格", ["第2网格", "第1网格"]),
        ([None, None], [], "小区（网格）", ["第1小区", "第2小区"]),
        ([None], ["3号片区"], "网格", ["1号片区"]),
        (["梅苑小区", None], ["梅苑小区", "兰圃小区"], "网格", ["梅苑小区", "第1网格"]),
    ],
)
def test_names_go_on_and_new_ones_take_the_next_free_number(continued, siblings, title, names) -> None:
    assert name_parts(continued, siblings, title) == names


def test_a_name_that_stands_is_not_given_again() -> None:
    assert name_parts(["第1网格", None], ["第1网格", "第2网格"], "网格", standing=["第2网格"]) == ["第1网格", "第3网格"]
