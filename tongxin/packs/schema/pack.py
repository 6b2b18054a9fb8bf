"""pack.yaml and the whole pack."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, field_validator, model_validator

from tongxin.kernel.worktime import parse_hours
from tongxin.packs.schema.base import AreaCode, Day, Key, PackKey, Part, Title, Words, as_list, as_words
from tongxin.packs.schema.cadence import Series
from tongxin.packs.schema.catalogue import Catalogue
from tongxin.packs.schema.exchange import Exchange
from tongxin.packs.schema.facilities import Facilities
from tongxin.packs.schema.lists import DemoList, ListSpec
from tongxin.packs.schema.procedure import Procedure
from tongxin.packs.schema.programme import Programme
from tongxin.packs.schema.registers import DemoRegister, Document, Register, Tag
from tongxin.packs.schema.ruled import Rule, RuleId, rules_at_hand
from tongxin.packs.schema.units import Units
from tongxin.packs.schema.wall import Wall


class WorkingTime(Part):
    """工作时间。"""

    hours: list[str] = Field(default_factory=lambda: ["08:30-12:00", "14:30-17:30"], description="一天的工作时段")

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: list[str]) -> list[str]:
        parse_hours(value)
        return value


class Intake(Part):
    """受理：反映从哪里进来、走哪个流程。"""

    procedure: Key = Field(description="诉求走的流程")
    channels: dict[Key, Title] = Field(min_length=1, description="渠道：键 → 名称")
    public_board: bool = Field(True, description="是否有公开栏（隐去个人信息）")


class Map(Part):
    """地图。"""

    schematic: bool = Field(False, description="没有公开边界、用示意图时为 true，页面标“示意”")
    source: Words = Field("", description="边界来源")


class Settings(Part):
    """pack.yaml 的全部内容。"""

    pack: PackKey = Field(description="资料包的键，与文件夹名相同")
    title: Title = Field(description="地方名称")
    slogan: Words = Field("", description="一句话")
    extends: PackKey | None = Field("_base", description="继承哪个资料包")
    region: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 区划代码")
    code_scheme: Key = Field("gbt2260_333", description="网格代码方案")
    phone: Words = Field("", description="求助电话")
    working_time: WorkingTime = Field(default_factory=WorkingTime, description="工作时间")
    intake: Intake | None = Field(None, description="受理；_base 可不填")
    map: Map = Field(default_factory=Map, description="地图")
    chain: str = Field("sha256", pattern="^(sha256|sm3)$", description="存证链的杂凑算法")


class SeedBody(Part):
    """一个有名有姓的组织，开户时建立。"""

    key: Key = Field(description="组织的键，包内唯一")
    kind: Key = Field(description="类别，见 units.yaml 的 bodies")
    name: Title = Field(description="名称")
    parent: Key | None = Field(None, description="上级组织的键")
    covers: Annotated[list[AreaCode], BeforeValidator(as_list)] = Field(
        default_factory=list, description="覆盖的地域代码"
    )
    seat: AreaCode | None = Field(None, description="驻在的地域代码")


class SeedPlace(Part):
    """一个大家叫得出的地名（小区、街路、楼栋、地标），用来由地址找到网格。"""

    name: Title = Field(description="地名")
    kind: Key = Field(description="种类，例如 estate 小区、street 街路、landmark 地标")
    aliases: Annotated[list[Title], BeforeValidator(as_words)] = Field(
        default_factory=list, description="别名，可写成一行、用空格隔开"
    )
    area: AreaCode = Field(description="所在地域代码")
    lon: float | None = Field(None, ge=-180, le=180, description="经度（WGS84）")
    lat: float | None = Field(None, ge=-90, le=90, description="纬度（WGS84）")
    households: int | None = Field(None, ge=0, description="户数")


class DemoBodies(Part):
    """演示时成批生成的一类组织，均匀分到上级组织之下；写 over 的，均匀铺到某一级地域上。"""

    kind: Key = Field(description="生成哪一类组织")
    count: int | None = Field(None, ge=1, le=50_000, description="共多少个；写 over 时可不填，为每个地域一个")
    under: Key | None = Field(None, description="隶属于哪一类已有的组织；顶层组织不填")
    over: Key | None = Field(None, description="铺到哪一级地域：多于地域的轮流分，少于地域的一个覆盖几处")
    within: Annotated[list[AreaCode], BeforeValidator(as_list)] = Field(
        default_factory=list, description="只铺到这些代码的地域之内"
    )
    outside: Annotated[list[AreaCode], BeforeValidator(as_list)] = Field(
        default_factory=list, description="不铺到这些代码的地域之内"
    )
    name: Title = Field(description="名称；{parent} 代入上级名称，{area} 代入所铺地域的名称，{n} 代入序号")

    @model_validator(mode="after")
    def _sized(self) -> DemoBodies:
        if self.count is None and self.over is None:
            raise ValueError("count、over 至少填一个")
        if self.under is None and self.over is None:
            raise ValueError("under、over 至少填一个")
        return self


class DemoAreas(Part):
    """演示时成批生成的一级地域，均匀分到上一级之下；边界是示意的方块。由上到下逐条写。"""

    level: Key = Field(description="哪一级")
    named: dict[AreaCode, Title] = Field(default_factory=dict, description="有名有姓的：代码 → 名称")
    count: int | None = Field(None, ge=1, le=50_000, description="成批生成时共多少个")
    name: Title = Field("{parent}第{n}", description="成批生成时的名称；{parent} 代入上级名称，{n} 代入序号")
    within: Annotated[list[AreaCode], BeforeValidator(as_list)] = Field(
        default_factory=list, description="只在这些代码的地域之内"
    )
    outside: Annotated[list[AreaCode], BeforeValidator(as_list)] = Field(
        default_factory=list, description="不在这些代码的地域之内"
    )
    households: int | None = Field(None, ge=0, le=5_000, description="每个多少户；只写在最小的一级，往上自动合计")

    @model_validator(mode="after")
    def _one_way(self) -> DemoAreas:
        if bool(self.named) == (self.count is not None):
            raise ValueError("named、count 须恰填其一")
        return self


class Demo(Part):
    """演示数据的参数；人员一律为明显的虚构姓名。"""

    seed: int = Field(1, description="随机种子，保证可重复")
    start_on: Day | None = Field(None, description="从哪天开始；不填为三个月前")
    matters_per_day: float = Field(6, gt=0, le=500, description="平均每个工作日的诉求数")
    texts: dict[str, list[str]] = Field(default_factory=dict, description="类别代码 → 反映的话，{place} 代入地名")
    answers: dict[str, list[str]] = Field(default_factory=dict, description="类别代码 → 办理结果的话")
    affairs: dict[Key, list[str]] = Field(default_factory=dict, description="流程 → 演示时开的事项各写什么")
    channels: dict[Key, int] = Field(default_factory=dict, description="渠道 → 份数，按份数分配；不填为均分")
    apart: bool = Field(False, description="太大，不随 make demo 一起装；用 make demo-<资料包> 单独装")
    areas: list[DemoAreas] = Field(default_factory=list, description="成批生成的地域，没有 map.geojson 时用")
    centre: tuple[float, float] | None = Field(None, description="成批生成的地域画在哪里：经度、纬度")
    bodies: list[DemoBodies] = Field(default_factory=list, description="成批生成的组织")
    lists: list[DemoList] = Field(default_factory=list, description="清单的演示版本，条目为拟名")
    registers: list[DemoRegister] = Field(default_factory=list, description="名册的演示登记，名称为拟名")
    signed: dict[Key, Annotated[int, Field(ge=0, le=100)]] = Field(
        default_factory=dict, description="文件 → 演示时百分之几的各方已经签署"
    )
    tagged: dict[Key, Annotated[int, Field(ge=0, le=2_000)]] = Field(
        default_factory=dict, description="标签 → 演示时登几户，人名地址都是拟的"
    )


class Pack(Part):
    """一个地方的全部资料，合并 _base 之后的样子。"""

    settings: Settings
    units: Units
    catalogue: Catalogue
    procedures: dict[Key, Procedure]
    bodies: list[SeedBody] = Field(default_factory=list)
    places: list[SeedPlace] = Field(default_factory=list)
    facilities: Facilities = Field(default_factory=Facilities)
    labels: dict[str, str] = Field(default_factory=dict)
    programme: Programme | None = None
    rules: dict[RuleId, Annotated[list[Rule], BeforeValidator(as_list)]] = Field(default_factory=dict)
    lists: dict[Key, ListSpec] = Field(default_factory=dict, max_length=60)
    cadence: dict[Key, Series] = Field(default_factory=dict, max_length=80)
    documents: dict[Key, Document] = Field(default_factory=dict, max_length=200)
    registers: dict[Key, Register] = Field(default_factory=dict, max_length=60)
    tags: dict[Key, Tag] = Field(default_factory=dict, max_length=100)
    exchange: Exchange = Field(default_factory=Exchange)
    wall: Wall = Field(default_factory=Wall)
    demo: Demo | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _with_rules(cls, value: Any, handler: ModelWrapValidatorHandler[Pack]) -> Pack:
        with rules_at_hand(value.get("rules") if isinstance(value, dict) else None):
            return handler(value)

    @property
    def key(self) -> str:
        """The pack's key, which is its folder's name."""
        return self.settings.pack

    def word(self, key: str, otherwise: str) -> str:
        """The locality's own word for something, or the common one."""
        return self.labels.get(key, otherwise)


def dump(pack: Pack) -> dict[str, Any]:
    """Return the pack as JSON values, the form that is stored when it is published."""
    return pack.model_dump(mode="json", by_alias=True, exclude_defaults=True)
