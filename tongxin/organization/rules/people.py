"""Who acts, with which posts, and where a case is held: the plain values that other packages pass around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "resident", "system", "program"]


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that an actor fills today.

    Args:
        grounds: ids of the areas it acts for; each stands for everything below it. Empty: no place at all.
        covering: held in place of somebody else (AB 岗).
        may: permissions the pack gives to its role.
    """

    id: int
    role: str
    title: str
    body_id: int | None
    area_id: int | None
    grounds: tuple[int, ...]
    covering: bool
    may: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something, in exactly one district. Made by ``resident_actor`` and its like, never by hand in pages.

    Args:
        name: the person's name, empty for residents who did not tell it.
        label: how logs show it, e.g. ``王某（横江社区第3网格网格员）``.
        may: permissions of a program's key.
    """

    kind: ActorKind
    district_id: int
    user_id: int | None
    person_id: int | None
    name: str
    label: str
    posts: tuple[HeldPost, ...] = ()
    operator: bool = False
    may: frozenset[str] = frozenset()

    @property
    def post_ids(self) -> tuple[int, ...]:
        """Ids of the posts filled today, covered ones included."""
        return tuple(post.id for post in self.posts)

    def holds(self, role: str) -> bool:
        """Whether any of the posts has this role."""
        return any(post.role == role for post in self.posts)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a case is held: a post, whoever fills it. ``vacant``: nobody does today, and nobody covers."""

    post_id: int
    role: str
    title: str
    area_id: int | None
    body_id: int | None
    body_name: str
    vacant: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """A body as a choice in a form."""

    id: int
    key: str | None
    kind: str
    name: str
