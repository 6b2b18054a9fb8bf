"""wall.yaml: its figures are measures that count things, its level is one of places."""

from __future__ import annotations

from tongxin.packs.checks.programme import check_counted
from tongxin.packs.checks.report import Report
from tongxin.packs.schema import Pack

# measures of persons and posts: how many there are may be told, a list of who is first may not (norm §9b)
_JUDGING = ("排名", "名次", "积分", "在线", "打卡", "签到")


def check_wall(pack: Pack, report: Report) -> None:
    """Check the tiles and the level."""
    if pack.wall.level is not None:
        report.need(pack.wall.level, [level.key for level in pack.units.levels], "级别", ("wall", "level"))
    for key, tile in pack.wall.tiles.items():
        check_counted(pack, tile.counted, ("wall", "tiles", key, "counted"), report)
        if any(word in tile.title for word in _JUDGING):
            report.add(
                ("wall", "tiles", key, "title"),
                f"“{tile.title}”像是给人排名、查在线。",
                "大屏只放事和地方的数（国办函〔2026〕12号），请删去。",
            )
