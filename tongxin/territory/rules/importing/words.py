"""The values of an import: which columns, what is planned, what was found. And which columns a file has."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import Any

from tongxin.territory.reading.rows import RawFile
from tongxin.territory.rules.codes import CodeScheme
from tongxin.territory.rules.topology import Fault, FaultKind, TopologyReport
from tongxin.territory.rules.tree import AreaTree, Place


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of the file holds what; empty: the usual names are tried, then the file does not say."""

    name: str = ""
    code: str = ""
    parent_name: str = ""
    parent_code: str = ""
    households: str = ""
    people: str = ""


USUAL = Columns(
    name="名称 name 地域名称 社区名称 网格名称 街道名称 全称",
    code="代码 code 编码 区划代码 网格代码 网格编码 社区代码",
    parent_name="上级 上级名称 parent parent_name 所属 所属社区 所属街道 所属乡镇",
    parent_code="上级代码 parent_code 上级编码",
    households="户数 households 总户数",
    people="人口 people population 人口数 总人口",
)


def names_of(chosen: Columns | None) -> list[str]:
    """Return what the columns of a file of places may be called, the chosen ones and the usual."""
    return [*astuple(USUAL), *(astuple(chosen) if chosen is not None else ())]


@dataclass(frozen=True, slots=True)
class PlannedArea:
    """One place of the file: made new, or (``existing``) changed where it differs."""

    row: int
    name: str
    code: str
    parent: Place | None
    outline: Any | None
    households: int | None
    people: int | None
    existing: Place | None = None
    point: tuple[float, float] | None = None  # lon, lat of a label, where there is no outline

    @property
    def parent_id(self) -> int | None:
        """The parent's id, None for a root."""
        return self.parent.id if self.parent else None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """All of it, with what was found on the way. Nothing may be written while ``report.blocking`` is not empty."""

    areas: tuple[PlannedArea, ...]
    report: TopologyReport
    notes: tuple[str, ...] = ()
    system: str = "wgs84"


@dataclass
class Work:
    """What the steps of one planning share, and what they find on the way."""

    tree: AreaTree
    level: str
    scheme: CodeScheme
    region: str
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def stop(self, kind: FaultKind, row: int, sentence: str, *names: str) -> None:
        """Note a fault of a row that stops the import."""
        self.faults.append(Fault(kind, f"第 {row} 行：{sentence}", names, blocking=True, row=row))


def choose_columns(wanted: Columns, file: RawFile) -> tuple[Columns, list[str]]:
    """Return the columns to read and sentences about those asked for that the file does not have."""
    chosen: dict[str, str] = {}
    missing: list[str] = []
    lower = {column.strip().lower(): column for column in file.columns}
    for part in ("name", "code", "parent_name", "parent_code", "households", "people"):
        asked: str = getattr(wanted, part)
        if asked and asked not in file.columns:
            missing.append(f"文件里没有“{asked}”这一列；有的列是：{'、'.join(file.columns)[:300]}。")
        usual: str = getattr(USUAL, part)
        chosen[part] = asked or next((lower[name] for name in usual.split() if name in lower), "")
    return Columns(**chosen), missing
