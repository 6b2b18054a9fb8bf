"""What every Open311 address does: find the jurisdiction, check the method, answer in the form that the extension names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.packs import api as packs
from tongxin.web.api.answers import Malformed, TooLarge, wrong_method
from tongxin.web.api.open311 import documents
from tongxin.web.api.open311.documents import Format
from tongxin.web.api.reading import no_nul
from tongxin.web.request import Request

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def speaking(**by_method: View) -> Callable[..., HttpResponse]:
    """Return the view of one address from one function per method, each called with request, form and the address's parts."""

    def answering(request: HttpRequest, form: Format = "xml", **parts: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else request.method or ""
        try:
            if method not in by_method:
                raise wrong_method(request.method, sorted(by_method))
            no_nul(value for values in request.GET.lists() for value in values[1])
            no_nul(str(part) for part in parts.values())
            return by_method[method](cast(Request, request), form, **parts)
        except Refusal as refusal:
            return documents.refuse(form, refusal)
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            return documents.refuse(
                form, TooLarge("body_too_large", "一次提交的内容太多。", "请减少照片或项目再提交。")
            )
        except (MultiPartParserError, SuspiciousOperation):
            return documents.refuse(
                form, Malformed("malformed", "请求内容不完整或写法不对。", "请按表单格式重新提交。")
            )
        except Exception as error:
            log.exception("%s %s", request.method, request.path_info)
            return documents.broken(form, error)

    answering.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie carries any right here
    return answering


def in_jurisdiction(view: View) -> View:
    """Find the district first: the one of the address, else the one that ``jurisdiction_id`` names."""

    @wraps(view)
    def answering(request: Request, form: Format, **parts: Any) -> HttpResponse:
        given = request.GET.get("jurisdiction_id") or (
            request.POST.get("jurisdiction_id") if request.method == "POST" else None
        )
        here = getattr(request, "district", None)
        if given:
            found = packs.find_district(key=given)
            if found is None or (here is not None and here.id != found.id):
                raise NotFound(
                    "no_jurisdiction",
                    f"没有 jurisdiction_id“{given[:40]}”。",
                    "可用的见 /api/v1/districts。",
                    "jurisdiction_id",
                )
            request.district = found
        elif here is None:
            raise Invalid(
                "jurisdiction_needed", "没有给 jurisdiction_id。", "这里有几个地方，请写明是哪一个，见 /api/v1/districts。",
                "jurisdiction_id",
            )  # fmt: skip
        return view(request, form, **parts)

    return answering


def nothing_here(request: Request, form: Format, **parts: Any) -> HttpResponse:
    """Answer for addresses that the standard does not have."""
    raise NotFound("no_address", "没有这个地址。", "地址以 .json 或 .xml 结尾，例如 /open311/v2/services.json。")
