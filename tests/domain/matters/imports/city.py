"""The neutral city that takes records of other systems in: its districts opened from ``tests/localities/city``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import shapely
from django.core.management import call_command

from tests import kept
from tongxin.kernel import caches
from tongxin.organization.models import Person, Post, Term
from tongxin.packs import api as packs
from tongxin.territory import api as territory

TESTS = Path(__file__).resolve().parents[3]
FOLDER = TESTS / "localities" / "city"
MAPPINGS = TESTS / "mappings"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def open_city(key: str = "city", *, squares: bool = False) -> packs.DistrictView:
    """Open the city with its root, with two streets of two square communities each when asked."""
    caches.clear_all()
    kept.once(("city", key, squares), key, lambda: _open(key, squares=squares))
    return seen(key)


def _open(key: str, *, squares: bool) -> None:
    packs.import_calendar(NOW)
    version = packs.publish_pack(packs.load_folder(FOLDER), actor_label="测试", now=NOW)
    packs.open_district(key=key, title="某市", version=version, hosts=[], now=NOW)
    root = put(key, "city", None, "某市", shapely.box(111, 30, 111.4, 30.2) if squares else None)
    if squares:
        for s, street in enumerate(("东街街道", "西街街道")):
            west = 111 + 0.2 * s
            above = put(key, "street", root, street, shapely.box(west, 30, west + 0.2, 30.2))
            for c, name in enumerate(("一号", "二号")):
                x = west + 0.1 * c
                put(key, "community", above, f"{street[:2]}{name}社区", shapely.box(x, 30, x + 0.1, 30.2))
    fill_posts(key)


def put(key: str, level: str, parent_id: int | None, name: str, outline: Any) -> int:
    """Make one place."""
    area = territory.NewArea(name, outline=outline, source="测试")
    return territory.add_area(
        district=seen(key), level=level, parent_id=parent_id, area=area, actor_label="测试", now=NOW
    )


def fill_posts(key: str) -> None:
    """A worker for each community and one desk of last resort, each held by somebody."""
    district = seen(key)
    tree = territory.tree(district)
    wanted = [("worker", place) for place in tree.at_level("community")] + [("duty", tree.roots()[0])]
    there = set(Post.objects.filter(district_id=district.id).values_list("role", "area_id"))
    posts = Post.objects.bulk_create(
        Post(district_id=district.id, role=role, title=f"{place.name}{role}", area_id=place.id, grounds=[place.id])
        for role, place in wanted
        if (role, place.id) not in there
    )
    people = Person.objects.bulk_create(
        Person(district_id=district.id, name=f"演示{n}", made_up=True) for n in range(len(posts))
    )
    Term.objects.bulk_create(
        Term(post=post, person=person, from_on=date(2010, 1, 1)) for post, person in zip(posts, people, strict=True)
    )
    packs.bump_organization(district.id)


def seen(key: str = "city") -> packs.DistrictView:
    """The district as it now is."""
    packs.forget_districts()
    view = packs.find_district(key=key)
    assert view is not None
    return view


def run(*words: Any, key: str = "city") -> tuple[str, str]:
    """Run ``import_messages`` as a person would; return what it said and what it complained about."""
    out, err = StringIO(), StringIO()
    call_command("import_messages", key, *map(str, words), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()
