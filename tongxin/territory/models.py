"""Places: the tree of areas of a district, their outlines and history, and the names people call places by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Area(models.Model):
    """A place of some level (county, town, community, grid …). Ended places stay, their codes are never used again (G-06)."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    level = models.CharField("级别", max_length=40)
    code = models.CharField("代码", max_length=30)
    name = models.CharField("名称", max_length=80)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    # ids from the root down to and with this area, so that "all above" needs no further look-up
    path = ArrayField(models.BigIntegerField(), default=list)
    outline = models.BinaryField("边界（WKB，WGS84）", null=True, blank=True)
    lon = models.FloatField("标注点经度", null=True, blank=True)
    lat = models.FloatField("标注点纬度", null=True, blank=True)
    area_cm2 = models.BigIntegerField("面积（平方厘米）", null=True, blank=True)
    households = models.PositiveIntegerField("户数", null=True, blank=True)
    people = models.PositiveIntegerField("人口", null=True, blank=True)
    schematic = models.BooleanField("示意", default=False)
    source = models.CharField("来源", max_length=200, blank=True)
    began_on = models.DateField("启用")
    ended_on = models.DateField("停用", null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="area_code_once")]
        indexes = [
            models.Index(fields=["district", "level", "name"], name="area_by_level"),
            GinIndex(fields=["path"], name="area_path"),
        ]


class AreaSuccession(models.Model):
    """Which place followed which, when places are split, merged or redrawn."""

    old = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="successors")
    new = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="predecessors")
    on = models.DateField("自")
    reason = models.CharField("事由", max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="succession_once")]


class PlaceName(models.Model):
    """What people call a place: an estate, a street, a building, a landmark; leads an address text to an area."""

    district = models.ForeignKey("packs.District", on_delete=models.CASCADE)
    name = models.CharField("地名", max_length=80)
    kind = models.CharField("种类", max_length=20)
    aliases = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    households = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "kind", "name", "area"], name="place_name_once")]
