"""Turning matters and runs into what the API shows. Here it is decided which reader gets which field."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from tongxin.kernel import chain as hashes
from tongxin.kernel.clock import local
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.matters.api import Matter
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory
from tongxin.web.api.v1.shown.matters import (
    ActedOut,
    ActOut,
    ChainOut,
    ChoiceOut,
    FieldOut,
    JoinedOut,
    LinkOut,
    MatterOut,
    RowOut,
    StepOut,
)
from tongxin.web.request import Request

Receipt = Annotated[
    str, Field(max_length=40, description="回执码；大小写、空格、横线不论", examples=["7K3M-9QXA-2B4C"])
]

HOW = (
    "每一环：hash = H(上一环的 hash 的十六进制文字 + 换行符 0x0A + 规范 JSON(public))；第一环的上一环是 64 个 0。"
    "H 是 algorithm 所写的杂凑算法，结果写成小写十六进制。规范 JSON：键按 Unicode 码位排序，不留空格，UTF-8 编码，"
    "不转义非 ASCII 字符。public.commitment 是这一步私密内容（表单和理由）加盐的杂凑，内容本身不公开："
    "改动任何一步的时间、环节、说明或内容，其后的 hash 都对不上。"
)


class Asked(Schema):
    """Query parameters of one address."""

    model_config = ConfigDict(extra="forbid")


def ref_of(matter: Matter) -> str:
    """Return the public number of a matter."""
    return matters.ref_of(matter.id, matter.reported_at)


def category_title(request: Request, code: str) -> str:
    """Return a category's title under the pack in force; the code itself when the catalogue no longer has it."""
    category = request.district.pack.catalogue.by_code.get(code)
    return category.title if category is not None else code


def run_of(request: Request, receipt: str) -> procedures.Run:
    """Return the run of a receipt's matter (2 statements)."""
    matter = matters.find_by_receipt(request.district, receipt)
    run = procedures.find_run(request.district, matters.SUBJECT, matter.id)
    assert run is not None
    return run


def matter(request: Request, found: Matter, *, acts: bool, whole: bool) -> MatterOut:
    """Return a matter as its reader may see it (2 statements).

    Args:
        acts: list what its reporter may do now.
        whole: with its words, address and point; else only what a public board may show.
    """
    district, tree = request.district, territory.tree(request.district)
    run = procedures.find_run(district, matters.SUBJECT, found.id)
    assert run is not None
    holder = organization.directory(district).desk(run.holder_post_id) if run.holder_post_id else None
    open_acts = procedures.options(district, run, matters.reporter_actor(district), request.now) if acts else []
    photos = records.list_for(matters.SUBJECT, found.id) if whole else []
    code = str(run.facts.get("category") or found.category)
    state = procedures.drawn(run).states.get(run.state)
    happened = found.extra.get("happened")
    if happened is None and whole:
        happened = learning.read_text(district, f"{found.title}。{found.text}", written_at=found.reported_at).happened
    return MatterOut(
        ref=str(run.card.get("ref") or ref_of(found)), category=code, category_title=category_title(request, code),
        title=found.title if whole else "", text=found.text if whole else "", address=found.address if whole else "",
        area_id=found.area_id, area=tree.full_name(found.area_id) if found.area_id is not None else "",
        lon=found.lon if whole else None, lat=found.lat if whole else None, precision=found.precision,
        happened=happened if whole else "",
        public=found.public, reported_at=found.reported_at, closed_at=found.closed_at, state=run.state,
        state_title=(state.plain or state.title) if state else run.state, holder=holder.title if holder else None,
        due_at=run.due_at, limit_at=run.limit_at, provisional=run.provisional, outcome=run.outcome, rating=found.rating,
        solved=found.solved, seq=run.seq, photos=[records.url_of(photo, request.now) for photo in photos],
        master_ref=ref_of(found.master) if found.master else None,
        topic=_joined(district, found) if acts else None, acts=[act(option) for option in open_acts],
    )  # fmt: skip


def _joined(district: packs.DistrictView, found: Matter) -> JoinedOut | None:
    """The topic that a matter joined (1–4 statements)."""
    joined = learning.find_joined(district, found.master_id or found.id)
    if joined is None:
        return None
    return JoinedOut(
        title=joined.title, others=joined.others, led_by=joined.led_by, state_title=joined.plain, outcome=joined.outcome,
        says=[says for _, says in joined.steps], answer=joined.answer,
    )  # fmt: skip


def act(option: procedures.Option) -> ActOut:
    """Return an act that is open, with its form."""
    return ActOut(
        key=option.key, title=option.title, fields=[field(one) for one in option.fields], blocked=option.blocked
    )


def field(shown: procedures.Field) -> FieldOut:
    """Return a field of a form."""
    return FieldOut(
        key=shown.key, title=shown.title, type=shown.type, required=shown.required, help=shown.help, value=shown.value,
        min=shown.min, max=shown.max, days=shown.days if shown.type == "date" else None, choices=[ChoiceOut(value=value, title=title) for value, title in shown.choices],
    )  # fmt: skip


def row(found: procedures.RunRow, now: datetime) -> RowOut:
    """Return a line of a list, from the run's card alone (0 statements)."""
    card, facts = found.card, found.facts
    return RowOut(
        ref=str(card.get("ref", "")), title=str(card.get("title", "")), category=str(facts.get("category", "")),
        category_title=str(card.get("category", "")), area_id=found.area_id, place=str(card.get("place", "")),
        state=found.state, state_title=found.state_title, holder=found.holder.title if found.holder else None,
        reported_at=found.started_at, due_at=found.due_at, limit_at=found.limit_at, late=found.late(now),
        finished_at=found.finished_at, outcome=found.outcome, seq=found.seq,
    )  # fmt: skip


def step(found: procedures.Step) -> StepOut:
    """Return a line of the reporter's time line."""
    return StepOut(seq=found.seq, at=found.at, title=found.title, says=found.says, state=found.state_title)


def acted(done: procedures.Acted) -> ActedOut:
    """Return what a step led to."""
    state = procedures.drawn(done.run).states[done.entry.to_state]
    return ActedOut(
        seq=done.entry.seq, state=done.entry.to_state, state_title=state.plain or state.title, replayed=done.replayed
    )


def chain(run: procedures.Run) -> ChainOut:
    """Return the chain of a run with the verdict on it (2 statements)."""
    broken = procedures.verify(run)
    return ChainOut(
        algorithm="sm3" if packs.get_pack(run.pack_id).settings.chain == "sm3" else "sha256", genesis=hashes.GENESIS,
        links=[LinkOut(public=public, hash=stored) for public, stored in procedures.public_entries(run)],
        whole=broken is None, first_broken=broken, how=HOW,
    )  # fmt: skip


def day(moment: datetime) -> str:
    """Return the local day, for what may be known of others' matters."""
    return f"{local(moment):%Y-%m-%d}"
