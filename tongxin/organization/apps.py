"""Django's entry of the package."""

from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "tongxin.organization"
    verbose_name = "组织"

    def ready(self) -> None:
        """Register what can be counted of bodies and posts."""
        from tongxin.organization import measures  # noqa: F401
