"""One case as staff see and handle it, whatever it is about; the same for the phone page and the desk page.

Seeing follows from places (``see_matters``), from holding it now, or from having held it. What may be done is the engine's
answer; what the subject shows is its describer's (``web/subjects``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from tongxin.kernel.errors import NotAllowed, NotFound, Refusal
from tongxin.kernel.typed import number_in, numbers_in
from tongxin.notices import api as notices
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.packs.schema import Procedure
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.records.api import Attachment
from tongxin.registers import api as registers
from tongxin.web.fields import bind, new_request_key, request_key
from tongxin.web.page import Shown
from tongxin.web.pictures import read_form
from tongxin.web.request import Request
from tongxin.web.subjects import Described, Describer, find_describer
from tongxin.web.subjects.exchanged import PANEL, exchanged, look_at_number


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


def may_see_photo(request: Request, photo: Attachment) -> bool:
    """Pictures follow the subject they belong to (1–2 statements); scans of documents are for whoever keeps those, or for all."""
    if photo.subject_kind == registers.SCANS_OF:
        return registers.may_keep_documents(request.actor)
    run = procedures.find_run(request.district, photo.subject_kind, photo.subject_id or 0)
    return run is not None and may_see(request, run)


def open_run(request: Request, run_id: int) -> tuple[Run, Describer]:
    """Return the run and who describes its subject, or refuse (1–2 statements)."""
    run = procedures.get_run(request.district, run_id)
    describer = find_describer(run.subject_kind) if run is not None else None
    if run is None or describer is None:
        raise NotFound("no_case", "没有这一件。", "请从列表里重新打开。")
    if not may_see(request, run):
        raise NotAllowed("not_your_place", "这一件不在您的岗位范围内，不能查看。", "如需协助，请联系承办人或上级。")
    return run, describer


def case_page(request: Request, run_id: int, *, template: str, back: str, here: str) -> Shown:
    """Show a case and take a step on it.

    Args:
        template: of the audience; back: name of the list to go to when a step moved the case on; here: name of this page.
    """
    run, describer = open_run(request, run_id)
    refusal: Refusal | None = None
    tried = request.POST.get("transition", "")
    key = request_key(request.POST) or new_request_key()
    choices = procedures.options(request.district, run, request.actor, request.now)
    told_number: tuple[int, str] | None = None
    if request.method == "POST" and request.POST.get("look"):
        told_number = look_at_number(request, run_id)
    elif request.method == "POST":
        chosen = next((option for option in choices if option.key == tried), None)
        seen = request.POST.get("seen", "")
        try:
            acted = procedures.act(
                district=request.district, run_id=run.id, transition=tried, actor=request.actor, now=request.now,
                form=read_form(request, chosen.fields) if chosen else {}, request_key=key,
                seen_seq=number_in(seen),
            )  # fmt: skip
        except Refusal as caught:
            refusal = caught
            run = procedures.get_run(request.district, run_id) or run
            choices = procedures.options(request.district, run, request.actor, request.now)
        else:
            spec = procedures.drawn(acted.run)
            messages.success(
                request, f"“{chosen.title if chosen else tried}”已提交，现在是“{spec.states[acted.run.state].title}”。"
            )
            stays = acted.run.holder_post_id in request.actor.post_ids and acted.run.finished_at is None
            return HttpResponseRedirect(reverse(here, args=[run_id]) if stays else reverse(back))
    elif request.method == "GET":
        notices.mark_subject_read(request.actor, run.subject_kind, run.subject_id, now=request.now)
    context = case_context(request, run, describer, choices, refusal, tried)
    context |= {"key": key, "back": back, "here": here, "told_number": told_number}
    return render(request, template, context, status=refusal.status if refusal else 200)


def case_context(
    request: Request,
    run: Run,
    describer: Describer,
    choices: list[procedures.Option],
    refusal: Refusal | None,
    tried: str,
) -> dict[str, Any]:
    """What the templates of a case show (about 7 statements, 3 more where data were exchanged, 1 for a task of a larger case)."""
    district, spec = request.district, procedures.drawn(run)
    sees_person = access.may(request.actor, "see_personal", run.area_id) or run.holder_post_id in request.actor.post_ids
    subject = describer(request, run, spec, sees_person)
    if (beyond := exchanged(request, run)) is not None:
        subject = replace(subject, panels=(*subject.panels, PANEL))
    asked = procedures.asked_by(district, run)
    steps = procedures.timeline(district, run, audience="staff")
    own: dict[str, Any] = {
        "photos": own_photos(subject.context.get("photos", ()), steps),
        "subject": subject,
        "run": run,
        "state": spec.states[run.state],
        "procedure": spec,
        "holder": procedures.holder_of(district, run),
        "answerable": organization.list_answerable(district, run.area_id, run.holder_post_id),
        "basis": procedures.basis_of(run),
        "steps": steps,
        "picture": mark_safe(procedures.picture(spec, run.state, procedures.visited(run))),  # noqa: S308 - escaped where drawn
        "tasks": procedures.list_tasks(district, run),
        "task_asked": asked[1] if asked else None,
        "task_of": asked[0] if asked and may_see(request, asked[0]) else None,
        "sees_person": sees_person,
        "exchanged": beyond,
        "acts": [
            (
                option,
                bind(
                    _offer(option.fields, subject),
                    request.POST if refusal and option.key == tried else None,
                    refusal,
                    prefix=option.key,
                ),
            )
            for option in choices
        ],
        "one_tap": _one_tap(choices, subject.likely),
        "refusal": refusal,
        "tried": tried,
        "typed": _left_over(request, spec, choices, tried) if refusal else [],
    }
    clash = (subject.context.keys() & own.keys()) - {"photos"}
    assert not clash, f"{run.subject_kind} and the case page both name {clash}"
    return {**subject.context, **own}


def _left_over(
    request: Request, spec: Procedure, choices: list[procedures.Option], tried: str
) -> list[tuple[str, str]]:
    """Return what was written into the form of a step that is no longer open, as (title, words): the page has no form for it."""
    step = spec.transitions.get(tried)
    if step is None or any(option.key == tried and not option.blocked for option in choices):
        return []
    written = ((item, request.POST.get(key, "").strip()) for key, item in step.form.items())
    return [
        (item.title, words) for item, words in written if words and item.type in ("text", "longtext", "phone", "number")
    ]


def _one_tap(
    choices: list[procedures.Option], likely: Mapping[str, Sequence[tuple[str, str, str]]]
) -> tuple[procedures.Option, procedures.Field, Sequence[tuple[str, str, str]]] | None:
    """Return the open step that needs one thing alone of which the likely values are known, with that field and the values."""
    for option in choices:
        needed = [field for field in option.fields if field.required]
        if not option.blocked and len(needed) == 1 and likely.get(needed[0].type):
            return option, needed[0], likely[needed[0].type]
    return None


def own_photos(photos: Sequence[Attachment], steps: Sequence[procedures.Step]) -> list[Attachment]:
    """Return the pictures that came with the subject itself, without those that a step brought."""
    brought = {photo.pk for step in steps for photo in step.photos}
    return [photo for photo in photos if photo.pk not in brought]


def _offer(fields: list[procedures.Field], subject: Described) -> list[procedures.Field]:
    """Return the fields with what the subject offers shown as chosen, where the choice exists, and with what it proposes to write."""
    shown = []
    for field in fields:
        if subject.offered.get(field.type) in dict(field.choices):
            field = replace(field, value=subject.offered[field.type])
        elif subject.proposed.get(field.type):
            told = field.help or _("点一下，从列出的里选，或自己填。")
            field = replace(field, choices=list(subject.proposed[field.type]), help=told)
        shown.append(field)
    return shown


def tray_page(request: Request, template: str, here: str, case: str) -> Shown:
    """Show somebody's unread notes with links to their cases; a POST takes note of all that were shown (3 statements)."""
    if request.method == "POST":
        shown = numbers_in(request.POST.getlist("notice"))
        notices.mark_read(request.actor, shown, now=request.now)
        return HttpResponseRedirect(reverse(here))
    found = notices.list_unread(request.actor)
    about = [(note.subject_kind, note.subject_id) for note in found if note.subject_id]
    runs = procedures.run_ids_of(request.district, about)
    rows = [(note, runs.get((note.subject_kind, note.subject_id or 0))) for note in found]
    return render(request, template, {"rows": rows, "case": case})
