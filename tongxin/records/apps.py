"""Django's entry of the package."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "tongxin.records"
    verbose_name = "档案"
