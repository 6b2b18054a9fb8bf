"""Django's entry of the package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tongxin.web"
    verbose_name = "页面"
