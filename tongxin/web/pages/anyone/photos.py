"""Taking in pictures before their form is sent, and showing kept ones."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import JsonResponse

from tongxin.accounts.api import Limit
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.records import api as records
from tongxin.web.casework import may_see_photo
from tongxin.web.page import Shown, page
from tongxin.web.pictures import keep
from tongxin.web.request import Request
from tongxin.web.sources import check_flood


@page("/photos", audience="anyone", title="上传照片", name="photo_upload", methods=("POST",))
def photo_upload(request: Request) -> Shown:
    """Keep one picture and give back its id and links; the form sends the ids as ``photos``."""
    try:
        check_flood(request, "photo", device=Limit(60, 600), address=Limit(200, 600))
        file = request.FILES.get("photo")
        if not isinstance(file, UploadedFile):
            raise Invalid("photo_missing", "没有收到照片。", "请重新选择。", "photo")
        kept = keep(request, file)
    except Refusal as refusal:
        return JsonResponse(refusal.as_dict(), status=refusal.status)
    return JsonResponse(
        {"id": str(kept.pk), "url": records.url_of(kept), "thumb": records.thumb_url_of(kept)}, status=201
    )


@page("/photos/<uuid:photo_id>/<str:size>", audience="anyone", title="照片", name="photo", methods=("GET",))
def photo(request: Request, photo_id: UUID, size: str) -> Shown:
    """Show a kept picture to whoever holds a signed link, or may see what it belongs to."""
    chosen = "thumb" if size == "thumb" else "full"
    return records.serve_photo(
        request,
        photo_id,
        chosen,
        district_id=request.district.id,
        may_see=partial(may_see_photo, request),
        now=request.now,
    )
