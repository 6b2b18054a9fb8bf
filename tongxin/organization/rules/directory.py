"""Bodies, posts, terms and covers of one district as plain values. Immutable but for memories of what a day gives.

Made from rows by ``queries``; all threads of a process share it until the district's organization changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tongxin.organization.rules.people import Desk, Unit


@dataclass(frozen=True, slots=True)
class Body:
    """A body; ``covers`` are ids of the areas it is laid over."""

    id: int
    key: str | None
    kind: str
    name: str
    parent_id: int | None
    seat_id: int | None
    covers: tuple[int, ...] = ()
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A role at an area or in a body; ``grounds`` are the areas it acts for."""

    id: int
    role: str
    title: str
    area_id: int | None
    body_id: int | None
    seat: int
    grounds: tuple[int, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A person in a post, both days included."""

    post_id: int
    person_id: int
    name: str
    from_on: date
    to_on: date | None
    unit_id: int | None = None  # of a part-time seat: the outside unit the person comes from

    def runs(self, on: date) -> bool:
        """Whether the day lies in the term."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class Cover:
    """Post ``by_id`` stands in for post ``post_id``, both days included."""

    post_id: int
    by_id: int
    from_on: date
    to_on: date | None

    def runs(self, on: date) -> bool:
        """Whether the day lies in the cover."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


class Directory:
    """Who is where. Ended bodies and posts stay readable by id (old matters name them) but are never found by role.

    ``bodies`` is by id, ended ones included; ``living`` holds the ids of those that have not ended.
    """

    def __init__(
        self, bodies: Iterable[Body], posts: Iterable[Post], terms: Iterable[Term], covers: Iterable[Cover]
    ) -> None:
        self.bodies = {body.id: body for body in bodies}
        self.living = frozenset(body.id for body in self.bodies.values() if not body.ended)
        self._by_key = {body.key: body for body in self.bodies.values() if body.key and not body.ended}
        self._posts = {post.id: post for post in posts}
        self._terms: dict[int, list[Term]] = defaultdict(list)
        self._by_person: dict[int, list[Term]] = defaultdict(list)
        for term in terms:
            self._terms[term.post_id].append(term)
            self._by_person[term.person_id].append(term)
        self._covers: dict[int, list[Cover]] = defaultdict(list)
        self._covering: dict[int, list[Cover]] = defaultdict(list)
        for cover in covers:
            self._covers[cover.post_id].append(cover)
            self._covering[cover.by_id].append(cover)
        self._at: dict[tuple[str, int], list[Post]] = defaultdict(list)
        self._in: dict[tuple[str, int], list[Post]] = defaultdict(list)
        self._of_body: dict[int, list[Post]] = defaultdict(list)
        for post in sorted(self._posts.values(), key=lambda p: (p.seat, p.id)):
            if post.ended:
                continue
            for ground in post.grounds:
                self._at[(post.role, ground)].append(post)
            if post.body_id is not None:
                self._in[(post.role, post.body_id)].append(post)
                self._of_body[post.body_id].append(post)
        self._below: dict[int | None, list[Body]] = defaultdict(list)
        for body in sorted(self.bodies.values(), key=lambda b: b.id):
            if not body.ended:
                self._below[body.parent_id].append(body)
        self._held: tuple[date, frozenset[int]] | None = None
        self._newest_day = date.min

    # ---- posts ----

    def post(self, post_id: int) -> Post | None:
        """Return the post, ended ones included."""
        return self._posts.get(post_id)

    def posts(self) -> Iterable[Post]:
        """Return all posts, ended ones included."""
        return self._posts.values()

    def posts_at(self, role: str, area_id: int) -> Sequence[Post]:
        """Return the posts of that role whose grounds name exactly this area, first seat first."""
        return self._at.get((role, area_id), ())

    def posts_in(self, role: str, body_id: int) -> Sequence[Post]:
        """Return the posts of that role in the body, first seat first."""
        return self._in.get((role, body_id), ())

    def held(self, on: date) -> frozenset[int]:
        """Return ids of the posts that somebody holds that day, or whose cover somebody holds."""
        kept = self._held
        if kept is not None and kept[0] == on:
            return kept[1]
        own = {post_id for post_id, terms in self._terms.items() if any(term.runs(on) for term in terms)}
        covered = {
            post_id for post_id, covers in self._covers.items() if any(c.by_id in own and c.runs(on) for c in covers)
        }
        held = frozenset(own | covered)
        self._held = (on, held)
        self._newest_day = max(self._newest_day, on)
        return held

    def holders(self, post_id: int, on: date) -> list[tuple[int, str]]:
        """Return (person id, name) of those who hold the post that day, longest serving first; covers not among them."""
        running = sorted(
            (t for t in self._terms.get(post_id, ()) if t.runs(on)), key=lambda t: (t.from_on, t.person_id)
        )
        return [(term.person_id, term.name) for term in running]

    def units_from(self, post_id: int, on: date) -> dict[int, int]:
        """Return person id → id of the outside unit of those who hold a part-time seat that day (XN-04)."""
        return {t.person_id: t.unit_id for t in self._terms.get(post_id, ()) if t.runs(on) and t.unit_id is not None}

    def posts_of_body(self, body_id: int) -> list[Post]:
        """Return the living posts in a body, in order of seat and of their making."""
        return list(self._of_body.get(body_id, ()))

    def coverers(self, post_id: int, on: date) -> list[tuple[int, str]]:
        """Return (person id, name) of those who stand in for the post that day."""
        return [who for c in self._covers.get(post_id, ()) if c.runs(on) for who in self.holders(c.by_id, on)]

    def posts_of(self, person_id: int, on: date) -> list[tuple[Post, bool]]:
        """Return (post, covering) of a person that day: own posts first, then those covered from them, each once.

        A cover counts from a post one holds, not from a post one covers: it does not pass on. Ended posts are left out.
        """
        found: dict[int, tuple[Post, bool]] = {}
        for term in self._by_person.get(person_id, ()):
            post = self._posts[term.post_id]
            if term.runs(on) and not post.ended:
                found[post.id] = (post, False)
        for own in sorted(found):
            for cover in self._covering.get(own, ()):
                post = self._posts[cover.post_id]
                if cover.runs(on) and not post.ended:
                    found.setdefault(post.id, (post, True))
        return sorted(found.values(), key=lambda pair: (pair[1], pair[0].id))

    def desk(self, post_id: int, on: date | None = None) -> Desk | None:
        """Return the post as a desk; without a day, vacancy is that of the newest day this copy was asked about."""
        post = self._posts.get(post_id)
        if post is None:
            return None
        body = self.bodies.get(post.body_id) if post.body_id is not None else None
        if on is None and self._held is None:
            vacant = not any(term.to_on is None for term in self._terms.get(post_id, ()))
        else:
            vacant = post_id not in self.held(on or self._newest_day)
        name = body.name if body else ""
        return Desk(post.id, post.role, post.title, post.area_id, post.body_id, name, vacant or post.ended)

    def name_of(self, person_id: int) -> str:
        """Return the name of somebody who holds or held a post, empty for others."""
        terms = self._by_person.get(person_id)
        return terms[0].name if terms else ""

    # ---- bodies ----

    def body(self, body_id: int | None) -> Body | None:
        """Return the body, ended ones included."""
        return None if body_id is None else self.bodies.get(body_id)

    def by_key(self, key: str) -> Body | None:
        """Return the living body with this key of the pack."""
        return self._by_key.get(key)

    def bodies_under(self, body_id: int | None) -> list[Body]:
        """Return the living bodies directly under; None gives those without a parent."""
        return list(self._below.get(body_id, ()))

    def line_of(self, body_id: int | None) -> list[Body]:
        """Return the body and those above it, nearest first; a ring in bad data ends the walk."""
        line: list[Body] = []
        seen: set[int] = set()
        body = self.body(body_id)
        while body is not None and body.id not in seen:
            seen.add(body.id)
            line.append(body)
            body = self.body(body.parent_id)
        return line

    def units(self, kinds: Sequence[str], grounds: frozenset[int] | None = None) -> list[Unit]:
        """Return living bodies of the kinds in order of kind and name.

        Args:
            kinds: in the order wanted; empty for all.
            grounds: area ids; only bodies laid over one of them, and bodies laid over no area at all, are given.
        """
        rank = {kind: number for number, kind in enumerate(kinds)}
        wanted = [
            body
            for body in self.bodies.values()
            if not body.ended
            and (not rank or body.kind in rank)
            and (grounds is None or not body.covers or not grounds.isdisjoint(body.covers))
        ]
        wanted.sort(key=lambda body: (rank.get(body.kind, 0), body.kind, body.name, body.id))
        return [Unit(body.id, body.key, body.kind, body.name) for body in wanted]
