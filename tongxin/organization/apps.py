"""Django's entry of the package."""

from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "tongxin.organization"
    verbose_name = "组织"
