"""One named cast for all tests: a small town under a locality's own pack, every post held by somebody with a telling name."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from tests import kept
from tests.domain import smalltown
from tongxin.accounts.models import User
from tongxin.kernel import clock
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.organization.models import Body, BodyArea, Person, Post, Term
from tongxin.organization.rules.wanted import joined
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.demo import opening

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "Smalltown-2026"
NOW = smalltown.NOW  # Monday 2026-03-02 09:00 at home


@cache
def pack(key: str = "xiuning") -> Pack:
    """The locality's pack as it stands in its folder."""
    return packs.load_folder(ROOT / "localities" / key)


@dataclass
class World:
    """A district with people, and the shortest ways to let them act."""

    district: packs.DistrictView
    bodies: dict[str, Body] = field(default_factory=dict)
    users: dict[tuple[str, str], int] = field(default_factory=dict)
    now: datetime = NOW

    def username(self, role: str, where: str = "") -> str:
        """The user name of the person who holds a role."""
        return User.objects.get(pk=self.actor(role, where).user_id).username

    @property
    def tree(self) -> territory.AreaTree:
        return territory.tree(self.district)

    def later(self, **by: float) -> datetime:
        """Move the clock on and return it."""
        self.now += timedelta(**by)
        return self.now

    def actor(self, role: str, where: str = "") -> organization.Actor:
        """The person who holds a role (at the named place or body, or the first one)."""
        user = next(user for (held, place), user in self.users.items() if held == role and where in place)
        return organization.actor_for_user(user, self.district, self.now)

    def report(self, text: str = "小区门口的路灯不亮了，晚上老人出门不安全。", **given: Any) -> matters.Reported:
        """A resident reports at the middle of the first grid, without an account."""
        lon, lat = smalltown.centre(0, 0)
        report = matters.Report(**{"channel": "web", "text": text, "lon": lon, "lat": lat, **given})
        return matters.report_matter(
            district=self.district, report=report, actor=organization.resident_actor(self.district), now=self.now
        )

    def run(self, reported: matters.Reported) -> Any:
        """The run as it now stands."""
        run = procedures.get_run(self.district, reported.run_id)
        assert run is not None
        return run

    def act(self, reported: Any, transition: str, role: str, where: str = "", **form: Any) -> procedures.Acted:
        """Somebody takes a step."""
        return procedures.act(
            district=self.district,
            run_id=reported.run_id,
            transition=transition,
            form=form,
            actor=self.actor(role, where),
            now=self.now,
        )

    def act_as_reporter(self, reported: matters.Reported, transition: str, **form: Any) -> procedures.Acted:
        """The holder of the receipt takes a step."""
        return matters.act_as_reporter(
            district=self.district, receipt=reported.receipt, transition=transition, form=form, now=self.now
        )


BODIES = (
    ("committee", "community_committee", "横江社区党委", ["341000001001"]),
    ("branch", "grid_branch", "横江第一网格党支部", ["341000001001001", "341000001001002"]),
    ("office", "community_office", "横江社区居委会", ["341000001001"]),
    ("housing", "department", "住建局", ["341000"]),
    ("city", "department", "城管局", ["341000"]),
    ("water", "utility", "自来水公司", ["341000"]),
)


def open_world(key: str = "smalltown", pack_key: str = "xiuning", with_pack: Pack | None = None) -> World:
    """Open the small town under a locality's pack, with every role of the pack held by one person at each place.

    Users are named u0, u1 … and all have the password ``PASSWORD``.
    """
    under = with_pack or pack(pack_key)
    made = kept.once(("world", key, kept.of_pack(under)), key, lambda: _open(key, under))
    return as_it_is(made)


def as_it_is(kept_world: World) -> World:
    """The same cast in a test's own hands, and the district as its row now is."""
    bodies = {name: copy(body) for name, body in kept_world.bodies.items()}
    return World(smalltown.seen(kept_world.district.key), bodies, dict(kept_world.users))


def _open(key: str, under: Pack) -> World:
    hashed = make_password(PASSWORD)
    packs.import_calendar(NOW)
    district = smalltown.open_town(key, pack=under)
    areas = {
        place.code: place
        for level in district.pack.units.level_keys()
        for place in territory.tree(district).at_level(level)
    }
    bodies = {}
    for name, kind, title, covers in BODIES:
        bodies[name] = Body.objects.create(
            district_id=district.id, key=name, kind=kind, name=title, began_on=date(2020, 1, 1)
        )
        BodyArea.objects.bulk_create([BodyArea(body=bodies[name], area_id=areas[code].id) for code in covers])
    posts = []
    for role, spec in district.pack.units.roles.items():
        for area in areas.values():
            if spec.at == area.level:
                title = joined(territory.tree(district).full_name(area.id), spec.title)
                posts.append(Post(district_id=district.id, role=role, title=title, area_id=area.id, grounds=[area.id]))
        for name, body in bodies.items():
            if spec.in_ == body.kind:
                covers = [areas[code].id for code in next(b[3] for b in BODIES if b[0] == name)]
                posts.append(
                    Post(
                        district_id=district.id,
                        role=role,
                        title=joined(body.name, spec.title),
                        body=body,
                        grounds=covers,
                    )
                )
    Post.objects.bulk_create(posts)
    world = World(district, bodies)
    users = User.objects.bulk_create(
        [
            User(
                login=f"u{i}@{key}",
                username=f"u{i}",
                password=hashed,
                district_id=district.id,
                name=f"演示{i}",
                created_at=NOW,
            )
            for i in range(len(posts))
        ]
    )
    people = Person.objects.bulk_create(
        [Person(district_id=district.id, name=f"演示{i}", user=user, made_up=True) for i, user in enumerate(users)]
    )
    Term.objects.bulk_create(
        [Term(post=post, person=person, from_on=date(2025, 1, 1)) for post, person in zip(posts, people, strict=True)]
    )
    world.users = {(post.role, post.title): user.pk for post, user in zip(posts, users, strict=True)}
    packs.bump_organization(district.id)
    world.district = smalltown.seen(key)
    return world


def open_locality(key: str) -> packs.DistrictView:
    """A locality as its demo opens it on ``NOW``: its own places, bodies, posts, people, lists, rounds and registers."""
    locality = opening.Locality(ROOT / "localities" / key, pack(key))
    kept.once(
        ("locality", key, kept.of_pack(locality.pack)),
        key,
        lambda: opening.open_locality(locality, since=date(2026, 1, 1), now=NOW),
    )
    return smalltown.seen(key)


def days(number: float) -> timedelta:
    """A span of natural days."""
    return timedelta(days=number)


__all__ = ["NOW", "World", "as_it_is", "clock", "days", "open_locality", "open_world", "pack"]
