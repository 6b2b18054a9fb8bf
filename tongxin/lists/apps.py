"""Django's entry of the package."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "tongxin.lists"
    verbose_name = "清单"

    def ready(self) -> None:
        """Register the admission gate, what procedures may do to an item, what dates may open, and the measures."""
        from tongxin.lists import effects, guards, measures, openers  # noqa: F401
