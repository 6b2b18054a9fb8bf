"""Reads: the unread notes of somebody's posts and of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from django.db.models import Q, QuerySet

from tongxin.notices.models import Notice


class HasId(Protocol):
    """A post that somebody holds."""

    @property
    def id(self) -> int: ...


class Reader(Protocol):
    """What this package needs of ``organization.api.Actor``, which lives in a higher layer."""

    @property
    def district_id(self) -> int | None: ...
    @property
    def user_id(self) -> int | None: ...
    @property
    def posts(self) -> Iterable[HasId]: ...


def tray(actor: Reader) -> QuerySet[Notice]:
    """Unread notes to the actor's posts and to the actor; nothing for somebody without an account."""
    if actor.user_id is None or actor.district_id is None:
        return Notice.objects.none()
    mine = Q(user_id=actor.user_id) | Q(post_id__in=[post.id for post in actor.posts])
    return Notice.objects.filter(mine, district_id=actor.district_id, read_at=None)


def list_unread(actor: Reader, limit: int = 50) -> list[Notice]:
    """Unread notes, newest first (1 statement, none for somebody without an account)."""
    return list(tray(actor).order_by("-created_at", "-pk")[:limit])


def posts_with_unread(district_id: int) -> list[int]:
    """Posts in whose trays something is unread, by number (1 statement)."""
    found = Notice.objects.filter(district_id=district_id, read_at=None).exclude(post_id=None)
    return [ident for ident in found.values_list("post_id", flat=True).distinct().order_by("post_id") if ident]


def count_unread(actor: Reader) -> int:
    """How many notes are unread (1 statement, none for somebody without an account)."""
    return tray(actor).count()
