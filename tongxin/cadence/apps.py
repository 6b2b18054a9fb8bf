"""Django's entry of the package."""

from django.apps import AppConfig


class CadenceConfig(AppConfig):
    name = "tongxin.cadence"
    verbose_name = "频次"

    def ready(self) -> None:
        """Register the effects and the measures."""
        from tongxin.cadence import effects, measures  # noqa: F401
