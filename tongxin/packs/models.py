"""Districts (the tenants), the published versions of their packs, and the table of working days. No behaviour."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class PackVersion(models.Model):
    """A published pack, kept for ever: whatever began under it ends under it."""

    key = models.CharField("资料包", max_length=40)
    number = models.PositiveIntegerField("版本")
    digest = models.CharField("内容摘要", max_length=64)
    # JSON as text: the order of acts and form fields is the pack author's, and jsonb would lose it
    content = models.TextField("内容（JSON）")
    note = models.CharField("发布说明", max_length=400, blank=True)
    published_at = models.DateTimeField("发布时间")
    published_by = models.CharField("发布人", max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="pack_version_number"),
            models.UniqueConstraint(fields=["key", "digest"], name="pack_version_digest"),
        ]


class District(models.Model):
    """One district with its own people, places and matters: the tenant boundary."""

    key = models.SlugField("键", max_length=40, unique=True)
    title = models.CharField("名称", max_length=80)
    hosts = ArrayField(models.CharField(max_length=253), verbose_name="主机名", default=list, blank=True)
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, verbose_name="现行资料包")
    # Bumped by every write to places, posts, working days or published lists, so that in-process copies know when they are old.
    territory_version = models.PositiveIntegerField(default=1)
    organization_version = models.PositiveIntegerField(default=1)
    calendar_version = models.PositiveIntegerField(default=1)
    lists_version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField("开户时间")


class CalendarDay(models.Model):
    """A day that differs from Monday–Friday: a public holiday, a make-up working day, or a district's own day off."""

    district = models.ForeignKey(District, on_delete=models.CASCADE, null=True, blank=True, verbose_name="只用于")
    day = models.DateField("日期")
    is_workday = models.BooleanField("上班")
    name = models.CharField("名称", max_length=40, blank=True)
    source = models.CharField("出处", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "day"], name="calendar_day_once", nulls_distinct=False),
        ]


class CalendarYear(models.Model):
    """A year whose holidays are published; a year that is missing here is counted Monday–Friday with a warning."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField("出处", max_length=200)
    imported_at = models.DateTimeField("载入时间")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(year__gte=2004, year__lte=2100), name="calendar_year_range")]
