"""Take in a roster: people and the posts they hold, from a file or from plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tongxin.kernel.days import today_of
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.organization import access
from tongxin.organization.actions.people import MANAGE, clean_phone
from tongxin.organization.actions.writing import demand_home, note, span_given, writing
from tongxin.organization.models import Person, Term
from tongxin.organization.queries.copies import load_directory
from tongxin.organization.rules.directory import Directory, Post
from tongxin.organization.rules.people import Actor
from tongxin.organization.rules.roster import HEADING, Appointment, KnownPerson, Roster, RosterRow, RowFault, read_rows
from tongxin.packs import api as packs
from tongxin.territory import api as territory

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class PeopleImported:
    """How many people and terms were made, how many rows were so already, and why others were not taken in."""

    people: int
    terms: int
    unchanged: int
    faults: tuple[RowFault, ...]


def import_people(
    *,
    district: packs.DistrictView,
    path: Path,
    actor: Actor,
    now: datetime,
    name: str = "",
    from_on: date | None = None,
    dry_run: bool = False,
) -> PeopleImported:
    """Take in a roster with the columns 姓名, 电话, 岗位角色, 地域代码/组织; a second run changes nothing.

    Rows with a fault are left out and told by number; all others are written together. A person is the same when the
    telephone number and name are, or without a number when the name is and nobody else bears it. About 13 statements,
    whatever the number of rows.

    Args:
        from_on: first day of the terms, today where not given.

    Raises:
        NotAllowed: manage_people is missing everywhere. Invalid: the file cannot be read or lacks a column.
    """
    demand_home(district, actor)
    access.demand(actor, MANAGE)
    read = read_rows(territory.read_table(path, name, HEADING))
    if isinstance(read, str):
        raise Invalid("roster_columns", read, "请改正表头。", "file")
    today = today_of(now)
    first, _ = span_given(from_on, None, now)
    if dry_run:
        return _told(_decide(district, read, actor, today))
    with writing(district.id):
        decided = _decide(district, read, actor, today)
        done = _told(decided)
        _write(district.id, [one for one in decided if isinstance(one, Appointment)], first, made_up=False)
        detail = {"people": done.people, "terms": done.terms, "unchanged": done.unchanged, "faults": len(done.faults)}
        note(actor, "import_people", (name or path.name)[:120], detail, now)
    return done


def _decide(
    district: packs.DistrictView, rows: Sequence[RosterRow], actor: Actor, today: date
) -> list[Appointment | RowFault]:
    persons = Person.objects.filter(district_id=district.id).order_by("id").values_list("id", "name", "phone")
    roster = Roster(
        known=load_directory(district.id),
        tree=territory.tree(district),
        pack=district.pack,
        persons=[KnownPerson(*row) for row in persons],
        on=today,
        allowed=lambda grounds: access.may_all(actor, MANAGE, grounds),
        clean_phone=_phone,
    )
    return [roster.decide(row) for row in rows]


def _phone(text: str) -> str:
    try:
        return clean_phone(text)
    except Invalid as refusal:
        raise ValueError(refusal.what) from refusal


def _told(decided: Sequence[Appointment | RowFault]) -> PeopleImported:
    taken = [one for one in decided if isinstance(one, Appointment)]
    new = [one for one in taken if not one.there]
    people = {one.person for one in taken if one.person.id is None}
    faults = tuple(one for one in decided if isinstance(one, RowFault))
    return PeopleImported(len(people), len(new), len(taken) - len(new), faults)


def _write(district_id: int, taken: Sequence[Appointment], from_on: date, *, made_up: bool) -> None:
    """Insert new people and terms (2 statements)."""
    fresh = list(dict.fromkeys(one.person for one in taken if one.person.id is None))
    rows = [Person(district_id=district_id, name=p.name, phone=p.phone, made_up=made_up) for p in fresh]
    Person.objects.bulk_create(rows, batch_size=BATCH)
    ids = {person: row.pk for person, row in zip(fresh, rows, strict=True)}
    Term.objects.bulk_create(
        [
            Term(post_id=one.post.id, person_id=one.person.id or ids[one.person], from_on=from_on)
            for one in taken
            if not one.there
        ],
        batch_size=BATCH,
    )


def staff_posts(
    *,
    district: packs.DistrictView,
    names: dict[int, str],
    actor: Actor,
    now: datetime,
    from_on: date | None = None,
    made_up: bool = False,
) -> int:
    """Give empty posts to new people, one each: post id → name; return how many (9 statements). For demos and trials.

    Raises:
        NotAllowed: manage_people is missing somewhere in the district. NotFound: a post is not there, or is held.
    """
    demand_home(district, actor)
    access.demand_all(actor, MANAGE, ())
    first, _ = span_given(from_on, None, now)
    with writing(district.id):
        known = load_directory(district.id)
        held = known.held(first)
        posts = {post.id: post for post in known.posts() if not post.ended and post.id not in held}
        if names.keys() - posts.keys():
            raise NotFound("no_post", "有岗位不存在，或者已有人担任。", "请刷新后再试。", "names")
        rows = [Person(district_id=district.id, name=name, made_up=made_up) for name in names.values()]
        Person.objects.bulk_create(rows, batch_size=BATCH)
        units = _outside_units(district, [posts[post_id] for post_id in names], known)
        terms = [
            Term(post_id=post_id, person=row, from_on=first, unit_id=units.get(post_id))
            for post_id, row in zip(names, rows, strict=True)
        ]
        Term.objects.bulk_create(terms, batch_size=BATCH)
        note(actor, "staff_posts", district.title, {"people": len(rows), "made_up": made_up}, now)
    return len(rows)


def _outside_units(district: packs.DistrictView, posts: list[Post], known: Directory) -> dict[int, int]:
    """Post → a unit for each part-time seat: those under the seat's own body first, each in turn (XN-04)."""
    roles, turn = district.pack.units.roles, dict[tuple[str, int | None], int]()
    found = {}
    for post in posts:
        kinds = roles[post.role].from_ if post.role in roles else []
        if not kinds:
            continue
        below = [body.id for body in known.bodies_under(post.body_id) if body.kind in kinds]
        units = below or [unit.id for unit in known.units(kinds)]
        if units:
            n = turn[post.role, post.body_id if below else None] = (
                turn.get((post.role, post.body_id if below else None), -1) + 1
            )
            found[post.id] = units[n % len(units)]
    return found
