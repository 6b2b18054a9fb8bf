"""Django's entry of the package; loading it registers what packs may name."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "tongxin.procedures"
    verbose_name = "流程"

    def ready(self) -> None:
        """Register guards, effects and measures."""
        from tongxin.procedures import effects, guards, measures  # noqa: F401
