"""How much comes, waits and is done, by place and by hour: what big screens count. Never by person."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import connection

from tongxin.packs.api import DistrictView
from tongxin.procedures.queries.lists import _LATE

LONGEST = timedelta(days=400)  # a case that began before and ends today is not in the flow of today


@dataclass(frozen=True, slots=True)
class Flow:
    """Cases at a place: main runs of every kind, tasks of co-units left out."""

    open: int = 0
    overdue: int = 0
    due_today: int = 0
    came_today: int = 0
    done_today: int = 0

    def __add__(self, other: Flow) -> Flow:
        return Flow(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def flow_by_area(
    district: DistrictView, *, today: datetime, tomorrow: datetime, now: datetime
) -> dict[int | None, Flow]:
    """Return area → flow; None is where the place is not known (1 statement)."""
    open_ = "finished_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT area_id, count(*) FILTER (WHERE {open_}), count(*) FILTER (WHERE {open_} AND {_LATE} < %s), "  # noqa: S608
            f"count(*) FILTER (WHERE {open_} AND {_LATE} >= %s AND {_LATE} < %s), "
            "count(*) FILTER (WHERE started_at >= %s), count(*) FILTER (WHERE finished_at >= %s) "
            f"FROM procedures_run WHERE district_id = %s AND parent_id IS NULL AND ({open_} OR (started_at >= %s AND finished_at >= %s)) "
            "GROUP BY area_id",
            [now, now, tomorrow, today, today, district.id, today - LONGEST, today],
        )
        return {area: Flow(*(int(n) for n in counts)) for area, *counts in cursor.fetchall()}


def flow_by_hour(district: DistrictView, *, today: datetime, zone: str) -> dict[int, tuple[int, int]]:
    """Return hour of today → (came, done) (1 statement)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h, sum(came), sum(done) FROM ("
            "SELECT extract(hour FROM started_at AT TIME ZONE %s) h, 1 came, 0 done FROM procedures_run "
            "WHERE district_id = %s AND parent_id IS NULL AND started_at >= %s UNION ALL "
            "SELECT extract(hour FROM finished_at AT TIME ZONE %s), 0, 1 FROM procedures_run "
            "WHERE district_id = %s AND parent_id IS NULL AND started_at >= %s AND finished_at >= %s) x GROUP BY h",
            [zone, district.id, today, zone, district.id, today - LONGEST, today],
        )
        return {int(hour): (int(came), int(done)) for hour, came, done in cursor.fetchall()}
