"""What was trained, when, and how good it was measured to be. The numbers themselves lie in a file under the data folder."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


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
