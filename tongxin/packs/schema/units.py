"""units.yaml: the levels of places, the kinds of bodies, the roles that people hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

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


class Units(Part):
    """units.yaml 的全部内容。"""

    levels: list[Level] = Field(min_length=2, max_length=8, description="地域级别，自上而下")
    bodies: dict[Key, BodyKind] = Field(default_factory=dict, description="组织类别")
    roles: dict[Key, Role] = Field(default_factory=dict, description="岗位角色")

    def level_keys(self) -> list[str]:
        """Keys of the levels, top down."""
        return [level.key for level in self.levels]
