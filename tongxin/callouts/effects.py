"""What a procedure may do to a call-out: send it down, pass up who has not answered, close it."""

from __future__ import annotations

from typing import Any

from django.db import connection

from tongxin.callouts.models import CallOut, Recipient
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import effects
from tongxin.notices import api as notices
from tongxin.organization import api as organization
from tongxin.packs.schema import Holder
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Context
from tongxin.territory import api as territory

SUBJECT = "call_out"
_COLUMNS = ("call_out_id", "post_id", "area_id", "above_id", "households", "how", "reached")


@effects.register("send_call_out", "把动员发给辖区内某一角色的每个岗位", takes="role")
def send_call_out(context: Context, argument: Any) -> None:
    """Call every held post of the role below the run's place, with a note in each tray (4 statements whatever their number).

    Raises:
        Invalid: nobody holds such a post there.
    """
    role = Holder.model_validate(argument).role
    tree, directory = territory.tree(context.district), organization.directory(context.district)
    assert context.run.area_id is not None
    held = directory.held(local(context.now).date())
    rows, posts = [], []
    for area_id in tree.under(context.run.area_id):
        place = tree.get(area_id)
        for post in directory.posts_at(role or "", area_id):
            if post.id in held and place is not None:
                above = place.parent_id if area_id != context.run.area_id else area_id
                rows.append((context.run.subject_id, post.id, area_id, above, place.households or 0, "", 0))
                posts.append(post.id)
    if not rows:
        title = context.pack.units.roles[role].title if role in context.pack.units.roles else ""
        raise Invalid("nobody_to_call", f"这里没有在岗的{title}，发不出去。", "请先在“人员与岗位”里配齐。")
    procedures.copy_rows(Recipient._meta.db_table, _COLUMNS, rows)
    CallOut.objects.filter(id=context.run.subject_id).update(sent_at=context.now)
    title = str(context.run.card.get("title", ""))
    notices.notify_all(
        posts, district_id=context.district.id, kind="call_out", title=f"请传达到户：{title}",
        body=str(context.run.card.get("place", "")), subject_kind=SUBJECT, subject_id=context.run.subject_id, now=context.now,
    )  # fmt: skip
    context.run.facts = {**context.run.facts, "called": len(rows)}


@effects.register("pass_up", "把还没确认的转给上面的某一角色电话通知", takes="role")
def pass_up(context: Context, argument: Any) -> None:
    """Give whoever has not answered to the named role above them, with one note a post (3 statements whatever their number)."""
    holder = Holder.model_validate(argument)
    waiting = list(
        Recipient.objects.filter(call_out_id=context.run.subject_id, answered_at=None).values_list("id", "above_id")
    )
    below: dict[int, list[int]] = {}
    desks: dict[int | None, int | None] = {}
    for ident, above in waiting:
        if above not in desks:
            desk = organization.resolve_role(
                context.district, holder.role or "", above or context.run.area_id, holder.of, now=context.now
            )
            desks[above] = desk.post_id if desk is not None else None
        post_id = desks[above]
        if post_id is not None:
            below.setdefault(post_id, []).append(ident)
    pairs = [(ident, post_id) for post_id, idents in below.items() for ident in idents]
    if not pairs:
        return
    _pass(pairs)
    title = str(context.run.card.get("title", ""))
    notices.notify_posts(
        [
            notices.Note(
                kind="call_out", post_id=post_id, title=f"有 {len(idents)} 处还没确认：{title}"[:160],
                body="请打电话通知，并在这里代记", subject_kind=SUBJECT, subject_id=context.run.subject_id,
            )
            for post_id, idents in below.items()
        ],
        district_id=context.district.id, now=context.now,
    )  # fmt: skip


def _pass(pairs: list[tuple[int, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE callouts_recipient r SET passed_to_id = p.post FROM unnest(%s::bigint[], %s::bigint[]) AS p(id, post)
               WHERE r.id = p.id AND r.answered_at IS NULL""",
            [[ident for ident, _ in pairs], [post for _, post in pairs]],
        )


@effects.register("close_call_out", "结束动员，不再收确认")
def close_call_out(context: Context, argument: Any) -> None:
    """Close the call-out: answers are no longer taken (1 statement)."""
    CallOut.objects.filter(id=context.run.subject_id, district_id=context.district.id).update(closed_at=context.now)
