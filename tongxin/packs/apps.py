"""Django's entry of the package."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "tongxin.packs"
    verbose_name = "资料包"
