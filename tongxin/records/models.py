"""Files that people attach, the record of what administrators changed, complaints about formalism."""

from __future__ import annotations

import uuid

from django.db import models

from tongxin.kernel.privacy import personal

PDF = "pdf"


class Attachment(models.Model):
    """A picture as we keep it: re-encoded, without metadata, named by the hash of its content; or a scanned PDF, kept as it came.

    Of a PDF ``height`` is its number of pages.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, default="photo")
    mime = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True)
    # Empty until the form that carries the picture is accepted; unclaimed pictures are swept away after a day.
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="attachment_subject")]


class AuditEntry(models.Model):
    """One administrative act: who changed what in people, places, packs and settings. Kept at least six months (网络安全法 23(3))."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, null=True, blank=True)
    at = models.DateTimeField()
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True)
    actor_label = personal(
        models.CharField(max_length=120),
        purpose="查明管理操作由谁所为",
        basis="网络安全法第23条第3项（留存日志）",
        retention_days=1095,
    )
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["district", "-at"], name="audit_newest")]


class Complaint(models.Model):
    """“我要反映形式主义”: a word from anybody about needless forms, check-ins or rankings (norm B-05)."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    at = models.DateTimeField("时间")
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    page = models.CharField("从哪一页", max_length=200, blank=True)
    text = personal(
        models.TextField("情况"),
        purpose="整治形式主义，核实情况",
        basis="个人信息保护法第13条第1款第3项（履行法定职责）",
        retention_days=1095,
    )
    contact = personal(
        models.CharField("联系方式", max_length=40, blank=True),
        purpose="需要时向反映人了解情况（可不填）",
        basis="个人信息保护法第13条第1款第1项（本人同意）",
        retention_days=365,
    )
    request_key = models.CharField(max_length=64)
    answer = models.TextField("处理情况", blank=True)
    answered_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "request_key"], name="complaint_once")]
        indexes = [models.Index(fields=["district", "-at"], name="complaint_newest")]


class Reading(models.Model):
    """A file that was sent in by page: waits for a worker, is read, and says what became of it. Each package has a table of its own."""

    WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
    OPEN = (WAITING, RUNNING)
    STATES = [(WAITING, "等待读入"), (RUNNING, "正在读入"), (DONE, "已读入"), (FAILED, "没有读成"), (STOPPED, "已取消")]

    district = models.ForeignKey("packs.District", on_delete=models.CASCADE)
    path = models.CharField("文件所在", max_length=400)
    file = models.CharField("文件", max_length=120)
    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    asked_by = models.CharField("谁上传的", max_length=120)
    user = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ways = models.PositiveIntegerField("已读的路", default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    stop = models.BooleanField("要求取消", default=False)
    trouble = models.CharField("没有读成的原因", max_length=400, blank=True)

    class Meta:
        abstract = True
