"""Where it is, said after sending: whoever holds the receipt adds the place by a tap on the map, by their position, or in words.

The form stands on the receipt while nobody has said the place; this page takes it, and shows it again with what could not be taken.
Without scripts the places are chosen step by step, wide to narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxin.accounts.api import Limit
from tongxin.kernel import limits
from tongxin.kernel.errors import Refusal
from tongxin.kernel.typed import number_in
from tongxin.matters import api as matters
from tongxin.matters.api import Report
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.territory import api as territory
from tongxin.web.fields import Bound, bind, new_request_key, request_key
from tongxin.web.page import Shown, page
from tongxin.web.pages.resident.report import address_field, degrees, kept_point
from tongxin.web.request import Request
from tongxin.web.sources import check_flood

DEVICE, ADDRESS = Limit(20, 600), Limit(200, 600)
_SIMILAR = 6


@dataclass(frozen=True, slots=True)
class Adding:
    """What the form shows: ``known`` a wide place that is known, ``offers`` (area, name) to choose among after a first try."""

    receipt: str
    may: bool
    by_desk: bool
    known: str
    key: str
    address: Bound
    lon: str = ""
    lat: str = ""
    offers: tuple[tuple[int, str], ...] = ()
    outlines: str = ""  # address of the map's places: those within what is known


def adding_place(request: Request, matter: matters.Matter, run: Run, refusal: Refusal | None = None) -> Adding:
    """Return the form as it stands, with what was typed when it was refused (0–1 statements)."""
    district, sent = request.district, request.POST if refusal is not None else {}
    placing = matters.placing_of(district, matter, run)
    (address,) = bind([address_field()], request.POST if refusal is not None else None, refusal, prefix="place")
    return Adding(
        receipt=matter.receipt,
        may=placing.may,
        by_desk=placing.by_desk,
        known=territory.tree(district).full_name(run.area_id) if run.area_id is not None else "",
        key=request_key(sent) or new_request_key(),
        address=address,
        **kept_point(sent, refusal),
        offers=_offers(request, refusal),
        outlines=_outlines(district.pack.units.level_keys()[-1], run.area_id),
    )


def _outlines(level: str, within: int | None) -> str:
    return reverse("map_areas", args=[level]) + (f"?under={within}" if within is not None else "")


def _offers(request: Request, refusal: Refusal | None) -> tuple[tuple[int, str], ...]:
    """Places to choose among where the words did not decide: those they may mean, else those within what is known."""
    if refusal is None or "within" not in refusal.details:
        return ()
    tree, words, within = (
        territory.tree(request.district),
        request.POST.get("address", "").strip(),
        refusal.details["within"],
    )
    found: dict[int, str] = {}
    if refusal.code == "which_place":
        words = words[: limits.ADDRESS_CHARS]
        for match in tree.find_place(words) or tree.similar_places(words)[:_SIMILAR]:
            full = tree.full_name(match.area_id)
            found.setdefault(match.area_id, full if match.name in full else f"{full}（{match.name}）")
    if not found:
        places = tree.children(within) if within is not None else tree.roots()
        while len(places) == 1 and (below := tree.children(places[0].id)):  # where there is no choice, one goes on
            places = below
        found = {place.id: tree.full_name(place.id) for place in places}
    return tuple(found.items())[: limits.CHOICES]


@page("/receipt/<str:code>/place", audience="resident", title="补充地点")
def receipt_place(request: Request, code: str) -> Shown:
    """Take the place and lead back to the receipt (13 statements); show the form again when it could not be taken."""
    matter = matters.find_by_receipt(request.district, code)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            check_flood(request, "place", device=DEVICE, address=ADDRESS)
            area = request.POST.get("area_id", "")
            place = matters.add_place(
                district=request.district, receipt=matter.receipt, now=request.now, request_key=request_key(request.POST),
                said=Report(
                    channel="", text="", lon=degrees(request.POST, "lon"), lat=degrees(request.POST, "lat"),
                    area_id=number_in(area), address=request.POST.get("address", ""),
                ),
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, _("地点已补充：%(place)s。谢谢您。") % {"place": place})
            return HttpResponseRedirect(reverse("resident_receipt", args=[matter.receipt]))
    run = procedures.find_run(request.district, matters.SUBJECT, matter.id)
    assert run is not None
    context = {
        "matter": matter,
        "run": run,
        "refusal": refusal,
        "adding": adding_place(request, matter, run, refusal),
        "phone": request.district.pack.settings.phone,
    }
    return render(request, "resident/receipt_place.html", context, status=refusal.status if refusal else 200)
