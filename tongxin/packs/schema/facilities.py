"""facilities.yaml: kinds of facilities near people, the minutes to walk, the norms of beds and floor area, and seeded ones."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from tongxin.packs.schema.base import AreaCode, Day, Key, Part, Title, Words, as_list
from tongxin.packs.schema.catalogue import Source

MINUTES = (5, 10, 15)


class FacilityNorm(Part):
    """一条配置标准：每处、每若干户或每若干人，至少有多少建筑面积、床位或几处。"""

    of: Literal["floor_area", "beds", "count"] = Field(
        "floor_area", description="量什么：建筑面积（平方米）、床位（张）、处数"
    )
    at_least: int = Field(ge=0, le=1_000_000, description="至少多少")
    per: Literal["facility", "households", "people"] = Field("facility", description="按每处、按户数还是按人数")
    every: int = Field(1, ge=1, le=1_000_000, description="每多少户或多少人，例如 100 户；per: facility 时不写")
    level: Key | None = Field(
        None, description="按户数、人数算时以哪一级地域合计；不填为 community，没有这一级则为最末一级的上一级"
    )
    source: Source | None = Field(None, description="出处；不填或 confidence: K 时界面显示“待核”")


class FacilityKind(Part):
    """一类身边的设施。"""

    title: Title = Field(description="称呼，例如 卫生服务站")
    group: str = Field("", max_length=20, description="归在哪一组，例如 养老、便民商业")
    minutes: int = Field(15, description="应在步行几分钟之内：5、10 或 15")
    source: Source | None = Field(None, description="分钟数的出处；不填或 confidence: K 时界面显示“待核”")
    norms: Annotated[list[FacilityNorm], BeforeValidator(as_list)] = Field(
        default_factory=list, max_length=10, description="床位、面积、处数的标准"
    )

    @field_validator("minutes")
    @classmethod
    def _minutes(cls, value: int) -> int:
        if value not in MINUTES:
            raise ValueError("minutes 只能是 5、10 或 15")
        return value


class SeedFacility(Part):
    """一处有名有姓的设施，开户时建立。"""

    name: Title = Field(description="名称")
    kind: Key = Field(description="种类，见 kinds")
    area: AreaCode = Field(description="所在地域代码")
    lon: float | None = Field(None, ge=-180, le=180, description="经度（WGS84）；不填取地域的标注点")
    lat: float | None = Field(None, ge=-90, le=90, description="纬度（WGS84）")
    beds: int | None = Field(None, ge=0, le=100_000, description="床位")
    floor_area: int | None = Field(None, ge=0, le=10_000_000, description="建筑面积，平方米")
    address: str = Field("", max_length=200, description="地址，公开")
    hours: str = Field("", max_length=80, description="开放时间，公开")
    source: Words = Field("", description="出处")
    schematic: bool = Field(False, description="位置是示意的为 true，页面标“示意”")
    since: Day | None = Field(None, description="启用日期")


class Facilities(Part):
    """facilities.yaml 的全部内容。"""

    kinds: dict[Key, FacilityKind] = Field(default_factory=dict, max_length=60, description="设施种类")
    seed: list[SeedFacility] = Field(default_factory=list, max_length=5_000, description="开户时建立的设施")
