"""Affairs (事项): what was opened, by whom and for whom. Where it stands is its run's to say; what it asks, its procedure's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongxin.kernel.privacy import mask_name, mask_phone, personal
from tongxin.kernel.registry import subjects

_BASIS = "个人信息保护法第13条第1款第3项（履行法定职责）；开的人可以不留"


@subjects.register("affair", "事项")
class Affair(models.Model):
    """One thing that runs under a procedure of its own."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    procedure = models.CharField("流程", max_length=40)
    receipt = models.CharField("回执码", max_length=12)
    title = models.CharField("标题", max_length=80)
    # the opening form by field key; what may be shown to whom the fields themselves say
    answers = personal(models.JSONField("所填", default=dict), purpose="办理这件事", basis=_BASIS, retention_days=1825)
    area = models.ForeignKey(
        "territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    body = models.ForeignKey(
        "organization.Body", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    opened_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    opener_name = personal(
        models.CharField("称呼", max_length=40, blank=True),
        purpose="联系开的人", basis=_BASIS, retention_days=365, mask=mask_name,
    )  # fmt: skip
    opener_phone = personal(
        models.CharField("电话", max_length=20, blank=True),
        purpose="联系开的人", basis=_BASIS, retention_days=365, mask=mask_phone,
    )  # fmt: skip
    # what everybody may read, in the words of whoever published it; empty while nothing is public
    public_words = models.CharField("公开的话", max_length=200, blank=True)
    # what it arose from: a matter, another affair
    parent_kind = models.CharField(max_length=20, blank=True)
    parent_id = models.BigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField("开的时间")
    request_key = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt"], name="affair_receipt"),
            models.UniqueConstraint(fields=["district", "request_key"], name="affair_request_once"),
            models.CheckConstraint(condition=Q(parent_kind="", parent_id=None) | (~Q(parent_kind="") & Q(parent_id__isnull=False)), name="affair_parent_whole"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district", "procedure", "-id"], name="affair_newest"),
            models.Index(fields=["district", "procedure", "-id"], condition=~Q(public_words=""), name="affair_public"),
            models.Index(
                fields=["parent_kind", "parent_id"], condition=Q(parent_id__isnull=False), name="affair_children"
            ),
            models.Index(fields=["opened_by"], condition=Q(opened_by__isnull=False), name="affair_by_clerk"),
        ]
