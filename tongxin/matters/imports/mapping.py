"""How the columns of a file become a matter: a small YAML file or ``field=column`` words. Typed; every slip is told with its mend.

A field names a column, or is a sentence with columns in braces: ``text: "{类型}：{详情}"``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tongxin.kernel.errors import Invalid

FieldName = Literal[
    "key", "title", "text", "reported_at", "closed_at", "lon", "lat", "area", "address", "category", "reporter_name",
    "reporter_phone",
]  # fmt: skip
TITLES: dict[str, str] = {
    "key": "编号", "title": "标题", "text": "内容", "reported_at": "时间", "closed_at": "办结时间", "lon": "经度", "lat": "纬度",
    "area": "区域", "address": "地点", "category": "类别", "reporter_name": "称呼", "reporter_phone": "电话",
}  # fmt: skip
# what other systems usually call the fields, for files that come without a mapping
_USUAL: dict[str, tuple[str, ...]] = {
    "key": ("编号", "留言编号", "工单编号", "工单号", "序号", "id", "case_id"),
    "title": ("标题", "主题", "留言主题", "title"),
    "text": ("内容", "详情", "留言详情", "诉求内容", "text", "description"),
    "reported_at": ("时间", "留言时间", "受理时间", "来电时间", "日期", "date", "time"),
    "closed_at": ("办结时间", "答复时间", "closed_at"),
    "lon": ("经度", "lon", "lng", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
    "area": ("社区", "网格", "区域", "area"),
    "address": ("地址", "地点", "address"),
    "category": ("类别", "分类", "category"),
    "reporter_name": ("姓名", "称呼", "留言用户"),
    "reporter_phone": ("电话", "手机", "联系电话"),
}
_BRACES = re.compile(r"\{([^{}]+)\}")
MAPPING_BYTES = 256 * 1024


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Imprecise(_Part):
    """Which rows carry a point that is not theirs: the middle of a district, a default."""

    column: str | None = Field(None, description="哪一列说明坐标不准")
    values: list[Text] = Field(default_factory=list, description="这一列是这些值时坐标不准")
    points: list[tuple[float, float]] = Field(default_factory=list, description="这些坐标（经度, 纬度）是默认点")
    level: str | None = Field(None, description="不准的点只用来确定哪一级地域；不填则不定位")


class FileMapping(_Part):
    """How one kind of file is read."""

    source: str = Field("", max_length=40, description="来源的名称；同一来源的同一编号只导入一次")
    channel: str | None = Field(None, max_length=40, description="渠道，资料包里的键")
    sheet: str | None = Field(None, description="Excel 工作表")
    timezone: str = Field("Asia/Shanghai", description="时间所在时区")
    dates: Literal["ymd", "mdy", "dmy"] = Field("ymd", description="以月或日开头的日期怎么读")
    columns: dict[FieldName, str] = Field(min_length=1, description="字段 → 列名，或含 {列名} 的一句话")
    categories: dict[Text, Text] = Field(default_factory=dict, description="文件里的类别 → 目录里的类别代码")
    extra: dict[str, str] = Field(default_factory=dict, description="另外留存的列：键 → 列名")
    imprecise: Imprecise = Field(default_factory=Imprecise, description="哪些坐标不准")
    live: bool = Field(False, description="是现在要办的工单：从导入时起算时限、到期催办；不填为历史记录")
    outside: Literal["refuse", "unplaced"] = Field("refuse", description="落在本区域外的点：拒收，或收下但不定位")
    duplicates: Literal["merge", "keep"] = Field("merge", description="内容相同的：并入先来的一件，或各自保留")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"没有时区 {value}，例如 Asia/Shanghai")
        return value

    @field_validator("columns")
    @classmethod
    def _enough(cls, value: dict[str, str]) -> dict[str, str]:
        if "text" not in value and "title" not in value:
            raise ValueError("须有 text（内容）或 title（标题）")
        if "reported_at" not in value:
            raise ValueError("须有 reported_at（时间）")
        if ("lon" in value) != ("lat" in value):
            raise ValueError("lon（经度）与 lat（纬度）须同时有")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the times in the file."""
        return ZoneInfo(self.timezone)

    def used(self) -> frozenset[str]:
        """Return the names of all columns that are read."""
        return frozenset(name for spec in self._specs().values() for name in columns_in(spec))

    def _specs(self) -> dict[str, str]:
        specs: dict[str, str] = dict(self.columns.items())
        specs |= {f"extra.{key}": column for key, column in self.extra.items()}
        return specs if self.imprecise.column is None else {**specs, "imprecise.column": self.imprecise.column}

    def check(self, columns: Iterable[str], file: str) -> None:
        """Refuse columns that the file does not have, each with the nearest name.

        Raises:
            Invalid: names all missing columns at once.
        """
        there = list(columns)
        missing = [
            (field, name) for field, spec in self._specs().items() for name in columns_in(spec) if name not in there
        ]
        if not missing:
            return
        said = []
        for field, name in missing:
            near = difflib.get_close_matches(name, there, 1, 0.4) or [t for t in there if name in t or t in name][:1]
            said.append(f"{field} 要的“{name}”{f'（是不是“{near[0]}”？）' if near else ''}")
        raise Invalid(
            "wrong_columns",
            f"“{file}”里没有这些列：{'；'.join(said)}。",
            f"文件里有：{'、'.join(there[:40])}。请改对应表，或用 --map 字段=列名。",
            "mapping",
        )


def columns_in(spec: str) -> list[str]:
    """Return the columns that a field's value names: those in braces, else the value itself."""
    return _BRACES.findall(spec) or [spec]


def load_mapping(path: Path) -> FileMapping:
    """Read a mapping file.

    Raises:
        Invalid: not readable, or a slip in it, with the place and the mend.
    """
    if not path.is_file() or path.stat().st_size > MAPPING_BYTES:
        raise Invalid("no_mapping", f"没有对应表“{path}”，或它过大。", "请检查路径。", "mapping")
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        where = getattr(getattr(error, "problem_mark", None), "line", None)
        line = f"第 {where + 1} 行" if where is not None else ""
        raise Invalid(
            "bad_mapping", f"对应表“{path.name}”{line}不是正确的 YAML。", "请检查缩进、冒号和编码（UTF-8）。", "mapping"
        ) from None
    if not isinstance(content, dict):
        raise Invalid("bad_mapping", f"对应表“{path.name}”须是“键: 值”。", "请照 docs 里的例子写。", "mapping")
    return read_mapping(content, path.name)


def read_mapping(content: Mapping[str, Any], name: str) -> FileMapping:
    """Return the mapping of plain values; Invalid tells every slip at once."""
    try:
        return FileMapping.model_validate(content)
    except ValidationError as error:
        raise Invalid(
            "bad_mapping",
            f"对应表“{name}”有错：{'；'.join(_slip(one) for one in error.errors()[:10])}。",
            "请改正后再试。",
            "mapping",
        ) from None


def _slip(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), list(FileMapping.model_fields), 1)
        return f"不认识“{where}”" + (f"，是不是 {near[0]}？" if near else "")
    if error["type"] == "literal_error" and error["loc"][:1] == ("columns",):
        near = difflib.get_close_matches(str(error["loc"][1]), get_args(FieldName), 1)
        return f"没有字段“{error['loc'][1]}”" + (
            f"，是不是 {near[0]}？" if near else f"，只有 {'、'.join(get_args(FieldName))}"
        )
    return f"{where or '全文'}：{str(error['msg']).removeprefix('Value error, ')}"


def usual_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return field → column for the columns that bear a usual name."""
    lower = {name.casefold(): name for name in columns}
    found = {field: next((lower[name] for name in names if name in lower), None) for field, names in _USUAL.items()}
    return {field: column for field, column in found.items() if column is not None}


def guess_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return field → column as they seem to be, for a person to correct: usual names first, then names that hold one.

    No column is guessed twice.
    """
    there = list(columns)
    guessed = usual_columns(there)
    for field, names in _USUAL.items():
        free = [column for column in there if column not in guessed.values()]
        if field in guessed:
            continue
        words = [name for name in names if not name.isascii()]
        near = next((column for word in words for column in free if word in column), None)
        if near is not None:
            guessed[field] = near
    return guessed


def with_words(mapping: FileMapping | None, words: Iterable[str], columns: Iterable[str]) -> FileMapping:
    """Return the mapping with ``field=column`` words laid over it; without either, the usual column names are looked for.

    Raises:
        Invalid: a word is not ``field=column``, or no column can be told to be text and time.
    """
    content: dict[str, Any] = mapping.model_dump(exclude_unset=True) if mapping is not None else {"columns": {}}
    words = list(words)
    for word in words:
        field, equals, column = word.partition("=")
        if not equals or not column:
            raise Invalid(
                "bad_map", f"“{word[:60]}”不是“字段=列名”。", f"例如 text=留言详情；字段有 {'、'.join(TITLES)}。", "map"
            )
        if field.startswith("extra."):
            content.setdefault("extra", {})[field.removeprefix("extra.")] = column
        else:
            content["columns"][field] = column
    if mapping is None and not words:
        there = list(columns)
        content["columns"] |= usual_columns(there)
        if not {"text", "reported_at"} <= content["columns"].keys():
            raise Invalid(
                "no_mapping",
                f"认不出哪一列是内容、哪一列是时间；文件里有：{'、'.join(there[:40])}。",
                "请用 --map text=列名 --map reported_at=列名，或给出 --mapping 对应表。",
                "mapping",
            )
    return read_mapping(content, "命令行")
