"""Writes: prepare a call-out, confirm, say how many households were reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from tongxin.callouts import links
from tongxin.callouts.effects import SUBJECT
from tongxin.callouts.models import CallOut
from tongxin.callouts.queries import get_recipient
from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.turns import wait_our_turn
from tongxin.organization.api import Actor, access
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory


def procedures_for(district: DistrictView) -> dict[str, str]:
    """Return the procedures of the pack that run on call-outs: key → title (0 statements)."""
    return {key: spec.title for key, spec in district.pack.procedures.items() if spec.subject == SUBJECT}


@transaction.atomic
def prepare_call_out(
    *, district: DistrictView, procedure: str, area_id: int, title: str, text: str, drill: bool, actor: Actor,
    now: datetime, request_key: str | None = None,
) -> procedures.Run:  # fmt: skip
    """Prepare a call-out for a place; nothing is sent before its procedure says so (about 6 statements).

    Raises:
        NotAllowed: the actor may not call out there. Invalid: words missing or too long, no such place or procedure.
    """
    title, text = title.strip(), text.strip()
    if not title or len(title) > limits.TITLE_CHARS:
        raise Invalid("title", f"请写标题，不超过 {limits.TITLE_CHARS} 个字。", "", "title")
    if not text or len(text) > limits.NOTE_CHARS:
        raise Invalid("text", f"请写要传达的话，不超过 {limits.NOTE_CHARS} 个字。", "", "text")
    if procedure not in procedures_for(district):
        raise Invalid("no_procedure", "本地的资料包里没有动员流程。", "请联系管理员。", "procedure")
    tree = territory.tree(district)
    if tree.get(area_id) is None:
        raise Invalid("unknown_area", "选的区域不存在。", "请从列出的区域里选。", "area_id")
    access.demand(actor, "call_out", area_id)
    if request_key:
        wait_our_turn(f"call-out:{district.id}:{request_key}")
    known = CallOut.objects.filter(district_id=district.id, request_key=request_key).first() if request_key else None
    if known is not None:
        return _run_of(district, known.id)
    made = CallOut.objects.create(
        district_id=district.id, area_id=area_id, title=title, message=text, drill=drill, made_by_id=actor.user_id, made_at=now,
        request_key=request_key,
    )  # fmt: skip
    name = f"【演练】{title}" if drill else title
    procedures.start_run(
        district=district, pack=district.pack, procedure=procedure, subject_kind=SUBJECT, subject_id=made.id, area_id=area_id,
        card={"title": name, "place": tree.full_name(area_id), "ref": f"DY{local(now):%Y%m%d}-{made.id}", "category": "动员"},
        facts={"drill": drill, "starter": _post_of(actor, tree.path(area_id))}, parts={}, actor=actor, now=now, sealed={"title": title, "text": text},
    )  # fmt: skip
    return _run_of(district, made.id)


def _post_of(actor: Actor, path: Sequence[int]) -> int | None:
    """The actor's post from which the call-out goes: it holds the case."""
    return next(
        (post.id for post in actor.posts if "call_out" in post.may and set(path).intersection(post.grounds)), None
    )


def _run_of(district: DistrictView, ident: int) -> procedures.Run:
    run = procedures.find_run(district, SUBJECT, ident)
    assert run is not None
    return run


_ANSWER = """UPDATE callouts_recipient r SET answered_at = coalesce(answered_at, %(now)s), answered_by_id = coalesce(answered_by_id, %(user)s),
    how = CASE WHEN answered_at IS NULL THEN %(how)s ELSE how END, 
    reached = CASE WHEN %(reached)s::int IS NULL THEN reached ELSE least(greatest(%(reached)s::int, 0), households) END
    FROM callouts_callout c WHERE r.id = %(id)s AND c.id = r.call_out_id AND c.district_id = %(district)s
    AND c.sent_at IS NOT NULL AND c.closed_at IS NULL RETURNING r.reached"""


def answer(*, district: DistrictView, recipient_id: int, reached: int | None, actor: Actor, now: datetime) -> None:
    """Confirm for a post of mine, or for one that I telephoned (2 statements).

    Args:
        reached: households told by now; None for “received, on my way”. A later answer corrects the number.

    Raises:
        NotFound: no such recipient. NotAllowed: neither mine, nor passed to me, nor below me. Conflict: it is over.
    """
    row = get_recipient(district, recipient_id)
    if row.call_out.closed_at is not None:
        raise _over(row.call_out)
    how = "tap" if row.post_id in actor.post_ids else "phone"
    if how == "phone" and row.passed_to_id not in actor.post_ids and not access.may(actor, "call_out", row.area_id):
        raise NotAllowed("not_yours", "这一处不是您的岗位，也没有转给您。", "请联系发起人。")
    _write(district, recipient_id, how, reached, actor.user_id, now)


def answer_by_link(*, district: DistrictView, token: str, reached: int | None, now: datetime) -> None:
    """Confirm by the link that was sent, without an account (1 statement).

    Raises:
        NotFound: the link is not ours. Conflict: it is over.
    """
    ident = links.read_token(token)
    if ident is None:
        raise NotFound("no_call_out", "链接不完整或不对。", "请向发链接的人再要一次。")
    _write(district, ident, "link", reached, None, now)


def _write(
    district: DistrictView, ident: int, how: str, reached: int | None, user_id: int | None, now: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _ANSWER,
            {"id": ident, "how": how, "reached": reached, "user": user_id, "now": now, "district": district.id},
        )
        if cursor.fetchone() is None:
            raise _over(get_recipient(district, ident).call_out)


def _over(call_out: CallOut) -> Conflict:
    if call_out.closed_at is not None:
        return Conflict(
            "closed",
            f"这次动员已于 {local(call_out.closed_at):%m月%d日 %H:%M} 结束，不再收确认。",
            "如有情况请直接告诉社区。",
        )
    return Conflict("not_sent", "这次动员还没有发出。", "请稍后再试。")
