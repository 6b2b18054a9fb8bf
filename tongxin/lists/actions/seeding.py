"""The items that a pack itself names become the first editions of its lists, once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from tongxin.lists.actions.editions import draft_edition, publish_edition
from tongxin.lists.actions.items import add_items
from tongxin.lists.actions.writing import NewItem
from tongxin.lists.models import Edition
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import SeedItem
from tongxin.territory import api as territory


def set_up_lists(district: packs.DistrictView, *, actor: Actor, now: datetime, since: date | None = None) -> int:
    """Publish the first edition of each list whose items the pack names and that has none; return how many (14 statements each).

    Args:
        since: from when they stand, today where not given.
    """
    known = set(Edition.objects.filter(district_id=district.id).values_list("list_key", "area_id"))
    tree, directory = territory.tree(district), organization.directory(district)
    made = 0
    for key, spec in district.pack.lists.items():
        by_place: dict[int | None, list[SeedItem]] = defaultdict(list)
        for item in spec.items:
            place = tree.by_code(item.area) if item.area else None
            by_place[tree_area(tree, place, spec.per)].append(item)
        for area_id, items in by_place.items():
            if (key, area_id) in known or (spec.per is not None and area_id is None):
                continue  # there already, or of a place that this district does not have
            edition = draft_edition(
                district=district, key=key, area_id=area_id, from_on=since, actor=actor, now=now, copy=False
            )
            new = []
            for item in items:
                owner = directory.by_key(item.owner) if item.owner else None
                place = tree.by_code(item.area) if item.area else None
                new.append(
                    NewItem(
                        item.title, item.klass, item.key, item.share or "", item.fields, owner.id if owner else None,
                        place.id if place else None, tuple(item.categories), tuple(item.refers),
                    )
                )  # fmt: skip
            add_items(district=district, edition_id=edition.pk, items=new, actor=actor, now=now)
            publish_edition(district=district, edition_id=edition.pk, actor=actor, now=now)
            made += 1
    return made


def tree_area(tree: territory.AreaTree, place: territory.Place | None, per: str | None) -> int | None:
    """The place whose edition an item belongs to: the one of the list's level above it."""
    if place is None or per is None:
        return None
    above = tree.ancestor(place.id, per)
    return above.id if above else None
