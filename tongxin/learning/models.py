"""What was trained, when, and how good it was measured to be. The numbers themselves lie in a file under the data folder."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongxin.kernel.registry import subjects


class TextModel(models.Model):
    """One trained classifier of a district. Kept when a newer one comes, with its card: that is its record."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    version = models.CharField("版本", max_length=20)
    file = models.CharField("文件", max_length=120)  # relative to the data folder
    card = models.JSONField("评估卡")
    trained_at = models.DateTimeField("训练时间")
    in_force = models.BooleanField("现行")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "version"], name="text_model_version"),
            models.UniqueConstraint(fields=["district"], condition=Q(in_force=True), name="text_model_in_force"),
        ]


@subjects.register("topic", "高频问题")
class TopicCase(models.Model):
    """A hot topic that somebody took up (主动治理, row WH-30). Where it stands is its run's to say; it names no person."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    title = models.CharField("标题", max_length=80)
    words = models.JSONField("主题词", default=list)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since_at = models.DateTimeField("所看时段自")
    until_at = models.DateTimeField("所看时段至")
    people = models.PositiveIntegerField("反映人数")  # in that window, as counted when it was taken up
    solution = models.TextField("社区答案", max_length=2_000, blank=True)
    opened_at = models.DateTimeField("立项时间")
    closed_at = models.DateTimeField("结题时间", null=True, blank=True)
    # matters up to read_to have been looked at; those above settled_to are looked at once more, because a number given
    # out early may be written late
    read_to = models.BigIntegerField(default=0)
    settled_to = models.BigIntegerField(default=0)
    request_key = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "request_key"], name="topic_case_request_once"),
        ]
        indexes = [
            models.Index(fields=["district", "-opened_at"], name="topic_case_newest"),
            models.Index(fields=["district"], condition=Q(closed_at=None), name="topic_case_open"),
        ]


class TopicMatter(models.Model):
    """A matter that belongs to a topic taken up, or is offered to it. One that a person took away never comes back by itself."""

    HOW = [
        ("opened", "立项时"),
        ("arrived", "后来自动归入"),
        ("offered", "可能相关"),
        ("added", "人工归入"),
        ("removed", "人工移出"),
    ]

    topic = models.ForeignKey(TopicCase, on_delete=models.CASCADE, related_name="matters", db_index=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=10, choices=HOW)
    likeness = models.FloatField("相近程度", default=1.0)  # 0 to 1
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "matter"], name="topic_matter_once")]
        indexes = [models.Index(fields=["topic", "how", "-matter"], name="topic_matter_rows")]


class Training(models.Model):
    """A training that somebody asked for or that was due. It waits for a worker, runs in a process of its own, may be given up."""

    WHY = [("asked", "人工发起"), ("corrections", "更正积累到数")]
    OUTCOMES = [("done", "已完成"), ("failed", "没有完成"), ("cancelled", "已取消")]

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    why = models.CharField("缘由", max_length=12, choices=WHY)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField("发起时间")
    begun_at = models.DateTimeField("开始时间", null=True, blank=True)
    seen_at = models.DateTimeField("最近动静", null=True, blank=True)
    share = models.FloatField("进度", default=0.0)  # 0 to 1
    cancel_asked = models.BooleanField("要求取消", default=False)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=OUTCOMES, blank=True)
    says = models.CharField("说明", max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district"], condition=Q(finished_at=None), name="training_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["district", "-asked_at"], name="training_newest")]


class CategoryProposal(models.Model):
    """What the machine proposes for a matter whose category no person stands for yet. Gone once a person has decided."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    matter = models.OneToOneField("matters.Matter", on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(
        "territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    code = models.CharField("类别", max_length=20)
    confidence = models.FloatField("把握")  # 0 to 1; by rules alone no measured probability
    sure = models.BooleanField("模型有把握")
    version = models.CharField("模型版本", max_length=20, blank=True)  # empty: rules alone
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["district", "-confidence", "-matter"], name="proposal_surest"),
            models.Index(fields=["district", "version"], name="proposal_by_version"),
        ]


class ReadMark(models.Model):
    """How far the machine has read a district's matters: see ``TopicCase.read_to`` for why there are two numbers."""

    district = models.OneToOneField("packs.District", on_delete=models.PROTECT)
    read_to = models.BigIntegerField(default=0)
    settled_to = models.BigIntegerField(default=0)
