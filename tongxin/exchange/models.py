"""Links to other systems, the durable outbox, what was taken in, certificates by reference."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from tongxin.kernel.privacy import personal

_BASIS = "政务数据共享条例第19条、第24条；个人信息保护法第13条第1款第3项（履行法定职责）"


class Endpoint(models.Model):
    """Where the other system of a link is, and how the two know each other; set by whoever runs the installation."""

    district = models.ForeignKey("packs.District", on_delete=models.CASCADE)
    link = models.CharField("和哪个系统", max_length=40)
    address = models.URLField("地址", max_length=300)
    secret_from = models.CharField("签名密钥在哪里", max_length=300)  # env:NAME or file:/path
    algorithm = models.CharField("签名算法", max_length=10, default="sha256")
    key = models.ForeignKey("accounts.ApiKey", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField("设定于")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "link"], name="endpoint_once_a_link")]


class Certificate(models.Model):
    """A certificate as a case refers to it. No picture, and the number only sealed and for as long as it is needed."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    run = models.ForeignKey("procedures.Run", on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.ForeignKey("organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("种类", max_length=40)
    masked = personal(
        models.CharField("号码（打码）", max_length=60), purpose="认出是哪一份证照", basis=_BASIS, retention_days=1825
    )
    number = personal(
        models.TextField("号码（加密）", blank=True), purpose="向发证机关核验", basis=_BASIS, retention_days=30
    )
    digest = models.CharField(max_length=64)
    issuer = models.CharField("发证机关", max_length=80)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    purpose = models.CharField("用途", max_length=200)
    legal_basis = models.CharField("依据", max_length=200)
    held_at = models.DateTimeField("登记于")
    checked_at = models.DateTimeField("核验于", null=True, blank=True)
    valid = models.BooleanField("核验有效", null=True, blank=True)
    erase_after_days = models.PositiveSmallIntegerField(default=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "kind"], name="certificate_once_a_case")]
        indexes = [models.Index(fields=["district", "id"], condition=~Q(number=""), name="certificate_numbers")]


class Message(models.Model):
    """One message of the outbox, and afterwards the record of what was sent about which case."""

    STATES = (("waiting", "等着送"), ("sent", "对方已收"), ("stuck", "停住了"), ("dropped", "不送了"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.BigIntegerField(unique=True)  # the order of writing, from a sequence of the database
    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    link = models.CharField("和哪个系统", max_length=40)
    kind = models.CharField("什么消息", max_length=40)
    run = models.ForeignKey("procedures.Run", on_delete=models.PROTECT, related_name="+", db_index=False)
    ref = models.CharField("编号", max_length=40)
    purpose = models.CharField("为什么", max_length=400)
    fields = models.JSONField("送了哪些字段", default=list)
    body = personal(
        models.TextField("内容（加密，对方收到即删）", blank=True),
        purpose="送给对方系统",
        basis=_BASIS,
        retention_days=30,
    )
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    written_at = models.DateTimeField("写下于")
    next_at = models.DateTimeField("下次送")
    attempts = models.PositiveSmallIntegerField("送过几次", default=0)
    trouble = models.CharField("为什么没送成", max_length=300, blank=True)
    settled_at = models.DateTimeField("了结于", null=True, blank=True)
    receipt = models.CharField("对方的回执号", max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="message_due"),
            models.Index(fields=["run", "link", "number"], name="message_of_case"),
            models.Index(fields=["district", "-number"], name="message_newest"),
            models.Index(fields=["district", "number"], condition=Q(state="stuck"), name="message_stuck"),
        ]


class Received(models.Model):
    """A message that was taken in; the same id acts once."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    link = models.CharField("从哪个系统", max_length=40)
    message_id = models.CharField("对方的消息号", max_length=80)
    kind = models.CharField("什么消息", max_length=40)
    run = models.ForeignKey("procedures.Run", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    digest = models.CharField(max_length=64)
    answer = models.JSONField("答复", default=dict)
    at = models.DateTimeField("收于")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "link", "message_id"], name="received_once")]
