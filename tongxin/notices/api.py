"""The door of ``notices``: notes to staff."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.notices.actions import (
        Note,
        mark_opened,
        mark_read,
        mark_subject_read,
        mark_trays_read,
        notes_as_part,
        notify_all,
        notify_posts,
    )
    from tongxin.notices.models import Notice
    from tongxin.notices.queries import Reader, count_unread, list_unread, posts_with_unread
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "Note",
    "Notice",
    "Reader",
    "count_unread",
    "list_unread",
    "mark_opened",
    "mark_read",
    "mark_subject_read",
    "mark_trays_read",
    "notes_as_part",
    "notify_all",
    "notify_posts",
    "posts_with_unread",
]
