"""Open311's service requests: report, look up, list, turn a token into a number. Publishes only what anybody may know.

The number is the matter's public one; the receipt, which proves who reported, goes to the reporter alone, in the notice and as
the token. Of a matter that its reporter did not agree to publish, only kind, state and area are shown, and the area's label point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse

from tongxin.kernel import limits
from tongxin.kernel.codes import show_receipt
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.kernel.typed import number_in
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.matters.api import Matter, Report
from tongxin.packs.schema import Category
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run, RunRow
from tongxin.records import api as records
from tongxin.territory import api as territory
from tongxin.web.api.answers import WrongType
from tongxin.web.api.callers import REPORTS, admit, caller_of
from tongxin.web.api.open311 import asking
from tongxin.web.api.open311.documents import Format, document, w3
from tongxin.web.api.open311.services import get_service
from tongxin.web.api.open311.views import in_jurisdiction
from tongxin.web.api.reading import no_nul, too_large
from tongxin.web.api.v1.matters import CHANNEL
from tongxin.web.request import Request

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FORM_BYTES = 256 * 1024


def report(request: Request, form: Format) -> HttpResponse:
    """Take in a request (statements as of the JSON API, +2 for each photo)."""
    _check_body(request)
    return _report(request, form)


def _check_body(request: Request) -> None:
    if request.content_type not in (FORM, MULTIPART):
        raise WrongType("wrong_type", "这里只读表单。", f"请以 {FORM} 或 {MULTIPART} 提交。")
    length = request.META.get("CONTENT_LENGTH") or "0"
    most = FORM_BYTES if request.content_type == FORM else limits.REQUEST_BYTES
    if length.isdecimal() and int(length) > most:
        raise too_large(most)


@in_jurisdiction
def _report(request: Request, form: Format) -> HttpResponse:
    given = request.POST
    no_nul(value for name in given if name != "description" for value in given.getlist(name))
    caller = caller_of(request, given.get("api_key") or request.GET.get("api_key") or "")
    admit(request, caller, "report", REPORTS)
    code = asking.text(given, "service_code", 20)
    if not code:  # the standard tells it from one that does not exist: 400, not 404
        raise Invalid("required", "没有给 service_code。", "可用的见 services.json。", "service_code")
    category = get_service(request.district.pack, code)
    read = _read(request, category)
    photos = _keep_photos(request)
    reported = matters.report_matter(
        district=request.district, report=Report(**read, photo_ids=photos), actor=caller.actor, now=request.now
    )
    told: dict[str, Any] = (
        {"token": reported.receipt} if asking.yes(given, "token") else {"service_request_id": reported.ref}
    )
    told |= {"service_notice": _notice(request, reported.receipt), "account_id": None}
    return document(form, [told], "service_requests", item="request", status=201)


def _read(request: Request, category: Category) -> dict[str, Any]:
    given = request.POST
    lat, lon = asking.degrees(given, "lat"), asking.degrees(given, "long")
    address, area = asking.text(given, "address_string", limits.ADDRESS_CHARS), asking.text(given, "address_id", 20)
    if lat is None and lon is None and not address and not area:
        raise Invalid(
            "no_place",
            "没有写明地点。",
            "请给 lat 和 long，或 address_string，或 address_id（见 /api/v1/areas）。",
            "lat",
        )
    if area and number_in(area) is None:
        raise Invalid("unknown_area", f"没有 address_id“{area}”。", "可用的见 /api/v1/areas 的 id。", "address_id")
    public = asking.yes(given, "public")  # our extension: the reporter agrees that description and point are published
    answers = matters.check_answers(category, asking.attributes(given), request.now)
    return {
        "channel": CHANNEL,
        "text": asking.text(given, "description", limits.TEXT_CHARS) or category.title,
        "category": category.code,
        "lon": lon,
        "lat": lat,
        "area_id": number_in(area),
        "address": address,
        "reporter_name": asking.name_of(given),
        "reporter_phone": asking.text(given, "phone", limits.PHONE_CHARS),
        "public": public,
        "extra": {**({"answers": answers} if answers else {}), **matters.consent(public, public)},
    }


def _keep_photos(request: Request) -> tuple[str, ...]:
    files = request.FILES.getlist("media")
    if len(files) > limits.PHOTOS:
        raise Invalid("too_many_photos", f"照片有 {len(files)} 张，最多 {limits.PHOTOS} 张。", "请去掉几张。", "media")
    kept = []
    for file in files:
        assert file.file is not None
        photo = records.keep_photo(
            request.district.id, file.file, declared_name=file.name or "", user_id=None, now=request.now
        )
        kept.append(str(photo.pk))
    return tuple(kept)


def _notice(request: Request, receipt: str) -> str:
    words = [f"已收到。回执码 {show_receipt(receipt)}，凭它查询进展和评价，请保存。"]
    if request.POST.get("media_url"):
        words.append("media_url 没有收取，照片请以 multipart 的 media 上传。")
    if any(request.POST.get(name) for name in ("email", "device_id", "account_id")):
        words.append("email、device_id、account_id 没有保存。")
    return "".join(words)


@in_jurisdiction
def find_token(request: Request, form: Format, token: str) -> HttpResponse:
    """Return the number that a token stands for (1 statement)."""
    matter = matters.find_by_receipt(request.district, token)
    data = [{"service_request_id": matters.ref_of(matter.id, matter.reported_at), "token": token}]
    return document(form, data, "service_requests", item="request")


@in_jurisdiction
def get_request(request: Request, form: Format, ref: str) -> HttpResponse:
    """Return one request (2 statements)."""
    return document(form, _shown(request, [_find(request, ref)]), "service_requests", item="request")


def _find(request: Request, ref: str) -> Matter:
    missing = NotFound("no_request", f"没有 service_request_id“{ref[:40]}”。", "请核对编号。", "service_request_id")
    try:
        matter = matters.get_matter(request.district, matters.read_ref(ref))
    except (Invalid, NotFound):
        raise missing from None
    if "-" in ref and ref != matters.ref_of(matter.id, matter.reported_at):
        raise missing
    return matter


@in_jurisdiction
def list_requests(request: Request, form: Format) -> HttpResponse:
    """List requests, newest first (2 statements): of the last 90 days, or by the filters."""
    caller_of(request, request.GET.get("api_key") or "")
    asked = asking.filters({name: request.GET[name] for name in request.GET}, request.now)
    found = Matter.objects.filter(district_id=request.district.id)
    if asked.ids:
        found = found.filter(id__in=asked.ids)
    else:
        found = found.filter(reported_at__gte=asked.since, reported_at__lte=asked.until)
        if asked.codes:
            found = found.filter(category__in=asked.codes)
        if asked.closed is not None:
            ended = Run.objects.filter(
                subject_kind=matters.SUBJECT, subject_id=OuterRef("pk"), parent=None, finished_at__isnull=False
            )
            found = found.filter(Exists(ended)) if asked.closed else found.exclude(Exists(ended))
    first = (asked.page - 1) * asked.rows
    rows = list(found.order_by("-reported_at", "-id")[first : first + asked.rows])
    return document(form, _shown(request, rows), "service_requests", item="request")


def _shown(request: Request, rows: Sequence[Matter]) -> list[dict[str, Any]]:
    runs = procedures.rows_of(request.district, matters.SUBJECT, [matter.id for matter in rows])
    titles = {category.code: category.title for category, _ in request.district.pack.catalogue.walk()}
    tree = territory.tree(request.district)
    return [_public(matter, runs[matter.id], titles, tree) for matter in rows if matter.id in runs]


def _public(matter: Matter, run: RunRow, titles: dict[str, str], tree: territory.AreaTree) -> dict[str, Any]:
    """Return what anybody may know of a matter."""
    place = tree.get(matter.area_id)
    area = tree.full_name(place.id) if place else ""
    lon, lat = (place.lon, place.lat) if place else (None, None)
    words = matters.words_are_public(matter.public, matter.extra)
    if words and matter.lon is not None:
        lon, lat = matter.lon, matter.lat
    return {
        "service_request_id": matters.ref_of(matter.id, matter.reported_at),
        "status": "closed" if run.finished_at else "open",
        "status_notes": run.plain,
        "service_name": titles.get(matter.category, matter.category or "其他"),
        "service_code": matter.category or None,
        "description": learning.mask_public(matter.text, cautious=True) if words else None,
        "agency_responsible": (run.holder.body_name or run.holder.title) if run.holder else None,
        "service_notice": None,
        "requested_datetime": w3(matter.reported_at),
        "updated_datetime": w3(run.entered_at),
        "expected_datetime": w3(run.limit_at or run.due_at),
        "address": learning.mask_public(matter.address, cautious=True) or area if words else area,
        "address_id": matter.area_id,
        "zipcode": None,
        "lat": lat,
        "long": lon,
        "media_url": None,
    }
