"""Reads of the engine: trays, lists, the acts open to a person, time lines, the chain. Each says what it costs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from tongxin.kernel import chain as hashes
from tongxin.kernel import limits, registry
from tongxin.kernel.errors import Invalid
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, Desk
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import FormField, Pack, Procedure, Transition
from tongxin.procedures import permissions, rules
from tongxin.procedures.actions import START, procedure_of
from tongxin.procedures.context import Context
from tongxin.procedures.forms import Field, limit_of
from tongxin.procedures.models import LogEntry, Run


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

    def late(self, now: datetime) -> bool:
        """Whether the present step or the whole is over its time."""
        return self.finished_at is None and any(at is not None and at < now for at in (self.due_at, self.limit_at))


@dataclass(frozen=True)
class Page:
    """Rows and the mark from which the next page goes on, empty at the end."""

    rows: list[RunRow]
    after: str = ""


@dataclass(frozen=True)
class Option:
    """An act that is open to the person who looks; ``blocked`` tells why it would be refused now."""

    key: str
    title: str
    weight: str
    to_title: str
    fields: list[Field]
    confirm: str
    blocked: str
    bulk: bool


@dataclass(frozen=True)
class Step:
    """A line of a time line."""

    seq: int
    at: datetime
    title: str
    says: str
    actor: str
    state_title: str
    values: list[tuple[str, str]]
    hash: str


_COLUMNS = (
    "id, subject_kind, subject_id, procedure, state, entered_at, due_at, limit_at, provisional, finished_at, outcome, "
    "holder_post_id, area_id, card, facts, seq, pack_id, started_at"
)


def inbox(
    actor: Actor,
    district: DistrictView,
    *,
    after: str = "",
    rows: int = limits.PAGE_ROWS,
    posts: Sequence[int] | None = None,
) -> Page:
    """List what waits for a person, soonest first, over all kinds of subjects (1 statement, whatever the size of the database).

    Args:
        after: the mark of the page before.
        posts: only these of the person's posts.
    """
    held = [post.id for post in actor.posts if posts is None or post.id in posts]
    if not held:
        return Page([])
    where, values = "", []
    if after:
        due_at, ident = _read_mark(after)
        if due_at is None:
            where, values = "AND due_at IS NULL AND id > %s", [ident]
        else:
            where, values = "AND (due_at > %s OR (due_at = %s AND id > %s) OR due_at IS NULL)", [due_at, due_at, ident]
    order = "ORDER BY due_at ASC NULLS LAST, id ASC LIMIT %s"
    sql = f"""SELECT r.* FROM unnest(%s::bigint[]) AS p(post) CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM procedures_run WHERE holder_post_id = p.post AND finished_at IS NULL {where} {order}) r {order}"""  # noqa: S608
    return _page(district, sql, [held, *values, rows + 1, rows + 1], rows, by="due_at")


def list_runs(
    district: DistrictView,
    *,
    area_ids: Sequence[int] | None = None,
    subject_kind: str | None = None,
    procedure: str | None = None,
    states: Sequence[str] = (),
    holder_posts: Sequence[int] | None = None,
    open_only: bool = False,
    late_at: datetime | None = None,
    category: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    after: str = "",
    rows: int = limits.PAGE_ROWS,
) -> Page:
    """List the runs of a district, newest first, by any of the filters (1 statement). Tasks of co-units are left out."""
    where, values = ["district_id = %s", "parent_id IS NULL"], [district.id]
    for clause, value in (
        ("area_id = ANY(%s)", list(area_ids) if area_ids is not None else None),
        ("subject_kind = %s", subject_kind),
        ("procedure = %s", procedure),
        ("state = ANY(%s)", list(states) or None),
        ("holder_post_id = ANY(%s)", list(holder_posts) if holder_posts is not None else None),
        ("facts->>'category' = %s", category or None),
        ("started_at >= %s", since),
        ("started_at < %s", until),
    ):
        if value is not None:
            where.append(clause)
            values.append(value)
    if open_only or late_at is not None:
        where.append("finished_at IS NULL")
    if late_at is not None:
        where.append("least(due_at, limit_at) < %s")
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


def count_waiting(actor: Actor, now: datetime) -> tuple[int, int]:
    """Return (waiting, of these late) over a person's posts (1 statement)."""
    held = [post.id for post in actor.posts]
    if not held:
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE least(due_at, limit_at) < %s) FROM procedures_run "
            "WHERE holder_post_id = ANY(%s) AND finished_at IS NULL",
            [now, held],
        )
        waiting, late = cursor.fetchone()
    return int(waiting), int(late)


def count_by_state(district: DistrictView, area_ids: Sequence[int] | None = None) -> list[tuple[str, str, int]]:
    """Return (procedure, state, count) of the open runs of a district or of some of its places (1 statement)."""
    where, values = "", [district.id]
    if area_ids is not None:
        where, values = "AND area_id = ANY(%s)", [district.id, list(area_ids)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procedure, state, count(*) FROM procedures_run WHERE district_id = %s AND finished_at IS NULL "  # noqa: S608
            f"AND parent_id IS NULL {where} GROUP BY 1, 2 ORDER BY 1, 2",
            values,
        )
        return [(str(a), str(b), int(c)) for a, b, c in cursor.fetchall()]


def _page(district: DistrictView, sql: str, values: list[Any], rows: int, by: str) -> Page:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    shown = [_row(district, values) for values in found[:rows]]
    mark = ""
    if len(found) > rows:
        last = found[rows - 1]
        mark = _mark(last[6] if by == "due_at" else last[17], last[0])
    return Page(shown, mark)


def _row(district: DistrictView, values: tuple[Any, ...]) -> RunRow:
    (
        ident, kind, subject, procedure, state, entered, due, limit, provisional, finished, outcome, post, area, card, facts,
        seq, pack_id, _,
    ) = values  # fmt: skip
    spec = packs.get_pack(pack_id).procedures.get(procedure)
    title = spec.states[state].title if spec and state in spec.states else state
    return RunRow(
        ident, kind, subject, spec.title if spec else procedure, state, title, entered, due, limit, provisional, finished,
        outcome, organization.directory(district).desk(post) if post else None, area, _json(card), _json(facts), seq,
    )  # fmt: skip


def _json(value: Any) -> dict[str, Any]:
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def _mark(at: datetime | None, ident: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat() if at else ''}|{ident}".encode()).decode().rstrip("=")


def _read_mark(mark: str) -> tuple[datetime | None, int]:
    try:
        at, _, ident = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().partition("|")
        return (datetime.fromisoformat(at) if at else None), int(ident)
    except ValueError:
        raise Invalid("bad_mark", "翻页标记不对。", "请从第一页重新看起。", "after") from None


def options(district: DistrictView, run: Run, actor: Actor, now: datetime) -> list[Option]:
    """Return the acts that this person may do on a run now, weightiest first (0 statements plus what its guards cost)."""
    pack = packs.get_pack(run.pack_id)
    procedure = procedure_of(pack, run.procedure)
    out: list[Option] = []
    for key, spec in procedure.transitions.items():
        if run.state not in spec.from_:
            continue
        context = Context(district, pack, procedure, run, key, spec, {}, actor, now, to_state=spec.to)
        acting = permissions.may(context)
        if acting is False:
            continue
        context.acting_as = acting if isinstance(acting, int) and not isinstance(acting, bool) else None
        if spec.within is not None and now > packs.working_calendar(district).add(run.entered_at, spec.within).at:
            continue
        blocked = _blocked(context)
        target = procedure.states.get(spec.to)
        fields = [field_of(district, pack, run, name, item) for name, item in spec.form.items()]
        out.append(
            Option(
                key, spec.title, spec.weight, target.title if target else "", fields, spec.confirm, blocked, spec.bulk
            )
        )
    order = {"primary": 0, "plain": 1, "quiet": 2}
    return sorted(out, key=lambda option: order[option.weight])


def _blocked(context: Context) -> str:
    try:
        permissions.demand_may(context)
    except permissions.NotAllowed as refusal:
        return refusal.what
    assert context.spec is not None
    for call in context.spec.guard:
        # a guard over what this very form will name cannot be judged before it is filled in
        if call.name == "main_unit_may_handle" or (call.name == "has_part" and call.argument in context.spec.form):
            continue
        sentence = registry.guards[call.name].call(context, call.argument)
        if sentence:
            return str(sentence)
    return ""


def field_of(district: DistrictView, pack: Pack, run: Run, key: str, spec: FormField) -> Field:
    """Return a form field with its choices and what is already known filled in (norm B-03)."""
    choices: list[tuple[str, str]] = []
    if spec.type == "choice":
        choices = list((spec.choices or {}).items())
    elif spec.type in ("unit", "units"):
        kinds = spec.kinds or [name for name, kind in pack.units.bodies.items() if kind.desk]
        choices = [(str(unit.id), unit.name) for unit in organization.list_units(district, kinds, run.area_id)]
    elif spec.type == "category":
        choices = [(c.code, " / ".join((*above, c.title))) for c, above in pack.catalogue.walk()]
    return Field(
        key, spec.title, spec.type, spec.required, spec.help, _default(district, pack, run, key, spec), choices, spec.min,
        limit_of(spec) if spec.type in ("text", "longtext", "phone", "matter") else spec.max, spec.purpose or "",
    )  # fmt: skip


def _default(district: DistrictView, pack: Pack, run: Run, key: str, spec: FormField) -> Any:
    if key in run.parts:
        return run.parts[key]
    if spec.default == "category_unit":
        category = next((c for c, _ in pack.catalogue.walk() if c.code == run.facts.get("category")), None)
        wanted = category.unit if category else None
        body = organization.directory(district).by_key(wanted) if wanted else None
        return body.id if body else None
    if spec.type == "category":
        return run.facts.get("category")
    return run.facts.get(spec.default, spec.default) if spec.default else None


def timeline(district: DistrictView, run: Run, *, audience: str) -> list[Step]:
    """Return the log of a run in order (1 statement).

    Args:
        audience: ``staff`` sees every step with what was filled in; ``reporter`` sees the steps that say something, in plain words.
    """
    pack = packs.get_pack(run.pack_id)
    procedure = procedure_of(pack, run.procedure)
    steps = []
    for entry in run.log.order_by("seq"):
        if audience == "reporter" and not entry.says:
            continue
        spec = procedure.transitions.get(entry.transition)
        title = (
            spec.title
            if spec
            else {
                START: "提交",
                "late": "超时处理",
                "migrate": "流程换版",
                "withdraw": "收回",
                "taken_in": "历史办结",
            }.get(entry.transition, "")
        )
        state = procedure.states.get(entry.to_state)
        state_title = (state.title if audience == "staff" else state.plain or state.title) if state else ""
        steps.append(
            Step(
                entry.seq, entry.at, title, entry.says, entry.actor_label, state_title,
                _shown(district, pack, spec, entry, audience), entry.hash,
            )
        )  # fmt: skip
    return steps


def _shown(
    district: DistrictView, pack: Pack, spec: Transition | None, entry: LogEntry, audience: str
) -> list[tuple[str, str]]:
    if spec is None:
        return []
    directory = organization.directory(district)
    titles = {category.code: category.title for category, _ in pack.catalogue.walk()}
    out = []
    for key, field in spec.form.items():
        value = entry.form.get(key)
        if value is None or (audience == "reporter" and field.shown == "staff"):
            continue
        if field.type in ("unit", "units"):
            idents = value if isinstance(value, list) else [value]
            text = "、".join(body.name for ident in idents if (body := directory.body(ident)) is not None)
        elif field.type == "choice":
            text = (field.choices or {}).get(str(value), str(value))
        elif field.type == "yesno":
            text = "是" if value else "否"
        elif field.type == "category":
            text = titles.get(str(value), str(value))
        else:
            text = str(value)
        out.append((field.title, text))
    return out


def public_entries(run: Run) -> list[tuple[dict[str, Any], str]]:
    """Return (public part, stored hash) of each entry, which is what the holder of a receipt can check (1 statement)."""
    return [
        (
            rules.public_part(
                seq=entry.seq, at=entry.at, transition=entry.transition, from_state=entry.from_state,
                to_state=entry.to_state, actor_label=entry.actor_label, says=entry.says, commitment=entry.commitment,
            ),
            entry.hash,
        )
        for entry in run.log.order_by("seq")
    ]  # fmt: skip


def verify(run: Run) -> int | None:
    """Return the index of the first entry that was changed since, or None when the chain is whole (1 statement)."""
    algorithm = packs.get_pack(run.pack_id).settings.chain
    entries = public_entries(run)
    broken = hashes.first_broken(entries, algorithm)
    if broken is None and (not entries or entries[-1][1] != run.head or len(entries) != run.seq):
        return len(entries)
    return broken


def visited(run: Run) -> list[str]:
    """Return the states a run has been in, in order (1 statement)."""
    return list(run.log.order_by("seq").values_list("to_state", flat=True))


def get_run(district: DistrictView, run_id: int) -> Run | None:
    """Return a run of this district (1 statement)."""
    return Run.objects.filter(id=run_id, district_id=district.id).first()


def find_run(district: DistrictView, subject_kind: str, subject_id: int) -> Run | None:
    """Return the main run of a subject (1 statement)."""
    return Run.objects.filter(
        district_id=district.id, subject_kind=subject_kind, subject_id=subject_id, parent_id=None
    ).first()


def list_tasks(district: DistrictView, run: Run) -> list[RunRow]:
    """Return the co-units' tasks of a run (1 statement)."""
    sql = f"SELECT {_COLUMNS} FROM procedures_run WHERE parent_id = %s ORDER BY id"  # noqa: S608
    return _page(district, sql, [run.id], 100, by="started_at").rows


def preview_migration(district: DistrictView, procedure: str, version_id: int) -> Mapping[str, tuple[int, bool]]:
    """Return, per present state of the open runs, how many there are and whether the version knows that state (1 statement)."""
    states = procedure_of(packs.get_pack(version_id), procedure).states
    return {
        state: (count, state in states and not states[state].final)
        for name, state, count in count_by_state(district)
        if name == procedure
    }


def drawn(run: Run) -> Procedure:
    """Return the procedure a run runs under, from the version it began with (0 statements)."""
    return procedure_of(packs.get_pack(run.pack_id), run.procedure)


def algorithm(run: Run) -> str:
    """Return the name of the hash that a run's chain is made with (0 statements)."""
    return packs.get_pack(run.pack_id).settings.chain
