"""Which pack versions the running cases are under, and at which desks they wait: for those who keep a locality in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures.actions import procedure_of
from tongxin.procedures.models import Run


@dataclass(frozen=True, slots=True)
class VersionCount:
    """Open runs of one procedure under one version; ``provisional``: with a deadline that leans on unpublished holidays."""

    pack_id: int
    procedure: str
    state: str
    count: int
    provisional: int


@dataclass(frozen=True, slots=True)
class Move:
    """What would become of the open runs in one state: ``target`` is the state of the same key, empty where there is none."""

    state: str
    title: str
    count: int
    target: str


def count_versions(district: DistrictView) -> list[VersionCount]:
    """Return the open runs of a district by version, procedure and state, co-units' tasks included (1 statement)."""
    found = Run.objects.filter(district_id=district.id, finished_at=None)
    counted = found.values_list("pack_id", "procedure", "state").annotate(
        n=Count("pk"), p=Count("pk", filter=Q(provisional=True))
    )
    return [VersionCount(*row) for row in counted.order_by("pack_id", "procedure", "state")]


def count_by_post(district: DistrictView) -> dict[int, int]:
    """Return post id → open runs that wait there (1 statement)."""
    found = Run.objects.filter(district_id=district.id, finished_at=None, holder_post__isnull=False)
    return dict(found.values_list("holder_post_id").annotate(n=Count("pk")).order_by())


def newest_start(district: DistrictView) -> datetime | None:
    """Return when the newest case began by the clock of then; None before the first (1 statement, one look in an index)."""
    found = Run.objects.filter(district_id=district.id).order_by("-started_at")
    return found.values_list("started_at", flat=True).first()


def count_in_areas(district: DistrictView, area_ids: list[int]) -> int:
    """Return how many open runs lie in these places (1 statement)."""
    return Run.objects.filter(district_id=district.id, finished_at=None, area_id__in=area_ids).count()


def preview_migration(district: DistrictView, procedure: str, version_id: int) -> list[Move]:
    """Return, per present state of the open runs not yet under that version, how many there are and where each would go (1 statement)."""
    states = procedure_of(packs.get_pack(version_id), procedure).states
    counts: dict[str, int] = {}
    titles: dict[str, str] = {}
    for row in count_versions(district):
        if row.procedure != procedure or row.pack_id == version_id:
            continue
        counts[row.state] = counts.get(row.state, 0) + row.count
        spec = packs.get_pack(row.pack_id).procedures.get(procedure)
        titles[row.state] = spec.states[row.state].title if spec and row.state in spec.states else row.state
    return [
        Move(state, titles[state], count, state if state in states and not states[state].final else "")
        for state, count in counts.items()
    ]


def list_old_runs(district: DistrictView, procedure: str, version_id: int, rows: int) -> list[int]:
    """Return ids of open runs of a procedure that are not under the version, oldest first (1 statement)."""
    found = Run.objects.filter(district_id=district.id, procedure=procedure, finished_at=None).exclude(
        pack_id=version_id
    )
    return list(found.order_by("pk").values_list("pk", flat=True)[:rows])
