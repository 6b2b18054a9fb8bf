"""facilities.yaml against the levels, its own kinds and the map that lies in the folder."""

from __future__ import annotations

from collections.abc import Collection

from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import Pack


def check_facilities(pack: Pack, report: Report, codes: Collection[str] | None) -> None:
    """Check kinds, norms and seeded facilities; ``codes``: area codes of the map, None where there is no map."""
    kinds, levels = pack.facilities.kinds, pack.units.level_keys()
    for key, kind in kinds.items():
        for index, norm in enumerate(kind.norms):
            at: Keys = ("facilities", "kinds", key, "norms", index)
            if norm.level is not None:
                report.need(norm.level, levels, "级别", (*at, "level"))
            if norm.per == "facility" and norm.every != 1:
                report.add(
                    (*at, "every"), "按每处算时不用写 every。", "请删去 every，或把 per 改成 households、people。"
                )
            if norm.per == "facility" and norm.of == "count":
                report.add((*at, "of"), "“每处几处”没有意义。", "处数请按 households 或 people 算。")
    names: set[tuple[str, str]] = set()
    for index, seed in enumerate(pack.facilities.seed):
        at = ("facilities", "seed", index)
        report.need(seed.kind, kinds, "设施种类", (*at, "kind"))
        if (seed.kind, seed.name) in names:
            report.add((*at, "name"), f"同一类里有两处“{seed.name}”。", "请写得能分清，或删去一处。")
        names.add((seed.kind, seed.name))
        if (seed.lon is None) != (seed.lat is None):
            report.add((*at, "lon"), "经度和纬度要一起写。", "请补上另一个，或都不写。")
        if codes is not None and seed.area not in codes:
            report.add((*at, "area"), f"地图里没有地域代码 {seed.area}。", "请对照 map.geojson 里的 code。")
