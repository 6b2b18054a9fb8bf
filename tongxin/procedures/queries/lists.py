"""Lists of runs: trays, the cases of a district, counts. Each says what it costs; all are served by an index."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, Desk
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures.models import Run


@dataclass(frozen=True)
class RunRow:
    """A run as a list shows it."""

    run_id: int
    subject_kind: str
    subject_id: int
    procedure_title: str
    state: str
    state_title: str
    entered_at: datetime
    due_at: datetime | None
    limit_at: datetime | None
    provisional: bool
    finished_at: datetime | None
    outcome: str
    holder: Desk | None
    area_id: int | None
    card: dict[str, Any]
    facts: dict[str, Any]
    seq: int
    started_at: datetime
    plain: str  # the state as residents are told it
    procedure: str
    pack_id: int
    paused: bool

    def late(self, now: datetime) -> bool:
        """Whether the present step or the whole is over its time."""
        if self.finished_at is not None:
            return False
        over = (self.due_at, None if self.paused else self.limit_at)  # an approved pause stops the clock of the whole
        return any(at is not None and at < now for at in over)


@dataclass(frozen=True)
class Page:
    """Rows and the mark from which the next page goes on, empty at the end; how many wait in all, where that was asked and there are rows."""

    rows: list[RunRow]
    after: str = ""
    waiting: int | None = None


_HELD = "SELECT count(*) FROM procedures_run WHERE holder_post_id = ANY(%s) AND finished_at IS NULL"
HELD_COUNTED = 2_000  # more wait over nobody; the count stays small whatever waits
# when a run is over its time: its step's, or the whole's unless an approved pause stops that clock
_LATE = "least(due_at, CASE WHEN paused_at IS NULL THEN limit_at END)"
_COLUMNS = (
    "id, subject_kind, subject_id, procedure, state, entered_at, due_at, limit_at, provisional, finished_at, outcome, "
    "holder_post_id, area_id, card, facts, seq, pack_id, started_at, paused_at IS NOT NULL"
)


def inbox(
    actor: Actor,
    district: DistrictView,
    *,
    after: str = "",
    rows: int = limits.PAGE_ROWS,
    posts: Sequence[int] | None = None,
    steps: Sequence[tuple[str, str]] | None = None,
    late_at: datetime | None = None,
    counted: bool = False,
) -> Page:
    """List what waits for a person, soonest first, over all kinds of subjects (1 statement, whatever the size of the database).

    Args:
        after: the mark of the page before.
        posts: only these of the person's posts.
        steps: only what stands at these (procedure, state).
        late_at: only what is over its time then, of the step or of the whole.
        counted: tell as well how many wait over all posts of the person, as :func:`count_held` does.
    """
    held = [post.id for post in actor.posts if posts is None or post.id in posts]
    if not held:
        return Page([])
    where = ""
    values: list[Any] = []
    if after:
        due_at, ident = _read_mark(after)
        if due_at is None:
            where, values = "AND due_at IS NULL AND id > %s", [ident]
        else:
            where, values = "AND (due_at > %s OR (due_at = %s AND id > %s) OR due_at IS NULL)", [due_at, due_at, ident]
    if steps is not None:
        where, values = f"{where} AND procedure || ':' || state = ANY(%s)", [*values, [":".join(one) for one in steps]]
    if late_at is not None:
        where, values = f"{where} AND {_LATE} < %s", [*values, late_at]
    order = "ORDER BY due_at ASC NULLS LAST, id ASC LIMIT %s"
    count, all_held = (f", ({_HELD})", [[post.id for post in actor.posts]]) if counted else ("", [])
    sql = f"""SELECT r.*{count} FROM unnest(%s::bigint[]) AS p(post) CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM procedures_run WHERE holder_post_id = p.post AND finished_at IS NULL {where} {order}) r {order}"""  # noqa: S608
    return _page(district, sql, [*all_held, held, *values, rows + 1, rows + 1], rows, by="due_at", counted=counted)


# the hashed list of places is made once a query: a few milliseconds for a city
_UNDER = "area_id IN (SELECT id FROM territory_area WHERE path && %s::bigint[])"


def list_runs(
    district: DistrictView,
    *,
    area_ids: Sequence[int] | None = None,
    under: Sequence[int] | None = None,
    subject_kind: str | None = None,
    procedure: str | None = None,
    states: Sequence[str] = (),
    open_only: bool = False,
    late_at: datetime | None = None,
    due: tuple[datetime, datetime] | None = None,
    finished_since: datetime | None = None,
    category: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    after: str = "",
    rows: int = limits.PAGE_ROWS,
) -> Page:
    """List the runs of a district, newest first, by any of the filters (1 statement). Tasks of co-units are left out.

    Args:
        under: at these areas or anywhere below them, however many lie there.
        due: open, and due from the one moment to before the other.
    """
    where = ["district_id = %s", "parent_id IS NULL"]
    values: list[Any] = [district.id]
    for clause, value in (
        ("area_id = ANY(%s)", list(area_ids) if area_ids is not None else None),
        (_UNDER, list(under) if under is not None else None),
        ("subject_kind = %s", subject_kind),
        ("procedure = %s", procedure),
        ("state = ANY(%s)", list(states) or None),
        ("facts->>'category' = %s", category or None),
        ("started_at >= %s", since),
        ("started_at < %s", until),
        ("finished_at >= %s", finished_since),
    ):
        if value is not None:
            where.append(clause)
            values.append(value)
    if open_only or late_at is not None or due is not None:
        where.append("finished_at IS NULL")
    if due is not None:
        where.append(f"{_LATE} >= %s AND {_LATE} < %s")
        values += due
    if late_at is not None:
        where.append(f"{_LATE} < %s")
        values.append(late_at)
    if after:
        started_at, ident = _read_mark(after)
        where.append("(started_at, id) < (%s, %s)")
        values += [started_at, ident]
    sql = (
        f"SELECT {_COLUMNS} FROM procedures_run WHERE {' AND '.join(where)} ORDER BY started_at DESC, id DESC LIMIT %s"  # noqa: S608
    )
    return _page(district, sql, [*values, rows + 1], rows, by="started_at")


def rows_of(district: DistrictView, subject_kind: str, subject_ids: Sequence[int]) -> dict[int, RunRow]:
    """Return the main run of each subject by subject id (1 statement)."""
    sql = f"SELECT {_COLUMNS} FROM procedures_run WHERE subject_kind = %s AND subject_id = ANY(%s) AND district_id = %s AND parent_id IS NULL"  # noqa: S608
    found = _page(district, sql, [subject_kind, list(subject_ids), district.id], len(subject_ids) or 1, by="started_at")
    return {row.subject_id: row for row in found.rows}


def run_ids_of(district: DistrictView, subjects: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Return the main run of subjects of any kinds, by (kind, id) (1 statement, none for no subjects)."""
    wanted = sorted(set(subjects))
    if not wanted:
        return {}
    sql = """SELECT subject_kind, subject_id, id FROM procedures_run
             WHERE (subject_kind, subject_id) IN (SELECT * FROM unnest(%s::text[], %s::bigint[]))
             AND district_id = %s AND parent_id IS NULL ORDER BY id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [[kind for kind, _ in wanted], [ident for _, ident in wanted], district.id])
        return {(kind, subject): run for kind, subject, run in cursor.fetchall()}


def list_tasks(district: DistrictView, run: Run) -> list[RunRow]:
    """Return the co-units' tasks of a run (1 statement)."""
    sql = f"SELECT {_COLUMNS} FROM procedures_run WHERE parent_id = %s ORDER BY id"  # noqa: S608
    return _page(district, sql, [run.id], 100, by="started_at").rows


def count_held(actor: Actor) -> int:
    """Return how many cases wait over a person's posts (1 statement, read from the index of trays alone)."""
    held = [post.id for post in actor.posts]
    if not held:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [held])
        return int(cursor.fetchone()[0])


def count_held_steps(actor: Actor, posts: Sequence[int] | None = None) -> tuple[list[tuple[str, str, int]], bool]:
    """Return (procedure, state, count) of what waits for a person, most first, and whether more waits (1 statement).

    No more than ``HELD_COUNTED`` cases are looked at, whichever come first; where more waits, each number is the least it can be.
    """
    held = [post.id for post in actor.posts if posts is None or post.id in posts]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procedure, state, count(*) FROM (SELECT procedure, state FROM procedures_run "
            "WHERE holder_post_id = ANY(%s) AND finished_at IS NULL LIMIT %s) AS first GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            [held, HELD_COUNTED + 1],
        )
        counts = [(str(a), str(b), int(c)) for a, b, c in cursor.fetchall()]
    return counts, sum(count for *_, count in counts) > HELD_COUNTED


def count_by_state(district: DistrictView, under: Sequence[int] | None = None) -> list[tuple[str, str, int]]:
    """Return (procedure, state, count) of the open runs of a district, or of those at some areas and below (1 statement)."""
    where = ""
    values: list[Any] = [district.id]
    if under is not None:
        where, values = f"AND {_UNDER}", [district.id, list(under)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procedure, state, count(*) FROM procedures_run WHERE district_id = %s AND finished_at IS NULL "  # noqa: S608
            f"AND parent_id IS NULL {where} GROUP BY 1, 2 ORDER BY 1, 2",
            values,
        )
        return [(str(a), str(b), int(c)) for a, b, c in cursor.fetchall()]


def count_by_subject(district: DistrictView, area_ids: Sequence[int]) -> dict[str, tuple[int, int]]:
    """Return kind of subject → (open, finished) of the runs in these places, tasks of others left out (1 statement)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_kind, count(*) FILTER (WHERE finished_at IS NULL), count(finished_at) FROM procedures_run "
            "WHERE district_id = %s AND parent_id IS NULL AND area_id = ANY(%s) GROUP BY 1",
            [district.id, list(area_ids)],
        )
        return {str(kind): (int(running), int(over)) for kind, running, over in cursor.fetchall()}


def _page(district: DistrictView, sql: str, values: list[Any], rows: int, by: str, *, counted: bool = False) -> Page:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    waiting = found[0][-1] if counted and found else None
    shown = [_row(district, values[:-1] if counted else values) for values in found[:rows]]
    mark = ""
    if len(found) > rows:
        last = found[rows - 1]
        mark = _mark(last[6] if by == "due_at" else last[17], last[0])
    return Page(shown, mark, waiting)


def _row(district: DistrictView, values: tuple[Any, ...]) -> RunRow:
    (
        ident, kind, subject, procedure, state, entered, due, limit, provisional, finished, outcome, post, area, card, facts,
        seq, pack_id, started, paused,
    ) = values  # fmt: skip
    spec = packs.get_pack(pack_id).procedures.get(procedure)
    drawn_state = spec.states.get(state) if spec else None
    title = drawn_state.title if drawn_state else state
    return RunRow(
        ident, kind, subject, spec.title if spec else procedure, state, title, entered, due, limit, provisional, finished,
        outcome, organization.directory(district).desk(post) if post else None, area, _json(card), _json(facts), seq,
        started, (drawn_state.plain if drawn_state else "") or title,
        procedure, pack_id, paused,
    )  # fmt: skip


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(value) if isinstance(value, str | bytes) else value
    return found


def _mark(at: datetime | None, ident: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat() if at else ''}|{ident}".encode()).decode().rstrip("=")


def _read_mark(mark: str) -> tuple[datetime | None, int]:
    try:
        at, _, ident = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().partition("|")
        return (datetime.fromisoformat(at) if at else None), int(ident)
    except ValueError:
        raise Invalid("bad_mark", "翻页标记不对。", "请从第一页重新看起。", "after") from None
