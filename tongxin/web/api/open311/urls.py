"""The addresses of Open311; the extension names the form of the answer."""

from django.urls import URLPattern, path, re_path

from tongxin.web.api.open311 import requests, services
from tongxin.web.api.open311.views import nothing_here, speaking

_FORM = r"\.(?P<form>json|xml)$"

urlpatterns: list[URLPattern] = [
    re_path(rf"^discovery{_FORM}", speaking(GET=services.discover), name="open311_discovery"),
    re_path(rf"^v2/services{_FORM}", speaking(GET=services.list_services), name="open311_services"),
    re_path(rf"^v2/services/(?P<code>[^/]+){_FORM}", speaking(GET=services.define_service), name="open311_service"),
    re_path(
        rf"^v2/requests{_FORM}", speaking(GET=requests.list_requests, POST=requests.report), name="open311_requests"
    ),
    re_path(rf"^v2/requests/(?P<ref>[^/]+){_FORM}", speaking(GET=requests.get_request), name="open311_request"),
    re_path(rf"^v2/tokens/(?P<token>[^/]+){_FORM}", speaking(GET=requests.find_token), name="open311_token"),
    path("", speaking(GET=nothing_here, POST=nothing_here)),
    re_path(rf"^.*{_FORM}", speaking(GET=nothing_here, POST=nothing_here)),
    re_path(r"^.*$", speaking(GET=nothing_here, POST=nothing_here)),
]
