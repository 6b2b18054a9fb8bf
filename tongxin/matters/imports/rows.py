"""Turns one row of a file into what a matter holds, or into a sentence that says why not. Pure; places come later, in bulk."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.matters import rules
from tongxin.matters.imports.mapping import _BRACES, TITLES, FileMapping
from tongxin.matters.imports.readers import Row
from tongxin.matters.imports.times import read_time

KEY_CHARS = 80
_SHORT = 40
EXTRA_CHARS = 2_000
_EXCEL_FAULTS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row was not taken, as the error report writes it."""

    number: int
    column: str
    what: str
    mend: str


@dataclass(slots=True)
class Taken:
    """A row that can become a matter."""

    number: int
    key: str
    title: str
    text: str
    reported_at: datetime
    closed_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    imprecise: bool = False
    area: str = ""
    address: str = ""
    category: str = ""
    reporter_name: str = ""
    reporter_phone: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    digest: bytes = b""
    remarks: tuple[str, ...] = ()


class RowReader:
    """Reads the rows of one file by one mapping.

    Args:
        mapping: checked against ``columns`` before.
        columns: the heading of the file.
    """

    def __init__(self, mapping: FileMapping, columns: Iterable[str]) -> None:
        self.mapping = mapping
        place = {name: index for index, name in enumerate(columns)}
        self._get: dict[str, Callable[[tuple[Any, ...]], Any]] = {
            name: _getter(spec, place) for name, spec in mapping.columns.items()
        }
        self._column: dict[str, str] = {name: spec if spec in place else "" for name, spec in mapping.columns.items()}
        self._extra = {key: place[name] for key, name in mapping.extra.items()}
        spot = mapping.imprecise
        self._doubt = place[spot.column] if spot.column is not None else None
        self._doubtful = frozenset(spot.values)
        self._defaults = frozenset(spot.points)
        self._zone = mapping.zone

    def read(self, row: Row, now: datetime) -> Taken | list[RowFault]:
        """Return the row's matter, or all that is wrong with the row."""
        if row.fault is not None:
            return [RowFault(row.number, "", row.fault.what, row.fault.mend)]
        faults: list[RowFault] = []

        def fault(name: str, refusal: Invalid) -> None:
            faults.append(
                RowFault(row.number, self._column.get(name, "") or TITLES.get(name, name), refusal.what, refusal.mend)
            )

        raw = {name: get(row.values) for name, get in self._get.items()}
        for name, value in raw.items():
            if isinstance(value, str) and value in _EXCEL_FAULTS:
                fault(name, Invalid("formula", f"公式出错（{value}）。", "请在 Excel 里改正公式。"))
        texts = self._texts(raw, fault)
        text, title = texts["text"] or texts["title"], texts["title"]
        remarks: list[str] = []
        if len(title) > limits.TITLE_CHARS:
            text, title = (text if title in text else f"{title}\n{text}"), title[: limits.TITLE_CHARS - 1] + "…"
            remarks.append("标题过长，截短显示，全文在内容里")
        times = self._times(raw, now, fault)
        reported_at = times.get("reported_at")
        closed_at = times.get("closed_at")
        if closed_at is not None and reported_at is not None and closed_at < reported_at:
            remarks.append("办结时间早于反映时间，原样保留")
        lon, lat = self._point(raw, fault)
        key = _plain(raw.get("key")) if "key" in raw else _content_key(row.values)
        if not key or len(key) > KEY_CHARS:
            fault(
                "key",
                Invalid("bad_key", "没有编号。" if not key else f"编号超过 {KEY_CHARS} 个字。", "每行须有自己的编号。"),
            )
        phone = texts["reporter_phone"]
        if len(phone) > limits.PHONE_CHARS:
            phone = ""
            remarks.append("电话过长，未导入")
        if faults or reported_at is None:
            return faults
        return Taken(
            row.number, key, title or rules.title_of(text), text, reported_at, closed_at, lon, lat, self._is_doubtful(row, lon, lat),
            texts["area"], texts["address"], texts["category"], texts["reporter_name"], phone,
            {name: _kept(row.values[index]) for name, index in self._extra.items() if row.values[index] not in (None, "")},
            rules.fingerprint(texts["text"] or title), tuple(remarks),
        )  # fmt: skip

    def _texts(self, raw: dict[str, Any], fault: Callable[[str, Invalid], None]) -> dict[str, str]:
        texts = {
            name: _plain(raw.get(name))
            for name in ("title", "text", "area", "address", "category", "reporter_name", "reporter_phone")
        }
        if not (texts["text"] or texts["title"]):
            fault("text" if "text" in raw else "title", Invalid("required", "没有内容。", "请补上内容，或删去这一行。"))
        for name, most in (
            ("text", limits.IMPORT_TEXT_CHARS),
            ("address", limits.ADDRESS_CHARS),
            ("reporter_name", limits.NAME_CHARS),
        ):
            if len(texts[name]) > most:
                what = f"有 {len(texts[name]):,} 个字，最多 {most:,} 个字。"
                fault(name, Invalid("text_too_long", what, "请删减，或分成几件。"))
        return texts

    def _times(
        self, raw: dict[str, Any], now: datetime, fault: Callable[[str, Invalid], None]
    ) -> dict[str, datetime | None]:
        """The times that can be read; the time of reporting is needed, and neither lies ahead."""
        times: dict[str, datetime | None] = {}
        for name in ("reported_at", "closed_at"):
            try:
                times[name] = moment = read_time(raw.get(name), self._zone, self.mapping.dates, name)
            except Invalid as refusal:
                fault(name, refusal)
                continue
            if moment is not None and moment > now:
                fault(name, Invalid("future", f"时间 {moment:%Y-%m-%d} 在将来。", "请核对年份，或月和日的先后。"))
        if times.get("reported_at", now) is None:
            fault("reported_at", Invalid("required", "没有时间。", "请补上时间。"))
        return times

    def _point(self, raw: dict[str, Any], fault: Callable[[str, Invalid], None]) -> tuple[float | None, float | None]:
        found: list[float | None] = []
        for name in ("lon", "lat"):
            value = raw.get(name)
            try:
                number = None if value is None or value == "" else float(value)
            except (TypeError, ValueError):
                fault(
                    name, Invalid("not_a_number", f"“{str(value)[:30]}”不是坐标。", "请写成小数度数，例如 111.2996。")
                )
                return None, None
            found.append(number if number is None or math.isfinite(number) else None)
        lon, lat = found
        if lon is None and lat is None:
            return None, None
        for refusal in rules.place_faults(lon, lat):
            fault(refusal.field, refusal)
        return lon, lat

    def _is_doubtful(self, row: Row, lon: float | None, lat: float | None) -> bool:
        if self._doubt is not None and _plain(row.values[self._doubt]) in self._doubtful:
            return True
        return bool(self._defaults) and lon is not None and lat is not None and (lon, lat) in self._defaults


def exactly(text: str) -> bytes:
    """Return 16 bytes that are equal for texts that differ in spaces and line ends only."""
    return hashlib.blake2b(_SPACE.sub("", text).encode(), digest_size=16).digest()


def _getter(spec: str, place: dict[str, int]) -> Callable[[tuple[Any, ...]], Any]:
    if spec in place:
        index = place[spec]
        return lambda values: values[index]
    parts = _BRACES.split(spec)  # text, column, text, column …, text

    def fill(values: tuple[Any, ...]) -> str:
        return "".join(_plain(values[place[part]]) if odd % 2 else part for odd, part in enumerate(parts))

    return fill


def _plain(value: Any) -> str:
    """A cell as text; Excel's 188006.0 is 188006."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    text = str(value)
    return _clean_short(text) if len(text) <= _SHORT else rules.clean_text(text)


@lru_cache(maxsize=8_192)
def _clean_short(text: str) -> str:
    """The same few words stand in thousands of rows: kinds, places, names of columns."""
    return rules.clean_text(text)


def _kept(value: Any) -> Any:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else (value if math.isfinite(value) else None)
    return _plain(value)[:EXTRA_CHARS]


def _content_key(values: tuple[Any, ...]) -> str:
    """The key of a row without a number of its own: what it says."""
    said = orjson.dumps(values, default=str, option=orjson.OPT_NON_STR_KEYS)
    return "=" + hashlib.blake2b(said, digest_size=16).hexdigest()
