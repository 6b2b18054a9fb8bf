"""Django's entry of the package."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "tongxin.procedures"
    verbose_name = "流程"
