"""Django's entry of the package."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "tongxin.planning"
    verbose_name = "网格划分"

    def ready(self) -> None:
        """Register what procedures may ask of a plan, and the figures that packs may name."""
        from tongxin.planning import effects, guards, measures  # noqa: F401
