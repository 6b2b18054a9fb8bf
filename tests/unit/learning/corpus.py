"""A small made-up corpus: three classes with their own words, enough to learn from in a second. No real text."""

from __future__ import annotations

import itertools

from tongxin.learning.training import Example
from tongxin.learning.vectors import Text

PLACES = ("东风小区", "和平里", "长青巷", "滨江花园", "铁路新村", "光明路", "桃园社区", "北门口")
MATTERS = {
    "road": ("路面坑洼不平", "路灯不亮", "井盖破损", "人行道塌陷", "道路积水", "红绿灯失灵"),
    "noise": ("工地夜间施工噪音", "广场舞音响吵闹", "烧烤店油烟扰民", "装修噪音", "酒吧深夜喧哗", "货车鸣笛"),
    "school": ("学校课后补课收费", "幼儿园学位不足", "教师招聘不公", "校车超载", "学区划分不清", "食堂饭菜质量差"),
}


def examples() -> list[Example]:
    """96 examples of each of three classes: each matter at each place, told in two ways."""
    made = []
    for code, matters in MATTERS.items():
        for place, matter in itertools.product(PLACES, matters):
            made.append(Example(Text(f"{place}{matter}", f"{place}附近{matter}，请尽快处理。"), code))
            made.append(Example(Text(f"反映{matter}", f"我住{place}，{matter}已经很久，希望有人来管。"), code))
    return made
