"""Accounts of people and keys of programs: permission, change and record in one transaction. Passwords are ``accounts``' work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tongxin.accounts import api as accounts
from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.privacy import mask_phone
from tongxin.organization import access
from tongxin.organization.actions.people import MANAGE, grounds_held, link_user
from tongxin.organization.actions.writing import demand_home, get_person, note, writing
from tongxin.organization.models import Person
from tongxin.organization.rules.people import Actor
from tongxin.packs import api as packs

# What a program may be allowed. Personal data, people, places and packs stay with persons who answer for it (S-03).
PROGRAMS_MAY = ("report_for_others", "see_matters", "see_places", "manage_facilities", "import", "export", "exchange")


def open_account(
    *, district: packs.DistrictView, person_id: int, username: str, actor: Actor, now: datetime
) -> tuple[int, str]:
    """Make an account for a person; return its id and the password, which is told this once and must be changed (about 14 statements).

    Raises:
        NotAllowed: as ``link_user``. Conflict: the person has an account, or the user name is taken. Invalid: the user name.
    """
    with writing(district.id):
        demand_home(district, actor)
        access.demand(actor, MANAGE)
        person = get_person(actor, person_id)
        if person.user_id is not None:
            raise Conflict("account_there", f"{person.name}已有账号。", "忘了密码请重设。", "person_id")
        password = accounts.new_password()
        user = accounts.make_user(
            district=district, username=username, name=person.name, password=password, now=now, once=True
        )
        link_user(district=district, person_id=person.pk, user_id=user.pk, actor=actor, now=now)
        note(actor, "open_account", person.name, {"person": person.pk, "user": user.pk, "username": user.username}, now)
    return user.pk, password


def renew_password(*, district: packs.DistrictView, person_id: int, actor: Actor, now: datetime) -> str:
    """Give a person's account a new one-time password and return it; open sessions end (about 8 statements)."""
    with writing(district.id):
        person, user = _account(district, person_id, actor, now)
        password = accounts.new_password()
        accounts.set_password(user=user, password=password, now=now, once=True)
        note(actor, "renew_password", person.name, {"person": person.pk, "user": user.pk}, now)
    return password


def switch_account(*, district: packs.DistrictView, person_id: int, active: bool, actor: Actor, now: datetime) -> None:
    """Let a person's account in, or no longer; an open session ends with its next request (about 8 statements).

    Raises:
        Conflict: one's own account, so that nobody locks themselves out.
    """
    with writing(district.id):
        person, user = _account(district, person_id, actor, now)
        if user.pk == actor.user_id:
            raise Conflict("account_own", "不能停用自己的账号。", "请由另一位管理员办理。", "person_id")
        accounts.set_active(user=user, active=active, now=now)
        note(actor, "switch_account", person.name, {"person": person.pk, "user": user.pk, "active": active}, now)


def link_person(*, district: packs.DistrictView, person_id: int, subject: str, actor: Actor, now: datetime) -> None:
    """Enter a person's number at the identity service, or none to part them (about 9 statements).

    Raises:
        NotFound: no account, or no identity service here. Conflict: the number is another account's. Invalid.
    """
    with writing(district.id):
        person, user = _account(district, person_id, actor, now)
        if user.pk == actor.user_id and subject:
            raise Conflict(
                "link_own", "不能给自己填统一身份编号。", "请在“账号安全”里用统一身份登录一次来关联。", "subject"
            )
        detail = {"person": person.pk, "user": user.pk}
        if not subject:
            accounts.unlink_identity(user=user)
            note(actor, "unlink_person", person.name, detail, now)
            return
        service = accounts.find_service(district.id)
        if service is None:
            raise NotFound(
                "no_identity", "本地方没有设统一身份。", "请先由运维人员设好（manage.py identity）。", "subject"
            )
        link = accounts.link_identity(service=service, user=user, subject=subject, now=now)
        note(actor, "link_person", person.name, {**detail, "subject": mask_phone(link.subject)}, now)


def link_oneself(*, district: packs.DistrictView, subject: str, actor: Actor, now: datetime) -> None:
    """Link one's own account with the number that the identity service has just vouched for; none parts them (4 statements).

    Raises:
        Conflict: the number is another account's. NotFound: no identity service here.
    """
    with transaction.atomic():
        demand_home(district, actor)
        service, user = accounts.find_service(district.id), accounts.get_user(actor.user_id or 0, district.id)
        if service is None:
            raise NotFound("no_identity", "本地方没有设统一身份。", "请用用户名和密码登录。")
        if not subject:
            if accounts.unlink_identity(user=user):
                note(actor, "unlink_oneself", user.name, {"user": user.pk}, now)
            return
        link = accounts.link_identity(service=service, user=user, subject=subject, now=now)
        note(actor, "link_oneself", user.name, {"user": user.pk, "subject": mask_phone(link.subject)}, now)


def _account(district: packs.DistrictView, person_id: int, actor: Actor, now: datetime) -> tuple[Person, accounts.User]:
    demand_home(district, actor)
    person = get_person(actor, person_id)
    for grounds in grounds_held(person, local(now).date()):
        access.demand_all(actor, MANAGE, grounds)
    if person.user_id is None:
        raise NotFound("no_account", f"{person.name}还没有账号。", "请先建立账号。", "person_id")
    return person, accounts.get_user(person.user_id, district.id)


def issue_key(
    *, district: packs.DistrictView, name: str, may: Sequence[str], per_minute: int, actor: Actor, now: datetime
) -> tuple[int, str]:
    """Make a key for a program; return its id and its secret, which is told this once (4 statements).

    Raises:
        NotAllowed: manage_people is missing in the whole district. Invalid: no name, no permission, one that programs may not
        have, or a limit out of range.
    """
    with writing(district.id):
        demand_home(district, actor)
        access.demand_all(actor, MANAGE, ())
        if not may or set(may) - set(PROGRAMS_MAY):
            usable = "、".join(access.PERMISSIONS[key] for key in PROGRAMS_MAY)
            raise Invalid("key_may", "请选择程序可以做什么。", f"可选：{usable}。", "may")
        key, secret = accounts.make_api_key(district=district, name=name, may=may, per_minute=per_minute, now=now)
        note(actor, "issue_key", key.name, {"id": key.pk, "may": key.may, "per_minute": per_minute}, now)
    return key.pk, secret


def end_key(*, district: packs.DistrictView, key_id: int, actor: Actor, now: datetime) -> None:
    """End a key from the next request on (4 statements). Raises NotFound where it is not in force."""
    with writing(district.id):
        demand_home(district, actor)
        access.demand_all(actor, MANAGE, ())
        if not accounts.revoke_api_key(key_id=key_id, district_id=district.id, now=now):
            raise NotFound("no_key", "没有这个密钥，或者它已经停用。", "请刷新后再看。", "key_id")
        note(actor, "end_key", str(key_id), {"id": key_id}, now)
