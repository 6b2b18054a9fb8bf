"""What is told of affairs: what may be opened, what was, the board."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from tongxin.web.api.v1.shown.base import Shown
from tongxin.web.api.v1.shown.matters import ActOut, FieldOut


class KindOut(Shown):
    """一种可以开的事项。"""

    procedure: str = Field(description="流程的键")
    title: str
    about: str
    level: str = Field(description="地点要到哪一级；空表示最末一级")
    public: bool = Field(description="有没有公开栏")
    contact: bool = Field(description="可否留称呼和电话")
    fields: list[FieldOut]


class KindsOut(Shown):
    """居民能开的事项。"""

    kinds: list[KindOut]


class OpenedOut(Shown):
    """开一件事项的回执。"""

    receipt: str = Field(description="回执码，凭它查询和办理；请保密")
    receipt_shown: str
    ref: str = Field(description="公开编号")
    opened_at: datetime
    due_at: datetime | None
    holder: str | None = Field(description="现在由哪个岗位办")
    replayed: bool = Field(description="同一请求先前已收，这是第一次的回执")


class AffairOut(Shown):
    """一件事项，给持有回执码的人。"""

    ref: str
    procedure: str
    procedure_title: str
    title: str
    answers: list[str] = Field(description="开的时候填的内容，一行一项")
    public_words: str = Field(description="公开栏上的话；空表示没有公开")
    place: str
    area_id: int | None
    opened_at: datetime
    state: str
    state_title: str
    holder: str | None
    due_at: datetime | None
    outcome: str
    seq: int
    acts: list[ActOut]


class BoardRowOut(Shown):
    """公开栏上的一件。"""

    ref: str
    words: str
    place: str
    state: str
    outcome: str
    opened_at: datetime
    can_join: bool = Field(description="现在可不可以认领、参加")


class BoardOut(Shown):
    """公开栏的一页。"""

    rows: list[BoardRowOut]
    before: str = Field(description="下一页的标记；空表示到头")
