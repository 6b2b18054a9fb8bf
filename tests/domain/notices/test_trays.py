"""Trays: a note follows the post, costs one statement, and is read in its own district only."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.domain import smalltown
from tests.domain.smalltown import NOW
from tests.statements import at_most
from tongxin.accounts import api as accounts
from tongxin.kernel import caches
from tongxin.notices import api as notices
from tongxin.notices.api import Note, Notice
from tongxin.packs.api import DistrictView


@dataclass
class Seat:
    id: int


@dataclass
class Reader:
    district_id: int | None
    user_id: int | None
    posts: list[Seat] = field(default_factory=list)


@pytest.fixture
def town(db: None) -> DistrictView:
    caches.clear_all()
    return smalltown.open_town(areas=False)


@pytest.fixture
def reader(town: DistrictView) -> Reader:
    user = accounts.make_user(district=town, username="wang", name="王某", password="Lamp-post-77", now=NOW)
    return Reader(town.id, user.pk, [Seat(1), Seat(2)])


def test_any_number_of_notes_costs_one_statement(town: DistrictView, reader: Reader) -> None:
    with at_most(1):
        rows = [Note("arrived", "新派来一件", post_id=1 + i % 3) for i in range(300)]
        assert notices.notify_posts(rows, district_id=town.id, now=NOW) == 300
    with at_most(0):
        assert notices.notify_posts([], district_id=town.id, now=NOW) == 0
    with at_most(1):
        assert notices.count_unread(reader) == 200
    with at_most(1):
        assert len(notices.list_unread(reader, 50)) == 50


def test_notes_reach_the_posts_and_the_person_and_nobody_else(town: DistrictView, reader: Reader) -> None:
    rows = [Note("a", "岗位", post_id=2), Note("b", "本人", user_id=reader.user_id), Note("c", "别的岗位", post_id=9)]
    notices.notify_posts(rows, district_id=town.id, now=NOW)
    assert {note.title for note in notices.list_unread(reader)} == {"岗位", "本人"}
    assert notices.list_unread(Reader(town.id, None, [Seat(2)])) == []


def test_a_post_of_the_same_number_elsewhere_gets_nothing(town: DistrictView, reader: Reader) -> None:
    other = smalltown.open_town("othertown", areas=False)
    notices.notify_posts([Note("a", "别处", post_id=1)], district_id=other.id, now=NOW)
    assert notices.count_unread(reader) == 0
    assert notices.mark_read(reader, None, now=NOW) == 0
    assert Notice.objects.filter(read_at=None).count() == 1


def test_reading_empties_only_ones_own_tray(town: DistrictView, reader: Reader) -> None:
    rows = [Note("a", f"{i}", post_id=i, subject_kind="matter", subject_id=i) for i in (1, 2, 9)]
    notices.notify_posts(rows, district_id=town.id, now=NOW)
    everything = list(Notice.objects.values_list("pk", flat=True))
    assert notices.mark_subject_read(reader, "matter", 1, now=NOW) == 1
    assert notices.mark_read(reader, everything, now=NOW) == 1
    assert list(Notice.objects.filter(read_at=None).values_list("post_id", flat=True)) == [9]


def test_a_note_without_an_address_is_a_mistake_found_early(town: DistrictView) -> None:
    with pytest.raises(ValueError, match="post or a user"):
        notices.notify_posts([Note("a", "好", post_id=1), Note("a", "谁")], district_id=town.id, now=NOW)
    assert not Notice.objects.exists()


def test_long_words_are_cut(town: DistrictView, reader: Reader) -> None:
    notices.notify_posts([Note("a", "题" * 500, post_id=1, body="文" * 900)], district_id=town.id, now=NOW)
    (note,) = notices.list_unread(reader)
    assert (len(note.title), len(note.body)) == (160, 400)


def test_many_posts_open_and_read_in_one_statement_each(town: DistrictView, reader: Reader) -> None:
    rows = [Note("a", "一", post_id=post, subject_kind="matter", subject_id=n) for post in (1, 2, 3) for n in (7, 8)]
    notices.notify_posts(rows, district_id=town.id, now=NOW)
    with at_most(1):
        notices.mark_opened([(1, "matter", 7), (1, "matter", 7), (3, "affair", 8)], district_id=town.id, now=NOW)
    left = {(note.post_id, note.subject_id) for note in Notice.objects.filter(read_at=None)}
    assert left == {(1, 8), (2, 7), (2, 8), (3, 7), (3, 8)}
    with at_most(0):
        notices.mark_opened([], district_id=town.id, now=NOW)
    with at_most(1):
        assert notices.posts_with_unread(town.id) == [1, 2, 3]
    with at_most(1):
        assert notices.mark_trays_read([1, 2], district_id=town.id, now=NOW) == 3
    assert notices.mark_trays_read([3], district_id=town.id + 1, now=NOW) == 0
    assert notices.count_unread(reader) == 0
    assert Notice.objects.filter(read_at=None, post_id=3).count() == 2
