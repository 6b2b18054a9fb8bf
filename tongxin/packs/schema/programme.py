"""programme.yaml: a locality's own model on one page, initiative → mechanism → figure. What runs under a mechanism is named, not copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tongxin.packs.schema.base import Day, Key, Part, Title, Words, as_list, as_values

RowId = Annotated[str, Field(pattern=r"^[A-Z]{1,3}-\d{2}$")]
Rows = Annotated[list[RowId], BeforeValidator(as_list)]


class Article(Part):
    """数字印在哪里。"""

    title: Words = Field(description="文章题目")
    publisher: Words = Field("", description="发布者")
    on: Day | None = Field(None, description="发布日期")


class Printed(Part):
    """报道里印出的数：照原文，不与点数相加。"""

    value: str = Field(min_length=1, max_length=20, description="照原文写，连“余、多、近、超”在内，例如 3800余、超9亿")
    unit: str = Field("", max_length=20, description="单位，例如 个、人次")
    since: Words = Field("", description="从何时起算，例如 2019年以来；没写就空着")
    line: Words = Field(description="原文里有这个数的那一句")
    confidence: str = Field("S", pattern="^(L|S|K)$", description="L 原文已核、S 摘录、K 待核（界面显示“待核”）")


class Derived(Part):
    """由印出的数算出的数，过程写明；与印出的数同列时两者必须相等。"""

    sum: Words = Field(description="算式：数字的键、数和 + - * / ( )，例如 solved / discussed")
    as_: Literal["number", "percent"] = Field("number", alias="as", description="number 数，percent 百分数")
    places: int = Field(0, ge=0, le=4, description="小数位数，四舍五入")
    unit: str = Field("", max_length=20, description="单位")


class Counted(Part):
    """在本平台上点出的数：一个量（见下表）和它的参数。"""

    measure: Key = Field(description="量的名称")
    unit: str = Field("", max_length=20, description="单位")
    means: Words = Field("", description="点的是什么；不填用量的说明")
    with_: dict[Key, Any] = Field(default_factory=dict, alias="with", description="参数")

    @model_validator(mode="before")
    @classmethod
    def _values(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("with"), dict):
            given = {key: item if key == "category" else as_values(item) for key, item in value["with"].items()}
            return {**value, "with": given}
        return value


class Figure(Part):
    """一个数字：印出的、算出的、点出的，至少有一样；各是各的，并排而不相混。"""

    key: Key = Field(description="键，全文件唯一；算式里用它")
    title: Title = Field(description="名称")
    means: Words = Field("", description="定义：数的是什么")
    rows: Rows = Field(default_factory=list, description="条目编号")
    printed: Printed | None = Field(None, description="印出的")
    derived: Derived | None = Field(None, description="算出的")
    counted: Counted | None = Field(None, description="点出的")

    @model_validator(mode="after")
    def _some(self) -> Figure:
        if self.printed is None and self.derived is None and self.counted is None:
            raise ValueError("printed、derived、counted 至少写一样")
        return self


class Mechanism(Part):
    """一项机制：一句话、依据的条目、在它之下运行的东西、它的数字。"""

    key: Key = Field(description="键，全文件唯一")
    title: Title = Field(description="名称，用地方自己的话")
    about: Words = Field("", description="一句话")
    rows: Rows = Field(default_factory=list, description="条目编号")
    parts: list[Title] = Field(default_factory=list, max_length=20, description="机制自己的几个部分，例如 四型、五共")
    runs: dict[Key, Annotated[list[str], BeforeValidator(as_list)]] = Field(
        default_factory=dict, description="在它之下运行的：种类 → 键的列表；种类见下表"
    )
    figures: list[Figure] = Field(default_factory=list, description="数字")
    not_copied: Words = Field("", description="报道里有而平台不照搬的，写明为什么")


class Initiative(Part):
    """一篇文章、一项工程、一个行动：一组机制。"""

    key: Key = Field(description="键，全文件唯一")
    title: Title = Field(description="名称")
    about: Words = Field("", description="一句话")
    rows: Rows = Field(default_factory=list, description="条目编号")
    figures: list[Figure] = Field(default_factory=list, description="这一组总的数字")
    mechanisms: list[Mechanism] = Field(default_factory=list, description="机制")


class Programme(Part):
    """programme.yaml 的全部内容。"""

    title: Title = Field(description="模式的名称，例如 三融三共")
    about: Words = Field("", description="一句话")
    rows: Rows = Field(default_factory=list, description="条目编号")
    source: Article = Field(description="数字的出处")
    figures: list[Figure] = Field(default_factory=list, description="总的数字")
    initiatives: list[Initiative] = Field(min_length=1, description="工程、行动")

    def walk_figures(self) -> Iterator[tuple[Figure, tuple[str | int, ...]]]:
        """Each figure with its keys from the top of the file, in order."""
        for i, figure in enumerate(self.figures):
            yield figure, ("figures", i)
        for i, initiative in enumerate(self.initiatives):
            for n, figure in enumerate(initiative.figures):
                yield figure, ("initiatives", i, "figures", n)
            for m, mechanism in enumerate(initiative.mechanisms):
                for n, figure in enumerate(mechanism.figures):
                    yield figure, ("initiatives", i, "mechanisms", m, "figures", n)
