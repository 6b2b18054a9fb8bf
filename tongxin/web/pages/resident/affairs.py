"""What residents can begin together: open without an account, follow by receipt, join in on the public board."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from tongxin.accounts.api import Limit
from tongxin.affairs import api as affairs
from tongxin.kernel import codes
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.kernel.masking import mask_public
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.records import api as records
from tongxin.web.affairwork import find_procedure, open_page
from tongxin.web.casework import own_photos
from tongxin.web.fields import bind, new_request_key, request_key
from tongxin.web.page import Shown, page
from tongxin.web.pages.resident.receipt import qr
from tongxin.web.pictures import read_form
from tongxin.web.request import Request
from tongxin.web.sources import check_flood
from tongxin.web.subjects.affair import answers_of

REPLIES = (Limit(30, 600), Limit(300, 600))


@page("/affairs", audience="resident", title="大家的事", icon="heart-handshake", nav=25, methods=("GET",))
def affair_kinds(request: Request) -> Shown:
    """Show what a resident can open and the boards where one can join in (0 statements)."""
    resident = organization.resident_actor(request.district)
    return {
        "kinds": affairs.list_openable(request.district, resident),
        "boards": affairs.list_boards(request.district),
    }


@page("/affairs/open/<str:procedure>", audience="resident", title="开一件事项")
def affair_open(request: Request, procedure: str) -> Shown:
    """Open an affair and lead to its receipt."""
    return open_page(
        request, procedure, template="resident/affair_open.html", case="resident_affair", back="resident_affair_kinds"
    )


def _take_step(
    request: Request, run: Run, actor: Actor, choices: list[procedures.Option], key: str, tried: str
) -> Refusal | None:
    """Take a step that was sent; returns the refusal, if any."""
    chosen = next((option for option in choices if option.key == tried), None)
    try:
        check_flood(request, "reply", device=REPLIES[0], address=REPLIES[1])
        procedures.act(
            district=request.district, run_id=run.id, transition=tried, actor=actor, now=request.now, request_key=key,
            form=read_form(request, chosen.fields) if chosen else {},
        )  # fmt: skip
    except Refusal as caught:
        return caught
    messages.success(request, _("收到了，谢谢您。"))
    return None


def _acts(request: Request, choices: list[procedures.Option], refusal: Refusal | None, tried: str) -> list[Any]:
    return [
        (
            option,
            bind(option.fields, request.POST if refusal and option.key == tried else None, refusal, prefix=option.key),
        )
        for option in choices
        if not option.blocked
    ]


@page("/affairs/receipt/<str:code>", audience="resident", title="事项进度")
def affair(request: Request, code: str) -> Shown:
    """Show an affair to whoever opened it, and take their own steps. About 6 statements to show."""
    district = request.district
    found = affairs.find_by_receipt(district, code)
    run = procedures.find_run(district, affairs.SUBJECT, found.id)
    assert run is not None
    actor = affairs.opener_actor(district)
    choices = procedures.options(district, run, actor, request.now)
    refusal, tried = None, request.POST.get("transition", "")
    key = request_key(request.POST) or new_request_key()
    if request.method == "POST":
        refusal = _take_step(request, run, actor, choices, key, tried)
        if refusal is None:
            return HttpResponseRedirect(reverse("resident_affair", args=[found.receipt]))
    spec = procedures.drawn(run)
    steps = procedures.timeline(district, run, audience="reporter")
    context: dict[str, Any] = {
        "affair": found,
        "run": run,
        "spec": spec,
        "state": spec.states[run.state],
        "new": request.GET.get("new") == "1",
        "shown_code": codes.show_receipt(found.receipt),
        "qr": qr(request.build_absolute_uri(reverse("resident_affair", args=[found.receipt]))),
        "answers": answers_of(request, found, spec, "reporter"),
        "steps": steps,
        "acts": _acts(request, choices, refusal, tried),
        "tried": tried,
        "refusal": refusal,
        "key": key,
        "photos": own_photos(records.list_for(affairs.SUBJECT, found.id), procedures.timeline(district, run, audience="staff")),
        "picture": mark_safe(procedures.picture(spec, run.state, procedures.visited(run))),  # noqa: S308 - escaped where it is drawn
    }  # fmt: skip
    return render(request, "resident/affair.html", context, status=refusal.status if refusal else 200)


@page("/affairs/receipt/<str:code>/chain", audience="resident", title="存证核验", methods=("GET",))
def affair_chain(request: Request, code: str) -> Shown:
    """Show that nothing in the affair's past was changed, and give the chain as JSON to check it elsewhere."""
    found = affairs.find_by_receipt(request.district, code)
    run = procedures.find_run(request.district, affairs.SUBJECT, found.id)
    assert run is not None
    entries, algorithm = procedures.public_entries(run), procedures.algorithm(run)
    if request.GET.get("format") == "json":
        body = {
            "algorithm": algorithm,
            "head": run.head,
            "entries": [{"public": public, "hash": hash_} for public, hash_ in entries],
        }
        return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    context: dict[str, Any] = {
        "receipt": found.receipt,
        "back": reverse("resident_affair", args=[found.receipt]),
        "entries": entries,
    }
    context |= {"broken": procedures.verify(run), "head": run.head, "algorithm": algorithm}
    return render(request, "resident/receipt_chain.html", context)


@page("/affairs/board/<str:procedure>", audience="resident", title="公开栏", methods=("GET",))
def affair_board(request: Request, procedure: str) -> Shown:
    """Show what was made public of one kind, newest first; anybody may look and join in (2 statements)."""
    spec, opening = find_procedure(request, procedure)
    if not opening.public:
        raise NotFound("no_board", f"“{spec.title}”没有公开栏。", "请从“大家的事”里选。")
    resident = organization.resident_actor(request.district)
    return {
        "spec": spec,
        "opening": opening,
        "page_of": affairs.list_board(request.district, procedure, rows=20, before=request.GET.get("before", "")),
        "may_open": spec in affairs.list_openable(request.district, resident),
    }


@page("/affairs/board/<str:procedure>/<int:affair_id>", audience="resident", title="公开的事项")
def affair_public(request: Request, procedure: str, affair_id: int) -> Shown:
    """Show one public affair without anybody's data, and take the step that anybody may take: claim, join (4 statements)."""
    district = request.district
    found = affairs.get_affair(district, affair_id)
    if not found.public_words or found.procedure != procedure:
        raise NotFound("not_public", "这一件没有公开，或已经撤下。", "请回到公开栏看其他的。")
    run = procedures.find_run(district, affairs.SUBJECT, found.id)
    assert run is not None
    actor = organization.resident_actor(district)
    choices = procedures.options(district, run, actor, request.now)
    refusal, tried = None, request.POST.get("transition", "")
    key = request_key(request.POST) or new_request_key()
    if request.method == "POST":
        refusal = _take_step(request, run, actor, choices, key, tried)
        if refusal is None:
            return HttpResponseRedirect(reverse("resident_affair_public", args=[procedure, affair_id]))
    spec = procedures.drawn(run)
    context = {
        "spec": spec, "run": run, "state": spec.states[run.state], "refusal": refusal, "tried": tried, "key": key,
        "row": affairs.board_row(district, found, procedures.rows_of(district, affairs.SUBJECT, [found.id])[found.id]),
        "answers": [(title, mask_public(words, cautious=True)) for title, words in answers_of(request, found, spec, "public")],
        "acts": _acts(request, choices, refusal, tried),
    }  # fmt: skip
    return render(request, "resident/affair_public.html", context, status=refusal.status if refusal else 200)
