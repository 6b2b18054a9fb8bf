"""Writes of packs: publish a version, open a district, adopt a version, keep the working calendar. Each is one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import chinese_calendar
import orjson
from django.db import transaction
from django.db.models import F, Max, Q

from tongxin.kernel.errors import Conflict
from tongxin.kernel.turns import wait_our_turn
from tongxin.packs.calendars import read_calendar_file
from tongxin.packs.models import CalendarDay, CalendarYear, District, PackVersion
from tongxin.packs.queries import forget_districts
from tongxin.packs.schema import Pack
from tongxin.packs.schema.pack import dump


def _changed() -> None:
    """Read the districts anew: now for this transaction, and once more when it is committed for everybody else."""
    forget_districts()
    transaction.on_commit(forget_districts)


def digest_of(pack: Pack) -> str:
    """Return the hash of a pack's content, its order included: people see the order of acts and fields."""
    return hashlib.sha256(orjson.dumps(dump(pack))).hexdigest()


@transaction.atomic
def publish_pack(pack: Pack, *, actor_label: str, now: datetime, note: str = "") -> PackVersion:
    """Store a pack as a new version that never changes; the same content gives the version there is (2–3 statements)."""
    digest = digest_of(pack)
    wait_our_turn(f"pack:{pack.key}")
    known = PackVersion.objects.filter(key=pack.key, digest=digest).first()
    if known is not None:
        return known
    number = (PackVersion.objects.filter(key=pack.key).aggregate(last=Max("number"))["last"] or 0) + 1
    return PackVersion.objects.create(
        key=pack.key,
        number=number,
        digest=digest,
        content=orjson.dumps(dump(pack)).decode(),
        note=note[:400],
        published_at=now,
        published_by=actor_label[:80],
    )


@transaction.atomic
def open_district(*, key: str, title: str, version: PackVersion, hosts: list[str], now: datetime) -> District:
    """Open a district under a published version (2 statements); Conflict when the key or a host name is taken."""
    for other in District.objects.select_for_update():
        if other.key == key:
            raise Conflict("district_taken", f"已经有键为“{key}”的地方。", "请换一个键。", "key")
        taken = {host.lower() for host in other.hosts}.intersection(host.lower() for host in hosts)
        if taken:
            raise Conflict(
                "host_taken", f"主机名 {'、'.join(sorted(taken))} 已属于“{other.title}”。", "请换一个主机名。", "hosts"
            )
    district = District.objects.create(key=key, title=title, hosts=hosts, pack=version, opened_at=now)
    _changed()
    return district


@transaction.atomic
def adopt_pack(district_id: int, version: PackVersion) -> None:
    """Let new cases of a district begin under this version; running ones keep theirs (1 statement).

    Permission and audit are the caller's: they belong to layers above.
    """
    District.objects.filter(pk=district_id).update(pack=version)
    _changed()


def bump_territory(district_id: int) -> None:
    """Tell every process that the places of a district have changed (1 statement)."""
    District.objects.filter(pk=district_id).update(territory_version=F("territory_version") + 1)
    _changed()


def bump_organization(district_id: int) -> None:
    """Tell every process that the posts of a district have changed (1 statement)."""
    District.objects.filter(pk=district_id).update(organization_version=F("organization_version") + 1)
    _changed()


def bump_calendar(district_id: int | None) -> None:
    """Tell every process that the working calendar of a district, or of all, has changed (1 statement)."""
    districts = District.objects.all() if district_id is None else District.objects.filter(pk=district_id)
    districts.update(calendar_version=F("calendar_version") + 1)
    _changed()


def bump_lists(district_id: int) -> None:
    """Tell every process that a list of a district has been published, closed, or admits something for a time (1 statement)."""
    District.objects.filter(pk=district_id).update(lists_version=F("lists_version") + 1)
    _changed()


@transaction.atomic
def import_calendar(now: datetime) -> list[int]:
    """Keep the published holidays and make-up days of every year the library knows; return the years (5 statements)."""
    source = "国务院办公厅放假安排（chinesecalendar）"
    titles = {str(holiday.value): holiday.chinese for holiday in chinese_calendar.Holiday}
    holidays: Mapping[date, Any] = chinese_calendar.constants.holidays
    workdays: Mapping[date, Any] = chinese_calendar.constants.workdays
    days = {day: (False, titles.get(str(name), str(name))) for day, name in holidays.items()}
    days |= {day: (True, f"{titles.get(str(name), str(name))}调休") for day, name in workdays.items()}
    return _keep_days(days, source, now, sorted({day.year for day in days}))


@transaction.atomic
def import_calendar_file(text: str, now: datetime) -> list[int]:
    """Keep one published year from a file in the holiday-cn form; return the year (5 statements).

    Raises:
        Invalid: the text is not such a file; nothing has changed then.
    """
    year, days, source = read_calendar_file(text)
    return _keep_days(days, source, now, [year])


def _keep_days(days: Mapping[date, tuple[bool, str]], source: str, now: datetime, years: list[int]) -> list[int]:
    """Replace the published days of these years; a year's arrangement may name days of the year before."""
    published = CalendarDay.objects.filter(district__isnull=True)
    published.filter(Q(day__year__in=years) | Q(day__in=list(days))).delete()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(day=day, is_workday=works, name=name[:40], source=source)
            for day, (works, name) in sorted(days.items())
        ]
    )
    CalendarYear.objects.bulk_create(
        [CalendarYear(year=year, source=source, imported_at=now) for year in years],
        update_conflicts=True, unique_fields=["year"], update_fields=["source", "imported_at"],
    )  # fmt: skip
    bump_calendar(None)
    return years


@transaction.atomic
def set_own_day(district_id: int, day: date, *, is_workday: bool, name: str, now: datetime) -> None:
    """Name a day on which this district works or rests differently (2 statements)."""
    CalendarDay.objects.update_or_create(
        district_id=district_id,
        day=day,
        defaults={"is_workday": is_workday, "name": name[:40], "source": f"本地设定 {now:%Y-%m-%d}"},
    )
    bump_calendar(district_id)
