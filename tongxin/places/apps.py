"""Tells Django about the package."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """See the package's README."""

    name = "tongxin.places"
    verbose_name = "身边设施"
