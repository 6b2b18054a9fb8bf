"""One run: what it is, its time line, who holds it, the proof of its past. Each says what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from tongxin.kernel import chain as hashes
from tongxin.kernel import registry
from tongxin.kernel.clock import local
from tongxin.organization import api as organization
from tongxin.organization.api import Desk
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import FormField, Pack, Procedure, Rule, RuledSpan, Transition
from tongxin.packs.schema.base import as_list
from tongxin.procedures import rules
from tongxin.procedures.actions import START, procedure_of
from tongxin.procedures.forms import RATINGS
from tongxin.procedures.models import LogEntry, Run
from tongxin.procedures.photos import photo_ids_of
from tongxin.procedures.placing import PLACED
from tongxin.records import api as records
from tongxin.records.api import Attachment
from tongxin.territory import api as territory


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
    photos: tuple[Attachment, ...] = ()


def get_run(district: DistrictView, run_id: int) -> Run | None:
    """Return a run of this district (1 statement)."""
    return Run.objects.filter(id=run_id, district_id=district.id).first()


def find_run(district: DistrictView, subject_kind: str, subject_id: int) -> Run | None:
    """Return the main run of a subject (1 statement)."""
    return Run.objects.filter(
        district_id=district.id, subject_kind=subject_kind, subject_id=subject_id, parent_id=None
    ).first()


def drawn(run: Run) -> Procedure:
    """Return the procedure a run runs under, from the version it began with (0 statements)."""
    return procedure_of(packs.get_pack(run.pack_id), run.procedure)


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a step is due when it is: the rule and the value that was in force when the run began."""

    key: str
    value: str
    rule: Rule

    @property
    def to_check(self) -> bool:
        """Whether nobody has found a source for it yet (待核)."""
        return self.rule.confidence == "K"


def basis_of(run: Run) -> Basis | None:
    """Return the rule that sets the limit of a run's present state, None where the pack writes a plain span (0 statements)."""
    pack, state = packs.get_pack(run.pack_id), drawn(run).states.get(run.state)
    span = rules.written_span(state.within, run.facts, pack.catalogue) if state is not None else None
    if not isinstance(span, RuledSpan) or run.finished_at is not None:
        return None
    begun = local(run.started_at).date()
    rule = next((value for value in span.values if value.holds(begun)), span.source)
    return Basis(span.rule, rules.in_force(span, run.facts).words, rule) if rule is not None else None


def algorithm(run: Run) -> str:
    """Return the name of the hash that a run's chain is made with (0 statements)."""
    return packs.get_pack(run.pack_id).settings.chain


def holder_of(district: DistrictView, run: Run) -> Desk | None:
    """Return the desk that holds a run now (0 statements)."""
    return organization.desk(district, run.holder_post_id) if run.holder_post_id else None


def held_by(run: Run, post_ids: Sequence[int]) -> bool:
    """Whether one of these posts has held or acted on a run or one of its tasks (1 statement)."""
    if not post_ids:
        return False
    return (
        LogEntry.objects.filter(Q(run_id=run.id) | Q(run__parent_id=run.id))
        .filter(Q(holder_post_id__in=post_ids) | Q(actor_post_id__in=post_ids))
        .exists()
    )


# steps that the engine takes itself, beside those of the pack
_OWN_STEPS = {
    START: "提交",
    "late": "超时处理",
    "migrate": "流程换版",
    "withdraw": "收回",
    "taken_in": "历史办结",
    "relocated": "随地域调整划转",
    "sorted": "成批归类",
    "retimed": "更正时间",
    PLACED: "补充地点",
}


def timeline(district: DistrictView, run: Run, *, audience: str) -> list[Step]:
    """Return the log of a run in order (1 statement, 1 more when steps carry pictures).

    Args:
        audience: ``staff`` sees every step with what was filled in; ``reporter`` sees the steps that say something, in plain words.
    """
    pack = packs.get_pack(run.pack_id)
    procedure = procedure_of(pack, run.procedure)
    steps = []
    entries = list(run.log.order_by("seq"))
    kept = _photos_of(run, procedure, entries)
    for entry in entries:
        if audience == "reporter" and not entry.says:
            continue
        spec = procedure.transitions.get(entry.transition)
        title = spec.title if spec else _OWN_STEPS.get(entry.transition, "")
        state = procedure.states.get(entry.to_state)
        state_title = (state.title if audience == "staff" else state.plain or state.title) if state else ""
        steps.append(
            Step(
                entry.seq, entry.at, title, entry.says or _own_words(district, pack, entry), entry.actor_label, state_title,
                _shown(district, pack, spec, entry, audience), entry.hash,
                tuple(kept[ident] for ident in _photo_ids(spec, entry, audience) if ident in kept),
            )
        )  # fmt: skip
    return steps


def asked_by(district: DistrictView, run: Run) -> tuple[Run, Step] | None:
    """Return the case that a task belongs to and its step that asked for it; None for what is no task (0 or 2–3 statements)."""
    whole = get_run(district, run.parent_id) if run.parent_id else None
    if whole is None:
        return None
    before = [step for step in timeline(district, whole, audience="staff") if step.at <= run.started_at]
    return (whole, before[-1]) if before else None


def _photo_ids(spec: Transition | None, entry: LogEntry, audience: str) -> list[str]:
    fields = spec.form if spec is not None else {}
    return photo_ids_of({k: f for k, f in fields.items() if audience == "staff" or f.shown != "staff"}, entry.form)


def _photos_of(run: Run, procedure: Procedure, entries: Sequence[LogEntry]) -> dict[str, Attachment]:
    """Pictures of the subject by id, when any step carries one (0–1 statements)."""
    if not any(_photo_ids(procedure.transitions.get(one.transition), one, "staff") for one in entries):
        return {}
    return {str(photo.pk): photo for photo in records.list_for(run.subject_kind, run.subject_id)}


def _own_words(district: DistrictView, pack: Pack, entry: LogEntry) -> str:
    """What a step of the engine's own did, for staff: 提醒承办人; 上报…，现由…承办; 归为…，原为…."""
    if entry.transition == "sorted":
        titles = {category.code: category.title for category, _ in pack.catalogue.walk()}
        now, before = (
            titles.get(code, code) for code in (entry.form.get("category", ""), entry.form.get("before", ""))
        )
        how = "改了建议的类别" if entry.form.get("corrected") else "采用建议"
        return f"归为“{now}”（{how}）" + (f"，原来猜作“{before}”" if before and before != now else "")
    if entry.transition == "retimed":
        return f"发生时间改为“{entry.form.get('happened') or '没有说到'}”"
    done = [registry.effects[name].title for name in entry.form.get("did", []) if name in registry.effects]
    if entry.transition != "late" or not done:
        return ""
    desk = organization.desk(district, entry.holder_post_id) if entry.holder_post_id else None
    return "、".join(done) + (f"；现由{desk.title}承办" if desk and "escalate" in entry.form["did"] else "")


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
        if value is None or field.type == "photos" or (audience == "reporter" and field.shown == "staff"):
            continue
        if field.type in ("unit", "units"):
            idents = value if isinstance(value, list) else [value]
            text = "、".join(body.name for ident in idents if (body := directory.body(ident)) is not None)
        elif field.type == "category":
            text = titles.get(str(value), str(value))
        elif field.type == "area":
            text = territory.tree(district).full_name(value)
        else:
            text = plain_words(field, value)
        out.append((field.title, text))
    return out


def plain_words(field: FormField, value: Any) -> str:
    """Return a value of a form as people read it, where that takes no look-up."""
    if field.type in ("choice", "several"):
        return "、".join((field.choices or {}).get(str(one), str(one)) for one in as_list(value))
    if field.type == "yesno":
        return "是" if value else "否"
    if field.type == "rating":
        return RATINGS.get(value, str(value))
    if field.type == "date":
        on = date.fromisoformat(str(value))
        return f"{on.year}年{on.month}月{on.day}日"
    return str(value)


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
