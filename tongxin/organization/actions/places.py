"""Changes of places with what they mean for posts: permission, place, posts and record in one transaction."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tongxin.organization import access
from tongxin.organization.actions.posts import PostsKept, set_up_posts
from tongxin.organization.actions.writing import demand_home, writing
from tongxin.organization.rules.people import Actor
from tongxin.packs import api as packs
from tongxin.territory import api as territory

MANAGE = "manage_areas"


def rename_place(*, district: packs.DistrictView, area_id: int, name: str, actor: Actor, now: datetime) -> None:
    """Change a place's name and the titles of its posts (about 20 statements). Raises NotAllowed, else as ``rename_area``."""
    demand_home(district, actor)
    access.demand(actor, MANAGE, area_id)
    with writing(district.id):
        territory.rename_area(
            district=district, area_id=area_id, name=name, actor_label=actor.label, user_id=actor.user_id, now=now
        )
        set_up_posts(district, district.pack, now, actor=actor)


def end_place(*, district: packs.DistrictView, area_id: int, reason: str, actor: Actor, now: datetime) -> PostsKept:
    """End a place, its posts and their terms from today (about 20 statements). Raises NotAllowed, else as ``end_area``."""
    demand_home(district, actor)
    access.demand(actor, MANAGE, area_id)
    with writing(district.id):
        territory.end_area(
            district=district, area_id=area_id, reason=reason, actor_label=actor.label, user_id=actor.user_id, now=now
        )
        return set_up_posts(district, district.pack, now, actor=actor)


def take_in_places(
    *,
    district: packs.DistrictView,
    path: Path,
    name: str,
    level: str,
    columns: territory.Columns,
    crs: str,
    repair: bool,
    schematic: bool,
    source: str,
    dry_run: bool,
    most_rows: int | None = None,
    actor: Actor,
    now: datetime,
) -> territory.Imported:
    """Take in a file of places and set up their posts, or (``dry_run``) say what it would do. See ``territory.import_areas``.

    Raises:
        NotAllowed: manage_areas is missing somewhere in the district. Invalid: the file cannot be read.
    """
    demand_home(district, actor)
    access.demand_all(actor, MANAGE, ())

    def take() -> territory.Imported:
        return territory.import_areas(
            district=district, path=path, name=name, level=level, columns=columns, crs=crs, dry_run=dry_run, repair=repair,
            schematic=schematic, source=source, most_rows=most_rows, actor_label=actor.label, user_id=actor.user_id, now=now,
        )  # fmt: skip

    if dry_run:
        return take()
    with writing(district.id):
        done = take()
        if done.written:
            set_up_posts(district, district.pack, now, actor=actor)
    return done


def repair_place(
    *, district: packs.DistrictView, level: str, mark: str, choice: str, actor: Actor, now: datetime
) -> list[int]:
    """Mend one fault of the topology report as chosen (about 12 statements). Raises NotAllowed, else as ``repair_outline``."""
    demand_home(district, actor)
    for change in territory.choose_repair(district, level, mark, choice).changes:
        access.demand(actor, MANAGE, change.area_id)
    return territory.repair_outline(
        district=district,
        level=level,
        mark=mark,
        choice=choice,
        actor_label=actor.label,
        user_id=actor.user_id,
        now=now,
    )


def repair_slivers(*, district: packs.DistrictView, level: str, actor: Actor, now: datetime) -> territory.SliverPlan:
    """Mend all slivers of a level (about 5 statements a place). Raises NotAllowed, else as ``territory.repair_slivers``."""
    demand_home(district, actor)
    for change in territory.plan_slivers(district, level).changes:
        access.demand(actor, MANAGE, change.area_id)
    return territory.repair_slivers(
        district=district, level=level, actor_label=actor.label, user_id=actor.user_id, now=now
    )
