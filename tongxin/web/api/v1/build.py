"""The API put together: its resources, its addresses, and what every address does before and after (query names, methods, refusals)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation, PathView

from tongxin.kernel.errors import Invalid, Invalids, Refusal
from tongxin.web.api.answers import Malformed, broken, no_address, no_district, refuse, wrong_method
from tongxin.web.api.reading import no_nul, refusal_of
from tongxin.web.api.v1 import (
    affairs,
    exchange,
    facilities,
    locality,
    matters,
    photos,
    places,
    structure,
    suggestions,
    topics,
)

log = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]

api = NinjaAPI(
    title="同心开放接口", version="1", docs_url=None, openapi_url=None, urls_namespace="api-v1",
    description="社区治理平台的公开接口。时间一律带时区；坐标一律 WGS84；拒绝一律同一格式。",
)  # fmt: skip
api.add_router("/matters", matters.router)
api.add_router("/affairs", affairs.router)
api.add_router("/photos", photos.router)
api.add_router("/suggestions", suggestions.router)
api.add_router("/topics", topics.router)
api.add_router("/areas", places.router)
api.add_router("/bodies", structure.bodies_router)
api.add_router("/posts", structure.posts_router)
api.add_router("/grids", structure.grids_router)
api.add_router("/documents", structure.documents_router)
api.add_router("/registers", structure.registers_router)
api.add_router("/exchange", exchange.router)
api.add_router("/facilities", facilities.router)
api.add_router("/pack", locality.pack_router)
api.add_router("/districts", locality.districts_router)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return refuse(error)


@api.exception_handler(ValidationError)
def _not_valid(request: HttpRequest, error: Any) -> HttpResponse:
    return refuse(refusal_of(error.errors))


@api.exception_handler(Http404)
def _nothing_here(request: HttpRequest, error: Any) -> HttpResponse:
    return refuse(no_address())


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    assert not isinstance(error, AuthenticationError)  # keys are read by ``callers``
    return refuse(Malformed("malformed", "请求看不懂。", "请对照 /api/ 的说明。", detail=str(error)[:200]))


@api.exception_handler(Exception)
def _our_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s", request.method, request.path_info, exc_info=error)
    return broken(error)


def urlpatterns() -> list[URLPattern]:
    """The addresses of the API, each answering for all methods."""
    found = []
    for bound in api._get_bound_routers():
        for route, view in bound.path_operations.items():
            address = f"{bound.prefix}{route}".strip("/").replace("{", "<str:").replace("}", ">")
            found.append(path(address, _speaking(view), name="api_" + view.operations[0].view_func.__name__))
    # Fixed words win over variable parts: /matters/by-ref before /matters/<receipt>.
    return sorted(found, key=lambda pattern: str(pattern.pattern).count("<"))


def _speaking(view: PathView) -> View:
    """Return the view of one address: unknown methods and unknown query names are refused in words."""
    operations = {method: op for op in view.operations for method in op.methods}
    allowed = sorted(operations)
    anywhere = any(op.view_func is locality.list_districts for op in view.operations)
    names = {method: _query_names(op) for method, op in operations.items()}

    def answering(request: HttpRequest, **parts: str) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else request.method or ""
        operation = operations.get(method)
        if operation is None:
            return refuse(wrong_method(request.method, allowed))
        try:
            if not hasattr(request, "district") and not anywhere:
                raise no_district()
            if request.META.get("QUERY_STRING"):
                _check_query(request, names[method])
            no_nul(parts.values())
        except Refusal as refusal:
            return refuse(refusal)
        if operation.models:
            return operation.run(request, **parts)
        try:  # nothing to read from address or query: the view is all there is
            return cast(HttpResponseBase, operation.view_func(request, **parts))
        except Exception as error:
            return api.on_exception(request, error)

    answering.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie carries any right here
    return cast(View, answering)


def _query_names(operation: Operation) -> frozenset[str]:
    return frozenset(
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    )


def _check_query(request: HttpRequest, known: frozenset[str]) -> None:
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        words = f"可用的是 {'、'.join(sorted(known))}。" if known else "这个地址不带参数。"
        raise Invalids(
            [Invalid("unknown_field", f"没有“{name[:40]}”这个参数。", words, name[:40]) for name in unknown[:20]]
        )
    no_nul(value for values in request.GET.lists() for value in values[1])
