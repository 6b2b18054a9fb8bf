"""Reads of packs: districts as this process sees them, published packs, the working calendar. Each says what it costs."""

from __future__ import annotations

import threading
import time as monotonic_time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.figures import Measured
from tongxin.kernel.looped import need_thread, on_loop
from tongxin.kernel.registry import measures
from tongxin.kernel.worktime import WorkCalendar, parse_hours
from tongxin.packs.models import CalendarDay, CalendarYear, District, PackVersion
from tongxin.packs.schema import Pack

FRESH_SECONDS, RENEW_SECONDS = 1.0, 0.75
KEPT_SECONDS = 60

_packs: VersionedCache[Pack] = VersionedCache(size=256)
_calendars: VersionedCache[WorkCalendar] = VersionedCache(size=256)
_figures: VersionedCache[tuple[Mapping[str, Measured], datetime]] = VersionedCache(size=256)


@dataclass(frozen=True, slots=True)
class DistrictView:
    """A district as it stood when it was read; its versions tell in-process copies whether they are old."""

    id: int
    key: str
    title: str
    hosts: tuple[str, ...]
    pack_id: int
    territory_version: int
    organization_version: int
    calendar_version: int
    lists_version: int = 1

    @property
    def pack(self) -> Pack:
        """The pack in force, under which new cases begin."""
        return get_pack(self.pack_id)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    read_at: float
    by_key: Mapping[str, DistrictView]
    by_host: Mapping[str, DistrictView]


_snapshot: _Snapshot | None = None
_renewed: _Snapshot | None = None  # whose successor somebody on a loop has gone to read
_lock = threading.Lock()


def _districts() -> _Snapshot:
    """The districts, never older than a second; one caller reads them anew a little earlier, the others go on (0–1 statements)."""
    global _snapshot, _renewed
    kept = _snapshot
    age = FRESH_SECONDS if kept is None else monotonic_time.monotonic() - kept.read_at
    if kept is not None and age < FRESH_SECONDS:
        if age < RENEW_SECONDS or (_renewed is kept if on_loop() else _lock.locked()):
            return kept
        _renewed = kept
    need_thread()  # before the lock: on a loop everybody would wait for whoever reads
    with _lock:
        if _snapshot is not kept and _snapshot is not None:
            return _snapshot
        views = [
            DistrictView(row.pk, row.key, row.title, tuple(row.hosts), row.pack_id, row.territory_version,
                         row.organization_version, row.calendar_version, row.lists_version)
            for row in District.objects.order_by("id")
        ]  # fmt: skip
        by_host = {host.lower(): view for view in views for host in view.hosts}
        _snapshot = _Snapshot(monotonic_time.monotonic(), {view.key: view for view in views}, by_host)
        return _snapshot


def forget_districts() -> None:
    """Read the districts anew at the next look: after a write in this process, and between tests."""
    global _snapshot
    with _lock:
        _snapshot = None


def list_districts() -> list[DistrictView]:
    """Return all districts, oldest first (0–1 statements)."""
    return list(_districts().by_key.values())


def find_district(*, host: str | None = None, key: str | None = None) -> DistrictView | None:
    """Return the district of a host name (without port) or of a key (0–1 statements)."""
    snapshot = _districts()
    if key is not None:
        return snapshot.by_key.get(key)
    return snapshot.by_host.get(host.lower()) if host else None


def get_pack(version_id: int) -> Pack:
    """Return a published pack; it never changes, so it is read once a process (0–1 statements)."""

    def read() -> Pack:
        return Pack.model_validate_json(PackVersion.objects.values_list("content", flat=True).get(pk=version_id))

    return _packs.get(version_id, 1, read)


def count_figures(district: DistrictView, now: datetime) -> tuple[Mapping[str, Measured], datetime]:
    """Return figure key → what is counted of the locality's programme, and when (one statement a measure that it names).

    However many figures there are, each measure is asked once for all. Kept for a minute: anybody may open the page.
    """

    def count() -> tuple[Mapping[str, Measured], datetime]:
        asked: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        programme = district.pack.programme
        for figure, _ in programme.walk_figures() if programme else ():
            if figure.counted is not None:
                asked.setdefault(figure.counted.measure, []).append((figure.key, figure.counted.with_))
        found: dict[str, Measured] = {}
        for name, wanted in asked.items():
            answers = measures[name].call(district, [arguments for _, arguments in wanted], now)
            found.update(zip((key for key, _ in wanted), answers, strict=True))
        return found, now

    minute = int(now.timestamp() // KEPT_SECONDS)
    return _figures.get(district.id, (district.pack_id, minute), count)


def find_version(key: str) -> PackVersion | None:
    """Return the newest published version of a pack (1 statement)."""
    return PackVersion.objects.filter(key=key).order_by("-number").first()


def list_versions(key: str) -> list[PackVersion]:
    """Return the published versions of a pack, newest first, without their content (1 statement)."""
    return list(PackVersion.objects.filter(key=key).defer("content").order_by("-number"))


def working_calendar(district: DistrictView) -> WorkCalendar:
    """Return the district's working calendar: its pack's hours, the published days, its own days (0–2 statements)."""

    def read() -> WorkCalendar:
        rows = CalendarDay.objects.filter(Q(district_id=district.id) | Q(district__isnull=True))
        # the district's own days come last and so win over the published ones
        days = dict(rows.order_by(F("district_id").asc(nulls_first=True)).values_list("day", "is_workday"))
        years = frozenset(CalendarYear.objects.values_list("year", flat=True))
        hours = parse_hours(district.pack.settings.working_time.hours)
        return WorkCalendar(hours=hours, days=days, years=years)

    return _calendars.get(district.id, (district.pack_id, district.calendar_version), read)


def list_calendar_years() -> dict[int, str]:
    """Return the years whose holidays are published, each with its source (1 statement)."""
    return dict(CalendarYear.objects.order_by("year").values_list("year", "source"))


def list_calendar_days(year: int, district_id: int | None = None) -> list[CalendarDay]:
    """Return the named days of a year: the published ones, or a district's own (1 statement)."""
    days = CalendarDay.objects.filter(day__year=year)
    own = days.filter(district__isnull=True) if district_id is None else days.filter(district_id=district_id)
    return list(own.order_by("day"))
