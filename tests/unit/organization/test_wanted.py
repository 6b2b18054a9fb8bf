"""Names of posts: where and what, without a word said twice."""

from __future__ import annotations

import pytest

from tongxin.organization.rules.wanted import joined


@pytest.mark.parametrize(
    ("where", "what", "whole"),
    [
        ("百瑞景社区", "社区工作者（甲）", "百瑞景社区工作者（甲）"),
        ("第1小区网格", "网格长", "第1小区网格长"),
        ("武昌区", "区调度岗", "武昌区调度岗"),
        ("中南路街道", "街道值班岗", "中南路街道值班岗"),
        ("桂安社区居委会", "会计", "桂安社区居委会会计"),
        ("县住建局", "部门经办岗", "县住建局部门经办岗"),
        ("", "领导", "领导"),
    ],
)
def test_a_word_at_the_seam_stands_once(where: str, what: str, whole: str) -> None:
    assert joined(where, what) == whole
