"""A matter as its reporter sees it: by the receipt code alone, in plain words, with what they may do next and the proof of its past."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tongxin.accounts.api import Limit
from tongxin.affairs import api as affairs
from tongxin.kernel import codes
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.web.fields import bind, new_request_key, request_key
from tongxin.web.page import Shown, page
from tongxin.web.pages.resident.receipt_place import adding_place
from tongxin.web.pictures import read_form
from tongxin.web.request import Request
from tongxin.web.sources import check_flood

# A receipt has 54 random bits; this keeps guessing at them from being cheap as well.
LOOKS = (Limit(120, 600), Limit(1_200, 600))


@page("/receipt", audience="resident", title="查进度", icon="search", nav=30)
def receipt_search(request: Request) -> Shown:
    """Ask for the code and lead to the matter; a slip in the code is told as one."""
    typed = request.POST.get("code", "")
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            check_flood(request, "look", device=LOOKS[0], address=LOOKS[1])
            return HttpResponseRedirect(_where(request, typed))
        except Refusal as caught:
            refusal = caught
    return render(
        request,
        "resident/receipt_search.html",
        {"typed": typed[:200], "refusal": refusal},
        status=refusal.status if refusal else 200,
    )


def _where(request: Request, typed: str) -> str:
    """The page of a receipt, whatever kind of thing it is the receipt of (1–2 statements)."""
    try:
        return reverse("resident_receipt", args=[matters.find_by_receipt(request.district, typed).receipt])
    except NotFound as unknown:
        try:
            return reverse("resident_affair", args=[affairs.find_by_receipt(request.district, typed).receipt])
        except NotFound:
            raise unknown from None


def qr(text: str) -> SafeString:
    """Return a QR code as an inline SVG that scales with its box."""
    import segno

    drawn = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - drawn from an address of ours


@page("/receipt/<str:code>", audience="resident", title="办理进度")
def receipt(request: Request, code: str) -> Shown:
    """Show the matter, and take the reporter's own steps (rate, withdraw, reopen). About 7 statements to show, 10 when it joined a topic, 1 more while no point is known."""
    district = request.district
    matter = matters.find_by_receipt(district, code)
    run = procedures.find_run(district, matters.SUBJECT, matter.id)
    assert run is not None
    refusal, tried = None, request.POST.get("transition", "")
    key = request_key(request.POST) or new_request_key()
    actor = matters.reporter_actor(district)
    choices = procedures.options(district, run, actor, request.now)
    if request.method == "POST":
        chosen = next((option for option in choices if option.key == tried), None)
        try:
            check_flood(request, "reply", device=Limit(30, 600), address=Limit(300, 600))
            matters.act_as_reporter(
                district=district, receipt=matter.receipt, transition=tried, now=request.now, request_key=key,
                form=read_form(request, chosen.fields) if chosen else {},
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, _("收到了，谢谢您。"))
            return HttpResponseRedirect(reverse("resident_receipt", args=[matter.receipt]))
    followed = run
    if matter.master is not None:
        followed = procedures.find_run(district, matters.SUBJECT, matter.master.id) or run
    spec = procedures.drawn(run)
    address = request.build_absolute_uri(reverse("resident_receipt", args=[matter.receipt]))
    context: dict[str, Any] = {
        "matter": matter,
        "run": run,
        "state": spec.states[run.state],
        "new": request.GET.get("new") == "1",
        "shown_code": codes.show_receipt(matter.receipt),
        "address": address,
        "qr": qr(address),
        "steps": procedures.timeline(district, run, audience="reporter"),
        "master_steps": procedures.timeline(district, followed, audience="reporter") if followed is not run else [],
        "acts": [
            (
                option,
                bind(
                    option.fields, request.POST if refusal and option.key == tried else None, refusal, prefix=option.key
                ),
            )
            for option in choices
            if not option.blocked
        ],
        "tried": tried,
        "refusal": refusal,
        "key": key,
        "photos": records.list_for(matters.SUBJECT, matter.id),
        "picture": mark_safe(procedures.picture(spec, run.state, procedures.visited(run))),  # noqa: S308 - escaped where it is drawn
        "place": run.card.get("place") or matter.address,
        "adding": adding_place(request, matter, run),
        "phone": district.pack.settings.phone,
        "joined": learning.find_joined(district, matter.master_id or matter.id),
    }
    return render(request, "resident/receipt.html", context, status=refusal.status if refusal else 200)


@page("/receipt/<str:code>/chain", audience="resident", title="存证核验", methods=("GET",))
def receipt_chain(request: Request, code: str) -> Shown:
    """Show that nothing in the matter's past was changed, and give the chain as JSON to check it elsewhere."""
    matter = matters.find_by_receipt(request.district, code)
    run = procedures.find_run(request.district, matters.SUBJECT, matter.id)
    assert run is not None
    entries = procedures.public_entries(run)
    if request.GET.get("format") == "json":
        algorithm = procedures.algorithm(run)
        body = {
            "algorithm": algorithm,
            "head": run.head,
            "entries": [{"public": public, "hash": hash_} for public, hash_ in entries],
        }
        return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    return {
        "receipt": matter.receipt,
        "back": reverse("resident_receipt", args=[matter.receipt]),
        "entries": entries,
        "broken": procedures.verify(run),
        "head": run.head,
        "algorithm": procedures.algorithm(run),
    }
