"""Reporting without an account: say it, show it, point at it. A resend acts once; nothing typed or photographed is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxin.accounts.api import Limit
from tongxin.kernel import codes, limits
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.matters.api import Report
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.records import api as records
from tongxin.web.fields import Field, bind, new_request_key, request_key
from tongxin.web.page import Shown, page
from tongxin.web.pictures import photo_ids
from tongxin.web.request import Request
from tongxin.web.sources import check_flood

CHANNEL = "web"
# what one device may report, and what all who send no cookie from one address may report together (a shared line)
NOT_BY_HAND = (CHANNEL, "api", "import")  # what residents write themselves, what programs send, what files hold
_OWN_MOST = 300  # more places are not "one's own" to anybody who taps a map
DEVICE, ADDRESS = Limit(20, 3_600), Limit(200, 3_600)


def address_field() -> Field:
    """Where it is, in words; ``partials/address_offer.html`` and a map stand below it."""
    return Field(
        "address",
        _("在哪里"),
        "text",
        max=limits.ADDRESS_CHARS,
        help=_("小区、楼栋或路口；也可以在下面地图上点一下。"),
    )


def report_fields(request: Request, *, for_another: bool = False) -> list[Field]:
    """The form, in the order in which people tell things; ``for_another``: a worker fills it in for somebody."""
    catalogue = request.district.pack.catalogue
    kinds = [(c.code, " / ".join((*above, c.title))) for c, above in catalogue.walk()]
    return [
        Field(
            "text",
            _("什么事"),
            "longtext",
            required=True,
            max=limits.TEXT_CHARS,
            help=_("一两句话就行：什么东西、怎么了、多久了。"),
        ),
        Field(
            "photos", _("照片"), "photos", help=_("最多 %(n)s 张；会自动去掉照片里的位置信息。") % {"n": limits.PHOTOS}
        ),
        address_field(),
        Field("category", _("属于哪一类"), "category", help=_("不清楚可以不选，由工作人员归类。"), choices=kinds),
        Field(
            "reporter_name",
            _("反映人怎么称呼") if for_another else _("怎么称呼您"),
            "text",
            max=limits.NAME_CHARS,
            autocomplete="off" if for_another else "name",
            purpose=_("方便回访；可以不留"),
        ),
        Field(
            "reporter_phone",
            _("反映人的电话") if for_another else _("电话"),
            "phone",
            autocomplete="off" if for_another else "tel",
            purpose=_("只用于核实和回访这一件事；可以不留"),
        ),
    ]


def degrees(data: QueryDict, key: str) -> float | None:
    """Return a coordinate of the point that the map put into a form, or refuse."""
    typed = data.get(key, "").strip()
    try:
        return float(typed) if typed else None
    except ValueError:
        raise Invalid("no_such_point", "坐标不是数字。", "请在地图上重新点一下，或只写地点。", "lon") from None


def kept_point(data: Mapping[str, str], refusal: Refusal | None) -> dict[str, str]:
    """Return the point that a form shows again, as ``lon`` and ``lat``: none that lies outside, or words alone could never be sent."""
    if refusal is not None and refusal.code == "outside":
        return {"lon": "", "lat": ""}
    return {"lon": data.get("lon", ""), "lat": data.get("lat", "")}


def read_report(data: QueryDict, photos: tuple[str, ...], channel: str) -> Report:
    """Return the report that a form holds."""

    return Report(
        channel=channel,
        text=data.get("text", ""),
        category=data.get("category", ""),
        lon=degrees(data, "lon"),
        lat=degrees(data, "lat"),
        address=data.get("address", ""),
        reporter_name=data.get("reporter_name", ""),
        reporter_phone=data.get("reporter_phone", ""),
        public=data.get("public") == "1",
        photo_ids=photos,
        extra=matters.told_time(data.get("happened")),
    )


@page("/report", audience="resident", title="我要反映", icon="edit", nav=20)
def report(request: Request) -> Shown:
    """Take a report and lead to its receipt (4 statements, +1 with photos)."""
    return report_for(request, template="resident/report.html", channel=CHANNEL, done="resident_receipt")


def own_areas(actor: Actor) -> str:
    """The places a worker reports for, as the map takes them, so that it opens there; empty where they are the whole district."""
    where = access.scope(actor, "report_for_others")
    return "" if where.everywhere or len(where.area_ids) > _OWN_MOST else ",".join(map(str, sorted(where.area_ids)))


def report_for(request: Request, *, template: str, channel: str, done: str) -> Shown:
    """Show the form of a report and take it.

    Args:
        channel: as which channel it comes in when the form does not say.
        done: where to go then: ``resident_receipt`` with the receipt, any other page with the run.
    """
    schema = report_fields(request, for_another=channel != CHANNEL)
    refusal: Refusal | None = None
    key = request_key(request.POST) or new_request_key()
    photos: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            if channel == CHANNEL:
                check_flood(request, "report", device=DEVICE, address=ADDRESS)
            photos = tuple(photo_ids(request))
            reported = matters.report_matter(
                district=request.district,
                report=read_report(request.POST, photos, request.POST.get("channel") or channel),
                actor=organization.resident_actor(request.district) if channel == CHANNEL else request.actor,
                now=request.now,
                request_key=key,
            )
        except Refusal as caught:
            refusal, photos = caught, photos or tuple(filter(None, request.POST.getlist("photos")))
        else:
            if done == "resident_receipt":
                return HttpResponseRedirect(reverse(done, args=[reported.receipt]) + "?new=1")
            messages.success(request, f"已登记，回执码 {codes.show_receipt(reported.receipt)}，请告诉反映人。")
            return HttpResponseRedirect(reverse(done, args=[reported.run_id]))
    intake = request.district.pack.settings.intake
    context: dict[str, Any] = {
        "fields": {
            # the page shows kept pictures itself
            f.schema.key: replace(f, value="") if f.kind == "photos" else f
            for f in bind(schema, request.POST if refusal else None, refusal)
        },
        "refusal": refusal,
        "key": key,
        "kept": records.list_unclaimed(request.district.id, photos) if photos else [],
        **kept_point(request.POST, refusal),
        "public": request.POST.get("public") == "1",
        "own": "" if channel == CHANNEL else own_areas(request.actor),
        "leaf": request.district.pack.units.level_keys()[-1],
        "phone": request.district.pack.settings.phone,
        "channels": [(k, title) for k, title in (intake.channels if intake else {}).items() if k not in NOT_BY_HAND],
        "channel": request.POST.get("channel") or channel,
    }
    return render(request, template, context, status=refusal.status if refusal else 200)


SHOWN_TO_RESIDENTS = (
    0.3  # likeness; of 60 typed characters it finds half of what is the same and shows 4 in 100 for nothing
)


@page("/report/suggest", audience="anyone", title="建议", name="report_suggest", methods=("POST",))
def report_suggest(request: Request) -> Shown:
    """While typing: category, place, open matters that may be the same (2 statements). Only suggestions (norm S-04)."""
    context = suggestions(request, public_only=True, least=SHOWN_TO_RESIDENTS)
    return render(request, "resident/report_suggest.html", context)


def _happened(request: Request, read: str) -> str:
    """The time to show: what was read, unless the person has put another in its place."""
    typed = request.POST.get("happened", "")[: limits.WHEN_CHARS]
    return typed if typed != request.POST.get("happened_read", "") else read


def suggestions(request: Request, *, public_only: bool, least: float) -> dict[str, Any]:
    """What the typed text may mean and repeat (2 statements, once a day 3); empty for fewer than four characters."""
    text = request.POST.get("text", "")[: limits.TEXT_CHARS]
    if len(text.strip()) < 4:
        return {"suggested": None, "same": [], "written": None, "happened": ""}
    written = learning.read_text(request.district, text, written_at=request.now)
    report = Report(channel=CHANNEL, text=text, address=request.POST.get("address", "")[: limits.ADDRESS_CHARS])
    with contextlib.suppress(Refusal):
        report = read_report(request.POST, (), CHANNEL)
    placed = matters.place_report_softly(request.district, report)
    title = matters.title_of(text)
    return {
        "suggested": learning.suggest(request.district, title, text),
        "written": written,
        "happened": _happened(request, written.happened),
        "addressed": bool(report.address.strip()),
        "same": learning.find_same(
            request.district, title, text, lon=placed.lon, lat=placed.lat, area_id=placed.area_id, now=request.now,
            public_only=public_only, least=least,
        ),
    }  # fmt: skip
