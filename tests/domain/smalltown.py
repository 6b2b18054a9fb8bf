"""A small town for tests of places and posts: squares on a plain, bodies laid over them, one office to each role.

One county, two towns side by side, two communities to a town, four grids to a community. A grid is 0.01° by 0.01°; the
whole is 0.08° by 0.02°, its south-west corner at (118.00, 29.00). Codes follow 6+3+3+3.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import shapely

from tests import kept
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack
from tongxin.territory.models import Area

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 09:00 in Asia/Shanghai
TODAY = date(2026, 3, 2)
WEST, SOUTH, SIDE = 118.0, 29.0, 0.01
COUNTY, TOWNS = "341000", ("341000001", "341000002")

UNITS: dict[str, Any] = {
    "levels": [
        {"key": "county", "title": "县"},
        {"key": "town", "title": "镇"},
        {"key": "community", "title": "社区"},
        {"key": "grid", "title": "网格"},
    ],
    "bodies": {
        "community_committee": {"title": "社区党委", "family": "party", "covers": "community", "desk": "secretary"},
        "grid_branch": {
            "title": "网格党支部",
            "family": "party",
            "parents": ["community_committee"],
            "covers": "grid",
        },
        "estate_group": {"title": "小区党小组", "family": "party", "parents": ["grid_branch"]},
        "member_home": {"title": "党员中心户", "family": "household", "parents": ["estate_group"]},
        "department": {"title": "县直部门", "family": "government", "desk": "clerk"},
        "office": {"title": "下属单位", "family": "government", "parents": ["department"], "desk": "clerk"},
        "centre": {"title": "治理中心", "family": "government", "covers": "county", "desk": "dispatcher"},
    },
    "roles": {
        "grid_worker": {
            "title": "网格员",
            "at": "grid",
            "may": ["report_for_others", "see_matters"],
            "deputy": "branch_secretary",
        },
        "community_head": {
            "title": "社区主任",
            "at": "community",
            "may": ["see_matters", "see_personal", "manage_people"],
        },
        "community_clerk": {"title": "社区接待员", "at": "community", "seats": 2, "may": ["report_for_others"]},
        "leader": {"title": "县领导", "at": "county", "may": ["see_matters", "supervise", "manage_people"]},
        "branch_secretary": {"title": "网格支部书记", "in": "grid_branch", "may": ["see_matters"]},
        "secretary": {"title": "社区书记", "in": "community_committee", "may": ["see_matters", "see_personal"]},
        "clerk": {"title": "收件员", "in": "department", "may": ["see_matters"]},
        "dispatcher": {"title": "派单员", "in": "centre", "may": ["see_matters", "export"]},
        "sitting_member": {"title": "党小组长", "in": "estate_group", "deputy": "branch_secretary"},
    },
}


def make_pack(key: str = "smalltown", **changes: Any) -> Pack:
    """Return a whole pack with the units above."""
    return Pack.model_validate(
        {
            "settings": {"pack": key, "title": "小镇", "region": COUNTY, "extends": None},
            "units": UNITS,
            "catalogue": {
                "grades": {"plain": {"title": "一般", "within": "5 work_days"}},
                "default_grade": "plain",
                "categories": [{"code": "01", "title": "环境"}],
            },
            "procedures": {},
            **changes,
        }
    )


def open_town(key: str = "smalltown", *, areas: bool = True, pack: Pack | None = None) -> packs.DistrictView:
    """Open a district, lay its squares, and return it as this process sees it."""
    used = pack or make_pack(key)

    def make() -> None:
        version = packs.publish_pack(used, actor_label="测试", now=NOW)
        district = packs.open_district(key=key, title="小镇", version=version, hosts=[f"{key}.test"], now=NOW)
        if areas:
            lay_squares(district.pk)

    kept.once(("town", key, areas, kept.of_pack(used)), key, make)
    return seen(key)


def seen(key: str = "smalltown") -> packs.DistrictView:
    """Return the district as it now is, past the copy of this process."""
    packs.forget_districts()
    view = packs.find_district(key=key)
    assert view is not None
    return view


def square(column: float, row: float, width: float = 1, height: float = 1) -> Any:
    """Return a rectangle counted in grid sides from the south-west corner."""
    return shapely.box(
        WEST + column * SIDE, SOUTH + row * SIDE, WEST + (column + width) * SIDE, SOUTH + (row + height) * SIDE
    )


def centre(column: float, row: float) -> tuple[float, float]:
    """Return lon, lat of the middle of a grid square."""
    return WEST + (column + 0.5) * SIDE, SOUTH + (row + 0.5) * SIDE


def lay_squares(district_id: int) -> None:
    """Make the areas by hand, without the actions that other tests examine."""

    def put(level: str, code: str, name: str, parent: Area | None, outline: Any) -> Area:
        area = Area.objects.create(
            district_id=district_id,
            level=level,
            code=code,
            name=name,
            parent=parent,
            outline=shapely.to_wkb(outline),
            lon=outline.centroid.x,
            lat=outline.centroid.y,
            began_on=date(2020, 1, 1),
        )
        area.path = [*(parent.path if parent else []), area.pk]
        area.save(update_fields=["path"])
        return area

    county = put("county", COUNTY, "小县", None, square(0, 0, 8, 2))
    for t, town_name in enumerate(("东临镇", "西溪镇")):
        town = put("town", TOWNS[t], town_name, county, square(4 * t, 0, 4, 2))
        for c, name in enumerate(("横江社区", "玉宁社区") if t == 0 else ("梅林社区", "率水社区")):
            code = f"{TOWNS[t]}{c + 1:03}"
            column = 4 * t + 2 * c
            community = put("community", code, name, town, square(column, 0, 2, 2))
            for g in range(4):
                grid = square(column + g % 2, g // 2)
                put("grid", f"{code}{g + 1:03}", f"第{g + 1}网格", community, grid)
