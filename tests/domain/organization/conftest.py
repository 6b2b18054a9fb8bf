"""The small town with its bodies and posts set up, and a few people in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.contrib.auth import get_user_model

from tests import kept
from tests.domain.smalltown import COUNTY, NOW, TODAY, TOWNS, make_pack, open_town, seen
from tongxin.organization import api as organization
from tongxin.organization.models import Body, Cover, Person, Post, Term
from tongxin.packs import api as packs
from tongxin.packs.schema import SeedBody
from tongxin.territory import api as territory

C1, C2 = TOWNS[0] + "001", TOWNS[0] + "002"
BODIES = [
    {"key": "c1_party", "kind": "community_committee", "name": "横江社区党委", "covers": [C1]},
    {"key": "branch_a", "kind": "grid_branch", "name": "第一支部", "parent": "c1_party", "covers": [C1 + "001", C1 + "002", C1 + "003"]},
    {"key": "branch_b", "kind": "grid_branch", "name": "第二支部", "parent": "c1_party", "covers": [C1 + "004"]},
    {"key": "group_a", "kind": "estate_group", "name": "阳光小组", "parent": "branch_a"},
    {"key": "home_a", "kind": "member_home", "name": "甲家", "parent": "group_a"},
    {"key": "police", "kind": "department", "name": "公安局"},
    {"key": "station", "kind": "office", "name": "派出所", "parent": "police"},
    {"key": "hub", "kind": "centre", "name": "治理中心"},
]  # fmt: skip


def seeds(rows=BODIES) -> list[SeedBody]:
    return [SeedBody.model_validate(row) for row in rows]


@dataclass
class Town:
    """The town, and short words for its places, posts and people."""

    key: str = "smalltown"
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def view(self) -> packs.DistrictView:
        return seen(self.key)

    def area(self, code: str) -> int:
        place = territory.tree(self.view).by_code(code)
        assert place is not None
        return place.id

    def body(self, key: str) -> int:
        return Body.objects.get(district_id=self.view.id, key=key).pk

    def post(self, role: str, where: str, seat: int = 1) -> Post:
        here = {"body__key": where} if Body.objects.filter(key=where).exists() else {"area__code": where}
        return Post.objects.get(district_id=self.view.id, role=role, seat=seat, **here)

    def hold(self, name: str, role: str, where: str, seat: int = 1, from_on=TODAY, to_on=None) -> Person:
        """Put a person, with an account, into a post; past the actions that other tests examine."""
        if name not in self.people:
            user = get_user_model()._default_manager.create(
                login=f"{name}@{self.key}", district_id=self.view.id, username=name, name=name, created_at=NOW
            )
            self.people[name] = Person.objects.create(district_id=self.view.id, name=name, user=user)
        Term.objects.create(post=self.post(role, where, seat), person=self.people[name], from_on=from_on, to_on=to_on)
        packs.bump_organization(self.view.id)
        return self.people[name]

    def cover(self, post: Post, by: Post, from_on=TODAY, to_on=None) -> Cover:
        made = Cover.objects.create(post=post, by=by, from_on=from_on, to_on=to_on)
        packs.bump_organization(self.view.id)
        return made

    def actor(self, name: str, now=NOW) -> organization.Actor:
        return organization.actor_for_user(self.people[name].user_id, self.view, now)

    @property
    def system(self) -> organization.Actor:
        return organization.system_actor(self.view)


def make_town(key: str = "smalltown") -> Town:
    def make() -> None:
        open_town(key, pack=make_pack(key))
        town = Town(key)
        organization.set_up_bodies(town.view, seeds(), NOW, actor=town.system)
        organization.set_up_posts(town.view, town.view.pack, NOW)

    kept.once(("bodies and posts", key), key, make)
    packs.forget_districts()
    return Town(key)


@pytest.fixture
def town(db) -> Town:
    return make_town()


@pytest.fixture
def unchanged(town) -> Callable[[], tuple]:
    """Everything that a refused act must leave alone, to be compared before and after."""
    from tongxin.organization.models import BodyArea
    from tongxin.records.models import AuditEntry

    def state() -> tuple:
        tables = (Body, BodyArea, Person, Post, Term, Cover, AuditEntry)
        return (*(list(table.objects.order_by("pk").values()) for table in tables), town.view.organization_version)

    return state


__all__ = ["BODIES", "C1", "C2", "COUNTY", "Town", "make_town", "seeds", "town", "unchanged"]
