"""Who may take a step and who holds a state: roles at places, participating units, the reporter. Reads in-process copies only."""

from __future__ import annotations

from tongxin.kernel.errors import NotAllowed
from tongxin.organization import api as organization
from tongxin.organization.api import Desk
from tongxin.packs.schema import Holder, State
from tongxin.procedures.context import Context
from tongxin.territory import api as territory

REPORTER = "reporter"
STARTER = "starter"  # the fact that holds the post from which a run was started


def resolve(context: Context, holder: Holder | None) -> Desk | None:
    """Return the desk that a holder of the pack means for this run, by the vacancy rule; None for final states and residents."""
    if holder is None or holder.who not in (None, "starter"):
        return None
    if holder.who == "starter":
        return organization.desk(context.district, starter) if (starter := context.run.facts.get(STARTER)) else None
    if holder.unit is not None:
        body = context.run.parts.get(holder.unit)
        ident = body[0] if isinstance(body, list) and body else body
        return organization.resolve_unit(context.district, ident, context.now) if isinstance(ident, int) else None
    assert holder.role is not None
    return organization.resolve_role(context.district, holder.role, place_of(context), holder.of, now=context.now)


def holder_of(context: Context, state: State) -> Desk | None:
    """Return the desk that holds a state of this run: the one the pack names, else the procedure's desk of last resort."""
    desk = resolve(context, state.holder)
    if desk is None and state.holder is not None and state.holder.who is None:
        desk = resolve(context, context.procedure.otherwise)
    return desk


def place_of(context: Context) -> int | None:
    """Return the run's area, or the district's root when its place is not known."""
    if context.run.area_id is not None:
        return context.run.area_id
    roots = territory.tree(context.district).children(None)
    return roots[0].id if roots else None


def post_for(context: Context, holder: Holder | None) -> int | bool | None:
    """Return the actor's post that meets ``holder``, True where no post is needed (reporter, anyone, system), else False."""
    actor = context.actor
    if holder is None:
        return False
    if holder.who == "anyone":
        return True
    if holder.who is not None and holder.who != "starter":
        return holder.who in actor.may or (holder.who == "system" and actor.kind == "system")
    held = {post.id: post for post in actor.posts}
    if holder.who == "starter":
        starter = context.run.facts.get(STARTER)
        return starter if starter in held else False
    if holder.unit is not None:
        part = context.run.parts.get(holder.unit)
        bodies = part if isinstance(part, list) else [part]
        desks = [
            organization.resolve_unit(context.district, body, context.now) for body in bodies if isinstance(body, int)
        ]
        return next((desk.post_id for desk in desks if desk is not None and desk.post_id in held), False)
    place = place_of(context)
    here = set(territory.tree(context.district).path(place)) if place is not None else set()
    for post in actor.posts:
        if post.role == holder.role and here.intersection(post.grounds):
            return post.id
    stand_in = resolve(context, holder)
    return stand_in.post_id if stand_in is not None and stand_in.post_id in held else False


def may(context: Context) -> int | bool | None:
    """Return the post the actor may take this step from, True where none is needed, False when not allowed."""
    assert context.spec is not None
    if context.actor.district_id != context.run.district_id:
        return False
    held = {post.id for post in context.actor.posts}
    if not context.spec.by:
        if context.run.holder_post_id in held:
            return context.run.holder_post_id
        return post_for(context, context.state.holder)
    for holder in context.spec.by:
        found = post_for(context, holder)
        if found is not False:
            return found
    return False


def demand_may(context: Context) -> int | None:
    """Return the acting post, or raise NotAllowed saying who may; also keeps the separation of duties (norm D-01)."""
    assert context.spec is not None
    found = may(context)
    if found is False:
        who = "、".join(words(context, holder) for holder in context.spec.by) or holder_words(context)
        raise NotAllowed(
            "not_yours", f"“{context.spec.title}”由{who}来做，您现在的岗位不能做。", "如有需要，请联系承办人。"
        )
    context.acting_as = found if isinstance(found, int) and not isinstance(found, bool) else None
    did = context.run.facts.get("did", {})
    for first, second in context.procedure.separate:
        other = {first: second, second: first}.get(context.transition)
        if other is not None and unit_of(context) in did.get(other, []):
            title = context.procedure.transitions[other].title
            raise NotAllowed(
                "separate",
                f"“{title}”与“{context.spec.title}”不能由同一单位来做，这一件的前一步是您的单位做的。",
                "请由核查岗位来做。",
            )
    return context.acting_as


def holder_words(context: Context) -> str:
    """Name the run's holder for a sentence."""
    if context.run.holder_post_id is None:
        return "承办人"
    desk = organization.desk(context.district, context.run.holder_post_id)
    return desk.title if desk else "承办人"


def words(context: Context, holder: Holder) -> str:
    """Name a holder of the pack for a sentence."""
    if holder.who is not None:
        return {"reporter": "反映人", "anyone": "任何人", "system": "系统", "starter": "发起人"}[holder.who]
    if holder.unit is not None:
        return "承办单位"
    assert holder.role is not None
    role = context.pack.units.roles.get(holder.role)
    return role.title if role else holder.role


def unit_of(context: Context) -> str:
    """Name the unit that the actor acts for: the body of the post, or the post itself where a place has it."""
    held = next((post for post in context.actor.posts if post.id == context.acting_as), None)
    if held is None:
        return context.actor.kind
    return f"body:{held.body_id}" if held.body_id is not None else f"post:{held.id}"


def label_of(context: Context) -> str:
    """Name the actor in the log: the post's title for staff, 反映人 for a resident, 系统 for the worker; never a resident's name."""
    held = next((post for post in context.actor.posts if post.id == context.acting_as), None)
    if held is None and context.actor.posts:
        held = context.actor.posts[0]
    if held is not None:
        return held.title
    if context.actor.kind == "resident" and context.spec is not None and REPORTER not in context.actor.may:
        return "居民"  # somebody else than who raised it: claims a wish, joins in
    return {"resident": "反映人", "system": "系统"}.get(context.actor.kind, context.actor.label or "工作人员")
