"""cadence.yaml: what comes round (频次): how often, on which day, at which places, hosted by whom in turn, what it opens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tongxin.packs.schema.base import AreaCode, Day, Key, Part, Title, Words, as_list, as_values

Every = Literal["day", "week", "month", "quarter", "half_year", "season", "year"]
Shift = Literal["next", "previous", "none"]


class On(Part):
    """周期里的哪一天；不填为周期的第一天。"""

    weekday: int | None = Field(None, ge=1, le=7, description="星期几（1 是星期一）；与 nth 同用为第几个星期几")
    nth: int | None = Field(None, ge=-1, le=5, description="第几个该星期几；-1 为最后一个")
    month: int | None = Field(None, ge=1, le=12, description="周期里的第几个月；每年的即几月")
    day: int | None = Field(None, ge=-1, le=31, description="几号；-1 为最后一天，没有这一天的月份取月末")

    @model_validator(mode="after")
    def _whole(self) -> On:
        if self.nth == 0 or self.day == 0:
            raise ValueError("nth、day 从 1 起，-1 为最后")
        if self.nth is not None and self.weekday is None:
            raise ValueError("nth 要和 weekday 同用")
        if self.nth is not None and self.day is not None:
            raise ValueError("day 和 nth 只写一个")
        return self


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    return {key: as_values(item) for key, item in value.items()}


class Series(Part):
    """一项按频次做的事。"""

    title: Title = Field(description="名称，例如 大党委月例会")
    about: Words = Field("", description="一句话说明")
    every: Every = Field(description="多久一次：day、week、month、quarter、half_year、season（四季）、year")
    span: int = Field(1, ge=1, le=10, description="几个周期一次，例如五年行动写 every: year、span: 5")
    since: Day | None = Field(None, description="从哪天起有这件事；span 大于 1 时从这一年数起")
    on: On = Field(default_factory=On, description="周期里的哪一天")
    shift: Shift = Field("next", description="遇非工作日：顺延、提前、不动；不移出本周期")
    workdays_only: bool = Field(False, description="每日的事只在工作日排")
    level: Key = Field(description="每个该级地域一次")
    areas: Annotated[list[AreaCode], BeforeValidator(as_list)] = Field(
        default_factory=list, description="只在这些地域；空为全部"
    )
    hosts: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="由这几类组织轮流承办（XN-06 轮办）；空为不轮"
    )
    role: Key | None = Field(None, description="由哪个角色负责，用于个人日历")
    kept: Literal["record", "case", "report", "plan"] = Field(
        "record",
        description="record 有人记一笔才算做到；case 到日子打开的那件事办成了才算（流程里用效果 keep_occurrence）；"
        "report 由系统据记录生成报告；plan 只是安排，不记、不考核",
    )
    window_days: int | None = Field(None, ge=0, le=366, description="过了这天几天内仍可补记；不填为周期结束以前")
    opens: Annotated[dict[Key, Any], AfterValidator(_plain)] = Field(
        default_factory=dict,
        description="到这一天打开什么：edition: 清单的键；affair: {procedure: 流程, form: {项目: 值}}，值里可代入 "
        "{title} {period} {place} {first} {last} {due}",
    )
    public: bool = Field(False, description="是否列入居民日历")
    seasons: list[Title] = Field(default_factory=list, max_length=4, description="四季的称呼，春夏秋冬")
    group: Key | None = Field(None, description="合在一起看的几项，例如 周有宣传、月有活动、季有演出")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")

    @property
    def counted(self) -> bool:
        """Whether a time of it is kept or missed; plans and reports are neither."""
        return self.kept in ("record", "case")
