"""What is entered in a register, how it changed, who signed a document, which home a tag was noted for. What they mean the pack says."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tongxin.kernel.privacy import mask_name, personal

_BASIS = "个人信息保护法第13条第1款第3项（履行法定职责）"


class Entry(models.Model):
    """A line of a register: a place, a body, a person or a thing that is there for a time. It is ended, never taken out."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    register = models.CharField("名册", max_length=40)
    key = models.CharField("编号", max_length=40)
    title = models.CharField("名称", max_length=80)
    klass = models.CharField("分类", max_length=40)
    stage = models.CharField("步骤", max_length=40, blank=True)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    body = models.ForeignKey("organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    who = personal(
        models.CharField("姓名", max_length=40, blank=True),
        purpose="登记招录、培养、选任的人员",
        basis=_BASIS,
        retention_days=1095,
        mask=mask_name,
    )
    under = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    by = models.CharField("由谁", max_length=400, blank=True)
    document = models.CharField("依据的文件", max_length=40, blank=True)
    fields = models.JSONField("其他栏目", default=dict)
    from_on = models.DateField("自", null=True, blank=True)
    until_on = models.DateField("至", null=True, blank=True)
    made_up = models.BooleanField("拟名", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "register", "key"], name="entry_key_once"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(from_on=None) | Q(until_on__gte=F("from_on")), name="entry_runs_forward"
            ),
        ]
        indexes = [models.Index(fields=["district", "register", "klass", "id"], name="entry_by_class")]


class Change(models.Model):
    """What was done with an entry: entered, moved to a stage, corrected, ended; by which post, on what ground. Never changed."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(
        "做了什么",
        max_length=8,
        choices=[("enter", "登记"), ("stage", "进到下一步"), ("correct", "更正"), ("end", "销记")],
    )
    stage = models.CharField("步骤", max_length=40, blank=True)
    on = models.DateField("哪天")
    ground = models.CharField("依据、说明", max_length=400, blank=True)
    noted_at = models.DateTimeField("记录时间")
    noted_by = personal(
        models.CharField("记录岗位", max_length=120),
        purpose="查明由哪个岗位所记",
        basis=_BASIS,
        retention_days=1095,
    )

    class Meta:
        indexes = [models.Index(fields=["entry", "on", "id"], name="change_of_entry")]


class Signature(models.Model):
    """A party signed a version of a document. ``copy_of``: whose copy it is, where each body of a kind has its own."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    document = models.CharField("文件", max_length=40)
    version = models.PositiveSmallIntegerField("第几版")
    copy_of = models.ForeignKey("organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    party = models.ForeignKey("organization.Body", on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField("签署日期")
    noted_at = models.DateTimeField("记录时间")
    noted_by = personal(
        models.CharField("记录岗位", max_length=120),
        purpose="查明由哪个岗位所记",
        basis=_BASIS,
        retention_days=1095,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "document", "version", "copy_of", "party"],
                name="signature_once",
                nulls_distinct=False,
            ),
        ]


class KeptVersion(models.Model):
    """A version of a document as the office keeps it: its paper, sealed and scanned, and its text where the pack has not got it yet.

    Its number goes on from those of the pack. Once the pack has a version of that number, the text is the pack's and the paper stays.
    One that was entered wrongly is withdrawn, never taken out.
    """

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    document = models.CharField("文件", max_length=40)
    number = models.PositiveSmallIntegerField("第几版")
    title = models.CharField("版本名称", max_length=80)
    from_on = models.DateField("自哪天起施行", null=True, blank=True)
    about = models.CharField("改了什么", max_length=400, blank=True)
    clauses = models.JSONField("条文", default=list)  # [[no, heading, text]]; empty where the pack has them
    ref = models.CharField("文号", max_length=80, blank=True)
    signed_by = models.CharField("由谁签发（职务）", max_length=80, blank=True)
    sealed_by = models.CharField("用印单位", max_length=80, blank=True)
    sealed_on = models.DateField("用印日期", null=True, blank=True)
    scan_public = models.BooleanField("扫描件公开", default=False)
    kept_at = models.DateTimeField("登记时间")
    kept_by = personal(
        models.CharField("记录岗位", max_length=120),
        purpose="查明由哪个岗位所记",
        basis=_BASIS,
        retention_days=1095,
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "document", "number"], condition=Q(withdrawn_at=None), name="kept_version_once"
            ),
        ]


class Mark(models.Model):
    """A tag noted for a home or a person in it, so that help arrives; seen only by the roles the tag names, each look is recorded."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    tag = models.CharField("标签", max_length=40)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")
    who = personal(
        models.CharField("姓名", max_length=40),
        purpose="按标签写明的用途上门服务",
        basis=_BASIS,
        retention_days=1095,
        mask=mask_name,
    )
    home = personal(
        models.CharField("住处", max_length=200),
        purpose="按标签写明的用途上门服务",
        basis=_BASIS,
        retention_days=1095,
        mask=mask_name,
    )
    note = personal(
        models.CharField("需要什么帮助", max_length=200, blank=True),
        purpose="按标签写明的用途上门服务",
        basis=_BASIS,
        retention_days=1095,
    )
    from_on = models.DateField("登记")
    review_on = models.DateField("复核期限")
    ended_on = models.DateField("撤下", null=True, blank=True)
    noted_by = personal(
        models.CharField("记录岗位", max_length=120),
        purpose="查明由哪个岗位所记",
        basis=_BASIS,
        retention_days=1095,
    )

    class Meta:
        indexes = [models.Index(fields=["district", "tag", "area"], name="mark_by_tag")]
