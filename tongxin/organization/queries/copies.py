"""The in-process copy of a district's organization, kept by district and version of its organization."""

from __future__ import annotations

from collections import defaultdict

from tongxin.kernel.caches import VersionedCache
from tongxin.organization import models
from tongxin.organization.rules.directory import Body, Cover, Directory, Post, Term
from tongxin.packs import api as packs

_directories: VersionedCache[Directory] = VersionedCache()


def directory(district: packs.DistrictView) -> Directory:
    """Return the district's bodies and posts. 0 statements when kept; 5 when new or after a change."""
    return _directories.get(district.id, district.organization_version, lambda: load_directory(district.id))


def load_directory(district_id: int) -> Directory:
    """Read a district's organization from the tables, past any copy. 5 statements."""
    bodies = load_bodies(district_id)
    posts = [
        Post(key, role, title, area_id, body_id, seat, tuple(grounds), ended=ended_on is not None)
        for key, role, title, area_id, body_id, seat, grounds, ended_on in models.Post.objects.filter(
            district_id=district_id
        ).values_list("id", "role", "title", "area_id", "body_id", "seat", "grounds", "ended_on")
    ]
    terms = models.Term.objects.filter(post__district_id=district_id)
    standing_in = models.Cover.objects.filter(post__district_id=district_id, by__district_id=district_id)
    return Directory(
        bodies,
        posts,
        [
            Term(*row)
            for row in terms.values_list("post_id", "person_id", "person__name", "from_on", "to_on", "unit_id")
        ],
        [Cover(*row) for row in standing_in.order_by("id").values_list("post_id", "by_id", "from_on", "to_on")],
    )


def load_bodies(district_id: int) -> list[Body]:
    """Read a district's bodies and the places they are laid over, past any copy. 2 statements."""
    covers: dict[int, list[int]] = defaultdict(list)
    laid = models.BodyArea.objects.filter(body__district_id=district_id).order_by("area_id")
    for body_id, area_id in laid.values_list("body_id", "area_id"):
        covers[body_id].append(area_id)
    return [
        Body(key, word, kind, name, parent_id, seat_id, tuple(covers.get(key, ())), ended=ended_on is not None)
        for key, word, kind, name, parent_id, seat_id, ended_on in models.Body.objects.filter(
            district_id=district_id
        ).values_list("id", "key", "kind", "name", "parent_id", "seat_id", "ended_on")
    ]
