"""wall.yaml: what the big screen shows besides the day's flow: which places are coloured, which counted figures stand beside them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tongxin.packs.schema.base import Key, Part, Title, Words
from tongxin.packs.schema.programme import Counted


class Tile(Part):
    """大屏上的一个数：点出来的量，写明分子分母；不排人、不记在线。"""

    title: Title = Field(description="名称")
    counted: Counted = Field(description="点什么：量和参数")
    opens: Literal["open", "overdue", "due_today", "came_today", "done_today", "finished", "all"] | None = Field(
        None, description="点它看哪些件；不填为看本地模式"
    )


class Wall(Part):
    """wall.yaml 的全部内容。"""

    title: Words = Field("", description="大屏标题；不填为地方名称")
    level: Key | None = Field(None, description="地图按哪一级地域上色；不填为不超过 120 个的最细一级")
    tiles: dict[Key, Tile] = Field(default_factory=dict, max_length=8, description="数，最多 8 个，按先后")
