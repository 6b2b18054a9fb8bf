"""Django's entry of the package."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "tongxin.notices"
    verbose_name = "通知"
