"""catalogue.yaml: kinds of matters, their time grades, who usually handles them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from tongxin.packs.schema.base import Key, Part, Title, Words, as_words
from tongxin.packs.schema.procedure import FormField
from tongxin.packs.schema.ruled import RuledSpan, SpanText


class Source(Part):
    """规则值的出处。"""

    title: Words = Field(description="文件或条文名称")
    confidence: str = Field("K", pattern="^(L|S|K)$", description="L 法条原文、S 摘录、K 常识（界面显示“待核”）")


class Grade(Part):
    """办理时限的一档。"""

    title: Title = Field(description="称呼，例如 一般")
    within: SpanText = Field(description="办理时限，例如 5 work_days，或 rule 规则编号")
    source: Source | None = Field(None, description="时限出处；时限写 rule 的不用写")


class Category(Part):
    """一类诉求。"""

    code: str = Field(pattern=r"^[0-9A-Za-z]{1,20}$", description="类别代码，全目录唯一，不重复使用")
    title: Title = Field(description="类别名称")
    grade: Key | None = Field(None, description="时限档；不填用目录的 default_grade")
    unit: Key | None = Field(None, description="通常主办的组织（bodies.yaml 的键）")
    community_may_handle: bool = Field(True, description="社区能否作主办（norm J-09）")
    keywords: Annotated[list[str], BeforeValidator(as_words)] = Field(
        default_factory=list, max_length=200, description="建议类别时用的词，可写成一行、用空格隔开"
    )
    standard: str | None = Field(
        None, pattern=r"^\d{5}$", description="全国代码表里的 5 位事项代码；采用代码表时自动写上"
    )
    children: list[Category] = Field(default_factory=list, description="下级类别")
    hint: Words = Field("", description="给居民的一句话说明")
    asks: dict[Key, FormField] = Field(
        default_factory=dict,
        max_length=20,
        description="这一类另外问的几项（Open311 的 attributes）；文字、选择、数、日期",
    )

    @field_validator("asks")
    @classmethod
    def _plain(cls, value: dict[str, FormField]) -> dict[str, FormField]:
        plain = ("text", "longtext", "choice", "yesno", "number", "rating", "date")
        if any(field.type not in plain for field in value.values()):
            raise ValueError(f"asks 的类型只能是 {'、'.join(plain)}")
        return value


class Catalogue(Part):
    """catalogue.yaml 的全部内容。"""

    grades: dict[Key, Grade] = Field(min_length=1, description="时限档")
    default_grade: Key = Field(description="没有另行规定时的时限档")
    categories: list[Category] = Field(min_length=1, description="诉求类别")
    adopts: Key | None = Field(
        None, description="采用哪个全国代码表（catalogues/ 里的键），例如 gb47678_5；它的事项并入类别"
    )
    mapping: dict[str, str] = Field(
        default_factory=dict, description="代码表的事项（5 位）或大类（2 位）→ 本地类别代码；归到它之下，时限、主办随它"
    )

    def walk(self) -> Iterator[tuple[Category, tuple[str, ...]]]:
        """Each category with the titles of those above it, in order."""

        def down(items: list[Category], above: tuple[str, ...]) -> Iterator[tuple[Category, tuple[str, ...]]]:
            for item in items:
                yield item, above
                yield from down(item.children, (*above, item.title))

        return down(self.categories, ())

    @cached_property
    def by_code(self) -> dict[str, Category]:
        """Each category by its code."""
        return {category.code: category for category, _ in self.walk()}

    @cached_property
    def ruled(self) -> tuple[RuledSpan, ...]:
        """The grades' limits that rules give."""
        return tuple(grade.within for grade in self.grades.values() if isinstance(grade.within, RuledSpan))
