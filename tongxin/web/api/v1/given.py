"""What comes in: the typed bodies of the API's POST requests, with the limits of ``kernel.limits``. Checks forms, not facts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints
from pydantic.config import JsonDict

from tongxin.kernel import limits
from tongxin.web.api.reading import Given

PhotoId = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F-]{32,36}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{0,20}$")]
FormKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
# The bounds of degrees are stated here and checked by the rules of matters, which can tell a swapped pair.
_LON: JsonDict = {"minimum": -180, "maximum": 180}
_LAT: JsonDict = {"minimum": -90, "maximum": 90}


class ReportIn(Given):
    """一件诉求。只有 text 必填；地点给经纬度、区域或地点文字之一即可。"""

    text: str = Field(min_length=1, max_length=limits.TEXT_CHARS, description="要反映的事，一两句话即可")
    title: str = Field("", max_length=limits.TITLE_CHARS, description="标题；不填取内容的第一句")
    category: Code = Field("", description="类别代码，见 /pack/categories；不填由系统按词语建议")
    lon: float | None = Field(None, description="经度（WGS84，度），与 lat 同填", json_schema_extra=_LON)
    lat: float | None = Field(None, description="纬度（WGS84，度），与 lon 同填", json_schema_extra=_LAT)
    area_id: int | None = Field(None, ge=1, le=2**53, description="只知道在哪个区域时填，见 /areas")
    address: str = Field("", max_length=limits.ADDRESS_CHARS, description="地点文字")
    happened: str | None = Field(
        None,
        max_length=limits.WHEN_CHARS,
        description="什么时候的事，例如 每天凌晨 2–5 点；不填从 text 里读，见 /suggestions/facts",
    )
    reporter_name: str = Field("", max_length=limits.NAME_CHARS, description="怎么称呼；可不填，不对外提供")
    reporter_phone: str = Field("", max_length=limits.PHONE_CHARS, description="回访电话；可不填，不对外提供")
    public: bool = Field(False, description="同意在公开栏显示类别、社区和进展（不显示内容和反映人）")
    text_public: bool = Field(False, description="另外同意公开内容和点位（号码自动隐去）；须同时 public")
    photos: tuple[PhotoId, ...] = Field((), max_length=limits.PHOTOS, description="照片编号，先经 POST /photos 上传")
    channel: FormKey | None = Field(None, description="渠道；只有带密钥、有“代他人反映”权限的程序可填，默认 api")
    occurred_at: AwareDatetime | None = Field(None, description="何时反映的；只有有“导入数据”权限的程序可填")
    source: str = Field("", max_length=40, description="从哪个系统来；只有有“导入数据”权限的程序可填")
    source_key: str = Field("", max_length=80, description="在那个系统里的编号；同一编号只收一次")


class OpenIn(Given):
    """一件事项。procedure、area_id 和那一种要填的项目必填，见 GET /affairs/kinds。"""

    procedure: FormKey = Field(description="哪一种（流程的键）")
    area_id: int | None = Field(None, ge=1, le=2**53, description="哪个地方的事，见 /areas；须到那一种要求的级别")
    form: dict[FormKey, Any] = Field(default_factory=dict, max_length=40, description="项目的键 → 值")
    opener_name: str = Field("", max_length=limits.NAME_CHARS, description="怎么称呼；可不填，不对外提供")
    opener_phone: str = Field("", max_length=limits.PHONE_CHARS, description="电话；可不填，不对外提供")


class ActIn(Given):
    """反映人的一步：评价、撤回、补充等。可做的动作和要填的项目见 GET /matters/{receipt} 的 acts。"""

    act: FormKey = Field(description="动作的键")
    form: dict[FormKey, Any] = Field(default_factory=dict, max_length=40, description="项目的键 → 值")
    seen_seq: int | None = Field(None, ge=0, le=2**31, description="您看到的最后一步的序号；其间有变化则回答 409")


class MessageIn(Given):
    """别的系统送来的一条消息（CloudEvents 的同名项）。同一 id 只办一次，再送得到第一次的答复。"""

    id: str = Field(min_length=1, max_length=80, description="对方的消息号，每条不同")
    type: FormKey = Field(description="什么消息，见资料包 exchange.yaml 的 takes")
    subject: str = Field(min_length=1, max_length=40, description="编号：送出去时给的 subject（ref）")
    data: dict[str, Any] = Field(default_factory=dict, max_length=40, description="内容，字段按约定")
    specversion: str = Field("1.0", max_length=10, description="CloudEvents 版本")
    source: str = Field("", max_length=200, description="对方系统")
    time: AwareDatetime | None = Field(None, description="对方写下的时间")
    datacontenttype: str = Field("application/json", max_length=60, description="内容的格式")


class FacilityIn(Given):
    """一处设施。同一类里同名的就是同一处；没有给的项目不动。"""

    kind: FormKey = Field(description="种类的键，见 /facilities/norms 的 kinds")
    name: str = Field(min_length=1, max_length=limits.TITLE_CHARS, description="名称")
    lon: float = Field(ge=-180, le=180, description="经度（WGS84，度）；要在本地范围内")
    lat: float = Field(ge=-90, le=90, description="纬度（WGS84，度）")
    beds: int | None = Field(None, ge=0, le=100_000, description="床位")
    floor_area: int | None = Field(None, ge=0, le=10_000_000, description="建筑面积，平方米")
    address: str = Field("", max_length=200, description="地址，对外公开")
    hours: str = Field("", max_length=80, description="开放时间，对外公开")
    source: str = Field("", max_length=400, description="来源")
    schematic: bool = Field(False, description="位置是示意的")
    since: date | None = Field(None, description="启用日期；不填为今天，登记以后不变")
