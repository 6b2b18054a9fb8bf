"""procedures/*.yaml: one mechanism as a state machine. See ``docs/packs.md`` for the language in Chinese."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from tongxin.kernel.days import Days
from tongxin.packs.schema.base import AreaCode, Key, Part, Title, Words, as_list, as_values
from tongxin.packs.schema.ruled import RuledInt, RuledNumber, RuledSpan, SpanText


class Holder(Part):
    """谁：某地某角色、某参与单位、反映人，或系统。role、unit、who 三者恰填其一。"""

    role: Key | None = Field(None, description="角色键")
    of: Key | None = Field(None, description="角色在哪一级地域（取事项所在地往上的那一级）；不填为事项所在地往上最近的")
    unit: Key | None = Field(None, description="参与单位的名称，见 parts；由该单位的收件岗承担")
    who: Literal["reporter", "anyone", "system", "starter"] | None = Field(
        None, description="反映人、任何人、系统，或 starter 发起这一件的岗位"
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"who": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Holder:
        if sum(x is not None for x in (self.role, self.unit, self.who)) != 1:
            raise ValueError("role、unit、who 须恰填其一")
        if self.of is not None and self.role is None:
            raise ValueError("of 只与 role 同用")
        return self


class EffectCall(Part):
    """一个效果，写作名称，或“名称: 参数”。"""

    name: Key
    argument: Any = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and len(value) == 1 and "name" not in value:
            ((name, argument),) = value.items()
            return {"name": name, "argument": as_values(argument)}
        return value

    @model_serializer
    def _write(self) -> Any:
        return self.name if self.argument is None else {self.name: self.argument}


class LateStep(Part):
    """超时以后做什么；after 从到期时刻起算，可为 0。"""

    after: SpanText = Field(description="到期后多久，例如 0 minutes、4 work_hours")
    do: Annotated[list[EffectCall], BeforeValidator(as_list)] = Field(min_length=1, description="效果")

    @model_validator(mode="before")
    @classmethod
    def _zero(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("after") in (0, "0"):
            return {**value, "after": "0 minutes"}
        return value


class State(Part):
    """一个环节。"""

    title: Title = Field(description="环节名称")
    plain: Words = Field("", description="对居民怎么说，例如 已派给相关单位办理")
    holder: Holder | None = Field(None, description="这一环节由谁办；终态不填")
    within: SpanText | Literal["grade"] | None = Field(
        None,
        description="时限，例如 2 work_hours，或 rule 规则编号；grade 表示按事项类别的时限档。时钟起算后不晚于全程时限 limit",
    )
    until: Key | None = Field(
        None,
        description="到期日取自进入本环节的动作里哪个 date 项（例如挂账到哪天）；须同时写 within 作最长期限，取先到的",
    )
    open_ended: Words | None = Field(None, description="确实不设时限的理由")
    late: list[LateStep] = Field(default_factory=list, description="超时动作，按 after 先后")
    clock: Literal["before", "starts", "runs", "paused", "stops"] = Field(
        "runs", description="办理时钟：before 未开始，starts 起算，runs 照走，paused 暂停，stops 停"
    )
    final: Literal["done", "refused", "merged", "withdrawn"] | None = Field(None, description="终态的性质")
    note: Words = Field("", description="给经办人的说明")


FieldType = Literal[
    "text",
    "longtext",
    "choice",
    "unit",
    "units",
    "area",
    "category",
    "matter",
    "date",
    "number",
    "rating",
    "yesno",
    "phone",
    "several",
    "photos",
]


class FormField(Part):
    """一个动作要填的一项。"""

    title: Title = Field(description="项目名称")
    type: FieldType = Field("text", description="类型")
    required: bool = Field(False, description="必填")
    choices: dict[str, Title] | None = Field(None, description="choice（选一）、several（选几项）的选项：值 → 名称")
    kinds: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="unit/units 可选的组织类别；空为一切有收件岗的类别"
    )
    default: str | None = Field(None, description="预填：category_unit（类别的通常主办）、任一 facts 名，或固定值")
    help: Words = Field("", description="说明")
    shown: Literal["staff", "reporter", "public"] = Field("staff", description="谁能看到：经办人员、反映人、公开")
    purpose: Words | None = Field(None, description="个人信息项目必须写明用途")
    basis: Words | None = Field(None, description="法律依据；照片（photos）只有写明依据才可以必填")
    min: RuledInt | None = Field(None, description="number、rating 的最小值")
    max: RuledInt | None = Field(None, description="number、rating 的最大值，或文字的字数上限")
    days: Days = Field(
        "any",
        description="date 填哪些日子：past 今天或以前（已经做的事），coming 今天或以后（打算做的事），lasting 期限到哪天（证照有效期，最远一百年），any 都可以；其余最远十年",
    )

    @model_validator(mode="after")
    def _whole(self) -> FormField:
        if (self.type in ("choice", "several")) != bool(self.choices):
            raise ValueError("choices 与 type: choice、several 同时出现")
        if self.days != "any" and self.type != "date":
            raise ValueError("days 只与 type: date 一起写")
        if self.type == "phone" and not self.purpose:
            raise ValueError("个人信息项目（phone）必须写 purpose")
        if self.type == "photos" and self.required and not self.basis:
            raise ValueError("照片不得强制上传；法规要求必传的写明 basis（法律依据）")
        return self


class Transition(Part):
    """一个动作：从哪些环节、到哪个环节、谁能做、要填什么、做了以后发生什么。"""

    title: Title = Field(description="动作名称，就是按钮上的字")
    from_: Annotated[list[Key], BeforeValidator(as_list)] = Field(alias="from", min_length=1, description="从哪些环节")
    to: Key = Field(description="到哪个环节；stay 不变环节只记一笔，back 回到进入本环节之前的环节")
    by: Annotated[list[Holder], BeforeValidator(as_list)] = Field(
        default_factory=list, description="谁能做；不填为本环节的承办人"
    )
    form: dict[Key, FormField] = Field(
        default_factory=dict, description="要填的项目；与 parts 同名的项目即指定该参与单位"
    )
    guard: Annotated[list[EffectCall], BeforeValidator(as_list)] = Field(
        default_factory=list, description="条件，全部满足才可做"
    )
    do: Annotated[list[EffectCall], BeforeValidator(as_list)] = Field(
        default_factory=list, description="效果，依次执行"
    )
    says: Words = Field(
        "", description="写进居民时间线的话；可代入 {参与单位}、{表单项}、{holder}（下一环节的承办人）；空则不显示"
    )
    within: SpanText | None = Field(None, description="进入本环节后多久之内可做（例如重新打开的窗口）")
    weight: Literal["primary", "plain", "quiet"] = Field("plain", description="按钮轻重")
    bulk: bool = Field(False, description="可否成批办理")
    confirm: Words = Field("", description="确认语；难以挽回的动作才写")


class Opener(Part):
    """谁能开：居民（resident，不用登录），或某个角色（在其所辖的地方）。"""

    role: Key | None = Field(None, description="角色键；该角色在自己岗位所辖的地方可以开")
    who: Literal["resident"] | None = Field(None, description="居民")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"who": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Opener:
        if (self.role is None) == (self.who is None):
            raise ValueError("role、who 须恰填其一")
        return self


class Opening(Part):
    """怎么开一件（subject: affair 的流程必写；由别的流程派生的子任务不写）。"""

    by: Annotated[list[Opener], BeforeValidator(as_list)] = Field(
        default_factory=list, description="谁能开；空表示只由别的流程用 open_affair 派生"
    )
    at: Key | None = Field(None, description="是哪一级地域的事；不填为最末一级。承办角色不得设在它以下")
    areas: Annotated[list[AreaCode], BeforeValidator(as_list)] = Field(
        default_factory=list, description="只在这些地域（连同其下）开；空为全部"
    )
    form: dict[Key, FormField] = Field(
        min_length=1, max_length=20, description="开的时候填什么；与 parts 同名的即指定参与单位"
    )
    headline: Key = Field(description="用哪一项作标题")
    invite: Words = Field("", description="一句话告诉人这是什么、什么时候用")
    says: Words = Field("已收到。", description="回执上的第一句话")
    public: bool = Field(False, description="是否有公开栏；只显示用效果 publish 公开的、隐去个人信息的话")
    contact: bool = Field(True, description="居民开的时候可否留称呼和电话（都可以不留）")
    contact_purpose: Words = Field("方便联系；可以不留", description="称呼和电话的用途")


class Procedure(Part):
    """一个流程。文件名就是键。"""

    procedure: Key = Field(description="流程的键，与文件名相同")
    title: Title = Field(description="流程名称")
    subject: Key = Field(description="在什么东西上运行：matter 诉求，affair 事项；子任务写 any")
    open: Opening | None = Field(None, description="怎么开一件；subject: affair 的流程必写")
    about: Words = Field("", description="一句话说明与出处")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")
    start: Key = Field(description="起始环节")
    parts: dict[Key, Literal["unit", "units"]] = Field(default_factory=dict, description="参与单位：名称 → 一个或多个")
    limit: SpanText | Literal["grade"] | None = Field(None, description="全程时限，从办理时钟起算")
    states: dict[Key, State] = Field(min_length=2, description="环节")
    transitions: dict[Key, Transition] = Field(default_factory=dict, description="动作")
    separate: list[tuple[Key, Key]] = Field(default_factory=list, description="不得由同一单位做的两个动作（norm D-01）")
    otherwise: Holder | None = Field(None, description="环节的承办人找不到岗位时（例如地点不明）由谁先接")
    main_path: list[Key] = Field(default_factory=list, description="画图时的主线，从左到右")

    @cached_property
    def ruled(self) -> tuple[RuledSpan, ...]:
        """The spans of this procedure that rules give, each rule once."""
        found = [self.limit, *(state.within for state in self.states.values())]
        found += [step.within for step in self.transitions.values()]
        found += [late.after for state in self.states.values() for late in state.late]
        return tuple({span.rule: span for span in found if isinstance(span, RuledSpan)}.values())

    @cached_property
    def ruled_numbers(self) -> tuple[RuledNumber, ...]:
        """The numbers of its forms that rules give, each rule once."""
        fields = [field for step in self.transitions.values() for field in step.form.values()]
        found = [number for field in fields for number in (field.min, field.max)]
        return tuple({number.rule: number for number in found if isinstance(number, RuledNumber)}.values())
