"""What all writes of the organization share: one at a time in a district, the record, the version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tongxin.kernel.days import check_day, today_of
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.organization import access
from tongxin.organization.models import Body, Person, Post
from tongxin.organization.rules.people import Actor
from tongxin.packs import api as packs
from tongxin.records import api as records


@contextmanager
def writing(district_id: int) -> Iterator[None]:
    """One transaction, one writer of a district at a time; the version rises at the end (2 statements)."""
    with transaction.atomic():
        if not packs.District.objects.select_for_update().filter(pk=district_id).values_list("pk").first():
            raise NotFound("no_district", "没有这个地方。", "请核对地方的键。")
        yield
        packs.bump_organization(district_id)
        transaction.on_commit(packs.forget_districts)


def note(actor: Actor, action: str, target: str, detail: dict[str, Any], now: datetime) -> None:
    """Write the record of an act (1 statement). No telephone numbers: only what the act needs."""
    records.audit(
        district_id=actor.district_id, user_id=actor.user_id, actor_label=actor.label,
        action=f"organization.{action}", target=target, detail=detail, now=now,
    )  # fmt: skip


def demand_home(district: packs.DistrictView, actor: Actor) -> None:
    """An actor acts in one district only."""
    if actor.district_id != district.id:
        raise access.refusal("manage_people")


def get_post(actor: Actor, post_id: int) -> Post:
    """Return a living post of the actor's district (1 statement). Raises NotFound."""
    post = Post.objects.filter(district_id=actor.district_id, pk=post_id, ended_on=None).first()
    if post is None:
        raise NotFound("no_post", "没有这个岗位，或者它已经撤销。", "请刷新后再选。", "post_id")
    return post


def get_body(actor: Actor, body_id: int) -> Body:
    """Return a living body of the actor's district (1 statement). Raises NotFound."""
    body = (
        Body.objects.select_related("parent").filter(district_id=actor.district_id, pk=body_id, ended_on=None).first()
    )
    if body is None:
        raise NotFound("no_body", "没有这个组织，或者它已经撤销。", "请刷新后再选。", "body_id")
    return body


def get_person(actor: Actor, person_id: int) -> Person:
    """Return a person of the actor's district (1 statement). Raises NotFound."""
    person = Person.objects.filter(district_id=actor.district_id, pk=person_id).first()
    if person is None:
        raise NotFound("no_person", "没有这个人员。", "请刷新后再选。", "person_id")
    return person


def span_given(first: date | None, last: date | None, now: datetime) -> tuple[date, date | None]:
    """Return the first day, today where none is given, and the last; refuses days that cannot be meant."""
    today = today_of(now)
    if last is not None:
        check_day(last, "到哪天止", "to_on", today=today)
    return today if first is None else check_day(first, "从哪天起", "from_on", today=today), last


def last_given(last: date | None, now: datetime) -> date:
    """Return the last day of what ends, yesterday where none is given, so that it is over at once."""
    today = today_of(now)
    return today - timedelta(days=1) if last is None else check_day(last, "最后一天", "last_on", today=today)


def clean(text: str, field: str, title: str, most: int, *, needed: bool = True) -> str:
    """Return the text without outer spaces; refuses an empty (where needed) or over-long one."""
    text = text.strip()
    if len(text) > most or (needed and not text):
        raise Invalid(
            f"{field}_length",
            f"{title}应为{'1–' if needed else '不超过 '}{most} 个字，现有 {len(text)} 个。",
            "",
            field,
            limit=most,
        )
    return text
