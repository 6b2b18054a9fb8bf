"""Django's entry of the package."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "tongxin.packs"
    verbose_name = "资料包"

    def ready(self) -> None:
        """Register the parts of a pack that its programme may name."""
        from tongxin.packs import sections  # noqa: F401
