"""catalogues/*.yaml: a published table of codes (components and kinds of matters) that a locality may adopt by one line."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from tongxin.packs.schema.base import Part, Title, Words

ClassCode = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
SmallCode = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]


class StandardClass(Part):
    """一个大类和它的小类。"""

    title: Title = Field(description="大类名称")
    items: dict[SmallCode, Title] = Field(min_length=1, description="小类：3 位代码 → 名称")

    def codes(self, class_code: str) -> dict[str, str]:
        """Five digits → name."""
        return {class_code + small: name for small, name in self.items.items()}


class StandardCatalogue(Part):
    """catalogues/键.yaml 的全部内容。"""

    title: Title = Field(description="名称和标准号")
    source: Words = Field(description="出处：标准、附录、表")
    confidence: str = Field("K", pattern="^(L|S|K)$", description="L 原文已核、S 摘录、K 待核")
    components: dict[ClassCode, StandardClass] = Field(
        default_factory=dict, description="管理部件：2 位大类代码 → 大类"
    )
    matters: dict[ClassCode, StandardClass] = Field(min_length=1, description="管理事项：2 位大类代码 → 大类")
