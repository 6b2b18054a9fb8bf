"""Django's entry of the package."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "tongxin.learning"
    verbose_name = "文字理解"

    def ready(self) -> None:
        """Register what procedures may do to a topic."""
        from tongxin.learning import effects  # noqa: F401
