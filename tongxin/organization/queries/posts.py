"""Lists of posts over the in-process directory, for those who manage people: no statement, whatever the size of the district."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tongxin.kernel.caches import VersionedCache
from tongxin.organization.access import Scope
from tongxin.organization.queries.copies import directory
from tongxin.organization.rules.directory import Post
from tongxin.packs import api as packs
from tongxin.territory import api as territory

Key = tuple[str, int, int, int]
_order: VersionedCache[list[tuple[Key, Post]]] = VersionedCache()


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as a list shows it; ``holders`` and ``coverers`` are (person id, name)."""

    id: int
    role_title: str
    title: str
    area_id: int | None
    body_id: int | None
    place: str
    holders: tuple[tuple[int, str], ...]
    coverers: tuple[tuple[int, str], ...]

    @property
    def vacant(self) -> bool:
        """Whether nobody fills it today, and nobody covers."""
        return not self.holders and not self.coverers


@dataclass(frozen=True, slots=True)
class PostPage:
    """Some rows, how many posts fit, how many of these are vacant, and the mark of the next page (0 at the end)."""

    rows: Sequence[PostRow]
    total: int
    vacant: int
    after: int


def list_posts(
    district: packs.DistrictView,
    *,
    scope: Scope,
    on: date,
    area_id: int | None = None,
    body_id: int | None = None,
    in_bodies: bool = False,
    role: str = "",
    vacant_only: bool = False,
    words: str = "",
    after: int = 0,
    rows: int = 50,
) -> PostPage:
    """Return living posts by place, then role. 0 statements when copies are kept.

    Args:
        scope: where the reader manages people; nothing else is shown.
        area_id: posts that act for this place or one below it. body_id: posts in this body.
        in_bodies: only posts in some body.
        words: part of the title or of a holder's name. after: the id of the last post seen.
    """
    known, tree = directory(district), territory.tree(district)
    held = known.held(on)
    under = None if area_id is None else frozenset(tree.under(area_id))
    fitting: list[tuple[Key, Post]] = []
    vacant = 0
    for key, post in _ordered(district):
        if not (scope.everywhere or (post.grounds and scope.area_ids.issuperset(post.grounds))):
            continue
        if (under is not None and under.isdisjoint(post.grounds)) or (body_id is not None and post.body_id != body_id):
            continue
        if (in_bodies and post.body_id is None) or (role and post.role != role):
            continue
        if words and words not in post.title and not any(words in name for _, name in known.holders(post.id, on)):
            continue
        empty = post.id not in held
        vacant += empty
        if empty or not vacant_only:
            fitting.append((key, post))
    begin = 0
    if after and (last := known.post(after)) is not None:
        begin = bisect_right(fitting, _key(district, last), key=lambda pair: pair[0])
    some = fitting[begin : begin + rows]
    more = some[-1][1].id if begin + rows < len(fitting) else 0
    return PostPage([_row(district, post, on) for _, post in some], len(fitting), vacant, more)


def post_row(district: packs.DistrictView, post_id: int, on: date) -> PostRow | None:
    """Return one living post. 0 statements when copies are kept."""
    post = directory(district).post(post_id)
    return None if post is None or post.ended else _row(district, post, on)


def count_posts_by_area(district: packs.DistrictView, on: date) -> dict[int, tuple[int, int]]:
    """Return area id → (posts that act for it or below it, of these vacant). 0 statements when copies are kept."""
    known, tree = directory(district), territory.tree(district)
    held = known.held(on)
    all_of, vacant = Counter[int](), Counter[int]()
    for post in known.posts():
        if post.ended:
            continue
        above = {i for ground in post.grounds for i in tree.path(ground)}
        all_of.update(above)
        if post.id not in held:
            vacant.update(above)
    return {area_id: (count, vacant[area_id]) for area_id, count in all_of.items()}


def _ordered(district: packs.DistrictView) -> list[tuple[Key, Post]]:
    def make() -> list[tuple[Key, Post]]:
        living = [post for post in directory(district).posts() if not post.ended]
        return sorted(((_key(district, post), post) for post in living), key=lambda pair: pair[0])

    version = (district.organization_version, district.territory_version, district.pack_id)
    return _order.get(district.id, version, make)


def _key(district: packs.DistrictView, post: Post) -> Key:
    place = territory.tree(district).ever(post.grounds[0]) if post.grounds else None
    roles = district.pack.units.roles
    rank = list(roles).index(post.role) if post.role in roles else len(roles)
    return (place.code if place else "~", rank, post.seat, post.id)


def _row(district: packs.DistrictView, post: Post, on: date) -> PostRow:
    known, tree = directory(district), territory.tree(district)
    body = known.body(post.body_id)
    roles = district.pack.units.roles
    more = f"等 {len(post.grounds)} 处" if len(post.grounds) > 1 else ""
    place = (tree.full_name(post.grounds[0]) if post.grounds else "") + more
    return PostRow(
        post.id, roles[post.role].title if post.role in roles else post.role, post.title, post.area_id, post.body_id,
        place if body is None else f"{body.name}（{place}）" if place else body.name,
        tuple(known.holders(post.id, on)), tuple(known.coverers(post.id, on)),
    )  # fmt: skip
