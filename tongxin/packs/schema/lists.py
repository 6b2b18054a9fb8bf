"""lists.yaml: the lists of a locality (清单): what an item holds, who keeps them, by what law, and how items are claimed and done."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from tongxin.packs.schema.base import AreaCode, Day, Key, Part, Title, Words, as_list
from tongxin.packs.schema.procedure import FormField

ItemKey = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,19}$")]
Share = Literal["main", "assist", "taken_back"]
PLAIN_FIELDS = ("text", "longtext", "choice", "yesno", "number", "date")


def _plain(value: dict[str, FormField]) -> dict[str, FormField]:
    if any(field.type not in PLAIN_FIELDS for field in value.values()):
        raise ValueError(f"fields 的类型只能是 {'、'.join(PLAIN_FIELDS)}")
    return value


# columns of a list or a register: values that stand for themselves
PlainFields = Annotated[dict[Key, FormField], AfterValidator(_plain)]


class Gate(Part):
    """准入：清单管住哪些组织能不能被派作主办。"""

    protects: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        min_length=1, description="保护哪几类组织（一般是社区居委会、社区党委）"
    )
    apply: Key | None = Field(None, description="清单外的事项要办，走哪个流程申请准入")
    unlisted: Literal["refuse", "allow"] = Field(
        "refuse", description="清单没有写的事项能不能派；准入清单不能，职责清单可以"
    )
    urgent_days: int = Field(30, ge=1, le=366, description="临时紧急事项经批准最多准入几天，到期自动失效")


class PrintedCount(Part):
    """报道或文件上的数字，与系统里数出来的分开显示。"""

    count: int = Field(ge=0, description="数字")
    says: Words = Field(description="原话")
    source: Words = Field(description="出处")


class SeedItem(Part):
    """写在资料包里的一条清单项，开户时列入第一版。"""

    key: ItemKey = Field(description="条目编号，各版之间不变")
    title: Title = Field(description="事项名称")
    klass: Key = Field(alias="class", description="类，见 classes")
    share: Share | None = Field(None, description="main 主办、assist 只协助、taken_back 上级收回")
    fields: dict[Key, str] = Field(default_factory=dict, description="其他栏目的内容")
    owner: Key | None = Field(None, description="责任单位（bodies.yaml 的键）")
    area: AreaCode | None = Field(None, description="地域代码")
    categories: Annotated[list[str], BeforeValidator(as_list)] = Field(
        default_factory=list, description="对应诉求目录的类别代码，准入把关用"
    )
    refers: Annotated[list[str], BeforeValidator(as_list)] = Field(
        default_factory=list, description="关联的条目，写作 清单键:条目编号"
    )


class ListSpec(Part):
    """一种清单。"""

    title: Title = Field(description="清单名称")
    kind: Literal["demand", "supply", "project", "matching", "responsibility", "admission", "duty", "service"] = Field(
        description="性质：需求、供给、项目、对接、责任、准入、职责、服务"
    )
    about: Words = Field("", description="一句话说明")
    classes: dict[Key, Title] = Field(min_length=1, max_length=40, description="分类：键 → 名称")
    fields: PlainFields = Field(
        default_factory=dict, max_length=20, description="名称之外的栏目；文字、选择、是否、数、日期"
    )
    owner: Key = Field(description="由哪个角色维护（该角色须有 manage_lists 权限）")
    basis: Words = Field("", description="依据的法律或文件")
    per: Key | None = Field(None, description="每个该级地域各有一份；不填为全区一份")
    period: Literal["none", "quarter", "year"] = Field("none", description="按期编制：不分期、每季、每年")
    procedure: Key | None = Field(None, description="条目认领办理走的流程（subject: list_item）；不填为只登记")
    public: bool = Field(False, description="是否向居民公开")
    refers: dict[Key, Title] = Field(default_factory=dict, description="条目可关联哪些清单：清单键 → 关系的称呼")
    gate: Gate | None = Field(None, description="准入把关")
    printed: PrintedCount | None = Field(None, description="报道或文件上的数字")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")
    items: list[SeedItem] = Field(default_factory=list, max_length=2_000, description="条目")


class DemoLine(Part):
    """演示版本里写明内容的一条：关联到别的清单的哪一条，各栏填什么。"""

    title: Title = Field(description="条目名称")
    refers: Annotated[list[str], BeforeValidator(as_list)] = Field(
        default_factory=list, description="关联的条目，写作 清单键:条目编号"
    )
    fields: dict[Key, str] = Field(default_factory=dict, description="其他栏目的内容")


class DemoClass(Part):
    """演示版本里的一类和它的条数。"""

    title: Title | None = Field(None, description="类名；不填用清单现在的类名")
    count: int = Field(ge=0, le=5_000, description="条数")
    titles: list[Title] = Field(default_factory=list, description="条目名称，不够的用拟名补足")
    lines: list[DemoLine] = Field(default_factory=list, description="写明关联和内容的条目，在 titles 之后，算在条数里")
    categories: dict[str, Share] = Field(
        default_factory=dict, description="诉求类别代码 → 社区的责任，为这一类最前面几条"
    )


class DemoEdition(Part):
    """演示版本：条数按报道，条目为拟名。前后两版以相同的编号对应。"""

    title: Title = Field(description="版本名称")
    from_on: Day | None = Field(None, description="自哪天起；分期的清单不填，最后一版为本期，往前推")
    basis: Words = Field("", description="依据")
    classes: dict[Key, DemoClass] = Field(min_length=1, description="类 → 条数")


class DemoList(Part):
    """一种清单的演示版本，从早到晚。"""

    key: Key = Field(alias="list", description="哪个清单")
    area: AreaCode | None = Field(None, description="分地域的清单只在哪一处；不填为每处一份")
    editions: Annotated[list[DemoEdition], Field(min_length=1)] = Field(description="各版")
