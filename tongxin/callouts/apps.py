"""Django's entry of the package."""

from django.apps import AppConfig


class CalloutsConfig(AppConfig):
    name = "tongxin.callouts"
    verbose_name = "动员"

    def ready(self) -> None:
        """Register what procedures may do to a call-out."""
        from tongxin.callouts import effects  # noqa: F401
