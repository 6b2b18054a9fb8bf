"""Django's entry of the package."""

from django.apps import AppConfig


class AffairsConfig(AppConfig):
    name = "tongxin.affairs"
    verbose_name = "事项"

    def ready(self) -> None:
        """Register what procedures may do to an affair, how one gives rise to another, and what opens one on its day."""
        from tongxin.affairs import effects, openers  # noqa: F401
