"""Django's entry of the package."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "tongxin.exchange"
    verbose_name = "数据交换"

    def ready(self) -> None:
        """Register the effects."""
        from tongxin.exchange import effects  # noqa: F401
