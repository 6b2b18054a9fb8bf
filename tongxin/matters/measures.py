"""What can be counted of matters. Each measure answers all that is asked of it at once, in one grouped statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from tongxin.kernel.clock import LOCAL
from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.matters.models import Matter
from tongxin.packs.api import DistrictView

Counts = tuple[int, int, int, int]  # raised, closed, answered whether solved, solved


def _counts(district: DistrictView, asked: Sequence[Mapping[str, Any]]) -> list[Counts]:
    """The counts of what each asks: by category with all below it, by channel, or all; merged ones count once (1 statement)."""
    found = Matter.objects.filter(district_id=district.id, master=None).order_by()
    rows = list(
        found.values_list("category", "channel").annotate(
            raised=Count("id"), closed=Count("closed_at"), told=Count("solved"), solved=Count("id", filter=Q(solved=True))
        )
    )  # fmt: skip
    answers = []
    for given in asked:
        codes, channel = _codes(district, given.get("category")), given.get("channel")
        mine = [
            row[2:] for row in rows if (codes is None or row[0] in codes) and (channel is None or row[1] == channel)
        ]
        raised, closed, told, solved = (sum(row[i] for row in mine) for i in range(4))
        answers.append((raised, closed, told, solved))
    return answers


def _codes(district: DistrictView, code: str | None) -> set[str] | None:
    if code is None:
        return None
    for category, _ in district.pack.catalogue.walk():
        if category.code == code:
            waiting, codes = [category], set()
            while waiting:
                one = waiting.pop()
                codes.add(one.code)
                waiting += one.children
            return codes
    return {code}


@measures.register("matters", "收到的诉求", takes="category? channel?")
def matters(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Count what was raised (1 statement)."""
    return [Measured(counts[0]) for counts in _counts(district, asked)]


@measures.register("closed_share", "办结的诉求", takes="category? channel?")
def closed_share(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Closed out of raised (1 statement)."""
    return [Measured(closed, raised, "percent") for raised, closed, _, _ in _counts(district, asked)]


@measures.register("solved_share", "反映人说解决了的", takes="category? channel?")
def solved_share(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Solved out of those whose reporter said whether it was (1 statement)."""
    return [Measured(solved, told, "percent") for _, _, told, solved in _counts(district, asked)]


_RATES = """
SELECT k.n,
  count(*) FILTER (WHERE c.counted),
  count(*) FILTER (WHERE c.counted AND r.facts->>'responded' = 'true'),
  count(*) FILTER (WHERE c.counted AND m.solved IS NOT NULL),
  count(*) FILTER (WHERE c.counted AND m.solved),
  count(*) FILTER (WHERE c.counted AND m.solved IS NOT NULL AND m.rating >= 4),
  count(*) FILTER (WHERE c.counted AND m.solved IS NOT NULL AND m.rating >= 3),
  count(*) FILTER (WHERE c.sent AND c.excluded),
  count(*) FILTER (WHERE c.sent AND NOT c.excluded AND c.held),
  count(*) FILTER (WHERE c.counted AND (r.finished_at IS NOT NULL OR r.limit_at <= %s)),
  count(*) FILTER (WHERE c.counted AND r.outcome = 'done'),
  count(*) FILTER (WHERE c.counted AND r.outcome = 'done' AND r.facts->>'done_in_time' = 'true'),
  count(*) FILTER (WHERE c.counted AND r.facts->>'reworked' = 'true')
FROM unnest(%s::text[], %s::timestamptz[]) WITH ORDINALITY AS k(procedure, since, n)
LEFT JOIN procedures_run r ON r.district_id = %s AND r.procedure = k.procedure AND r.parent_id IS NULL
  AND r.subject_kind = 'matter' AND r.started_at >= k.since AND r.outcome NOT IN ('merged', 'withdrawn')
LEFT JOIN matters_matter m ON m.id = r.subject_id
CROSS JOIN LATERAL (SELECT r.facts->>'dispatched' = 'true' AS sent, coalesce(r.facts->>'excluded' = 'true', false) AS excluded,
  coalesce(r.finished_at IS NULL AND r.facts->>'held' = 'true', false) AS held) f
CROSS JOIN LATERAL (SELECT f.sent, f.excluded, f.held, f.sent AND NOT f.excluded AND NOT f.held AS counted) c
GROUP BY k.n ORDER BY k.n"""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Rates:
    """What the rates of dispatched matters are made of. Excluded ones and those on an approved hold are in none but their own."""

    sent: int
    responded: int
    answered: int  # valid call-backs: the reporter said whether it was solved
    solved: int
    satisfied: int  # 满意 or better
    content: int  # 基本满意 or better
    excluded: int
    held: int
    due: int  # 应结案
    finished: int
    on_time: int
    reworked: int


def _rates(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[_Rates]:
    """The counts behind all rates of each procedure, from a day on (1 statement)."""
    since = [
        datetime.combine(date.fromisoformat(str(given["since"])), time(0), LOCAL) if "since" in given else _LONG_AGO
        for given in asked
    ]
    with connection.cursor() as cursor:
        cursor.execute(_RATES, [now, [str(given["procedure"]) for given in asked], since, district.id])
        return [_Rates(*row[1:]) for row in cursor.fetchall()]


@measures.register("response_rate", "响应率：按时联系数 ÷ 派单数", takes="procedure since?")
def response_rate(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Contacted in time out of dispatched, those excluded or on hold left out (norms §3.3; 1 statement)."""
    return [Measured(found.responded, found.sent, "percent") for found in _rates(district, asked, now)]


@measures.register("solved_rate", "解决率：回访答“解决” ÷ 有效回访数", takes="procedure since?")
def solved_rate(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Solved out of valid call-backs (norms §3.3; 1 statement)."""
    return [Measured(found.solved, found.answered, "percent") for found in _rates(district, asked, now)]


@measures.register(
    "satisfied_rate", "满意率：满意 ÷ 有效回访数；basic: true 时“基本满意”也算", takes="procedure since? basic?"
)
def satisfied_rate(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Satisfied out of valid call-backs (norms §3.3; 1 statement)."""
    return [
        Measured(found.content if given.get("basic") is True else found.satisfied, found.answered, "percent")
        for given, found in zip(asked, _rates(district, asked, now), strict=True)
    ]


@measures.register("excluded_cases", "剔除的件数", takes="procedure since?")
def excluded_cases(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Dispatched matters that a reviewer took out of the rates (J-17; 1 statement)."""
    return [Measured(found.excluded) for found in _rates(district, asked, now)]


@measures.register("held_cases", "正在挂账、缓办的件数", takes="procedure since?")
def held_cases(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Dispatched matters on an approved hold at this moment (1 statement)."""
    return [Measured(found.held) for found in _rates(district, asked, now)]


@measures.register("finish_rate", "结案率：结案数 ÷ (应结案数 − 缓办数)", takes="procedure since?")
def finish_rate(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Finished out of those that are due or finished, without those on hold (norms §2; 1 statement)."""
    return [Measured(found.finished, found.due, "percent") for found in _rates(district, asked, now)]


@measures.register("on_time_rate", "按期结案率：按期结案数 ÷ (应结案数 − 缓办数)", takes="procedure since?")
def on_time_rate(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Finished in time out of those that are due or finished, without those on hold (norms §2; 1 statement)."""
    return [Measured(found.on_time, found.due, "percent") for found in _rates(district, asked, now)]


@measures.register("rework_rate", "返工率：返工的 ÷ 派出的", takes="procedure since?")
def rework_rate(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Sent back by the check at least once out of dispatched (norms §2; 1 statement)."""
    return [Measured(found.reworked, found.sent, "percent") for found in _rates(district, asked, now)]
