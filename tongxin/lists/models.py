"""Editions of lists and their items, and what is admitted for a time. What a list is (fields, owner, period) the pack says."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from tongxin.kernel.privacy import personal
from tongxin.kernel.registry import subjects

_BASIS = "个人信息保护法第13条第1款第3项（履行法定职责）"
STATUS = [("draft", "起草中"), ("published", "已公布"), ("closed", "已关闭")]
SHARES = [("", "不分"), ("main", "主办"), ("assist", "只协助"), ("taken_back", "上级收回")]
STAGES = [("open", "待认领"), ("taken", "已认领"), ("done", "已办结"), ("carried", "转入下期"), ("dropped", "不办")]


class Edition(models.Model):
    """A version or a period of a list; once published its items stay as they are, but for who took them and how far they are."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    list_key = models.CharField("清单", max_length=40)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    number = models.PositiveIntegerField("版次")
    title = models.CharField("名称", max_length=80)
    # pairs, because jsonb keeps no order of keys and the order of classes is the keeper's
    class_pairs = models.JSONField("分类", default=list)
    basis = models.CharField("依据", max_length=400, blank=True)
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=STATUS, default="draft")
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    published_by = personal(
        models.CharField("公布人", max_length=120, blank=True),
        purpose="查明由哪个岗位公布",
        basis=_BASIS,
        retention_days=3650,
    )
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "list_key", "area", "number"], name="edition_number", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["district", "list_key", "area"], condition=Q(status="draft"), name="edition_one_draft",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="edition_runs_forward"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False), name="edition_published_when_not_draft"
            ),
        ]  # fmt: skip

    @property
    def classes(self) -> dict[str, str]:
        """Class → title, in the keeper's order."""
        return dict(self.class_pairs)


@subjects.register("list_item", "清单条目")
class Item(models.Model):
    """A line of an edition. ``key`` stays the same over editions; the case of an item carried over is that of its first line."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="items", db_index=False)
    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    list_key = models.CharField("清单", max_length=40)
    key = models.CharField("编号", max_length=20)
    klass = models.CharField("类", max_length=40)
    title = models.CharField("事项", max_length=80)
    share = models.CharField("社区的责任", max_length=10, choices=SHARES, blank=True)
    fields = models.JSONField("栏目", default=dict)
    owner = models.ForeignKey("organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    categories = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    refers = ArrayField(models.CharField(max_length=62), default=list, blank=True)  # "list:item key"
    carried_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="carried_to"
    )
    case_id = models.BigIntegerField("办件", null=True, blank=True)  # the subject id of its run; None: only registered
    stage = models.CharField("进展", max_length=10, choices=STAGES, default="open")
    taken_by = models.ForeignKey("organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "key"], name="item_key_once")]
        indexes = [
            models.Index(fields=["district", "list_key", "key"], name="item_by_key"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="item_by_case"),
            GinIndex(fields=["refers"], name="item_refers"),
        ]


class Admission(models.Model):
    """An urgent matter that is not on the list and may be given to a community until a day; after it, it counts no more."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    list_key = models.CharField("清单", max_length=40)
    title = models.CharField("事项", max_length=80)
    categories = ArrayField(models.CharField(max_length=20), default=list)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    department = models.ForeignKey(
        "organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField("事由", max_length=400, blank=True)
    from_at = models.DateTimeField("自")
    until_at = models.DateTimeField("至")
    approved_by = personal(
        models.CharField("批准人", max_length=120),
        purpose="查明临时准入由哪个岗位批准",
        basis=_BASIS,
        retention_days=3650,
    )
    run_id = models.BigIntegerField("审批件", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="admission_runs_forward"),
            models.UniqueConstraint(fields=["run_id"], name="admission_once_a_case"),
        ]
