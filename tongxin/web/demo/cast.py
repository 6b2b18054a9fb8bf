"""Who acts in the demo: every post gets a made-up person, one person a role gets a login. Reads kept copies, costs no statements."""

from __future__ import annotations

from datetime import date, datetime

from tongxin.kernel.clock import local
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, HeldPost
from tongxin.packs.api import DistrictView
from tongxin.web.demo.phrases import NUMBERS, SURNAMES


def made_up_name(number: int) -> str:
    """A name that nobody bears: 演示·张一 … 演示·文十."""
    return f"演示·{SURNAMES[number % len(SURNAMES)]}{NUMBERS[number // len(SURNAMES) % len(NUMBERS)]}"


class Cast:
    """The actors of a district by post."""

    def __init__(self, district: DistrictView) -> None:
        self._district = district
        self._actors: dict[int, Actor | None] = {}

    def of_post(self, post_id: int, now: datetime) -> Actor | None:
        """Whoever holds the post, with all the posts that person holds."""
        if post_id not in self._actors:
            self._actors[post_id] = self._find(post_id, local(now).date())
        return self._actors[post_id]

    def _find(self, post_id: int, on: date) -> Actor | None:
        directory, roles = organization.directory(self._district), self._district.pack.units.roles
        held_by = directory.holders(post_id, on)
        if not held_by:
            return None
        person_id, name = held_by[0]
        posts = tuple(
            HeldPost(
                post.id, post.role, post.title, post.body_id, post.area_id, post.grounds, covering, frozenset(roles[post.role].may)
            )
            for post, covering in directory.posts_of(person_id, on)
        )  # fmt: skip
        return Actor("user", self._district.id, None, person_id, name, f"{name}（{posts[0].title}）", posts)
