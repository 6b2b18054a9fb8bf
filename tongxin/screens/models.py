"""The picture that walls show, and the links by which they open."""

from __future__ import annotations

from django.db import models


class Picture(models.Model):
    """What a district's walls show now, counted once for all of them."""

    district = models.OneToOneField("packs.District", on_delete=models.CASCADE)
    claimed_at = models.DateTimeField()  # somebody counts, or has counted, since
    taken_at = models.DateTimeField(null=True, blank=True)  # when the content was counted
    pack_id_then = models.BigIntegerField(default=0)
    content = models.JSONField(default=dict)


class ScreenLink(models.Model):
    """A link by which one wall opens without a login: the picture, nothing else. Only its hash is kept."""

    district = models.ForeignKey("packs.District", on_delete=models.CASCADE)
    place = models.CharField("哪里的屏", max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField("到什么时候")
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField("最近打开", null=True, blank=True)
