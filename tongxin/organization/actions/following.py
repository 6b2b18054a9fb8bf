"""Posts and bodies follow places that were drawn anew: who held a grid's post holds that of the grid which continues it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from tongxin.kernel.clock import local
from tongxin.organization import access
from tongxin.organization.actions.posts import PostsKept, set_up_posts
from tongxin.organization.actions.writing import demand_home, note, writing
from tongxin.organization.models import BodyArea, Cover, Post, Term
from tongxin.organization.rules.people import Actor
from tongxin.packs import api as packs


@dataclass(frozen=True)
class Followed:
    """What became of the posts at the old places.

    ``carried``: terms that went on. ``left``: titles of posts whose holders have no post in their stead now. ``vacant``: new posts
    that nobody holds.
    """

    kept: PostsKept
    seats: dict[int, tuple[str, int]] = field(default_factory=dict)  # old post → its role and seat
    at: dict[tuple[str, int, int], int] = field(default_factory=dict)  # role, new area, seat → post
    posts: dict[int, list[int]] = field(default_factory=dict)  # new area → its posts
    carried: int = 0
    left: tuple[str, ...] = ()
    vacant: tuple[str, ...] = ()

    def desk(self, old_post: int, area_id: int) -> int | None:
        """Return the post of the same role and seat at a new place."""
        role, seat = self.seats.get(old_post, ("", 0))
        return self.at.get((role, area_id, seat))


def follow_places(
    *,
    district: packs.DistrictView,
    heirs: Mapping[int, Sequence[int]],
    continues: Mapping[int, int],
    actor: Actor,
    now: datetime,
) -> Followed:
    """Set up the posts of new places and let terms, covers and bodies follow (about 25 statements, whatever the number of places).

    Call it in the transaction in which the places changed. A body that was laid over an old place is laid over all that follow it.

    Args:
        heirs: old place → the places that follow it. continues: new place → the one old place whose holders go on there.

    Raises:
        NotAllowed: manage_areas is missing at an old place.
    """
    demand_home(district, actor)
    access.demand_all(actor, "manage_areas", list(heirs))
    today = local(now).date()
    with writing(district.id):
        old_posts = list(Post.objects.filter(district_id=district.id, area_id__in=list(heirs), ended_on=None))
        by_id = {post.pk: post for post in old_posts}
        living = Q(to_on=None) | Q(to_on__gte=today)
        terms = list(Term.objects.filter(living, post__in=old_posts, from_on__lte=today).select_related("person"))
        covers = list(Cover.objects.filter(living).filter(Q(post__in=old_posts) | Q(by__in=old_posts)))
        laid = BodyArea.objects.filter(area_id__in=list(heirs)).values_list("body_id", "area_id")
        follow = {(body_id, heir) for body_id, area_id in laid for heir in heirs[area_id]}
        BodyArea.objects.bulk_create(
            [BodyArea(body_id=body_id, area_id=area_id) for body_id, area_id in sorted(follow)], ignore_conflicts=True
        )
        kept = set_up_posts(district, district.pack, now, actor=actor)
        new_areas = sorted({heir for found in heirs.values() for heir in found} | set(continues))
        new_posts = list(Post.objects.filter(district_id=district.id, area_id__in=new_areas, ended_on=None))
        at = {(post.role, post.area_id or 0, post.seat): post.pk for post in new_posts}
        goes_on = {old: new for new, old in continues.items()}

        def in_stead(post: Post) -> int | None:
            heir = goes_on.get(post.area_id or 0)
            return None if heir is None else at.get((post.role, heir, post.seat))

        stead = {post.pk: in_stead(post) for post in old_posts}
        made = [
            Term(post_id=post_id, person=term.person, from_on=today, to_on=term.to_on)
            for term in terms
            if (post_id := stead[term.post_id]) is not None
        ]
        left = [by_id[term.post_id].title for term in terms if stead[term.post_id] is None]
        Term.objects.bulk_create(made, ignore_conflicts=True)
        Cover.objects.bulk_create(_covers(covers, stead))
        held = {term.post_id for term in made}
        vacant = tuple(post.title for post in new_posts if post.pk not in held)
        detail = {"places": len(heirs), "carried": len(made), "left": left[:50], "vacant": list(vacant[:50])}
        note(actor, "follow_places", district.title, detail, now)
    posts: dict[int, list[int]] = {}
    for post in new_posts:
        posts.setdefault(post.area_id or 0, []).append(post.pk)
    seats = {post.pk: (post.role, post.seat) for post in old_posts}
    return Followed(kept, seats, at, posts, len(made), tuple(left), vacant)


def _covers(covers: Sequence[Cover], stead: Mapping[int, int | None]) -> list[Cover]:
    """The same coverings between the posts that go on; ``stead``: old post → the one in its stead."""
    made = []
    for cover in covers:
        post_id, by_post = stead.get(cover.post_id, cover.post_id), stead.get(cover.by_id, cover.by_id)
        if post_id is not None and by_post is not None and post_id != by_post:
            made.append(
                Cover(post_id=post_id, by_id=by_post, from_on=cover.from_on, to_on=cover.to_on, reason=cover.reason)
            )
    return made
