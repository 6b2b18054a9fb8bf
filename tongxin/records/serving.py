"""Links to kept pictures and the answer that carries one. Who may see it is asked of the web layer (``may_see``).

A page that shows a picture has already decided that its reader may see it, so its links carry a signature that is good for a
few hours: pictures need no second decision, no session and one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from tongxin.kernel import clock
from tongxin.kernel.errors import NotFound
from tongxin.records import queries, storage
from tongxin.records.models import PDF, Attachment

LINK_HOURS = 6
URL_NAME = "photo"  # the web layer names its page so


def url_of(attachment: Attachment, now: datetime | None = None) -> str:
    """Return the signed link to the whole picture."""
    return _link(attachment, "full", now)


def thumb_url_of(attachment: Attachment, now: datetime | None = None) -> str:
    """Return the signed link to the small picture (480 px)."""
    return _link(attachment, "thumb", now)


def _link(attachment: Attachment, size: str, now: datetime | None) -> str:
    # Whole spans, so that the same link is asked again and the browser's copy serves.
    until = (int((now or clock.now()).timestamp()) // 3600 // LINK_HOURS + 2) * LINK_HOURS
    return f"{reverse(URL_NAME, args=[attachment.pk, size])}?s={until}-{_sign(attachment.pk, until)}"


def _sign(attachment_id: UUID, until: int) -> str:
    return salted_hmac("tongxin.photo", f"{attachment_id}:{until}", algorithm="sha256").hexdigest()[:32]


def is_signed(attachment_id: UUID, signature: str, now: datetime) -> bool:
    """Whether a link's signature is ours and still good."""
    until, _, given = signature.partition("-")
    if not (until.isascii() and until.isdigit() and len(until) < 10) or int(until) * 3600 < now.timestamp():
        return False
    return constant_time_compare(given, _sign(attachment_id, int(until)))


def serve_photo(
    request: HttpRequest,
    attachment_id: UUID,
    size: str,
    *,
    district_id: int,
    may_see: Callable[[Attachment], bool],
    now: datetime,
) -> HttpResponseBase:
    """Answer with the picture (1 statement, plus what ``may_see`` asks when the link is not signed).

    Raises:
        NotFound: there is none, or the reader may not know of it.
    """
    found = queries.find_photo(attachment_id, district_id)
    signed = is_signed(attachment_id, request.GET.get("s", ""), now)
    if found is None or not (signed or not found.subject_kind or may_see(found)):
        raise NotFound("photo_not_found", "没有这张照片，或者链接已过期。", "请回到原来的页面再打开。")
    etag = f'"{found.digest[:32]}-{size}"'
    response: HttpResponse | FileResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        scan = found.kind == PDF
        try:
            path = storage.path_of(district_id, found.digest, "pdf" if scan else size)
            file = open(path, "rb")  # noqa: SIM115  closed by the response
        except FileNotFoundError:
            raise NotFound("photo_file_missing", "照片文件不在了。", "请联系管理员从备份中恢复。") from None
        response = FileResponse(
            file, content_type=found.mime, as_attachment=scan, filename=f"{found.digest[:12]}.pdf" if scan else ""
        )
        if scan:  # saved to be opened there; where a browser shows it all the same, it may do nothing
            response["Content-Security-Policy"] = "sandbox; default-src 'none'"
            response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
