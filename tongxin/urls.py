"""The addresses of the platform: every page declares its own (``web/page.py``), programs have ``web/api``. None is written here."""

from django.urls import URLPattern, URLResolver

from tongxin.web.api.urls import urlpatterns as api_addresses
from tongxin.web.page import urlpatterns as page_addresses

urlpatterns: list[URLPattern | URLResolver] = [*api_addresses, *page_addresses()]

handler400 = "tongxin.web.errors.not_understood"
handler403 = "tongxin.web.errors.forbidden"
handler404 = "tongxin.web.errors.not_found"
handler500 = "tongxin.web.errors.server_error"
