"""Call-outs and whom they call. A call-out's stage (ready, calling, closed) is its run's to say."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tongxin.kernel.registry import subjects


@subjects.register("call_out", "动员")
class CallOut(models.Model):
    """One message that is to reach every household of a place within the hour (WH-04)."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField("标题", max_length=80)
    message = models.TextField("要传达的话", max_length=2_000)
    drill = models.BooleanField("演练", default=False)
    made_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    request_key = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "request_key"], name="call_out_request_once"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(sent_at=None) | Q(closed_at__gte=F("sent_at")),
                name="call_out_closes_after",
            ),
        ]


class Recipient(models.Model):
    """A post that a call-out called, and its answer. An answer is a fact of this call-out, not a record of a person's time online."""

    call_out = models.ForeignKey(CallOut, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    post = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    # the area above: coverage is counted by it, so that a count reads a few hundred groups and not one a household group
    above = models.ForeignKey(
        "territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    households = models.PositiveIntegerField("户数", default=0)
    passed_to = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    how = models.CharField(
        "方式", max_length=5, blank=True, choices=[("tap", "本人确认"), ("link", "链接确认"), ("phone", "电话代记")]
    )
    reached = models.PositiveIntegerField("已通知户数", default=0)

    class Meta:
        # Answers change no indexed column, so that each is one small write in place (HOT).
        indexes = [models.Index(fields=["call_out", "above"], name="recipient_by_place")]
        constraints = [
            models.UniqueConstraint(fields=["call_out", "post", "area"], name="recipient_once"),
            models.CheckConstraint(condition=Q(reached__lte=F("households")), name="recipient_reaches_its_own"),
        ]
