"""People and who holds what: appoint, end a term, stand in, link an account."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.typed import plain_phone
from tongxin.organization import access
from tongxin.organization.actions.writing import (
    clean,
    demand_home,
    get_person,
    get_post,
    last_given,
    note,
    span_given,
    writing,
)
from tongxin.organization.models import Cover, Person, Post, Term
from tongxin.organization.queries.copies import directory
from tongxin.organization.rules.people import Actor
from tongxin.packs import api as packs

MANAGE = "manage_people"


def clean_phone(phone: str) -> str:
    """Return the telephone number without spaces and dashes; refuses what is none."""
    phone = re.sub(r"[\s\-()]+", "", plain_phone(phone))
    if phone and not re.fullmatch(r"\+?[0-9]{7,19}", phone):
        raise Invalid("phone_wrong", "电话应为 7–19 位数字。", "请核对后再填。", "phone")
    return phone


def add_person(
    *, district: packs.DistrictView, name: str, phone: str = "", actor: Actor, now: datetime, made_up: bool = False
) -> int:
    """Make a person who may hold posts; return the id (5 statements). Needs manage_people at any place."""
    access.demand(actor, MANAGE)
    name, phone = clean(name, "name", "姓名", limits.NAME_CHARS), clean_phone(phone)
    with writing(district.id):
        demand_home(district, actor)
        person = Person.objects.create(district_id=district.id, name=name, phone=phone, made_up=made_up)
        note(actor, "add_person", name, {"id": person.pk}, now)
    return person.pk


def appoint(
    *,
    district: packs.DistrictView,
    post_id: int,
    person_id: int,
    actor: Actor,
    now: datetime,
    from_on: date | None = None,
    to_on: date | None = None,
    replace: bool = False,
    unit_id: int | None = None,
) -> int:
    """Give a post to a person; return the term's id (8 statements). A person may hold many posts (XN-51).

    Args:
        from_on: first day, today where not given. to_on: last day, if it is known.
        replace: whoever holds the post until then leaves it on the day before.
        unit_id: of a part-time seat, the outside unit that the person comes from (XN-04).

    Raises:
        NotAllowed: manage_people is missing at a place the post acts for (in the whole district where it acts for none).
        NotFound: no such post or person here. Conflict: somebody holds the post in that time. Invalid: days run backward.
    """
    first, to_on = span_given(from_on, to_on, now)
    if to_on is not None and to_on < first:
        raise Invalid("term_backward", "任职的结束日期早于开始日期。", "请改正日期。", "to_on")
    with writing(district.id):
        demand_home(district, actor)
        post = get_post(actor, post_id)
        access.demand_all(actor, MANAGE, post.grounds)
        person = get_person(actor, person_id)
        _check_unit(district, post.role, unit_id)
        meeting = Term.objects.filter(Q(to_on=None) | Q(to_on__gte=first), post=post)
        held = list(meeting.exclude(from_on__gt=to_on or date.max).select_related("person"))
        for term in held:
            if term.person_id == person.pk or not replace:
                words = f"“{post.title}”从 {term.from_on:%Y-%m-%d} 起由{term.person.name}担任。"
                raise Conflict("post_held", words, "请先卸任，或选择“接替”。", "post_id")
            if term.from_on >= first:
                words = f"{term.person.name}从 {term.from_on:%Y-%m-%d} 起担任“{post.title}”，不早于新任职。"
                raise Conflict("post_held", words, "请把新任职的开始日期往后放。", "from_on")
        meeting.filter(pk__in=[term.pk for term in held]).update(to_on=first - timedelta(days=1))
        made = Term.objects.create(post=post, person=person, from_on=first, to_on=to_on, unit_id=unit_id)
        detail = {
            "post": post.pk, "person": person.pk, "from_on": f"{first}", "to_on": f"{to_on}" if to_on else "",
            "replaced": [term.person_id for term in held], "unit": unit_id,
        }  # fmt: skip
        note(actor, "appoint", f"{person.name} → {post.title}", detail, now)
    return made.pk


def _check_unit(district: packs.DistrictView, role: str, unit_id: int | None) -> None:
    """A part-time seat has the unit of its holder named, and other posts have none (0 statements)."""
    spec = district.pack.units.roles.get(role)
    kinds = spec.from_ if spec else []
    if not kinds:
        if unit_id is not None:
            raise Invalid("unit_not_here", "这个岗位不是兼职席位，不用写来自哪个单位。", "请留空。", "unit_id")
        return
    titles = "、".join(district.pack.units.bodies[kind].title for kind in kinds)
    unit = directory(district).body(unit_id)
    if unit is None or unit.ended or unit.kind not in kinds:
        raise Invalid("unit_missing", f"这是兼职席位，要写明来自哪个{titles}。", "请从列表里选。", "unit_id")


def end_term(
    *, district: packs.DistrictView, term_id: int, actor: Actor, now: datetime, last_on: date | None = None
) -> None:
    """End a term; ``last_on`` is its last day, yesterday where not given, so that the post is empty at once (6 statements).

    A term that would end before it began is taken back altogether. Raises NotFound where there is none, Conflict when it has ended.
    """
    with writing(district.id):
        demand_home(district, actor)
        term = (
            Term.objects.filter(pk=term_id, post__district_id=actor.district_id)
            .select_related("post", "person")
            .first()
        )
        if term is None:
            raise NotFound("no_term", "没有这一任职。", "请刷新后再选。", "term_id")
        access.demand_all(actor, MANAGE, term.post.grounds)
        last = last_given(last_on, now)
        if term.to_on is not None and term.to_on <= last:
            raise Conflict("term_ended", f"这一任职已于 {term.to_on:%Y-%m-%d} 结束。", "", "term_id")
        taken_back = last < term.from_on
        if taken_back:
            term.delete()
        else:
            term.to_on = last
            term.save(update_fields=["to_on"])
        detail = {"post": term.post_id, "person": term.person_id, "last_on": f"{last}", "taken_back": taken_back}
        note(actor, "end_term", f"{term.person.name} ← {term.post.title}", detail, now)


def set_cover(
    *,
    district: packs.DistrictView,
    post_id: int,
    by_id: int,
    actor: Actor,
    now: datetime,
    from_on: date | None = None,
    to_on: date | None = None,
    reason: str = "",
) -> int:
    """Let one post stand in for another (AB 岗, XN-59); return the cover's id (8 statements).

    Who may: whoever has manage_people where the covered post acts, and whoever holds the covered post. The covering
    post must lie on the same grounds or above: a cover never carries permissions to somebody from elsewhere.

    Raises:
        NotAllowed. NotFound. Conflict: the same cover is already set for that time. Invalid: days, reason, or grounds.
    """
    first, to_on = span_given(from_on, to_on, now)
    reason = clean(reason, "reason", "事由", 120, needed=False)
    if to_on is not None and to_on < first:
        raise Invalid("cover_backward", "代岗的结束日期早于开始日期。", "请改正日期。", "to_on")
    if post_id == by_id:
        raise Invalid("cover_self", "一个岗位不能代自己。", "请另选岗位。", "by_id")
    with writing(district.id):
        demand_home(district, actor)
        post, by = get_post(actor, post_id), get_post(actor, by_id)
        own = any(held.id == post.pk and not held.covering for held in actor.posts)
        if not own:
            access.demand_all(actor, MANAGE, post.grounds)
        same_body = post.body_id is not None and post.body_id == by.body_id
        if not same_body and not access.near_enough(actor.district_id, post.grounds, by.grounds):
            raise Invalid(
                "cover_elsewhere",
                f"“{by.title}”与“{post.title}”不在同一地域或同一组织，也不是它的上级。",
                "请另选代岗。",
                "by_id",
            )
        again = Cover.objects.filter(Q(to_on=None) | Q(to_on__gte=first), post=post, by=by)
        if again.exclude(from_on__gt=to_on or date.max).exists():
            raise Conflict("cover_there", f"“{by.title}”在这段时间已代“{post.title}”。", "", "by_id")
        made = Cover.objects.create(post=post, by=by, from_on=first, to_on=to_on, reason=reason)
        detail = {
            "post": post.pk,
            "by": by.pk,
            "from_on": f"{first}",
            "to_on": f"{to_on}" if to_on else "",
            "reason": reason,
        }
        note(actor, "set_cover", f"{by.title} ⇒ {post.title}", detail, now)
    return made.pk


def end_cover(*, district: packs.DistrictView, cover_id: int, actor: Actor, now: datetime) -> None:
    """End a cover from today; one that has not begun is taken back (6 statements). NotFound where there is none."""
    with writing(district.id):
        demand_home(district, actor)
        cover = (
            Cover.objects.filter(pk=cover_id, post__district_id=actor.district_id).select_related("post", "by").first()
        )
        if cover is None:
            raise NotFound("no_cover", "没有这一代岗。", "请刷新后再选。", "cover_id")
        if not any(held.id == cover.post_id and not held.covering for held in actor.posts):
            access.demand_all(actor, MANAGE, cover.post.grounds)
        last = local(now).date() - timedelta(days=1)
        if cover.from_on > last:
            cover.delete()
        else:
            cover.to_on = last
            cover.save(update_fields=["to_on"])
        note(
            actor,
            "end_cover",
            f"{cover.by.title} ⇏ {cover.post.title}",
            {"post": cover.post_id, "by": cover.by_id},
            now,
        )


def grounds_held(person: Person, today: date) -> list[list[int]]:
    """Return the grounds of each post a person holds or will hold; one empty list, the whole district, for none (1 statement)."""
    posts = Post.objects.filter(Q(terms__to_on=None) | Q(terms__to_on__gte=today), terms__person=person, ended_on=None)
    return list(posts.values_list("grounds", flat=True)) or [[]]


def link_user(
    *, district: packs.DistrictView, person_id: int, user_id: int | None, actor: Actor, now: datetime
) -> None:
    """Let an account act for a person, or (None) for nobody any more (7 statements).

    Raises:
        NotAllowed: manage_people is missing where the person holds posts (in the whole district where none are held), or
        an account of another district. NotFound. Conflict: the account acts for somebody else.
    """
    today = local(now).date()
    with writing(district.id):
        demand_home(district, actor)
        person = get_person(actor, person_id)
        for grounds in grounds_held(person, today):
            access.demand_all(actor, MANAGE, grounds)
        if user_id is not None:
            home = get_user_model()._default_manager.filter(pk=user_id).values_list("district_id", flat=True).first()
            if home != district.id:
                raise NotFound("no_account", "本地方没有这个账号。", "请先建立账号。", "user_id")
            other = Person.objects.filter(user_id=user_id).exclude(pk=person.pk).first()
            if other is not None:
                raise Conflict("account_linked", f"这个账号已由{other.name}使用。", "请先解除，或另建账号。", "user_id")
        person.user_id = user_id
        person.save(update_fields=["user"])
        note(actor, "link_user", person.name, {"person": person.pk, "user": user_id}, now)
