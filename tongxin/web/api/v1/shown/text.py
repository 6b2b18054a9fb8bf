"""What is told of texts: suggestions, what a text says, what is like it, topics."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from tongxin.web.api.v1.shown.base import Shown


class SuggestionOut(Shown):
    """可能的类别。"""

    code: str
    title: str
    confidence: float = Field(description="0 到 1；训练之后是核准过的把握，训练之前只是规则的估计，不是概率")
    because: list[str] = Field(description="依据的词")


class SuggestionsOut(Shown):
    """可能的类别，最像的在前。"""

    suggestions: list[SuggestionOut]


class TimeOut(Shown):
    """文字里说到的一个时间。"""

    said: str = Field(description="原来的写法（已转简体、半角）")
    words: str = Field(description="读成的意思，例如 每天凌晨 2–5 点")
    on: date | None = Field(description="哪一天；反复发生或没有说到则为空")
    repeated: str = Field(description="怎样反复：每天、每周三、周末……；一次的为空")
    begins_minutes: int | None = Field(description="从当天 0 点起的分钟；没有说到钟点则为空")
    ends_minutes: int | None = Field(description="同上，超过 1440 是次日；没有说到何时为止则为空")


class FactsOut(Shown):
    """从文字里读出的地点、门牌和时间；只供填写时参考，不对就改。"""

    happened: str = Field(description="各个时间合成一句，可以填进 happened")
    times: list[TimeOut]
    addresses: list[str] = Field(description="可以填进 address 的地点，最可能的在前")
    places: list[str] = Field(description="这些地点的全名")
    doors: list[str] = Field(description="楼栋、单元、房号")
    private: bool = Field(description="里面有电话、证件或车牌号码；公开处会隐去")


class LikenessOut(Shown):
    """可能是同一件事的诉求。标题只给同意公开的。"""

    ref: str
    title: str | None
    category_title: str
    area: str
    reported_on: str = Field(description="反映日期")
    score: float = Field(description="相像的程度，0 到 1，取一位小数")


class LikenessesOut(Shown):
    """可能是同一件事的诉求，最像的在前。"""

    matters: list[LikenessOut]


class TopicOut(Shown):
    """许多人反映的一件事。"""

    name: str = Field(description="它自己的词，至少两个人用过；号码已隐去")
    people: int = Field(description="反映的人数，同一个人只算一次")
    messages: int = Field(description="件数")
    trend: int = Field(description="后半段比前半段多几个人，负数是少")
    weekly: list[int] = Field(description="每周人数，早的在前")
    first_at: datetime | None
    last_at: datetime | None
    matters: list[str] = Field(description="诉求编号，最典型的在前，至多 20 个")


class TakenUpOut(Shown):
    """立项治理的一个高频问题。"""

    id: int
    title: str
    place: str
    state: str
    state_title: str
    holder: str | None = Field(description="现在由谁办")
    matters: int = Field(description="归入的诉求件数")
    since_then: int = Field(description="其中立项以后归入的")
    opened_at: datetime
    closed_at: datetime | None
    solution: str = Field(description="社区答案，还没有时为空")


class TopicsOut(Shown):
    """高频问题。"""

    days: int
    cut: int | None = Field(description="诉求太多时只看了最近这么多件")
    topics: list[TopicOut]
    taken_up: list[TakenUpOut]
