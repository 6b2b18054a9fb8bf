"""documents.yaml, registers.yaml and tags.yaml: documents with their versions and clauses, registers of what there is, tags with a purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from tongxin.packs.schema.base import AreaCode, Day, Key, Part, Title, Words, as_list
from tongxin.packs.schema.lists import PlainFields

LongWords = Annotated[str, StringConstraints(max_length=2_000)]
EntryKey = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$")]
Runs = dict[Key, Annotated[list[str], BeforeValidator(as_list)]]
ELEMENTS = {"people": "人", "money": "财", "things": "物", "land": "地", "matters": "事", "organisations": "组织"}


class Clause(Part):
    """文件的一条。"""

    no: Annotated[str, StringConstraints(min_length=1, max_length=12)] = Field(description="条号，例如 3 或 3.2")
    heading: Title = Field(description="条旨，一句话")
    text: LongWords = Field("", description="条文；报道没有印出的写拟文并标 made_up")
    runs: Runs = Field(
        default_factory=dict, description="据这一条运行的：种类 → 键的列表（规则 rules、流程 procedures、清单 lists……）"
    )


class DocumentVersion(Part):
    """文件的一版。"""

    title: Title = Field("第一版", description="版本名称，例如 2023年修订")
    from_: Day | None = Field(None, alias="from", description="自哪天起施行；不知道就空着")
    to: Day | None = Field(None, description="施行到哪天；不填为现行")
    about: Words = Field("", description="这一版改了什么，一句话")
    clauses: list[Clause] = Field(default_factory=list, max_length=200, description="条文")

    @model_validator(mode="after")
    def _forward(self) -> DocumentVersion:
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            raise ValueError("to 早于 from")
        return self


class Parties(Part):
    """由谁签署；都不填为不用签署。"""

    bodies: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="指名的组织（bodies.yaml 的键）"
    )
    kinds: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="这几类组织个个都签"
    )
    per: Key | None = Field(None, description="这类组织每个各有一份（例如每个融合体一份章程）")
    members: bool = Field(False, description="各份由它自己和隶属于它的组织签")

    @model_validator(mode="after")
    def _whole(self) -> Parties:
        if self.members and self.per is None:
            raise ValueError("members 只与 per 一起写")
        return self

    @property
    def signed(self) -> bool:
        """Whether anybody signs it at all."""
        return bool(self.bodies or self.kinds or self.per)


class Document(Part):
    """一份制度文件、章程、协议。"""

    title: Title = Field(description="名称；报道没有印出的写拟名并标 made_up")
    kind: Literal["scheme", "measure", "opinion", "charter", "agreement", "standard", "covenant"] = Field(
        "measure",
        description="scheme 方案、measure 办法、opinion 意见、charter 章程、agreement 协议、standard 标准、covenant 公约",
    )
    number: Words = Field("", description="文号；没有就空着")
    issuer: Key | None = Field(None, description="发文的组织（bodies.yaml 的键）")
    issued_by: Words = Field("", description="发文机关不在本地组织里时，写它的名称")
    made_up: bool = Field(False, description="名称或条文是拟的，页面标“拟”")
    source: Words = Field("", description="出处，照原文")
    under: Key | None = Field(None, description="是哪份文件的配套（1+7 里的 7）")
    parties: Parties = Field(default_factory=Parties, description="由谁签署")
    runs: Runs = Field(default_factory=dict, description="整份文件管的：种类 → 键的列表")
    versions: list[DocumentVersion] = Field(min_length=1, max_length=20, description="各版，先后为序；最后一版现行")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")

    @property
    def current(self) -> DocumentVersion:
        """The version in force: the last one."""
        return self.versions[-1]

    def walk_runs(self) -> Iterator[tuple[str, Runs, tuple[str | int, ...]]]:
        """(number of the clause or nothing, what runs by it, keys) of the version in force and of the whole document."""
        if self.runs:
            yield "", self.runs, ("runs",)
        last = len(self.versions) - 1
        for index, clause in enumerate(self.current.clauses):
            if clause.runs:
                yield clause.no, clause.runs, ("versions", last, "clauses", index, "runs")


class SeedEntry(Part):
    """写在资料包里的一条登记，开户时登入。"""

    key: EntryKey = Field(description="编号，册内唯一")
    title: Title = Field(description="名称")
    klass: Key | None = Field(None, alias="class", description="类，见 classes；只有一类的可不写")
    stage: Key | None = Field(None, description="到哪一步，见 stages；不写为第一步")
    area: AreaCode | None = Field(None, description="地域代码")
    body: Key | None = Field(None, description="组织（bodies.yaml 的键）")
    by: Words = Field("", description="由谁授予、批准、主办")
    document: Key | None = Field(None, description="依据的文件（documents.yaml 的键）")
    under: EntryKey | None = Field(None, description="属于上级册（under）里的哪一条")
    from_: Day | None = Field(None, alias="from", description="自哪天起")
    to: Day | None = Field(None, description="到哪天止")
    fields: dict[Key, str] = Field(default_factory=dict, description="其他栏目")
    runs: Runs = Field(default_factory=dict, description="这一条对应本平台上运行的什么：种类 → 键的列表")


class Register(Part):
    """一本册：有什么、是谁的、自何时起；一条一条登，一条一条销，改动留痕。清单（lists）是要做什么，册是有什么。"""

    title: Title = Field(description="册的名称")
    about: Words = Field("", description="一句话")
    counter: str = Field("条", max_length=4, description="量词")
    of: Literal["thing", "area", "body", "person"] = Field(
        "thing", description="登的是：thing 事物、area 地域、body 组织、person 人员（姓名只有管人员的岗位看得到）"
    )
    level: Key | None = Field(None, description="of: area 时哪一级地域；其他册写了，每条都要写明在哪个该级地域")
    kinds: Annotated[list[Key], BeforeValidator(as_list)] = Field(
        default_factory=list, description="of: body 时哪几类组织"
    )
    classes: dict[Key, Title] = Field(
        default_factory=lambda: {"all": "登记"}, min_length=1, max_length=60, description="分类：键 → 名称"
    )
    stages: dict[Key, Title] = Field(
        default_factory=dict, max_length=12, description="各步：键 → 名称，第一个是开始；改一步记一笔"
    )
    fields: PlainFields = Field(default_factory=dict, max_length=20, description="其他栏目；shown: public 的对居民公开")
    under: Key | None = Field(None, description="上级册：本册每条属于它的一条，例如 招聘批次 → 录用人员")
    owner: Key = Field(description="由哪个角色登记（须有 keep_registers 权限）")
    public: bool = Field(False, description="是否向居民公开；人员册只公开各类有几名")
    mark: Words = Field("", description="登入以后，地域或组织的页面上显示的标记，例如 示范点")
    element: Literal["people", "money", "things", "land", "matters", "organisations"] | None = Field(
        None, description="计入一格一册的哪个要素：人、财、物、地、事、组织"
    )
    amount: Key | None = Field(None, description="哪个数字栏目是金额（元），合计时用")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")
    entries: list[SeedEntry] = Field(default_factory=list, max_length=2_000, description="登记")


class DemoRegister(Part):
    """一本册的演示登记：条数按报道，名称一律为拟名。"""

    key: Key = Field(alias="register", description="哪本册")
    classes: dict[Key, Annotated[int, Field(ge=0, le=5_000)]] = Field(min_length=1, description="分类 → 条数")
    name: Title = Field(
        "{class}{n}", description="名称；{class} 代入分类、{n} 代入序号、{area} 代入地域、{under} 代入上级条目"
    )
    over: Key | None = Field(None, description="轮流登在哪一级地域")
    kind: Key | None = Field(None, description="轮流登在哪一类组织")
    role: Key | None = Field(None, description="人员册：先登这个角色现任的人")
    under: dict[EntryKey, Annotated[int, Field(ge=1, le=5_000)]] = Field(
        default_factory=dict, description="上级条目 → 其中几条属于它"
    )
    stages: dict[Key, Annotated[int, Field(ge=1, le=5_000)]] = Field(
        default_factory=dict, description="走到哪一步 → 条数；其余在第一步"
    )
    fields: dict[Key, str] = Field(default_factory=dict, description="其他栏目")
    document: Key | None = Field(None, description="依据的文件")
    by: Words = Field("", description="由谁")
    from_: Day | None = Field(None, alias="from", description="自哪天起")


class Tag(Part):
    """一个标签。必须写明用途和依据；谁能看由岗位决定，看了留痕，到期复核。"""

    title: Title = Field(description="标签，例如 独居老人")
    purpose: Annotated[str, StringConstraints(min_length=4, max_length=200)] = Field(
        description="用来做什么；没有用途的标签不能设"
    )
    basis: Annotated[str, StringConstraints(min_length=4, max_length=200)] = Field(description="依据的法律或文件")
    roles: Annotated[list[Key], BeforeValidator(as_list)] = Field(min_length=1, description="哪几个角色能看、能登")
    review_days: int = Field(365, ge=1, le=1_096, description="登记满几天须复核，不复核就自动失效")
    document: Key | None = Field(None, description="依据的文件（documents.yaml 的键）")
    rows: list[str] = Field(default_factory=list, description="所依据的条目编号")
