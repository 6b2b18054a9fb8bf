"""Django's entry of the package."""

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "tongxin.matters"
    verbose_name = "诉求"

    def ready(self) -> None:
        """Register what procedures may do to a matter."""
        from tongxin.matters import effects  # noqa: F401
