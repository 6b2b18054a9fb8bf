"""Who acts: residents, staff, programs, the system itself."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Protocol

from django.contrib.auth import get_user_model

from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotAllowed
from tongxin.organization.queries.copies import directory
from tongxin.organization.rules.people import Actor, HeldPost
from tongxin.packs import api as packs


class Key(Protocol):
    """What is read of a program's key (``accounts.ApiKey``)."""

    @property
    def name(self) -> str: ...
    @property
    def may(self) -> object: ...
    @property
    def district_id(self) -> int: ...


def resident_actor(district: packs.DistrictView) -> Actor:
    """Return the actor of somebody who is not logged in. 0 statements."""
    return _resident(district.id)


@cache
def _resident(district_id: int) -> Actor:
    return Actor("resident", district_id, None, None, "", "居民")


def system_actor(district: packs.DistrictView) -> Actor:
    """Return the actor of timers and imports: everything, in this district only. 0 statements."""
    return Actor("system", district.id, None, None, "系统", "系统")


def program_actor(district: packs.DistrictView, api_key: Key) -> Actor:
    """Return the actor of a program (0 statements); NotAllowed for a key of another district."""
    if api_key.district_id != district.id:
        raise _foreign()
    may = api_key.may if isinstance(api_key.may, list) else []
    return Actor("program", district.id, None, None, api_key.name, f"程序 {api_key.name}", may=frozenset(may))


def actor_for_user(user_id: int, district: packs.DistrictView, now: datetime) -> Actor:
    """Return a member of staff with the posts held and covered today (local date). 1 statement when copies are kept.

    Raises:
        NotAllowed: no such account, switched off, or an account of another district.
    """
    row = (
        get_user_model()
        ._default_manager.filter(pk=user_id)
        .values_list("name", "district_id", "is_active", "is_operator", "person__id", "person__district_id")
        .first()
    )
    if row is None:
        raise NotAllowed("no_account", "没有这个账号。", "请重新登录。")
    name, home, active, operator, person_id, person_home = row
    if not active:
        raise NotAllowed("account_off", "这个账号已停用。", "如需恢复，请联系管理员。")
    if home != district.id and not (operator and home is None):
        raise _foreign()
    posts: tuple[HeldPost, ...] = ()
    if person_id is not None and person_home == district.id:
        roles = district.pack.units.roles
        posts = tuple(
            HeldPost(
                post.id,
                post.role,
                post.title,
                post.body_id,
                post.area_id,
                post.grounds,
                covering,
                frozenset(roles[post.role].may) if post.role in roles else frozenset(),
            )
            for post, covering in directory(district).posts_of(person_id, local(now).date())
        )
    label = f"{name}（{posts[0].title}）" if posts else f"{name}（平台运维）" if operator else name
    return Actor("user", district.id, user_id, person_id, name, label, posts, operator=operator)


def _foreign() -> NotAllowed:
    return NotAllowed("other_district", "这个账号不属于本地方。", "请从您所在地方的网址登录。")
