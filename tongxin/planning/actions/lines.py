"""Barrier lines as they stand: listed for maps, taken out by kind when a better file comes."""

from __future__ import annotations

from datetime import datetime

import shapely
from django.db import transaction

from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.planning.adjacency import Barrier
from tongxin.planning.models import BarrierLine
from tongxin.planning.taking_in import KINDS
from tongxin.records import api as records


def list_lines(district: DistrictView) -> list[Barrier]:
    """Return all barrier lines of a district, by kind and name (1 statement)."""
    rows = BarrierLine.objects.filter(district_id=district.id).order_by("kind", "name", "key")
    return [
        Barrier(name, shapely.from_wkb(bytes(line)), stop, kind)
        for name, kind, line, stop in rows.values_list("name", "kind", "line", "impassable")
    ]


def drop_lines(*, district: DistrictView, kind: str, actor: Actor, now: datetime) -> int:
    """Take out all barrier lines of a kind; return how many (3 statements).

    Raises:
        NotAllowed: plan_grids is missing in some part of the district. NotFound: there are none.
    """
    organization.demand_all(actor, "plan_grids", ())
    with transaction.atomic():
        gone, _ = BarrierLine.objects.filter(district_id=district.id, kind=kind).delete()
        if not gone:
            raise NotFound("no_lines", "没有这一种界线。", "请刷新后再看。")
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="planning.drop_lines",
            target=KINDS.get(kind, kind), detail={"kind": kind, "gone": gone}, now=now,
        )  # fmt: skip
    return gone
