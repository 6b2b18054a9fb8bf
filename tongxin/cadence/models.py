"""What comes round, on real dates, and that it was done. What a series is the pack says."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tongxin.kernel.privacy import personal


class Occurrence(models.Model):
    """One time of a series at one place: a period, the day in it, and until when it counts as kept."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    series = models.CharField("频次", max_length=40)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.CharField("周期", max_length=16)
    first_on = models.DateField("周期自")
    last_on = models.DateField("周期至")
    due_on = models.DateField("日期")
    closes_on = models.DateField("记录期限")
    provisional = models.BooleanField("暂定", default=False)
    host = models.ForeignKey("organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kept_on = models.DateField("做到的日期", null=True, blank=True)
    excused = models.CharField("不办的原因", max_length=200, blank=True)
    opened_at = models.DateTimeField("已打开", null=True, blank=True)
    # the case that was opened when the day came; its procedure says by ``keep_occurrence`` that this time was kept
    run = models.ForeignKey(
        "procedures.Run", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "series", "area", "period"], name="occurrence_once"),
            models.CheckConstraint(
                condition=Q(first_on__lte=F("due_on")) & Q(due_on__lte=F("closes_on")), name="occurrence_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "due_on"], name="occurrence_by_day"),
            models.Index(fields=["district", "closes_on"], condition=Q(kept_on=None), name="occurrence_open"),
            models.Index(fields=["run"], condition=Q(run__isnull=False), name="occurrence_case"),
        ]


class Record(models.Model):
    """Somebody's note that it was done: when, how many came, a few words. Not attendance, not a track (norm B-01)."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.PROTECT, related_name="records")
    done_on = models.DateField("哪天")
    heads = models.PositiveIntegerField("人数", null=True, blank=True)
    note = models.CharField("记事", max_length=400, blank=True)
    noted_at = models.DateTimeField("记录时间")
    noted_by = personal(
        models.CharField("记录岗位", max_length=120),
        purpose="查明由哪个岗位所记",
        basis="个人信息保护法第13条第1款第3项（履行法定职责）",
        retention_days=1095,
    )
    request_key = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "request_key"], name="record_once"),
        ]
