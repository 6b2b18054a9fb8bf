"""Django's entry of the package."""

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "tongxin.matters"
    verbose_name = "诉求"

    def ready(self) -> None:
        """Register what procedures may do to a matter, and what can be counted."""
        from tongxin.matters import codes, effects, measures  # noqa: F401
