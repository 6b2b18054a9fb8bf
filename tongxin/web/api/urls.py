"""The addresses of the API. Whatever under them is not known gets an answer in the API's own shape, not a page."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from tongxin.web.api.answers import no_address, refuse
from tongxin.web.api.open311 import urls as open311
from tongxin.web.api.v1 import build, document


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Say so, as the API says everything."""
    return refuse(no_address())


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(build.urlpatterns())),
    path("api/v1/openapi.json", document.openapi, name="api_document"),
    re_path(r"^api/.", nothing_here),
    path("open311/", include(open311.urlpatterns)),
]
