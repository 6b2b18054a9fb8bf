"""Writes: put notes into trays, mark them read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db import connection

from tongxin.kernel.statements import Part, given
from tongxin.notices.models import Notice
from tongxin.notices.queries import Reader, tray


class Note(NamedTuple):
    """A note to a post or to a user (one of the two).

    Args:
        kind: stable word, e.g. ``arrived``, ``due_soon``, ``late``.
        subject_kind, subject_id: what it is about, so that the tray can link there.
    """

    kind: str
    title: str
    post_id: int | None = None
    user_id: int | None = None
    body: str = ""
    subject_kind: str = ""
    subject_id: int | None = None


def notify_posts(rows: Sequence[Note], *, district_id: int, now: datetime) -> int:
    """Put notes into trays; returns how many (one statement, none for an empty list). Over-long words are cut.

    Raises:
        ValueError: a note without an address (a programming error, found before anything is written).
    """
    if not rows:
        return 0
    if any(row.post_id is None and row.user_id is None for row in rows):
        raise ValueError("a note needs a post or a user")
    Notice.objects.bulk_create(
        Notice(
            district_id=district_id,
            post_id=row.post_id,
            user_id=row.user_id,
            kind=row.kind,
            title=row.title[:160],
            body=row.body[:400],
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            created_at=now,
        )
        for row in rows
    )
    return len(rows)


def notify_all(
    post_ids: Sequence[int], *, district_id: int, kind: str, title: str, body: str, subject_kind: str, subject_id: int,
    now: datetime,
) -> None:  # fmt: skip
    """Put the same note into the trays of many posts (one statement whatever their number)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO notices_notice (district_id, post_id, kind, title, body, subject_kind, subject_id, created_at)
               SELECT %s, post, %s, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS post""",
            [district_id, kind, title[:160], body[:400], subject_kind, subject_id, now, list(post_ids)],
        )


_COLUMNS = ("district_id", "post_id", "user_id", "kind", "title", "body", "subject_kind", "created_at")


@cache
def _part() -> str:
    columns = ", ".join(_COLUMNS)
    return f"""note AS (INSERT INTO notices_notice ({columns}, subject_id)
SELECT {columns}, subject.id FROM {given("note", Notice, _COLUMNS)} JOIN subject USING (n))"""  # noqa: S608 - column names only


def notes_as_part(rows: Sequence[Note], *, district_id: int, now: datetime) -> Part:
    """Return the notes as part of the statement that writes what they are about (see ``kernel.statements``).

    The statement must have a part called ``subject`` that gives ``n`` and the ``id`` of what the notes are about.
    """
    values = (
        (district_id, row.post_id, row.user_id, row.kind, row.title[:160], row.body[:400], row.subject_kind, now)
        for row in rows
    )
    return Part("note", _part(), [dict(zip(_COLUMNS, row, strict=True)) for row in values])


def mark_read(actor: Reader, notice_ids: Sequence[int] | None, *, now: datetime) -> int:
    """Mark notes in the actor's own trays as read, all of them for ``None``; returns how many were unread (one statement)."""
    found = tray(actor)
    if notice_ids is not None:
        found = found.filter(pk__in=notice_ids)
    return found.update(read_at=now)


def mark_subject_read(actor: Reader, subject_kind: str, subject_id: int, *, now: datetime) -> int:
    """Mark the actor's notes about one subject as read: whoever has opened it need not tidy up (one statement)."""
    return tray(actor).filter(subject_kind=subject_kind, subject_id=subject_id).update(read_at=now)


def mark_opened(opened: Iterable[tuple[int, str, int]], *, district_id: int, now: datetime) -> None:
    """Mark as read what many posts have opened: each (post, kind and number of the subject) (one statement, none for nothing)."""
    rows = list(dict.fromkeys(opened))
    if not rows:
        return
    posts, kinds, subjects = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE notices_notice n SET read_at = %s
               FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS o(post, kind, subject)
               WHERE n.district_id = %s AND n.read_at IS NULL AND n.post_id = o.post AND n.subject_kind = o.kind AND n.subject_id = o.subject""",
            [now, list(posts), list(kinds), list(subjects), district_id],
        )


def mark_trays_read(post_ids: Sequence[int], *, district_id: int, now: datetime) -> int:
    """Mark all notes in the trays of many posts as read, those of posts only; returns how many (one statement)."""
    return Notice.objects.filter(district_id=district_id, post_id__in=post_ids, read_at=None).update(read_at=now)
