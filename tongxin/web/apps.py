"""Django's entry of the package."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tongxin.web"
    verbose_name = "页面"

    def ready(self) -> None:
        """Compile the English words when they changed (a few milliseconds, no gettext programs needed)."""
        from tongxin.web.words import compile_words

        compile_words()
