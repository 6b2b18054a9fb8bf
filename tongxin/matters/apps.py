"""Django's entry of the package."""

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "tongxin.matters"
    verbose_name = "诉求"
