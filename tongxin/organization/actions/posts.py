"""Keep the posts of a district in step with its pack, its places and its bodies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.db.models.functions import Greatest

from tongxin.kernel.clock import local
from tongxin.organization.actions.writing import note, writing
from tongxin.organization.models import Post, Term
from tongxin.organization.queries.actors import system_actor
from tongxin.organization.queries.copies import load_bodies
from tongxin.organization.rules.people import Actor
from tongxin.organization.rules.wanted import wanted_posts
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack
from tongxin.territory import api as territory

BATCH = 5_000  # rows a statement: PostgreSQL takes 65,535 values at once


@dataclass(frozen=True, slots=True)
class PostsKept:
    """How many posts were made, changed (title, grounds, or opened again) and ended."""

    made: int
    changed: int
    ended: int


def set_up_posts(district: packs.DistrictView, pack: Pack, now: datetime, *, actor: Actor | None = None) -> PostsKept:
    """Make the posts that the pack's roles require, and end those that nothing requires any more; idempotent.

    Call it after places, bodies or the pack have changed. A post stays the same post when its holder, its place's name
    or its grounds change. Ended posts end their terms. About 10 statements, whatever the number of posts.
    """
    with writing(district.id):
        kept = keep_posts(district.id, pack, local(now).date())
        who = actor or system_actor(district)
        detail = {"pack": pack.key, "made": kept.made, "changed": kept.changed, "ended": kept.ended}
        note(who, "set_up_posts", pack.settings.title, detail, now)
    return kept


def keep_posts(district_id: int, pack: Pack, today: date, body_ids: Collection[int] | None = None) -> PostsKept:
    """Do it inside a transaction that the caller holds; with ``body_ids`` only for posts in those bodies (6–8 statements)."""
    tree = territory.load_places(district_id, pack.units.level_keys())
    bodies = [body for body in load_bodies(district_id) if body_ids is None or body.id in body_ids]
    wanted = dict(wanted_posts(pack, tree, bodies))
    rows = Post.objects.filter(district_id=district_id)
    if body_ids is not None:
        wanted = {key: post for key, post in wanted.items() if key[2] is not None}
        rows = rows.filter(body_id__in=list(body_ids))
    changed: list[Post] = []
    ended: list[int] = []
    for post in rows.only("id", "role", "area_id", "body_id", "seat", "title", "grounds", "ended_on"):
        want = wanted.pop((post.role, post.area_id, post.body_id, post.seat), None)
        if want is None:
            if post.ended_on is None:
                ended.append(post.pk)
        elif (post.title, tuple(post.grounds), post.ended_on) != (want.title, want.grounds, None):
            post.title, post.grounds, post.ended_on = want.title, list(want.grounds), None
            changed.append(post)
    made = [
        Post(district_id=district_id, role=role, area_id=area_id, body_id=body_id, seat=seat, title=want.title, grounds=list(want.grounds))
        for (role, area_id, body_id, seat), want in wanted.items()
    ]  # fmt: skip
    Post.objects.bulk_create(made, batch_size=BATCH)
    Post.objects.bulk_update(changed, ["title", "grounds", "ended_on"], batch_size=BATCH)
    if ended:
        for at in range(0, len(ended), BATCH):
            Post.objects.filter(pk__in=ended[at : at + BATCH]).update(ended_on=today)
        gone = Post.objects.filter(district_id=district_id, ended_on__isnull=False)
        open_terms = Term.objects.filter(Q(to_on=None) | Q(to_on__gt=today), post__in=gone)
        open_terms.update(to_on=Greatest("from_on", today))
    return PostsKept(len(made), len(changed), len(ended))
