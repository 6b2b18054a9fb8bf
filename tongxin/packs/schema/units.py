"""units.yaml: the levels of places, the kinds of bodies, the roles that people hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from tongxin.packs.schema.base import Key, Part, Title, Words, as_list


class Level(Part):
    """一级地域。自上而下列出，第一级是区县，最末一级是受理诉求的网格。"""

    key: Key = Field(description="级别的键，例如 community")
    title: Title = Field(description="级别的称呼，例如 社区")
    counter: str = Field("个", max_length=4, description="量词")


class BodyKind(Part):
    """一类组织（党组织、部门、物业企业、驻区单位……）。"""

    title: Title = Field(description="称呼，例如 网格党支部")
    family: Literal["party", "government", "community", "property", "social", "enterprise", "household"] = Field(
        description="所属大类，决定图上的样式"
    )
    parents: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="可以隶属于哪几类组织；空表示顶层"
    )
    covers: Key | None = Field(None, description="管到哪一级地域；一个组织可以覆盖多个该级地域（多网格一支部）")
    desk: Key | None = Field(None, description="代表该组织收件的角色；填写后该类组织可以作为主办单位")


class Role(Part):
    """一种岗位角色。由地域设岗（at）或由组织设岗（in）。"""

    title: Title = Field(description="岗位称呼，例如 网格员")
    at: Key | None = Field(None, description="在哪一级地域设岗，每个该级地域一岗")
    in_: Key | None = Field(None, alias="in", description="在哪一类组织设岗，每个该类组织一岗")
    may: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="权限名；范围就是岗位所在的地域或组织所覆盖的地域"
    )
    deputy: Key | None = Field(None, description="岗位空缺时由同一地域的哪个角色代行；没有则由上一级同名岗位代行")
    seats: int = Field(1, ge=1, le=99, description="每处设几个岗")
    duties: Words = Field("", description="职责一句话")
    time: Literal["", "full", "part"] = Field("", description="full 专职、part 兼职；不分的不填")
    from_: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, alias="from", description="兼职的人来自哪几类组织；任职时写明来自哪一个（XN-04）"
    )


class LinkEnd(Part):
    """联系的一端：角色、某类组织、任何人员，或一级地域；恰填其一。"""

    role: Annotated[list[Key], BeforeValidator(as_list)] = Field(default_factory=list, description="哪几个角色的岗位")
    body: Annotated[list[Key], BeforeValidator(as_list)] = Field(default_factory=list, description="哪几类组织")
    person: bool = Field(False, description="任何人员")
    level: Key | None = Field(None, description="哪一级地域")

    @model_validator(mode="after")
    def _one(self) -> LinkEnd:
        if sum((bool(self.role), bool(self.body), self.person, self.level is not None)) != 1:
            raise ValueError("role、body、person、level 须恰填其一")
        return self


class LinkKind(Part):
    """一种联系：谁联系哪里、谁与谁结对，以及它的唯一性和覆盖要求。"""

    title: Title = Field(description="称呼，例如 县领导联系社区")
    from_: LinkEnd = Field(alias="from", description="联系人一端")
    to: LinkEnd = Field(description="被联系一端")
    unique: Literal["none", "from", "to", "both"] = Field(
        "none", description="from 每个联系人至多一处；to 每处至多一个联系人；both 两头都至多一个"
    )
    by: Literal["hand", "covers"] = Field(
        "hand", description="hand 逐条设立；covers 就是组织所覆盖的地域（结对单位覆盖社区）"
    )
    cover: Literal["none", "from", "to", "both"] = Field("none", description="哪一端必须个个都有联系")
    least: int = Field(1, ge=1, le=99, description="要求覆盖的一端每个至少几条")
    most: int | None = Field(None, ge=1, le=999, description="每个联系人至多几处，例如帮带不超过 10 人")
    about: Words = Field("", description="一句话说明")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")


class Responsibility(Part):
    """责任链的一环：哪一级、什么责任、由哪类组织担；每一件的页面上按地点列出（XN-22）。"""

    level: Key = Field(description="哪一级地域")
    title: Title = Field(description="什么责任，例如 主体责任")
    body: Key = Field(description="担责的组织类别")
    about: Words = Field("", description="一句话说明")


class RequiredPost(Part):
    """每个某级地域必须有人担任的岗位。"""

    title: Title = Field(description="称呼，例如 每格一名专职网格员")
    role: Annotated[list[Key], BeforeValidator(as_list)] = Field(min_length=1, description="角色；写几个时合起来算")
    at: Key = Field(description="哪一级地域")
    least: int = Field(1, ge=1, le=99, description="每处至少几人")
    most: int | None = Field(None, ge=1, le=999, description="每处至多几人")
    stand_in: bool = Field(False, description="每个岗位都要设代岗（AB 岗，XN-59）")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")


class Concurrent(Part):
    """一人兼任：任一种岗位的人，须要、可以或不得兼任另一种。"""

    title: Title = Field(description="称呼，例如 社区书记兼“大管家”")
    role: Annotated[list[Key], BeforeValidator(as_list)] = Field(min_length=1, description="任这些岗位的人")
    with_: Annotated[list[Key], BeforeValidator(as_list)] = Field(alias="with", min_length=1, description="兼这些岗位")
    rule: Literal["must", "may", "never"] = Field(description="must 须兼任，may 可以（只计数），never 不得兼任")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")


class Staffing(Part):
    """配备比例，例如 每万城镇常住人口不少于 18 名社区工作者。"""

    title: Title = Field(description="称呼")
    roles: Annotated[list[Key], BeforeValidator(as_list)] = Field(min_length=1, description="计入的角色，一人只计一次")
    of: Literal["people", "households"] = Field(description="按人口还是户数")
    per: int = Field(10_000, ge=1, description="每多少")
    least: int = Field(ge=1, description="至少几名")
    at: Key | None = Field(None, description="按哪一级地域分别看；不填为全区合计")
    source: Words = Field(description="出处")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")


class Network(Part):
    """一条线的网格，已并入统一的网格：它的职责由同一个网格里的哪些组织和岗位承担（多网合一）。"""

    title: Title = Field(description="称呼，例如 党建网格、综治网格")
    level: Key = Field(description="并在哪一级地域")
    purpose: Words = Field(description="这条线在网格里做什么")
    bodies: Annotated[list[Key], BeforeValidator(as_list)] = Field(default_factory=list, description="由哪几类组织承担")
    roles: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="由哪几个角色的岗位承担"
    )
    categories: Annotated[list[str], BeforeValidator(as_list)] = Field(
        default_factory=list, description="哪几类诉求归这条线（类别代码，含下级）"
    )
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")

    @model_validator(mode="after")
    def _carried(self) -> Network:
        if not self.bodies and not self.roles:
            raise ValueError("bodies、roles 至少写一样：并进来的网格总要有人承担")
        return self


class Units(Part):
    """units.yaml 的全部内容。"""

    levels: list[Level] = Field(min_length=2, max_length=8, description="地域级别，自上而下")
    bodies: dict[Key, BodyKind] = Field(default_factory=dict, description="组织类别")
    roles: dict[Key, Role] = Field(default_factory=dict, description="岗位角色")
    links: dict[Key, LinkKind] = Field(default_factory=dict, max_length=40, description="联系、结对、帮带")
    required: dict[Key, RequiredPost] = Field(default_factory=dict, max_length=40, description="每处必有的岗位")
    concurrent: dict[Key, Concurrent] = Field(default_factory=dict, max_length=40, description="兼任")
    staffing: dict[Key, Staffing] = Field(default_factory=dict, max_length=20, description="配备比例")
    responsibility: list[Responsibility] = Field(default_factory=list, max_length=8, description="责任链，自上而下")
    networks: dict[Key, Network] = Field(
        default_factory=dict, max_length=20, description="并入统一网格的各条线（多网合一）"
    )

    def level_keys(self) -> list[str]:
        """Keys of the levels, top down."""
        return [level.key for level in self.levels]
