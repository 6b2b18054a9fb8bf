"""Opening an affair on a page, whatever kind it is; the same for residents, phones and desks. Knows no kind by name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.accounts.api import Limit
from tongxin.affairs import api as affairs
from tongxin.affairs.api import Start
from tongxin.kernel import codes, limits
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.schema import Opening, Procedure
from tongxin.procedures import api as procedures
from tongxin.web.fields import Field, Schema, bind, new_request_key, request_key
from tongxin.web.page import Shown
from tongxin.web.pictures import read_form
from tongxin.web.request import Request
from tongxin.web.sources import check_flood

DEVICE, ADDRESS = Limit(20, 3_600), Limit(200, 3_600)
AREA, NAME, PHONE = "area_id", "opener_name", "opener_phone"


def find_procedure(request: Request, key: str) -> tuple[Procedure, Opening]:
    """Return a procedure that can be opened here, or refuse."""
    spec = request.district.pack.procedures.get(key)
    if spec is None or spec.open is None:
        raise NotFound("no_such_affair", "本地没有这一种事项。", "请从列表里选一种。")
    return spec, spec.open


def opening_fields(request: Request, spec: Procedure, actor: Actor) -> list[Schema]:
    """The form of an opening: where, what the pack asks, and for residents who to call back."""
    opening = spec.open
    assert opening is not None
    places = affairs.places_for(request.district, spec, actor)
    level = opening.at or request.district.pack.units.level_keys()[-1]
    title = next((one.title for one in request.district.pack.units.levels if one.key == level), level)
    where = Field(
        AREA, f"哪个{title}", "area", required=True, choices=[(str(ident), name) for ident, name in places],
        value=str(places[0][0]) if len(places) == 1 else None,
    )  # fmt: skip
    asked: list[Schema] = [where, *procedures.blank_fields(request.district, request.district.pack, opening.form)]
    if opening.contact:
        whose = "怎么称呼您" if actor.kind == "resident" else "替谁开的（称呼）"
        asked += [
            Field(NAME, whose, "text", max=limits.NAME_CHARS, autocomplete="name", purpose=opening.contact_purpose),
            Field(PHONE, "电话", "phone", autocomplete="tel", purpose=opening.contact_purpose),
        ]
    return asked


def open_page(request: Request, procedure: str, *, template: str, case: str, back: str) -> Shown:
    """Show the opening form of a procedure and take it (3 statements, +1 with photos).

    Args:
        case: where to go then: ``resident_affair`` with the receipt, any other page with the run. back: the list.
    """
    spec, opening = find_procedure(request, procedure)
    district, resident = request.district, case == "resident_affair"
    actor = organization.resident_actor(district) if resident else request.actor
    schema = opening_fields(request, spec, actor)
    refusal: Refusal | None = None
    data = request.POST.copy()
    key = request_key(request.POST) or new_request_key()
    affairs.demand_opener(district, spec, actor)
    if request.method == "POST":
        try:
            if resident:
                check_flood(request, "affair", device=DEVICE, address=ADDRESS)
            values = read_form(request, schema)
            for field in schema:
                if field.type == "photos" and field.key in values:
                    data.setlist(field.key, values[field.key])
            area = values.pop(AREA, "")
            opened = affairs.open_affair(
                district=district, actor=actor, now=request.now, request_key=key,
                start=Start(
                    procedure, name=values.pop(NAME, ""), phone=values.pop(PHONE, ""), form=values,
                    area_id=number_in(area),
                ),
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            if resident:
                return HttpResponseRedirect(reverse(case, args=[opened.receipt]) + "?new=1")
            messages.success(request, f"已开“{spec.title}”，回执码 {codes.show_receipt(opened.receipt)}。")
            return HttpResponseRedirect(reverse(case, args=[opened.run_id]))
    bound = bind(schema, data if refusal else None, refusal)
    context: dict[str, Any] = {
        "spec": spec, "opening": opening, "refusal": refusal, "key": key, "back": back,
        "fields": [f for f in bound if f.schema.key not in (NAME, PHONE)],
        "contact": [f for f in bound if f.schema.key in (NAME, PHONE)],
    }  # fmt: skip
    return render(request, template, context, status=refusal.status if refusal else 200)
