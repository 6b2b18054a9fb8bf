"""The door of ``notices``: notes to staff."""

from tongxin.notices.actions import Note, mark_read, mark_subject_read, notes_as_part, notify_all, notify_posts
from tongxin.notices.models import Notice
from tongxin.notices.queries import Reader, count_unread, list_unread

__all__ = [
    "Note",
    "Notice",
    "Reader",
    "count_unread",
    "list_unread",
    "mark_read",
    "mark_subject_read",
    "notes_as_part",
    "notify_all",
    "notify_posts",
]
