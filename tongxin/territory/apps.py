"""Django's entry of the package."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "tongxin.territory"
    verbose_name = "区域"

    def ready(self) -> None:
        """Register the code schemes and measures that packs may name."""
        from tongxin.territory import measures  # noqa: F401
        from tongxin.territory.rules import codes, components  # noqa: F401
