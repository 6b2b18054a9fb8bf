"""Django's entry of the package."""

from django.apps import AppConfig


class ScreensConfig(AppConfig):
    name = "tongxin.screens"
    verbose_name = "大屏"
