"""Notes to staff: what has come, what is due, what is late. Messages to residents are the case's own timeline."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """A note in somebody's tray, addressed to a post (by number, for posts live in a higher layer) or to a user."""

    # Notes come with nearly every step, and are read by who they are for: no other index is written with them.
    district = models.ForeignKey("packs.District", on_delete=models.CASCADE, db_index=False)
    post_id = models.BigIntegerField(null=True, blank=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, blank=True, db_index=False)
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=160)
    body = models.CharField(max_length=400, blank=True)
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["post_id", "-created_at"],
                condition=Q(read_at=None, post_id__isnull=False),
                name="notice_unread_post",
            ),
            models.Index(
                fields=["user", "-created_at"], condition=Q(read_at=None, user__isnull=False), name="notice_unread_user"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(post_id__isnull=False) | Q(user__isnull=False), name="notice_addressed"),
        ]
