"""The addresses of the platform. Each audience's pages are included here; none is written here."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
