"""One matter as staff see and handle it; the same for the phone page of grid workers and the desk page of units.

Seeing follows from places (``see_matters``), from holding it now, or from having held it. What may be done is the engine's answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from tongxin.kernel.errors import NotAllowed, NotFound, Refusal
from tongxin.kernel.privacy import mask_name, mask_phone
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.matters.api import Matter
from tongxin.notices import api as notices
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.records.api import Attachment
from tongxin.web.fields import bind, new_request_key, read, request_key
from tongxin.web.page import Shown
from tongxin.web.pages.anyone.photos import photo_rule
from tongxin.web.request import Request


def may_see(request: Request, run: Any) -> bool:
    """Whether this member of staff may open a run: its place is theirs, or a post of theirs holds or held it (0–1 statements)."""
    actor = request.actor
    if actor.kind != "user" or run.district_id != actor.district_id:
        return False
    if run.area_id is not None and access.may(actor, "see_matters", run.area_id):
        return True
    if run.area_id is None and access.scope(actor, "see_matters").everywhere:
        return True
    return run.holder_post_id in actor.post_ids or procedures.held_by(run, actor.post_ids)


@photo_rule(matters.SUBJECT)
def may_see_photo(request: Request, photo: Attachment) -> bool:
    """Pictures follow the matter they belong to."""
    run = procedures.find_run(request.district, matters.SUBJECT, photo.subject_id or 0)
    return run is not None and may_see(request, run)


def open_run(request: Request, run_id: int) -> tuple[Any, Matter]:
    """Return the run and its matter, or refuse (2 statements)."""
    run = procedures.get_run(request.district, run_id)
    if run is None or run.subject_kind != matters.SUBJECT:
        raise NotFound("no_matter", "没有这一件诉求。", "请从列表里重新打开。")
    if not may_see(request, run):
        raise NotAllowed("not_your_place", "这一件不在您的岗位范围内，不能查看。", "如需协助，请联系承办人或上级。")
    return run, matters.get_matter(request.district, run.subject_id)


def case_page(request: Request, run_id: int, *, template: str, back: str, here: str) -> Shown:
    """Show a matter and take a step on it.

    Args:
        template: of the audience; back: name of the list to go to when a step moved the case on; here: name of this page.
    """
    run, matter = open_run(request, run_id)
    refusal: Refusal | None = None
    tried = request.POST.get("transition", "")
    key = request_key(request.POST) or new_request_key()
    choices = procedures.options(request.district, run, request.actor, request.now)
    if request.method == "POST":
        chosen = next((option for option in choices if option.key == tried), None)
        seen = request.POST.get("seen", "")
        try:
            acted = procedures.act(
                district=request.district, run_id=run.id, transition=tried, actor=request.actor, now=request.now,
                form=read(chosen.fields, request.POST) if chosen else {}, request_key=key,
                seen_seq=int(seen) if seen.isdigit() else None,
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
            run = procedures.get_run(request.district, run_id) or run
            choices = procedures.options(request.district, run, request.actor, request.now)
        else:
            spec = procedures.drawn(acted.run)
            messages.success(
                request, f"已{chosen.title if chosen else ''}，现在是“{spec.states[acted.run.state].title}”。"
            )
            stays = acted.run.holder_post_id in request.actor.post_ids and acted.run.finished_at is None
            return HttpResponseRedirect(reverse(here, args=[run_id]) if stays else reverse(back))
    elif request.method == "GET":
        notices.mark_subject_read(request.actor, matters.SUBJECT, matter.id, now=request.now)
    context = case_context(request, run, matter, choices, refusal, tried)
    context |= {"key": key, "back": back, "here": here}
    return render(request, template, context, status=refusal.status if refusal else 200)


def case_context(
    request: Request, run: Any, matter: Matter, choices: list[procedures.Option], refusal: Refusal | None, tried: str
) -> dict[str, Any]:
    """What the templates of a matter show (about 7 statements)."""
    district, spec = request.district, procedures.drawn(run)
    sees_person = access.may(request.actor, "see_personal", run.area_id) or run.holder_post_id in request.actor.post_ids
    same = []
    triage = run.finished_at is None and spec.states[run.state].clock == "before"
    if triage:
        same = matters.find_possible_duplicates(
            district, f"{matter.title}{matter.text}", lon=matter.lon, lat=matter.lat, area_id=matter.area_id,
            now=request.now, besides=matter.id,
        )  # fmt: skip
    suggested = None
    if triage or run.facts.get("guessed"):
        suggested = learning.suggest(district, matter.title, matter.text)
    open_choice = not run.facts.get("category") or run.facts.get("guessed")
    offered = suggested.chosen if suggested and open_choice else ""
    return {
        "run": run,
        "matter": matter,
        "state": spec.states[run.state],
        "procedure": spec,
        "holder": procedures.holder_of(district, run),
        "steps": procedures.timeline(district, run, audience="staff"),
        "picture": mark_safe(procedures.picture(spec, run.state, procedures.visited(run))),  # noqa: S308 - escaped where drawn
        "tasks": procedures.list_tasks(district, run),
        "photos": records.list_for(matters.SUBJECT, matter.id),
        "same": same,
        "suggested": suggested,
        "sees_person": sees_person,
        "reporter_name": matter.reporter_name if sees_person else mask_name(matter.reporter_name),
        "reporter_phone": matter.reporter_phone if sees_person else mask_phone(matter.reporter_phone),
        "channel": run.card.get("channel", ""),
        "acts": [
            (
                option,
                bind(
                    offer_category(option.fields, offered),
                    request.POST if refusal and option.key == tried else None,
                    refusal,
                    prefix=option.key,
                ),
            )
            for option in choices
        ],
        "refusal": refusal,
        "tried": tried,
        "precision": dict(Matter._meta.get_field("precision").choices or []).get(matter.precision, ""),
        "leaf": district.pack.units.level_keys()[-1],
    }


def offer_category(fields: list[procedures.Field], code: str) -> list[procedures.Field]:
    """Return the fields with a category offered as chosen, where the form knows it; the person still has to send it (norm S-04)."""
    return [
        replace(field, value=code) if field.type == "category" and code in dict(field.choices) else field
        for field in fields
    ]


def tray_page(request: Request, template: str, here: str, case: str) -> Shown:
    """Show somebody's unread notes with links to their matters; a POST takes note of all that were shown (3 statements)."""
    if request.method == "POST":
        shown = [int(ident) for ident in request.POST.getlist("notice") if ident.isdigit()]
        notices.mark_read(request.actor, shown, now=request.now)
        return HttpResponseRedirect(reverse(here))
    found = notices.list_unread(request.actor)
    subjects = [note.subject_id for note in found if note.subject_kind == matters.SUBJECT and note.subject_id]
    runs = procedures.rows_of(request.district, matters.SUBJECT, subjects) if subjects else {}
    rows = [(note, runs[note.subject_id].run_id if note.subject_id in runs else None) for note in found]
    return render(request, template, {"rows": rows, "case": case})
