"""What can be counted of bodies and posts. Each measure answers all that is asked of it at once, in one grouped statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q

from tongxin.kernel.clock import local
from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.organization.models import Body, Post
from tongxin.organization.queries.duty import list_duties
from tongxin.packs.api import DistrictView

_COVER = """
SELECT k.kind, k.level,
  (SELECT count(*) FROM territory_area a WHERE a.district_id = %s AND a.level = k.level AND a.ended_on IS NULL),
  (SELECT count(DISTINCT a.id) FROM organization_body b JOIN organization_bodyarea g ON g.body_id = b.id
     JOIN territory_area a ON a.id = g.area_id
   WHERE b.district_id = %s AND b.kind = k.kind AND b.ended_on IS NULL AND a.level = k.level AND a.ended_on IS NULL),
  (SELECT count(*) FROM organization_body b WHERE b.district_id = %s AND b.kind = k.kind AND b.ended_on IS NULL)
FROM unnest(%s::text[], %s::text[]) AS k(kind, level)"""


@measures.register("bodies", "现有组织数", takes="kind", nothing="登记组织后才数得出")
def bodies(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Count the bodies of a kind that exist (1 statement)."""
    rows = Body.objects.filter(district_id=district.id, ended_on=None).order_by().values_list("kind")
    found = dict(rows.annotate(n=Count("id")))
    return [Measured(found.get(given["kind"], 0)) for given in asked]


def _covered(district: DistrictView, asked: Sequence[Mapping[str, Any]]) -> list[tuple[int, int, int]]:
    """(places of the level, those that a body of the kind covers, bodies of the kind) for each pair (1 statement)."""
    pairs = list(dict.fromkeys((str(given["kind"]), str(given["level"])) for given in asked))
    ident = district.id
    with connection.cursor() as cursor:
        cursor.execute(_COVER, [ident, ident, ident, [kind for kind, _ in pairs], [level for _, level in pairs]])
        found = {(kind, level): (places, covered, count) for kind, level, places, covered, count in cursor.fetchall()}
    return [found[str(given["kind"]), str(given["level"])] for given in asked]


@measures.register("areas_covered", "有这类组织覆盖的地域", takes="kind level")
def areas_covered(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """The share of the places of a level that at least one body of a kind covers (1 statement)."""
    return [Measured(covered, places, "percent") for places, covered, _ in _covered(district, asked)]


@measures.register("areas_per_body", "平均每个组织覆盖几个地域", takes="kind level")
def areas_per_body(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Places of a level to one body of a kind (1 statement)."""
    return [Measured(places, count, "quotient") for places, _, count in _covered(district, asked)]


def _posts(district: DistrictView, now: datetime) -> dict[str, tuple[int, int]]:
    """Role → (posts, those that somebody holds today) (1 statement)."""
    today = local(now).date()
    serving = Q(terms__from_on__lte=today) & (Q(terms__to_on=None) | Q(terms__to_on__gte=today))
    rows = (
        Post.objects.filter(district_id=district.id, ended_on=None)
        .order_by()
        .values_list("role")
        .annotate(n=Count("id", distinct=True), held=Count(F("id"), filter=serving, distinct=True))
    )
    return {role: (n, held) for role, n, held in rows}


@measures.register("posts", "现有岗位数", takes="role", nothing="设了岗位后才数得出")
def posts(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Count the posts of a role (1 statement)."""
    found = _posts(district, now)
    return [Measured(found.get(given["role"], (0, 0))[0]) for given in asked]


@measures.register("posts_held", "有人在岗的岗位", takes="role")
def posts_held(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """The share of the posts of a role that somebody holds today; posts are counted, not persons (1 statement)."""
    found = _posts(district, now)
    pairs = [found.get(given["role"], (0, 0)) for given in asked]
    return [Measured(held, n, "percent") for n, held in pairs]


@measures.register("duty_kept", "联系、岗位、配备的规则做到的", takes="duty")
def duty_kept(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Things that keep a rule of duty, of all that it is about (0–3 statements)."""
    found = {rule.key: (rule.part, rule.whole) for rule in list_duties(district, on=local(now).date())}
    return [Measured(*found.get(given["duty"], (0, 0)), "percent") for given in asked]


@measures.register("duty_linked", "现有的联系、在岗的人数", takes="duty")
def duty_linked(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Links that run of a kind, persons in the roles of a staffing rule, or persons in both posts (0–3 statements)."""
    rules = {rule.key: rule for rule in list_duties(district, on=local(now).date())}
    found = {key: rule.part if rule.linked is None else rule.linked for key, rule in rules.items()}
    return [Measured(found.get(given["duty"], 0)) for given in asked]
