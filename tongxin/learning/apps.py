"""Django's entry of the package."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "tongxin.learning"
    verbose_name = "文字理解"
