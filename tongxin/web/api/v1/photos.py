"""Photos over HTTP: one picture a request, kept unclaimed for a day until a report takes it."""

from __future__ import annotations

import io

from django.http import HttpResponse
from ninja import Router

from tongxin.kernel import limits
from tongxin.records import api as records
from tongxin.web.api.answers import WrongType, answer
from tongxin.web.api.callers import REPORTS, admit, caller_of
from tongxin.web.api.reading import read_bytes
from tongxin.web.api.v1.describe import MAY_KEY, answers
from tongxin.web.api.v1.shown.matters import PhotoOut
from tongxin.web.request import Request

router = Router(tags=["诉求"])
KINDS = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "application/octet-stream")
_BODY = {"schema": {"type": "string", "format": "binary", "maxLength": limits.PHOTO_BYTES}}


@router.post(
    "",
    response=answers(PhotoOut, 400, 401, 403, 413, 415, created=True),
    openapi_extra={
        "requestBody": {"required": True, "content": dict.fromkeys(KINDS, _BODY)},
        "security": MAY_KEY,
    },
    summary="上传一张照片",
)
def keep_photo(request: Request) -> HttpResponse:
    """请求内容就是照片本身。我们会重新编码，去掉位置等附带信息；一天内没有随诉求提交就删除。"""
    caller = caller_of(request)
    admit(request, caller, "photo", REPORTS)
    if request.content_type not in KINDS:
        raise WrongType(
            "wrong_type",
            f"不收“{(request.content_type or '没有写明')[:60]}”。",
            f"请发送 {'、'.join(KINDS[:5])} 之一。",
        )
    stream = io.BytesIO(read_bytes(request, limits.PHOTO_BYTES))
    kept = records.keep_photo(request.district.id, stream, declared_name="", user_id=None, now=request.now)
    return answer(PhotoOut(id=str(kept.pk), width=kept.width, height=kept.height, size_bytes=kept.size_bytes), 201)
