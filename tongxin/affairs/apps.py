"""Django's entry of the package."""

from django.apps import AppConfig


class AffairsConfig(AppConfig):
    name = "tongxin.affairs"
    verbose_name = "事项"

    def ready(self) -> None:
        """Register what procedures may do to an affair, and how one gives rise to another."""
        from tongxin.affairs import effects  # noqa: F401
