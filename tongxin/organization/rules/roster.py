"""Reading a roster: which post and which person each row means. Pure; one fault a row, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tongxin.organization.rules.directory import Directory, Post
from tongxin.packs.schema import Pack

if TYPE_CHECKING:
    from tongxin.territory.api import AreaTree, RawFile

NAME, PHONE, ROLE, PLACE = ("姓名", "name"), ("电话", "手机", "联系电话", "phone"), ("岗位角色", "岗位", "角色", "role"), (
    "地域代码/组织", "地域代码", "地域", "组织", "地域/组织", "place",
)  # fmt: skip

HEADING = (*NAME, *PHONE, *ROLE, *PLACE)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A row as it says."""

    number: int
    name: str
    phone: str
    role: str
    place: str


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row was not taken in."""

    row: int
    sentence: str


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person of the district as the tables have it; ``id`` None: to be made."""

    id: int | None
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a row means: this person gets this post; ``there`` when that is so already."""

    row: int
    person: KnownPerson
    post: Post
    there: bool


def read_rows(file: RawFile) -> list[RosterRow] | str:
    """Return the rows of a file, or a sentence about the columns it lacks."""

    def column(names: Iterable[str]) -> str | None:
        return next((name for name in names if name in file.columns), None)

    name, phone, role, place = column(NAME), column(PHONE), column(ROLE), column(PLACE)
    if name is None or role is None or place is None:
        missing = "、".join(names[0] for names, found in ((NAME, name), (ROLE, role), (PLACE, place)) if found is None)
        return f"文件缺少列：{missing}。应有 姓名、电话、岗位角色、地域代码/组织。"
    return [
        RosterRow(
            row.number, row.words.get(name, ""), row.words.get(phone, "") if phone else "", row.words.get(role, ""), row.words.get(place, "")
        )
        for row in file.rows
    ]  # fmt: skip


class Roster:
    """Decides row by row; remembers what earlier rows of the same file have taken.

    Args:
        allowed: whether the acting person may fill a post that acts for these areas.
        clean_phone: returns the number in one form, or raises ValueError with a sentence.
    """

    def __init__(
        self,
        *,
        known: Directory,
        tree: AreaTree,
        pack: Pack,
        persons: Iterable[KnownPerson],
        on: date,
        allowed: Callable[[tuple[int, ...]], bool],
        clean_phone: Callable[[str], str],
    ) -> None:
        self._tree, self._pack, self._allowed, self._clean_phone = tree, pack, allowed, clean_phone
        self._people: dict[str, list[KnownPerson]] = defaultdict(list)
        self._by_phone: dict[str, KnownPerson] = {}
        for person in persons:
            self._remember(person)
        self._posts: dict[tuple[str, int | None, int | None], list[Post]] = defaultdict(list)
        for post in known.posts():
            if not post.ended:
                self._posts[(post.role, post.area_id, post.body_id)].append(post)
        self._bodies: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for body in known.bodies.values():
            if not body.ended:
                for word in {body.name, body.key or body.name}:
                    self._bodies[word].append((body.id, body.kind))
        self._areas_named: dict[str, set[tuple[int, str]]] = defaultdict(set)
        for level in tree.levels:
            for place in tree.at_level(level):
                for word in (place.name, *(tree.full_name(place.id, top) for top in (None, *tree.levels))):
                    self._areas_named[word].add((place.id, level))
        self._holder: dict[int, KnownPerson] = {}
        for post_id in known.held(on):
            for person_id, name in known.holders(post_id, on):
                held_by = next((p for p in self._people[name] if p.id == person_id), None)
                if held_by is not None:
                    self._holder[post_id] = held_by

    def _remember(self, person: KnownPerson) -> None:
        self._people[person.name].append(person)
        if person.phone:
            self._by_phone[person.phone] = person

    def decide(self, row: RosterRow) -> Appointment | RowFault:
        """Return what the row means, or why it cannot be taken in."""
        try:
            posts = self._posts_of(row)
            person = self._person(row)
        except ValueError as fault:
            return RowFault(row.number, f"第 {row.number} 行：{fault}")
        own = next((post for post in posts if self._holder.get(post.id) == person), None)
        post = own or next((post for post in posts if post.id not in self._holder), None)
        if post is None:
            holders = "、".join(self._holder[post.id].name for post in posts)
            return RowFault(row.number, f"第 {row.number} 行：“{posts[0].title}”现由{holders}担任，请先卸任。")
        if not self._allowed(post.grounds):
            return RowFault(row.number, f"第 {row.number} 行：您没有为“{post.title}”任命人员的权限。")
        if person.id is None and person not in self._people[person.name]:
            self._remember(person)
        self._holder[post.id] = person
        return Appointment(row.number, person, post, there=own is not None)

    def _person(self, row: RosterRow) -> KnownPerson:
        if not 0 < len(row.name) <= 40:
            raise ValueError("没有姓名。" if not row.name else "姓名超过 40 个字。")
        phone = self._clean_phone(row.phone)
        if phone and (other := self._by_phone.get(phone)) is not None:
            if other.name != row.name:
                raise ValueError("这个电话已登记在另一人名下。")
            return other
        same = self._people.get(row.name, [])
        if phone or not same:
            return KnownPerson(None, row.name, phone)
        if len(same) > 1:
            raise ValueError(f"有 {len(same)} 个“{row.name}”，请填电话以分清。")
        return same[0]

    def _posts_of(self, row: RosterRow) -> list[Post]:
        roles = self._pack.units.roles
        keys = [key for key, role in roles.items() if row.role in (key, role.title)]
        if not keys:
            raise ValueError(f"没有“{row.role}”这个岗位角色。" if row.role else "没有岗位角色。")
        if not row.place:
            raise ValueError("没有地域代码或组织。")
        found: list[Post] = []
        wheres: set[tuple[int | None, int | None]] = set()
        for key in keys:
            role = roles[key]
            areas = self._areas(row.place, role.at) if role.at else []
            bodies = [body_id for body_id, kind in self._bodies.get(row.place, ()) if kind == role.in_]
            for where in [*((area, None) for area in areas), *((None, body) for body in bodies)]:
                wheres.add(where)
                found += self._posts.get((key, *where), [])
        if len(wheres) > 1:
            raise ValueError(f"“{row.place}”有 {len(wheres)} 处，请写代码或全称。")
        if not wheres:
            raise ValueError(f"没有“{row.place}”，或它不设“{row.role}”这个岗位。")
        if not found:
            raise ValueError(f"“{row.place}”的“{row.role}”岗位还没有建立，请先设岗。")
        return sorted(found, key=lambda post: (post.seat, post.id))

    def _areas(self, word: str, level: str) -> list[int]:
        place = self._tree.by_code(word)
        if place is not None:
            return [place.id] if place.level == level else []
        return [area_id for area_id, at in self._areas_named.get(word, ()) if at == level]
