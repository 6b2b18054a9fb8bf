"""Links of walls: made and shown once, opened, ended. A link opens the picture of its district and nothing else."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from tongxin.kernel import limits
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.organization.api import Actor, access
from tongxin.packs.api import DistrictView
from tongxin.records import api as records
from tongxin.screens.models import ScreenLink

MANAGE = "manage_people"
MOST_LINKS = 30
SECRET_CHARS = 43
SEEN_STEP = timedelta(minutes=1)


def make_link(*, district: DistrictView, place: str, days: int, actor: Actor, now: datetime) -> str:
    """Make a link for one wall; return its secret, which is told this once (4 statements).

    Raises:
        NotAllowed: manage_people is missing in the whole district. Invalid: no place, or days out of range. Conflict: too many.
    """
    _demand(district, actor)
    where = place.strip()
    if not where or len(where) > limits.TITLE_CHARS:
        raise Invalid(
            "place_wrong", "请写明是哪里的屏。", f"例如 指挥中心东墙，不超过 {limits.TITLE_CHARS} 字。", "place"
        )
    if not 1 <= days <= 366:
        raise Invalid("days_wrong", "有效天数应在 1 到 366 之间。", "到期后可以再建。", "days")
    if len([one for one in list_links(district.id) if one.ended_at is None and one.until > now]) >= MOST_LINKS:
        raise Conflict("too_many_links", f"已有 {MOST_LINKS} 个大屏链接。", "请先停用不用的。")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = ScreenLink.objects.create(
            district_id=district.id, place=where, digest=_digest(secret), made_at=now, until=now + timedelta(days=days)
        )
        _note(actor, "make_link", where, {"id": link.pk, "days": days}, now)
    return secret


def end_link(*, district: DistrictView, link_id: int, actor: Actor, now: datetime) -> None:
    """End a link from the next look on (3 statements). Raises NotFound where it does not run."""
    _demand(district, actor)
    with transaction.atomic():
        link = ScreenLink.objects.select_for_update().filter(pk=link_id, district_id=district.id, ended_at=None).first()
        if link is None:
            raise NotFound("no_link", "没有这个大屏链接，或者它已经停用。", "请刷新后再看。", "link_id")
        ScreenLink.objects.filter(pk=link.pk).update(ended_at=now)
        _note(actor, "end_link", link.place, {"id": link.pk}, now)


def open_link(district_id: int, secret: str, now: datetime) -> ScreenLink | None:
    """Return the link that a secret opens here now (1 statement, 1 more at most once a minute; none for what cannot be one)."""
    if len(secret) != SECRET_CHARS or not secret.isascii():
        return None
    link = ScreenLink.objects.filter(
        digest=_digest(secret), district_id=district_id, ended_at=None, until__gt=now
    ).first()
    if link is not None and (link.seen_at is None or now - link.seen_at > SEEN_STEP):
        ScreenLink.objects.filter(pk=link.pk).update(seen_at=now)
    return link


def list_links(district_id: int) -> list[ScreenLink]:
    """Links of the district, the newest first (1 statement)."""
    return list(ScreenLink.objects.filter(district_id=district_id).order_by("-pk")[:200])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _demand(district: DistrictView, actor: Actor) -> None:
    if actor.district_id != district.id:
        raise access.refusal(MANAGE)
    access.demand_all(actor, MANAGE, ())


def _note(actor: Actor, action: str, target: str, detail: dict[str, object], now: datetime) -> None:
    records.audit(
        district_id=actor.district_id, user_id=actor.user_id, actor_label=actor.label, action=f"screens.{action}", target=target,
        detail=detail, now=now,
    )  # fmt: skip
