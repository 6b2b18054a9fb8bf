"""Django's entry of the package."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "tongxin.registers"
    verbose_name = "名册"

    def ready(self) -> None:
        """Register the measures."""
        from tongxin.registers import measures  # noqa: F401
