"""What is told of facilities and the norms they are held against."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from tongxin.web.api.v1.shown.base import Shown


class VerdictOut(Shown):
    """一条配置标准对一处设施或一个地域的结果。"""

    norm: str = Field(description="标准的话，例如 每处建筑面积不少于 350 平方米")
    name: str = Field(description="哪一处设施或哪个地域")
    facility_id: int | None
    area_id: int | None
    have: int | None = Field(description="现有；null 为没有填")
    need: int | None = Field(description="应有；null 为不适用")
    verdict: Literal["kept", "short", "unknown", "none"]
    verdict_title: str
    unverified: bool = Field(description="标准的出处待核")


class FacilityOut(Shown):
    """一处设施，以及它对照配置标准的结果。"""

    id: int
    kind: str
    kind_title: str
    name: str
    lon: float
    lat: float
    area_id: int = Field(description="按点位所在的最细一级区域")
    area: str
    beds: int | None
    floor_area: int | None
    address: str
    hours: str
    source: str
    schematic: bool = Field(description="位置是示意的")
    began_on: date
    ended_on: date | None
    norms: list[VerdictOut] = Field(description="只含“每处”的标准；按户数、人数的见 /facilities/norms")


class FacilitiesOut(Shown):
    """设施的一页。"""

    facilities: list[FacilityOut]
    total: int
    after: int | None = Field(description="下一页的标记；null 表示到头")


class FacilitySavedOut(Shown):
    """登记或更改的结果。"""

    outcome: Literal["created", "changed", "unchanged"]
    facility: FacilityOut


class NormOut(Shown):
    """一条配置标准和它的结果。"""

    kind: str
    kind_title: str
    norm: str
    unverified: bool
    source: str
    kept: int
    short: int
    unknown: int = Field(description="没有填面积或床位，判不了")
    findings: list[VerdictOut] = Field(description="不足的在前，最多 200 条")


class NormsOut(Shown):
    """设施的种类和配置标准的结果。"""

    kinds: dict[str, str] = Field(description="种类的键 → 称呼")
    norms: list[NormOut]
