"""Starting a run and taking a step: the engine's writes. Each is one transaction: permission, guards, form, change, log, notes.

Guarantees 1–3 and 6 of the design: one transaction or nothing; hash-chained append-only log; the same request acts once and of two
people at once one wins; at most 8 statements a step (lock 1, write 1, notes 1, the rest belongs to effects).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from django.db import transaction

from tongxin.kernel import chain, codes, registry
from tongxin.kernel.clock import LOCAL, local
from tongxin.kernel.days import today_of
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.statements import Gate, Part, new_row
from tongxin.notices import api as notices
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, Desk
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Pack, Procedure, State
from tongxin.procedures import permissions, rules, store
from tongxin.procedures.context import Context, target_of
from tongxin.procedures.forms import Lookups, check_form
from tongxin.procedures.models import LogEntry, Run
from tongxin.procedures.photos import claim_photos
from tongxin.territory import api as territory

START = "start"


class Started(NamedTuple):
    """What starting a run tells."""

    run_id: int
    subject_id: int
    state: str
    desk: Desk | None
    due_at: datetime | None
    limit_at: datetime | None
    hash: str


class Opening(NamedTuple):
    """A subject that comes into being with its run, in one statement.

    Args:
        insert: the part, called ``subject``, that inserts it and gives ``n`` and its ``id``, or no row when it is there already.
        ref_prefix: the card's ``ref`` becomes this and the id.
        gate: where it does not hold nothing is written; the insert's part then reads it (``new_subject(…, gated=True)``).
    """

    insert: Part
    ref_prefix: str
    gate: Gate | None = None

    @property
    def parts(self) -> list[Part]:
        """The opening's parts of the statement, in order."""
        return [self.gate.part, self.insert] if self.gate else [self.insert]


class AlreadyThere(Exception):
    """The subject of an opening was there before, or its gate did not hold; nothing was written."""


@dataclass(frozen=True)
class Acted:
    """What a step tells; ``replayed`` when the same request had acted before."""

    run: Run
    entry: LogEntry
    replayed: bool


def procedure_of(pack: Pack, key: str) -> Procedure:
    """Return a procedure of a pack; NotFound tells the pack's author."""
    try:
        return pack.procedures[key]
    except KeyError:
        raise NotFound("no_procedure", f"资料包“{pack.settings.title}”里没有流程“{key}”。", "请检查资料包。") from None


def start_run(
    *,
    district: DistrictView,
    pack: Pack,
    procedure: str,
    subject_kind: str,
    subject_id: int | Opening,
    area_id: int | None,
    card: dict[str, Any],
    facts: dict[str, Any],
    parts: dict[str, Any],
    actor: Actor,
    now: datetime,
    sealed: Mapping[str, Any] | None = None,
    says: str = "",
    parent_id: int | None = None,
) -> Started:
    """Begin a procedure on a subject, under the district's pack in force, with a note to the holder (1 statement, atomic).

    Args:
        subject_id: what it runs on, or the insert that brings it into being in the same statement.
        area_id: where the subject is; None falls to the district's own desk by the vacancy rule.
        card: what lists show (title, place, ref …); facts: plain values for guards and limits; parts: participants.
        sealed: content of the subject that the chain commits to without storing it again.
        says: the first line of the resident's timeline.

    Raises:
        AlreadyThere: the opening's insert found its subject there before, or its gate did not hold; nothing is written.
    """
    spec = procedure_of(pack, procedure)
    opening = subject_id if isinstance(subject_id, Opening) else None
    run = new_row(
        Run, district_id=district.id, pack_id=district.pack_id, procedure=procedure, subject_kind=subject_kind,
        subject_id=0 if isinstance(subject_id, Opening) else subject_id, parent_id=parent_id, area_id=area_id,
        state=spec.start, started_at=now, entered_at=now,
        facts=rules.pin_rules(facts, spec, pack.catalogue, now), card=card, parts=parts,
        salt=codes.random_bytes(16), head=chain.GENESIS,
    )  # fmt: skip
    context = Context(district, pack, spec, run, START, None, dict(sealed or {}), actor, now, to_state=spec.start)
    enter_state(context, from_state="")
    entry = write_entry(context, from_state="", says=says, request_key=None, stored_form={})
    _tell_holder(context)
    written = store.insert_run(
        run, entry, besides=[notices.notes_as_part(context.notes, district_id=district.id, now=now)],
        subject=opening.parts if opening else None, ref_prefix=opening.ref_prefix if opening else None,
    )  # fmt: skip
    if not written:
        raise AlreadyThere
    return Started(run.id, run.subject_id, run.state, context.desk, run.due_at, run.limit_at, run.head)


def act(
    *,
    district: DistrictView,
    run_id: int,
    transition: str,
    form: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    request_key: str | None = None,
    seen_seq: int | None = None,
) -> Acted:
    """Take one step of a run.

    Args:
        form: values by field key as typed; checked against the transition's form.
        request_key: the same key acts once, the repeat gets the first answer.
        seen_seq: the step the person saw; if the run has moved on since, Conflict with who did what when.

    Raises:
        NotFound, NotAllowed, Invalid/Invalids, Conflict: nothing has changed then.
    """
    with transaction.atomic():
        run = lock_run(district, run_id)
        if request_key is not None and (before := run.log.filter(request_key=request_key).first()) is not None:
            return Acted(run, before, replayed=True)
        if seen_seq is not None and seen_seq != run.seq:
            raise moved_on(run)
        context = _prepare(district, run, transition, actor, now)
        assert context.spec is not None
        asked = rules.numbers_in_force(context.spec.form, run.facts)
        context.form = check_form(asked, form, lookups(district, context.pack), today_of(now))
        _parts_from_form(context)
        check_guards(context)
        entry = take(context, request_key=request_key)
        claim_photos(context.spec.form, context.form, run)
        notices.notify_posts(context.notes, district_id=district.id, now=now)
        return Acted(run, entry, replayed=False)


class StepAsked(TypedDict):
    """A step as somebody asks for it who is known by a receipt, not by a login; see :func:`act`."""

    transition: str
    form: Mapping[str, Any]
    now: datetime
    request_key: NotRequired[str | None]
    seen_seq: NotRequired[int | None]


def act_on_subject(
    *, district: DistrictView, subject_kind: str, subject_id: int, actor: Actor, **step: Unpack[StepAsked]
) -> Acted:
    """Take a step on the main run of a subject that has one (as :func:`act`, 1 statement more)."""
    from tongxin.procedures.queries.cases import find_run  # reads stand on writes here, not the other way round

    run = find_run(district, subject_kind, subject_id)
    assert run is not None
    return act(district=district, run_id=run.id, actor=actor, **step)


def lock_run(district: DistrictView, run_id: int) -> Run:
    """Return the run, locked until the transaction ends (1 statement)."""
    try:
        return Run.objects.select_for_update(of=("self",)).get(id=run_id, district_id=district.id)
    except Run.DoesNotExist:
        raise NotFound("no_run", "没有这一件。", "请从列表里重新打开。") from None


def moved_on(run: Run) -> Conflict:
    """The refusal that tells who was first (1 statement)."""
    last = run.log.order_by("-seq").first()
    pack = packs.get_pack(run.pack_id)
    spec = procedure_of(pack, run.procedure)
    assert last is not None
    what = spec.transitions[last.transition].title if last.transition in spec.transitions else "更新"
    return Conflict(
        "moved_on",
        f"这一件已由 {last.actor_label} 于 {local(last.at):%m月%d日 %H:%M} {what}，现在是“{spec.states[run.state].title}”。",
        "您填的内容还在，请看过最新情况再决定。",
        seq=run.seq,
        state=run.state,
    )


def _prepare(district: DistrictView, run: Run, transition: str, actor: Actor, now: datetime) -> Context:
    pack = packs.get_pack(run.pack_id)
    procedure = procedure_of(pack, run.procedure)
    spec = procedure.transitions.get(transition)
    if spec is None:
        raise NotFound("no_transition", f"这个流程里没有“{transition}”这个动作。", "请刷新页面。")
    if run.state not in spec.from_:
        raise moved_on(run)
    context = Context(district, pack, procedure, run, transition, spec, {}, actor, now, to_state=target_of(run, spec))
    context.acting_as = permissions.demand_may(context)
    if spec.within is not None:
        closes = packs.working_calendar(district).add(run.entered_at, rules.in_force(spec.within, run.facts)).at
        if now > closes:
            raise NotAllowed(
                "window_closed",
                f"“{spec.title}”须在 {rules.in_force(spec.within, run.facts).words} 内提出，{local(closes):%m月%d日 %H:%M} 已截止。",
                "可以重新反映。",
            )
    return context


def lookups(district: DistrictView, pack: Pack) -> Lookups:
    """Return the look-ups that forms are checked with (0 statements)."""
    directory, tree = organization.directory(district), territory.tree(district)
    codes = pack.catalogue.by_code
    return Lookups(
        unit=lambda ident: directory.body(ident) is not None,
        area=lambda ident: tree.get(ident) is not None,
        category=lambda code: code in codes,
    )


def _parts_from_form(context: Context) -> None:
    for name in context.procedure.parts:
        if name in context.form:
            context.run.parts = {**context.run.parts, name: context.form[name]}


def check_guards(context: Context) -> None:
    """Raise NotAllowed with the sentence of the first guard that says no."""
    assert context.spec is not None
    for call in context.spec.guard:
        sentence = registry.guards[call.name].call(context, call.argument)
        if sentence:
            raise NotAllowed("guard_" + call.name, sentence)


def take(context: Context, *, request_key: str | None = None, says: str = "") -> LogEntry:
    """Run the effects, enter the next state and write run and log (1 statement plus what the effects cost).

    ``says`` stands in place of the pack's own words.
    """
    run, spec = context.run, context.spec
    assert spec is not None
    from_state = run.state
    _remember_separate(context)
    for call in spec.do:
        registry.effects[call.name].call(context, call.argument)
    enter_state(context, from_state=from_state)
    says = says or rules.told(spec.says, _names(context))
    entry = write_entry(context, from_state=from_state, says=says, request_key=request_key, stored_form=context.form)
    store.update_run(run, entry)
    _tell_holder(context)
    return entry


def enter_state(context: Context, *, from_state: str) -> None:
    """Set the run's state, holder and clock. ``stay`` keeps all three unless an effect named another holder."""
    run, spec = context.run, context.spec
    state = context.procedure.states[context.to_state]
    staying = spec is not None and spec.to == "stay"
    if not staying:
        clock = rules.enter(
            rules.Clock(run.clock_started_at, run.paused_at, run.paused_seconds, run.limit_at),
            procedure=context.procedure, state=state, facts=run.facts, catalogue=context.pack.catalogue,
            calendar=packs.working_calendar(context.district), now=context.now, count_pause=context.count_pause, until=_until(context, state),
        )  # fmt: skip
        run.came_from, run.state, run.entered_at, run.timer_step = from_state, context.to_state, context.now, 0
        run.clock_started_at, run.paused_at, run.paused_seconds = (
            clock.started_at,
            clock.paused_at,
            clock.paused_seconds,
        )
        run.limit_at, run.due_at, run.next_timer_at = clock.limit_at, clock.due_at, clock.next_timer_at
        run.provisional = clock.provisional
        run.finished_at, run.outcome = (context.now, state.final) if state.final else (None, "")
    if context.take_holder is not None:
        context.desk = context.take_holder
    elif staying:
        context.desk = organization.desk(context.district, run.holder_post_id) if run.holder_post_id else None
    else:
        context.desk = permissions.holder_of(context, state)
    run.holder_post_id = context.desk.post_id if context.desk else None


def _until(context: Context, state: State) -> datetime | None:
    """The end of the day that a person set for this state in a form field."""
    day = context.form.get(state.until) if state.until else None
    return datetime.combine(date.fromisoformat(day), time(23, 59), LOCAL) if isinstance(day, str) else None


def write_entry(
    context: Context, *, from_state: str, says: str, request_key: str | None, stored_form: dict[str, Any]
) -> LogEntry:
    """Advance the run's chain by one entry and return the entry, not yet written."""
    run = context.run
    run.seq += 1
    label = permissions.label_of(context)
    sealed = chain.commitment(bytes(run.salt), context.form, context.pack.settings.chain)
    public = rules.public_part(
        seq=run.seq, at=context.now, transition=context.transition, from_state=from_state, to_state=run.state,
        actor_label=label, says=says, commitment=sealed,
    )  # fmt: skip
    run.head = chain.link(run.head, public, context.pack.settings.chain)
    return new_row(
        LogEntry, seq=run.seq, at=context.now, transition=context.transition, from_state=from_state, to_state=run.state,
        actor_user_id=context.actor.user_id, actor_post_id=context.acting_as, actor_label=label,
        holder_post_id=run.holder_post_id, due_at=run.due_at, form=stored_form, says=says, request_key=request_key,
        commitment=sealed, hash=run.head,
    )  # fmt: skip


def _remember_separate(context: Context) -> None:
    """Keep which post did a step that another unit must do the counterpart of (norm D-01)."""
    if any(context.transition in pair for pair in context.procedure.separate):
        unit = permissions.unit_of(context)
        did = dict(context.run.facts.get("did", {}))
        did[context.transition] = sorted({*did.get(context.transition, []), unit})
        context.run.facts = {**context.run.facts, "did": did}


def _names(context: Context) -> dict[str, str]:
    directory, spec = organization.directory(context.district), context.spec
    names: dict[str, str] = {}
    for part, value in context.run.parts.items():
        idents = value if isinstance(value, list) else [value]
        names[part] = "、".join(body.name for ident in idents if (body := directory.body(ident)) is not None)
    for key, value in context.form.items():
        if spec is None or key not in spec.form or key in names:
            continue
        choices = spec.form[key].choices
        names[key] = choices.get(str(value), "") if choices else str(value)
    if context.desk is not None:
        names["holder"] = context.desk.body_name or context.desk.title
    return names


def _tell_holder(context: Context) -> None:
    """Leave a note for a holder who did not take the step."""
    desk = context.desk
    staying = context.spec is not None and context.spec.to == "stay"
    if desk is None or staying or desk.post_id == context.acting_as:
        return
    title = f"{context.procedure.states[context.run.state].title}：{context.run.card.get('title', '')}"
    context.note(desk.post_id, "arrived", title, str(context.run.card.get("place", "")))


def close_task(context: Context, task: Run) -> None:
    """Withdraw an open task because its parent moved on (1 statement); the task's procedure names its withdrawn state."""
    spec = procedure_of(context.pack, task.procedure)
    target = next((key for key, state in spec.states.items() if state.final == "withdrawn"), None)
    if target is None:
        raise Invalid("no_withdrawn", f"流程“{spec.title}”没有“撤回”终态，不能收回协办。", "请在资料包里补上。")
    inner = Context(
        context.district, context.pack, spec, task, "withdraw", None, {}, context.actor, context.now, to_state=target
    )
    inner.acting_as = context.acting_as
    if task.holder_post_id is not None:
        context.note(task.holder_post_id, "withdrawn", f"协办已收回：{task.card.get('title', '')}")
    before = task.state
    enter_state(inner, from_state=before)
    store.update_run(task, write_entry(inner, from_state=before, says="", request_key=None, stored_form={}))
