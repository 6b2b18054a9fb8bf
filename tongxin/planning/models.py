"""Buildings to plan with, barrier lines, and plans of grids with the history of what hands changed. What is in force is territory's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongxin.kernel.registry import subjects
from tongxin.records import api as records

PLAN_STATUS = (
    ("draft", "草稿"),
    ("submitted", "审核中"),
    ("approved", "待生效"),
    ("in_force", "已生效"),
    ("withdrawn", "已撤回"),
)


class PlanUnit(models.Model):
    """A building, block or compound: what a grid is made of. Where it lies is told by its point, asked of the tree."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    code = models.CharField("编码", max_length=40)
    name = models.CharField("名称", max_length=80, blank=True)
    lon = models.FloatField("经度")
    lat = models.FloatField("纬度")
    outline = models.BinaryField("轮廓（WKB，WGS84）", null=True, blank=True)
    households = models.PositiveIntegerField("户数", null=True, blank=True)
    people = models.PositiveIntegerField("人数", null=True, blank=True)
    schematic = models.BooleanField("示意", default=False)
    source = models.CharField("来源", max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="plan_unit_once")]
        indexes = [models.Index(fields=["district", "lon"], name="plan_unit_by_lon")]


class BarrierLine(models.Model):
    """A main road, railway or river that a grid should not lie astride; an impassable one it cannot."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    key = models.CharField("编码", max_length=60)
    name = models.CharField("名称", max_length=80, blank=True)
    kind = models.CharField("种类", max_length=20)
    line = models.BinaryField("线（WKB，WGS84）")
    impassable = models.BooleanField("不能通过", default=False)
    source = models.CharField("来源", max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "key"], name="barrier_line_once")]


@subjects.register("grid_plan", "网格方案")
class LineReading(records.Reading):
    """An extract of roads, rivers and railways that was sent in by page; what a worker found in it lies beside, to be looked at."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "user"], condition=Q(state__in=("waiting", "running")), name="line_reading_one_at_a_time",
                nulls_distinct=False,
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["district", "-asked_at"], name="line_reading_newest")]


class Plan(models.Model):
    """A division of the places under ``under`` into new places of ``level``, each inside one place of the level above."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    title = models.CharField("名称", max_length=80)
    under = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")
    level = models.CharField("划哪一级", max_length=40)
    load_by = models.CharField("按什么均衡", max_length=12)
    wish = models.JSONField("要求")  # target, low, high, order
    begin = models.CharField("从哪里起", max_length=10, default="afresh")  # afresh, today, plan
    seed = models.PositiveIntegerField("随机数种子", default=0)
    status = models.CharField("状态", max_length=12, choices=PLAN_STATUS, default="draft")
    score = models.JSONField("评估", default=dict)
    version = models.PositiveIntegerField(default=0)  # rises with every change by hand or machine
    effective_on = models.DateField("生效日期", null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["district", "-made_at"], name="plan_newest"),
            models.Index(fields=["effective_on"], condition=Q(status="approved"), name="plan_due"),
        ]


class PlanPart(models.Model):
    """A grid of a plan: its number on the map, its name, the place it lies in, and the grid of today it continues."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    name = models.CharField("名称", max_length=80)
    inside = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")
    continues = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    became = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_part_once")]


class PlanMember(models.Model):
    """A unit in a plan: the part it is in, the load it was planned with, and whether hands have fixed it there."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="members")
    unit = models.ForeignKey(PlanUnit, on_delete=models.PROTECT, related_name="+")
    inside = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    part = models.PositiveIntegerField()
    load = models.FloatField()
    locked = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "unit"], name="plan_member_once")]


class PlanMove(models.Model):
    """One act by hand on a plan, with what it changed, so that it can be undone and done again."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="moves")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    says = models.CharField(max_length=200)
    # unit id → [part, locked] before and after; parts that came or went, number → [name, inside, continues]
    change = models.JSONField()
    undone = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "seq"], name="plan_move_in_order")]


class Drafting(models.Model):
    """The machine's work on a plan: waiting, under way with its share done, or ended with what it says."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="drafting")
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    share = models.FloatField(default=0.0)
    stage = models.CharField(max_length=120, blank=True)
    stop_asked = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, blank=True)  # done, stopped, refused
    says = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], condition=Q(ended_at=None), name="drafting_open")]


class AreaChange(models.Model):
    """A place split, merged or redrawn outside a plan: what was drawn, what stood there before, and from which day. Kept as history."""

    KINDS = [("split", "拆分"), ("merge", "合并"), ("redraw", "重画边界")]
    WAITING, IN_FORCE, WITHDRAWN = "waiting", "in_force", "withdrawn"
    STATUS = [(WAITING, "待生效"), (IN_FORCE, "已生效"), (WITHDRAWN, "已撤回")]

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    kind = models.CharField("怎么改", max_length=10, choices=KINDS)
    level = models.CharField("哪一级", max_length=40)
    parent = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("依据", max_length=200)
    old = models.JSONField("原来的")  # [[id, name, code, outline in hex]]
    new = models.JSONField(
        "改成的"
    )  # [[id or a negative number, name, outline in hex, households, people, id of the old one continued]]
    became = models.JSONField("成了哪些地域", default=list)  # ids, in the order of new
    effective_on = models.DateField("生效日期")
    status = models.CharField("状态", max_length=10, choices=STATUS, default=WAITING)
    failed = models.JSONField(default=dict, blank=True)  # at, why
    moved = models.PositiveIntegerField("划转的在办件", default=0)
    made_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "-made_at"], name="area_change_newest"),
            models.Index(fields=["effective_on"], condition=Q(status="waiting"), name="area_change_due"),
        ]
