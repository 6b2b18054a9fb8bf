"""Opens a locality for the demo: calendar, pack, district, places, bodies, posts, people, logins. Everything through the doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from tongxin.accounts import api as accounts
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Pack
from tongxin.territory import api as territory
from tongxin.web import opening
from tongxin.web.demo import buildings, duties, listing, registering, rounds, seeding
from tongxin.web.demo.cast import made_up_name
from tongxin.web.demo.logins import OPERATOR, PASSWORD
from tongxin.web.demo.seeding import BY


@dataclass(frozen=True)
class Locality:
    """A folder that has a demo, with its pack."""

    folder: Path
    pack: Pack


def find_localities(root: Path | None = None, only: Sequence[str] = ()) -> list[Locality]:
    """Return the locality folders that carry a demo, by name; ``only`` those named, when names are given.

    Raises:
        PackFaults: a folder's files have faults; they say where.
    """
    root = root or settings.BASE_DIR / "localities"
    folders = sorted(
        folder
        for folder in root.iterdir()
        if not folder.name.startswith("_") and (folder / "demo.yaml").is_file() and (not only or folder.name in only)
    )
    return [Locality(folder, packs.load_folder(folder)) for folder in folders]


def open_locality(locality: Locality, *, since: date, now: datetime) -> DistrictView:
    """Open the district of a locality with its places, bodies, posts and people.

    Args:
        since: the day from which people hold their posts; before the first simulated matter.
    """
    pack = locality.pack
    packs.import_calendar(now)
    version = packs.publish_pack(pack, actor_label=BY, now=now, note="演示")
    packs.open_district(
        key=pack.key, title=pack.settings.title, version=version, hosts=[f"{pack.key}.localhost"], now=now
    )
    seeding.set_up_places(pack.key, locality.folder / "map.geojson", pack, now=now)
    opening.set_up_facilities(pack.key, since=since, now=now)
    opening.set_up_bodies(pack.key, pack, since=since, now=now)
    seeding.make_up_bodies(pack.key, pack, since=since, now=now)
    seeding.staff(pack.key, pack, name_of=made_up_name, since=since, now=now)
    _give_logins(opening.seen(pack.key), now)
    duties.set_up_duties(opening.seen(pack.key), since=since, now=now)
    listing.set_up_lists(opening.seen(pack.key), since=since, now=now)
    registering.set_up_registers(opening.seen(pack.key), since=since, now=now)
    rounds.set_up_rounds(opening.seen(pack.key), now=now)
    if buildings.build(opening.seen(pack.key), now=now, seed=pack.demo.seed if pack.demo else 1):
        buildings.draw_lines(opening.seen(pack.key), home_of(opening.seen(pack.key)), now=now)
        buildings.draw_one(opening.seen(pack.key), home_of(opening.seen(pack.key)), now=now)
    return opening.seen(pack.key)


def make_operator(now: datetime) -> None:
    """Make the operator of the installation."""
    accounts.make_user(district=None, username=OPERATOR, name="演示·运维", password=PASSWORD, now=now, is_operator=True)


def home_of(district: DistrictView) -> int:
    """Return the leaf area around which the logins live and where more happens than elsewhere: the first one."""
    tree = territory.tree(district)
    return tree.at_level(tree.levels[-1])[0].id


def _give_logins(district: DistrictView, now: datetime) -> None:
    """One login a role: the post nearest to home, so that what one passes on the next one finds."""
    directory, tree = organization.directory(district), territory.tree(district)
    home = tree.path(home_of(district))
    wanted = [category.unit for category, _ in district.pack.catalogue.walk() if category.unit]
    chosen: dict[str, tuple[int, str]] = {}
    for role in district.pack.units.roles:
        posts = [post for post in directory.posts() if post.role == role and not post.ended]
        if not posts:
            continue

        own = _own_places(district, role)

        def distance(post: object, own: frozenset[int] = own) -> tuple[bool, bool, int, int]:
            body = directory.body(getattr(post, "body_id", None))
            rank = wanted.index(body.key) if body is not None and body.key in wanted else len(wanted)
            grounds = getattr(post, "grounds", ())
            return bool(own) and own.isdisjoint(grounds), set(home).isdisjoint(grounds), rank, getattr(post, "id", 0)

        post = min(posts, key=distance)
        chosen[role] = directory.holders(post.id, now.date())[0]
    names = {role: name for role, (_, name) in chosen.items()}
    users = accounts.make_users(district=district, names=names, password=PASSWORD, now=now)
    seeding.give_logins(district.key, {chosen[role][0]: user.pk for role, user in users.items()}, now=now)


def _own_places(district: DistrictView, role: str) -> frozenset[int]:
    """Return where a role's work is, when all the states that it holds are of procedures of certain places only."""
    tree = territory.tree(district)
    held = [
        spec.open.areas if spec.open is not None else []
        for spec in district.pack.procedures.values()
        if any(state.holder is not None and state.holder.role == role for state in spec.states.values())
    ]
    codes = {code for areas in held for code in areas} if held and all(held) else set()
    return frozenset(place.id for code in codes if (place := tree.by_code(code)) is not None)


def only_made_up() -> bool:
    """Whether this installation holds nothing but demos: the first version of each district's pack was published by it (1 statement a district)."""
    return all(packs.list_versions(view.pack.key)[-1].published_by == BY for view in packs.list_districts())
