"""What all parts of a pack share: strict models, keys, ways of writing."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from tongxin.kernel import limits


class Part(BaseModel):
    """A part of a pack: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
PackKey = Annotated[str, StringConstraints(pattern=r"^_?[a-z][a-z0-9_]{0,38}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Words = Annotated[str, StringConstraints(max_length=400)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,29}$")]


def _written(day: date) -> date:
    first, last = limits.PACK_YEARS
    if not first <= day.year <= last:
        raise ValueError(f"年份应在 {first} 到 {last} 之间，请核对")
    return day


Day = Annotated[date, AfterValidator(_written)]


def as_list(value: Any) -> Any:
    """Let YAML say one thing without brackets."""
    return value if isinstance(value, list) or value is None else [value]


def as_words(value: Any) -> Any:
    """Let YAML say many words in one line: ``路灯 灯不亮、楼道灯``."""
    return value.replace("、", " ").split() if isinstance(value, str) else value


def as_values(value: Any) -> Any:
    """Read the scalars of an untyped argument: packs are read as text, so ``true`` and ``3`` become values here."""
    if isinstance(value, dict):
        return {key: as_values(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_values(item) for item in value]
    if isinstance(value, str):
        if value in ("true", "false"):
            return value == "true"
        if re.fullmatch(r"-?(0|[1-9]\d{0,8})", value):
            return int(value)
    return value
