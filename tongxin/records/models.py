"""Files that people attach, and the record of what administrators changed."""

from __future__ import annotations

import uuid

from django.db import models


class Attachment(models.Model):
    """A picture as we keep it: re-encoded, without metadata, named by the hash of its content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, default="photo")
    mime = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True)
    # Empty until the form that carries the picture is accepted; unclaimed pictures are swept away after a day.
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="attachment_subject")]


class AuditEntry(models.Model):
    """One administrative act: who changed what in people, places, packs and settings. Kept at least six months (网络安全法 23(3))."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, null=True, blank=True)
    at = models.DateTimeField()
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True)
    actor_label = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["district", "-at"], name="audit_newest")]
