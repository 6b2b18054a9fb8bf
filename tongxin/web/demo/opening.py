"""Opens a locality for the demo: calendar, pack, district, places, bodies, posts, people, logins. Everything through the doors."""

from __future__ import annotations

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
from tongxin.web.demo import seeding
from tongxin.web.demo.cast import made_up_name
from tongxin.web.demo.logins import OPERATOR, PASSWORD

BY = "演示数据"


@dataclass(frozen=True)
class Locality:
    """A folder that has a demo, with its pack."""

    folder: Path
    pack: Pack


def find_localities(root: Path | None = None) -> list[Locality]:
    """Return the locality folders that carry a demo, by name.

    Raises:
        PackFaults: a folder's files have faults; they say where.
    """
    root = root or settings.BASE_DIR / "localities"
    folders = sorted(
        folder for folder in root.iterdir() if not folder.name.startswith("_") and (folder / "demo.yaml").is_file()
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
    seeding.set_up_places(_seen(pack.key), locality, since=since, now=now)
    seeding.set_up_bodies(_seen(pack.key), pack, since=since, now=now)
    seeding.set_up_posts(_seen(pack.key), pack, now=now)
    seeding.fill_posts(_seen(pack.key), name_of=made_up_name, since=since, now=now)
    district = _seen(pack.key)
    _give_logins(district, now)
    return _seen(pack.key)


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
    for role in district.pack.units.roles:
        posts = [post for post in directory.posts() if post.role == role and not post.ended]
        if not posts:
            continue

        def distance(post: object) -> tuple[bool, int, int]:
            body = directory.body(getattr(post, "body_id", None))
            rank = wanted.index(body.key) if body is not None and body.key in wanted else len(wanted)
            return set(home).isdisjoint(getattr(post, "grounds", ())), rank, getattr(post, "id", 0)

        post = min(posts, key=distance)
        person_id, name = directory.holders(post.id, now.date())[0]
        user = accounts.make_user(district=district, username=role, name=name, password=PASSWORD, now=now)
        seeding.give_login(person_id, user.pk, district)


def _seen(key: str) -> DistrictView:
    packs.forget_districts()
    view = packs.find_district(key=key)
    assert view is not None
    return view


def only_made_up() -> bool:
    """Whether all people of this installation are made up (1 statement)."""
    return seeding.only_made_up()
