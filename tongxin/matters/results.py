"""What goes back to where matters came from: how each stands, by the number it has there. No names, no telephones, no texts of reporters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import Count, Max

from tongxin.kernel.errors import Invalid
from tongxin.matters.codes import matter_code_of
from tongxin.matters.models import Matter
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_RESULTS = """
SELECT m.source_key, r.card->>'ref', m.reported_at, last.at, r.id, r.pack_id, r.procedure, r.state, r.outcome, r.facts, r.parts,
  coalesce(told.says, ''), r.due_at, m.closed_at, m.solved, m.rating
FROM matters_matter m
JOIN procedures_run r ON r.subject_kind = 'matter' AND r.subject_id = m.id AND r.parent_id IS NULL AND r.district_id = m.district_id
JOIN LATERAL (SELECT at FROM procedures_logentry WHERE run_id = r.id ORDER BY seq DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (SELECT says FROM procedures_logentry WHERE run_id = r.id AND says <> '' ORDER BY seq DESC LIMIT 1) told ON true
WHERE m.district_id = %s AND m.source = %s AND m.source_key <> ''
  AND (%s::bigint[] IS NULL OR m.area_id = ANY(%s)) AND (last.at, r.id) > (%s, %s)
ORDER BY last.at, r.id LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Result:
    """How a matter from elsewhere stands.

    Args:
        source_key: its number there; ref: its number here.
        changed_at: of the last step; says: the last words to the reporter.
        matter_code: of the national table, 11 digits, where the locality adopts one.
        disposition: dispatched, consultation, or which of the six ways of not dispatching; empty where the procedure has none.
        responded, done_in_time: whether in time; None while it is open.
        excluded: a reviewer took it out of the rates.
        resume_on: of an approved hold.
    """

    source_key: str
    ref: str
    reported_at: datetime
    changed_at: datetime
    state: str
    state_title: str
    outcome: str
    disposition: str
    matter_code: str
    unit: str
    says: str
    due_at: datetime | None
    closed_at: datetime | None
    solved: bool | None
    rating: int | None
    responded: bool | None
    done_in_time: bool | None
    excluded: bool
    resume_on: str


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Results and the mark from which the next page goes on, empty at the end."""

    rows: list[Result]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Another system, and what came from it."""

    name: str
    matters: int
    open: int
    last_at: datetime


def list_sources(district: DistrictView) -> list[Source]:
    """Return where matters with numbers of their own came from (1 statement)."""
    found = Matter.objects.filter(district_id=district.id).exclude(source="").exclude(source_key="").order_by()
    rows = found.values_list("source").annotate(n=Count("id"), closed=Count("closed_at"), last=Max("reported_at"))
    return sorted((Source(name, n, n - closed, last) for name, n, closed, last in rows), key=lambda one: one.name)


def list_results(
    district: DistrictView,
    source: str,
    *,
    area_ids: Sequence[int] | None = None,
    since: datetime | None = None,
    after: str = "",
    rows: int,
) -> ResultPage:
    """Return the matters of a source that changed since a moment, the oldest change first (1 statement).

    A case may come again when it changes again: of one number the last one counts.

    Args:
        area_ids: only of these places; None for the whole district.
    """
    at, ident = _read_mark(after) if after else (since or _BEGINNING, 0)
    places = None if area_ids is None else list(area_ids)
    with connection.cursor() as cursor:
        cursor.execute(_RESULTS, [district.id, source, places, places, at, ident, rows + 1])
        found = cursor.fetchall()
    mark = f"{found[rows - 1][3].isoformat()}~{found[rows - 1][4]}" if len(found) > rows else ""
    return ResultPage([_result(district, row) for row in found[:rows]], mark)


def _result(district: DistrictView, row: tuple[Any, ...]) -> Result:
    (
        key, ref, reported_at, changed_at, _, pack_id, procedure, state, outcome, facts, parts, says, due_at, closed_at,
        solved, rating,
    ) = row  # fmt: skip
    facts, parts = (orjson.loads(value) if isinstance(value, str) else value for value in (facts, parts))
    spec = packs.get_pack(pack_id).procedures.get(procedure)
    drawn = spec.states.get(state) if spec else None
    unit = organization.directory(district).body(parts["main_unit"]) if parts.get("main_unit") else None
    return Result(
        key, ref or "", reported_at, changed_at, state, drawn.title if drawn else state, outcome, str(facts.get("disposition", "")),
        matter_code_of(packs.get_pack(pack_id), str(facts.get("category", ""))),
        unit.name if unit else "", says, due_at, closed_at, solved, rating, facts.get("responded"), facts.get("done_in_time"),
        facts.get("excluded") is True, str(facts.get("resume_on", "")) if facts.get("held") is True else "",
    )  # fmt: skip


def _read_mark(mark: str) -> tuple[datetime, int]:
    at, _, ident = mark.partition("~")
    try:
        found = datetime.fromisoformat(at.replace(" ", "+"))  # a plus sign that was not written as %2B
        if found.tzinfo is None:
            raise ValueError
        return found, int(ident)
    except ValueError:
        raise Invalid("bad_mark", "翻页标记不对。", "请从第一页重新取起。", "after") from None
