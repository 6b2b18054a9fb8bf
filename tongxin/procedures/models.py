"""Runs of procedures and their append-only logs. A run carries its card, so lists need not know what it runs on."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tongxin.kernel.privacy import personal

_BASIS = "个人信息保护法第13条第1款第3项（履行法定职责）"


class Run(models.Model):
    """One procedure running on one subject, under the pack version it began with."""

    # Every index is written with every step: a foreign key gets one of its own only where people's reads need it. That a user, a post
    # or a pack in use is not deleted is checked by reading through, on the rare day that somebody tries.
    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    pack = models.ForeignKey("packs.PackVersion", on_delete=models.PROTECT, db_index=False)
    procedure = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False
    )
    area = models.ForeignKey(
        "territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    state = models.CharField(max_length=40)
    entered_at = models.DateTimeField()
    came_from = models.CharField(max_length=40, blank=True)  # the state before, for `to: back`
    holder_post = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(null=True, blank=True)  # of this state
    limit_at = models.DateTimeField(null=True, blank=True)  # of the whole procedure
    provisional = models.BooleanField(default=False)  # a deadline leans on a year whose holidays are not published
    next_timer_at = models.DateTimeField(null=True, blank=True)
    timer_step = models.PositiveSmallIntegerField(default=0)
    clock_started_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_seconds = models.BigIntegerField(default=0)  # working seconds the approved pauses took

    parts = models.JSONField(default=dict)  # participants: {"main_unit": body id, "co_units": [body id …]}
    facts = models.JSONField(default=dict)  # plain values that guards and limits use: grade, category, channel …
    card = models.JSONField(default=dict)  # what lists show: ref, title, place, category …

    seq = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64)
    salt = models.BinaryField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(finished_at=None) | ~Q(outcome=""), name="run_outcome_when_finished"),
        ]
        indexes = [
            models.Index(
                "holder_post", F("due_at").asc(nulls_last=True), "id", condition=Q(finished_at=None), name="run_inbox"
            ),
            models.Index(fields=["area", "-started_at"], name="run_by_area"),
            models.Index(fields=["subject_kind", "subject_id"], name="run_subject"),
            models.Index(
                fields=["next_timer_at"], condition=Q(finished_at=None, next_timer_at__isnull=False), name="run_timers"
            ),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="run_tasks"),
            models.Index(fields=["district", "-started_at"], name="run_newest"),
            models.Index(fields=["district", "due_at"], condition=Q(finished_at=None), name="run_open"),
        ]


class LogEntry(models.Model):
    """One step of a run. Append-only: the database refuses to change or delete it."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="log", db_index=False)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    transition = models.CharField(max_length=40)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40)
    actor_user = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    actor_post = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # the post's title, never a resident's name
    actor_label = personal(
        models.CharField(max_length=120),
        purpose="查明每一步由哪个岗位所办",
        basis=_BASIS,
        retention_days=1095,
    )
    holder_post = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(null=True, blank=True)
    # private; the chain carries its commitment
    form = personal(models.JSONField(default=dict), purpose="办理时填写的内容", basis=_BASIS, retention_days=1095)
    says = models.CharField(max_length=400, blank=True)  # the resident's words
    request_key = models.CharField(max_length=64, null=True, blank=True)
    commitment = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="log_in_order"),
            models.UniqueConstraint(
                fields=["run", "request_key"], condition=Q(request_key__isnull=False), name="log_request_once"
            ),
        ]
