"""Reads for those who manage people: persons, the terms and covers of a post. Each says its statement count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from tongxin.kernel.errors import NotFound
from tongxin.organization.models import Cover, Person, Post, Term


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person and the account, if there is one. ``active``: the account lets in; ``once``: its password was never changed."""

    id: int
    name: str
    phone: str
    user_id: int | None
    username: str
    active: bool
    once: bool


@dataclass(frozen=True, slots=True)
class TermRow:
    """Somebody in a post, both days included."""

    id: int
    post_id: int
    post_title: str
    person_id: int
    person_name: str
    from_on: date
    to_on: date | None
    unit_name: str | None = None

    def runs(self, on: date) -> bool:
        """Whether the day lies in the term."""
        return self.from_on <= on and not self.over(on)

    def over(self, on: date) -> bool:
        """Whether it has ended before the day."""
        return self.to_on is not None and self.to_on < on


@dataclass(frozen=True, slots=True)
class CoverRow:
    """Post ``by`` stands in for another, both days included."""

    id: int
    post_id: int
    post_title: str
    by_id: int
    by_title: str
    from_on: date
    to_on: date | None
    reason: str


_PERSON = ("id", "name", "phone", "user_id", "user__username", "user__is_active", "user__password_once")


def _person(row: tuple[object, ...]) -> PersonRow:
    ident, name, phone, user_id, username, active, once = row
    return PersonRow(ident, name, phone, user_id, username or "", bool(active), bool(once))  # type: ignore[arg-type]


def list_people(district_id: int, *, words: str = "", after: int = 0, rows: int = 50) -> list[PersonRow]:
    """Return persons in the order they were made (1 statement); ``after`` is the id of the last one seen."""
    found = Person.objects.filter(district_id=district_id, pk__gt=after)
    if words:
        found = found.filter(Q(name__contains=words) | Q(phone=words) | Q(user__username=words.lower()))
    return [_person(row) for row in found.order_by("pk").values_list(*_PERSON)[:rows]]


def get_person_row(district_id: int, person_id: int) -> PersonRow:
    """Return one person of the district (1 statement). Raises NotFound."""
    row = Person.objects.filter(district_id=district_id, pk=person_id).values_list(*_PERSON).first()
    if row is None:
        raise NotFound("no_person", "没有这个人员。", "请刷新后再选。", "person_id")
    return _person(row)


def list_terms(district_id: int, *, post_id: int | None = None, person_id: int | None = None) -> list[TermRow]:
    """Return the terms of a post or of a person, newest first (1 statement)."""
    found = Term.objects.filter(post__district_id=district_id)
    if post_id is not None:
        found = found.filter(post_id=post_id)
    if person_id is not None:
        found = found.filter(person_id=person_id)
    columns = ("id", "post_id", "post__title", "person_id", "person__name", "from_on", "to_on", "unit__name")
    return [TermRow(*row) for row in found.order_by("-from_on", "-pk").values_list(*columns)[:200]]


def list_covers(district_id: int, post_id: int, on: date) -> list[CoverRow]:
    """Return the covers of a post and those it gives that run or will run, oldest first (1 statement)."""
    found = Cover.objects.filter(Q(to_on=None) | Q(to_on__gte=on), Q(post_id=post_id) | Q(by_id=post_id))
    columns = ("id", "post_id", "post__title", "by_id", "by__title", "from_on", "to_on", "reason")
    mine = found.filter(post__district_id=district_id, by__district_id=district_id)
    return [CoverRow(*row) for row in mine.order_by("from_on", "pk").values_list(*columns)]


def count_sizes(district_id: int) -> dict[str, int]:
    """Return how many persons and living posts there are (2 statements)."""
    return {
        "people": Person.objects.filter(district_id=district_id).count(),
        "posts": Post.objects.filter(district_id=district_id, ended_on=None).count(),
    }
