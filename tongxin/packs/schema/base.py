"""What all parts of a pack share: strict models, keys, spans of time."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

from tongxin.kernel.worktime import Span


class Part(BaseModel):
    """A part of a pack: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Words = Annotated[str, StringConstraints(max_length=400)]


def _span(value: Any) -> Any:
    if isinstance(value, str):
        return Span.parse(value)
    if isinstance(value, dict) and set(value) == {"amount", "unit"}:
        return Span(value["amount"], value["unit"])
    return value


SpanText = Annotated[Span, BeforeValidator(_span), PlainSerializer(str, return_type=str)]


def as_list(value: Any) -> Any:
    """Let YAML say one thing without brackets."""
    return value if isinstance(value, list) or value is None else [value]
