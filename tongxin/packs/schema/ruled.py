"""rules.yaml and what refers to it: values with a source, each in force from a date. ``within: rule reply`` stands for one of them.

While a pack is shaped its rules are at hand, so that a reference becomes the value itself and still knows its name: code that
knows no rules reads the newest value, the engine asks for the one in force when a case began.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import (
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from tongxin.kernel.worktime import UNIT_TITLES, Span, Unit
from tongxin.packs.schema.base import Day, Part, Title, Words

RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$")]
_REFERENCE = re.compile(r"^rule ([A-Za-z][A-Za-z0-9_.-]{0,39})$")
MISSING = Span(1, "work_days")  # stands in while the rest of a pack with an unknown rule is checked


class Rule(Part):
    """一条规则在一段时间里的值。同一条规则先后有几个值的，写成列表。"""

    title: Title = Field(description="管的是什么，例如 受理派单")
    value: int = Field(ge=0, description="数值")
    unit: str = Field(
        min_length=1, max_length=20, description="单位：时长写 minutes、hours、days、work_hours、work_days，其他照说"
    )
    source: Words = Field("", description="出处：文件名称")
    article: Words = Field("", description="条款，例如 第19条")
    jurisdiction: Words = Field("", description="在哪里有效，例如 全国、保定市；本地自定的写 本地")
    from_: Day | None = Field(None, alias="from", description="自哪天起有效（含）")
    to: Day | None = Field(None, description="到哪天为止（含）；不填为至今")
    confidence: str = Field("K", pattern="^(L|S|K)$", description="L 法条原文、S 摘录、K 常识（界面显示“待核”）")

    @model_validator(mode="after")
    def _forward(self) -> Rule:
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            raise ValueError("to 早于 from")
        return self

    @property
    def span(self) -> Span | None:
        """The value as a span of time, None when its unit is of another kind."""
        unit: Any = self.unit
        return Span(self.value, unit) if self.unit in UNIT_TITLES else None

    @property
    def words(self) -> str:
        """4个工作时, 5 户."""
        return f"{self.value}{UNIT_TITLES[self.unit]}" if self.unit in UNIT_TITLES else f"{self.value} {self.unit}"

    def holds(self, day: date) -> bool:
        """Whether the value is in force that day."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


Rules = Mapping[str, list[Rule]]


def in_force(values: Sequence[Rule], day: date) -> Rule | None:
    """The value of a rule on a day, None on a day for which none is written."""
    return next((value for value in values if value.holds(day)), None)


@dataclass(frozen=True)
class RuledSpan(Span):
    """A span that a rule gives; the amount is the newest value's."""

    rule: str = ""
    values: tuple[Rule, ...] = ()
    _on: dict[date, Span] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __str__(self) -> str:
        return f"rule {self.rule}"

    def on(self, day: date) -> Span:
        """The span in force on a day, the newest where none is written for it."""
        kept = self._on.get(day)
        if kept is None:
            found = in_force(self.values, day)
            kept = self._on[day] = (found.span if found is not None else None) or Span(self.amount, self.unit)
        return kept

    @property
    def source(self) -> Rule | None:
        """The rule's newest value, None when there is no such rule."""
        return self.values[-1] if self.values else None


class RuledNumber(int):
    """A whole number that a rule gives; the number is the newest value's."""

    rule: str = ""
    values: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, rule: str, values: tuple[Rule, ...]) -> RuledNumber:
        """Make one."""
        made = cls(values[-1].value if values else 1)
        made.rule, made.values = rule, values
        return made

    def on(self, day: date) -> int:
        """The number in force on a day."""
        found = in_force(self.values, day)
        return found.value if found is not None else int(self)


_rules: ContextVar[Rules] = ContextVar("rules", default={})  # noqa: B039 - never changed, only replaced


@contextmanager
def rules_at_hand(written: Any) -> Iterator[None]:
    """Let references inside be resolved by these rules, as they are written; wrong ones are told where they stand."""
    found: dict[str, list[Rule]] = {}
    for key, values in written.items() if isinstance(written, Mapping) else ():
        try:
            made = [
                value if isinstance(value, Rule) else Rule.model_validate(value)
                for value in (values if isinstance(values, list) else [values])
            ]
        except ValidationError:
            continue
        found[str(key)] = sorted(made, key=lambda rule: rule.from_ or date.min)
    token = _rules.set(found)
    try:
        yield
    finally:
        _rules.reset(token)


def _named(value: Any) -> str | None:
    match = _REFERENCE.match(value) if isinstance(value, str) else None
    return match[1] if match else None


def _span(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, Span):
        return value
    rule = _named(value)
    if rule is None:
        if isinstance(value, str):
            return Span.parse(value)
        if isinstance(value, dict) and set(value) == {"amount", "unit"}:
            return Span(value["amount"], value["unit"])
        return handler(value)
    values = tuple(_rules.get().get(rule, ()))
    newest = (values[-1].span if values else None) or MISSING
    return RuledSpan(newest.amount, newest.unit, rule, values)


def _number(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    rule = _named(value)
    if rule is None:
        return value if isinstance(value, RuledNumber) else handler(value)
    return RuledNumber.of(rule, tuple(_rules.get().get(rule, ())))


SpanText = Annotated[Span, WrapValidator(_span), PlainSerializer(str, return_type=str)]
RuledInt = Annotated[
    int, WrapValidator(_number), PlainSerializer(lambda n: f"rule {n.rule}" if isinstance(n, RuledNumber) else n)
]

__all__ = [
    "MISSING",
    "Rule",
    "RuleId",
    "RuledInt",
    "RuledNumber",
    "RuledSpan",
    "Rules",
    "SpanText",
    "Unit",
    "in_force",
    "rules_at_hand",
]
