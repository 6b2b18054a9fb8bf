"""Facilities near people, the walking network of a district, and studies of who reaches what within how many minutes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongxin.records import api as records


class Facility(models.Model):
    """One facility of a kind that the pack names. An ended one stays, so that older studies can be understood."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    kind = models.CharField("种类", max_length=40)
    name = models.CharField("名称", max_length=80)
    lon = models.FloatField("经度")
    lat = models.FloatField("纬度")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")
    beds = models.PositiveIntegerField("床位", null=True, blank=True)
    floor_area = models.PositiveIntegerField("建筑面积（平方米）", null=True, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    hours = models.CharField("开放时间", max_length=80, blank=True)
    source = models.CharField("来源", max_length=400, blank=True)
    schematic = models.BooleanField("示意", default=False)
    began_on = models.DateField("启用")
    ended_on = models.DateField("停用", null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kind", "name"], condition=Q(ended_on=None), name="facility_name_once"
            ),
        ]


class WalkMap(models.Model):
    """The walking network of a district, as read from an OpenStreetMap extract and cut to the district."""

    district = models.OneToOneField("packs.District", on_delete=models.CASCADE)
    file = models.CharField("文件", max_length=120)
    digest = models.CharField(max_length=64)
    nodes = models.PositiveIntegerField("路口和转折点")
    links = models.PositiveIntegerField("路段")
    data = models.BinaryField("路网（npz）")
    loaded_at = models.DateTimeField()


class WalkReading(records.Reading):
    """An extract of streets that was sent in by page."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district"], condition=Q(state__in=("waiting", "running")), name="walk_reading_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["district", "-asked_at"], name="walk_reading_newest")]


class CircleStudy(models.Model):
    """One computation of the service circles. Waits for a worker when it is long; its result is kept."""

    WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
    STATES = [(WAITING, "等待计算"), (RUNNING, "正在计算"), (DONE, "已算好"), (FAILED, "没有算成"), (STOPPED, "已取消")]

    district = models.ForeignKey("packs.District", on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    asked_by = models.CharField("谁要算的", max_length=120)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    stop = models.BooleanField("要求取消", default=False)
    trouble = models.CharField("没有算成的原因", max_length=400, blank=True)
    result = models.JSONField(default=dict, blank=True)
    # tenths of minutes, one row a kind, one column a dwelling; only the newest study keeps it
    minutes = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district"], condition=Q(state__in=("waiting", "running")), name="circle_study_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["district", "-asked_at"], name="circle_study_newest")]
