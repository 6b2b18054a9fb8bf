"""Django's entry of the package."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "tongxin.territory"
    verbose_name = "区域"
