"""Matters (诉求): what somebody reported, where, when, and how it was rated. Where it stands is its run's to say."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongxin.kernel.privacy import mask_all, mask_name, mask_phone, personal
from tongxin.kernel.registry import subjects

_BASIS = "个人信息保护法第13条第1款第3项（履行法定职责）；反映人可以不留"


@subjects.register("matter", "诉求")
class Matter(models.Model):
    """One thing that was raised."""

    # Every index is written with every report: a foreign key gets one of its own only where no other index begins with it.
    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    receipt = models.CharField("回执码", max_length=12)
    channel = models.CharField("渠道", max_length=40)
    category = models.CharField("类别", max_length=20, blank=True)
    title = models.CharField("标题", max_length=80)
    text = personal(
        models.TextField("内容", max_length=4_000), purpose="办理诉求", basis=_BASIS, retention_days=1825, mask=mask_all
    )
    area = models.ForeignKey(
        "territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    # exact: a point somebody gave; address: found by name; area: only the area is known, never drawn as a point
    precision = models.CharField(
        max_length=10,
        choices=[("exact", "准确点位"), ("address", "按地名"), ("area", "仅知区域"), ("none", "未定位")],
        default="none",
    )
    address = personal(
        models.CharField("地点", max_length=200, blank=True),
        purpose="找到地方",
        basis=_BASIS,
        retention_days=1825,
        mask=mask_all,
    )
    reporter_name = personal(
        models.CharField("称呼", max_length=40, blank=True),
        purpose="回访",
        basis=_BASIS,
        retention_days=365,
        mask=mask_name,
    )
    reporter_phone = personal(
        models.CharField("电话", max_length=20, blank=True),
        purpose="回访",
        basis=_BASIS,
        retention_days=365,
        mask=mask_phone,
    )
    reported_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    public = models.BooleanField("可在公开栏显示（隐去个人信息）", default=False)
    master = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates", db_index=False
    )
    reported_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    solved = models.BooleanField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    # imported matters: where from, and their number there, so that a repeat adds nothing
    source = models.CharField(max_length=40, blank=True)
    source_key = models.CharField(max_length=80, blank=True)
    text_digest = models.BinaryField(max_length=16, null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    request_key = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt"], name="matter_receipt"),
            models.UniqueConstraint(
                fields=["district", "request_key"], condition=Q(request_key__isnull=False), name="matter_request_once"
            ),
            models.UniqueConstraint(
                fields=["district", "source", "source_key"], condition=~Q(source_key=""), name="matter_source_once"
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5), name="matter_rating_range"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-reported_at"], name="matter_newest"),
            models.Index(fields=["area", "-reported_at"], name="matter_by_area"),
            models.Index(fields=["district", "text_digest"], name="matter_same_text"),
            models.Index(fields=["master"], condition=Q(master__isnull=False), name="matter_duplicates"),
            models.Index(fields=["reported_by"], condition=Q(reported_by__isnull=False), name="matter_by_clerk"),
            models.Index(fields=["district", "-id"], condition=Q(public=True), name="matter_public"),
        ]
