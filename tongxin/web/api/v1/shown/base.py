"""What every answer of the API is, and how a refusal is said."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Shown(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class RefusalOut(Shown):
    """拒绝：发生了什么、怎么办。各状态码同一格式。"""

    model_config = ConfigDict(frozen=True, extra="allow")

    code: str = Field(description="稳定的机器可读代码")
    what: str = Field(description="发生了什么")
    mend: str = Field(description="怎么办")
    field: str = Field(description="哪一项；整个请求则为空")
