"""Rows of a file as facilities: which column is what, which kind a word means, what is wrong with a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tongxin.kernel.days import read_loose_day
from tongxin.kernel.errors import Invalid
from tongxin.packs.schema import FacilityKind
from tongxin.territory import api as territory

COLUMNS: dict[str, str] = {
    "name": "名称 name 设施名称 机构名称 单位名称",
    "kind": "种类 类别 类型 kind type 设施种类 设施类型",
    "address": "地址 address 位置 所在地址",
    "beds": "床位 床位数 beds",
    "floor_area": "建筑面积 面积 floor_area 建筑面积（平方米） 面积（平方米） 建筑面积(平方米) 面积(平方米)",
    "hours": "开放时间 营业时间 hours",
    "source": "来源 source",
    "since": "启用日期 启用 开业日期 since",
}
MOST = {"address": 200, "hours": 80, "source": 400}
TITLES = {"address": "地址", "hours": "开放时间", "source": "来源", "since": "启用日期"}


@dataclass(frozen=True, slots=True)
class NewFacility:
    """A facility to be made, or to be changed when one of the same kind and name is there."""

    kind: str
    name: str
    lon: float
    lat: float
    area_id: int | None = None
    beds: int | None = None
    floor_area: int | None = None
    address: str = ""
    hours: str = ""
    source: str = ""
    schematic: bool = False
    since: date | None = None


def facilities_of(
    points: territory.Points, kinds: Mapping[str, FacilityKind], today: date, only: str = ""
) -> list[NewFacility]:
    """Return the facilities that the rows say; rows that say none go to ``points.faults``.

    Args:
        only: the kind of all rows, where the file has no column of kinds.
    """
    titles = {kind.title: key for key, kind in kinds.items()}
    found: dict[tuple[str, str], NewFacility] = {}
    for row in points.rows:
        kind = _kind(points, row, kinds, titles, only)
        beds_fine, beds = territory.whole_number(points, row, "beds", "床位", 100_000)
        area_fine, floor_area = territory.whole_number(points, row, "floor_area", "建筑面积", 10_000_000)
        since_fine, since = _day(points, row, today)
        long = next((key for key, most in MOST.items() if len(row.words.get(key, "")) > most), "")
        if long:
            what = f"“{row.name}”的{TITLES[long]}超过 {MOST[long]} 个字。"
            points.faults.append(territory.RowFault(row.row, TITLES[long], what, "请写短一些。"))
        if not (kind and beds_fine and area_fine and since_fine) or long:
            continue
        if row.lon is None or row.lat is None:
            what = f"“{row.name}”只知道在哪一片，没有点位。"
            points.faults.append(territory.RowFault(row.row, "地址", what, "请补上经度、纬度。"))
            continue
        if (kind, row.name) in found:
            what = f"同一类里“{row.name}”出现了两次。"
            points.faults.append(territory.RowFault(row.row, "名称", what, "请写得能分清，或删去一行。"))
            continue
        words = {key: row.words.get(key, "") for key in MOST}
        found[kind, row.name] = NewFacility(
            kind, row.name, row.lon, row.lat, row.area_id, beds, floor_area, words["address"], words["hours"], words["source"],
            since=since,
        )  # fmt: skip
    return list(found.values())


def _kind(
    points: territory.Points,
    row: territory.PointRow,
    kinds: Mapping[str, FacilityKind],
    titles: Mapping[str, str],
    only: str,
) -> str:
    said = row.words.get("kind", "")
    kind = said if said in kinds else titles.get(said, "") or ("" if said else only)
    if not kind:
        known = "、".join(titles)[:200]
        what = f"“{row.name}”的种类“{said[:20]}”资料包里没有。" if said else f"“{row.name}”没有写种类。"
        points.faults.append(territory.RowFault(row.row, "种类", what, f"可用：{known}。"))
    return kind


def _day(points: territory.Points, row: territory.PointRow, today: date) -> tuple[bool, date | None]:
    try:
        return True, read_loose_day(row.words.get("since", ""), TITLES["since"], "since", today=today)
    except Invalid as refusal:
        points.faults.append(
            territory.RowFault(row.row, TITLES["since"], f"“{row.name}”：{refusal.what}", refusal.mend)
        )
        return False, None
