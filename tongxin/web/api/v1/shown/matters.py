"""What is told of matters: as reported, as they stand, their steps, results and photos."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from tongxin.kernel.days import Days
from tongxin.web.api.v1.shown.base import Shown


class ReportedOut(Shown):
    """回执。"""

    receipt: str = Field(description="回执码，凭它查询和评价；请交给反映人并保密")
    receipt_shown: str = Field(description="便于抄写的回执码，例如 7K3M-9QXA-2B4C")
    ref: str = Field(description="公开编号")
    reported_at: datetime
    due_at: datetime | None = Field(description="现在这一步的到期时间")
    holder: str | None = Field(description="现在由哪个岗位办")
    replayed: bool = Field(description="同一请求先前已收，这是第一次的回执")


class ChoiceOut(Shown):
    """一个可选值。"""

    value: str
    title: str


class FieldOut(Shown):
    """一个动作要填的一项。"""

    key: str
    title: str
    type: str
    required: bool
    help: str
    value: Any = None
    choices: list[ChoiceOut]
    min: int | None
    max: int | None
    days: Days | None = Field(None, description="日期：past 今天或以前，coming 今天或以后，any 都可以；最远十年")


class ActOut(Shown):
    """现在可以做的一个动作。"""

    key: str
    title: str
    fields: list[FieldOut]
    blocked: str = Field(description="现在为什么不能做；能做则为空")


class JoinedOut(Shown):
    """这一件归入的高频问题；没有别的反映人的任何信息。"""

    title: str
    others: int = Field(description="除这一件外还有几件")
    led_by: str = Field(description="牵头单位")
    state_title: str = Field(description="现在怎样")
    outcome: str
    says: list[str] = Field(description="治理的进展，早的在前")
    answer: str = Field(description="社区答案，还没有时为空")


class MatterOut(Shown):
    """一件诉求。text、title、address、lon、lat、happened 只给持回执码的人和有权限的程序。"""

    ref: str
    category: str
    category_title: str
    title: str
    text: str
    address: str
    area_id: int | None
    area: str
    lon: float | None
    lat: float | None
    precision: Literal["exact", "address", "area", "none"]
    happened: str = Field(description="什么时候的事：反映人或工作人员写的，否则从内容读出；没有说到为空")
    public: bool
    reported_at: datetime
    closed_at: datetime | None
    state: str
    state_title: str
    holder: str | None
    due_at: datetime | None
    limit_at: datetime | None
    provisional: bool = Field(description="期限跨入尚未公布节假日的年份，可能调整")
    outcome: str
    rating: int | None
    solved: bool | None
    seq: int
    photos: list[str] = Field(description="照片的地址")
    master_ref: str | None = Field(description="已并入的那一件的公开编号")
    topic: JoinedOut | None = Field(description="归入的高频问题，只给持回执码的人；没有归入为空")
    acts: list[ActOut]


class StepOut(Shown):
    """时间线上的一步。"""

    seq: int
    at: datetime
    title: str
    says: str
    state: str


class StepsOut(Shown):
    """时间线，按先后。"""

    steps: list[StepOut]


class ActedOut(Shown):
    """一步的结果。"""

    seq: int
    state: str
    state_title: str
    replayed: bool


class LinkOut(Shown):
    """存证链的一环。"""

    public: dict[str, Any] = Field(description="公开部分，其规范 JSON 进入杂凑")
    hash: str


class ChainOut(Shown):
    """存证链和核验结果；任何人都可以按 how 自行重算。"""

    algorithm: Literal["sha256", "sm3"]
    genesis: str
    links: list[LinkOut]
    whole: bool
    first_broken: int | None = Field(description="第一个被改动的环的序号（从 0 数）；完整则为空")
    how: str


class RowOut(Shown):
    """清单里的一件。"""

    ref: str
    title: str
    category: str
    category_title: str
    area_id: int | None
    place: str
    state: str
    state_title: str
    holder: str | None
    reported_at: datetime
    due_at: datetime | None
    limit_at: datetime | None
    late: bool
    finished_at: datetime | None
    outcome: str
    seq: int


class RowsOut(Shown):
    """清单的一页。"""

    rows: list[RowOut]
    after: str = Field(description="下一页的标记；空表示到头")


class ResultOut(Shown):
    """一件外来工单现在办得怎样；同一编号以后还会再来，以最后一次为准。"""

    source_key: str = Field(description="它在来源系统里的编号")
    ref: str = Field(description="它在本平台的公开编号")
    reported_at: datetime
    changed_at: datetime = Field(description="最近一步的时间")
    state: str
    state_title: str
    outcome: str = Field(description="done、refused、merged、withdrawn；在办为空")
    disposition: str = Field(description="dispatched 已派单，consultation 即答，或六种不派单情形之一；流程没有的为空")
    matter_code: str = Field(description="全国事项代码，11 位；没有采用全国代码表的为空")
    unit: str = Field(description="主办单位")
    says: str = Field(description="最近一次对居民说的话")
    due_at: datetime | None
    closed_at: datetime | None
    solved: bool | None = Field(description="回访答是否解决；没有有效回访为空")
    rating: int | None = Field(description="满意程度 1—5")
    responded: bool | None = Field(description="是否按时联系")
    done_in_time: bool | None = Field(description="是否按期办结")
    excluded: bool = Field(description="经核定剔除，不进三率")
    resume_on: str = Field(description="挂账最迟恢复日期；没有挂账为空")


class ResultsOut(Shown):
    """回传结果的一页，先变的在前。"""

    rows: list[ResultOut]
    after: str = Field(description="下一页的标记；空表示到头")


class PhotoOut(Shown):
    """收下的照片，一天内随诉求提交有效。"""

    id: str
    width: int
    height: int
    size_bytes: int
