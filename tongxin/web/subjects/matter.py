"""诉求 on the case page: what was said, by whom and where, what it may be, and what may be the same."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tongxin.affairs import api as affairs
from tongxin.kernel.privacy import mask_name, mask_phone
from tongxin.learning import api as learning
from tongxin.matters import api as matters
from tongxin.organization.api import access
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Procedure
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.records import api as records
from tongxin.territory import api as territory
from tongxin.web.request import Request
from tongxin.web.subjects import Described, Panel, described


def _with_addresses(request: Request, same: list[learning.Same]) -> list[tuple[learning.Same, str]]:
    """Return each with the address of its case, where this person may open it (0–1 statements)."""
    runs = procedures.run_ids_of(request.district, [(matters.SUBJECT, one.matter_id) for one in same]) if same else {}
    case = "grid_case" if request.page is not None and request.page.audience == "grid" else "work_case"

    def address(one: learning.Same) -> str:
        run_id = runs.get((matters.SUBJECT, one.matter_id))
        seen = (
            access.may(request.actor, "see_matters", one.area_id)
            if one.area_id is not None
            else access.scope(request.actor, "see_matters").everywhere
        )
        return reverse(case, args=[run_id]) if run_id and seen else ""

    return [(one, address(one)) for one in same]


@described(matters.SUBJECT)
def describe(request: Request, run: Run, spec: Procedure, sees_person: bool) -> Described:
    """Return the matter as the page shows it (3 statements, 3 more while it waits to be sorted, 1 while its category is a guess, 1 while nobody knows where in a grid)."""
    district = request.district
    matter = matters.get_matter(district, run.subject_id)
    triage = run.finished_at is None and spec.states[run.state].clock == "before"
    same = _same(request, matter) if triage else []
    asked = triage or run.facts.get("guessed")
    suggested = learning.suggest(district, matter.title, matter.text) if asked else None
    open_choice = not run.facts.get("category") or run.facts.get("guessed")
    category = str(run.facts.get("category") or "") if not open_choice else (suggested.chosen if suggested else "")
    routed = None
    if run.finished_at is None:
        sought = category or str(run.facts.get("category") or "")
        routed = learning.suggest_units(district, run, sought, actor=request.actor, now=request.now)
    told = suggested and (open_choice or suggested.chosen not in ("", category))  # what a person has decided stands
    children, parent = _relatives(district, run, matter)
    panels = {
        "类别建议": ("subjects/matter_suggested.html", told),
        "由谁来办": ("subjects/matter_units.html", routed and (routed.guesses or routed.refused)),
        "相关的事项": ("subjects/affair_related.html", children or parent),
        "可能是同一件": ("subjects/matter_same.html", same),
    }
    happened, source = _happened(district, matter)
    unplaced, wide, where = _where(district, run, matter)
    return Described(
        title=matter.title,
        about=_("反映的内容"),
        content="subjects/matter_content.html",
        elements="subjects/matter_elements.html",
        panels=tuple(Panel(title, template) for title, (template, shown) in panels.items() if shown),
        context={
            "matter": matter,
            "children": children,
            "parent": parent,
            "photos": records.list_for(matters.SUBJECT, matter.id),
            "same": _with_addresses(request, same),
            "suggested": suggested,
            "sorting": _categories_to_choose(request, run, spec, matter),
            "routed": routed,
            "happened": happened,
            "happened_from": f"（{source}）",
            "may_retime": matters.may_retime(request.actor, run),
            "topics": learning.topics_of(district, matter.id),
            "reporter_name": matter.reporter_name if sees_person else mask_name(matter.reporter_name),
            "reporter_phone": matter.reporter_phone if sees_person else mask_phone(matter.reporter_phone),
            "channel": run.card.get("channel", ""),
            "precision": dict(matters.Matter._meta.get_field("precision").choices or []).get(matter.precision, ""),
            "unplaced": unplaced,
            "wide": wide,
            "where": where,
            "leaf": district.pack.units.level_keys()[-1],
        },
        offered={
            **({"category": suggested.chosen} if suggested and open_choice and suggested.chosen else {}),
            **({"unit": routed.chosen} if routed and routed.chosen else {}),
            **({"area": f"{where.guesses[0].area_id}"} if len(where.guesses) == 1 else {}),
        },
        proposed={"matter": [(one.ref, f"{one.title}（{one.because}）") for one in same]},
        likely={"area": [(f"{guess.area_id}", guess.name, guess.because) for guess in where.guesses]},
    )


def _same(request: Request, matter: matters.Matter) -> list[learning.Same]:
    return learning.find_same(
        request.district, matter.title, matter.text, lon=matter.lon, lat=matter.lat, area_id=matter.area_id, now=request.now,
        besides=matter.id,
    )  # fmt: skip


def _where(district: DistrictView, run: Run, matter: matters.Matter) -> tuple[bool, bool, learning.WhereIs]:
    """Whether an open matter has no place; whether it has only a wide one and its words name a smaller; and where it may be (0–1 statements)."""
    unplaced = run.finished_at is None and run.area_id is None
    wide = run.finished_at is None and matter.area_id is not None and matter.precision != "exact"
    wide = wide and not territory.tree(district).is_smallest(matter.area_id)
    where = learning.guess_places(district, matter) if unplaced or wide else learning.WhereIs()
    return unplaced, wide and bool(where.guesses), where


def _relatives(district: DistrictView, run: Run, matter: matters.Matter) -> tuple[list[Any], Any]:
    """The affairs that came of a matter, and the one that it came of (1 statement each, where there are such)."""
    children = affairs.list_children(district, matters.SUBJECT, matter.id) if run.facts.get("gave_rise_to") else []
    kind, ident = matter.extra.get("arose_from") or ("", 0)
    return children, procedures.rows_of(district, kind, [ident]).get(ident) if kind else None


def _categories_to_choose(request: Request, run: Run, spec: Procedure, matter: matters.Matter) -> list[tuple[str, str]]:
    """The catalogue, where this person may put a category in place of a guess and no act of this state asks for it (0–1 statements)."""
    forms = [act.form.values() for act in spec.transitions.values() if run.state in act.from_]
    if not run.facts.get("guessed") or any(item.type == "category" for form in forms for item in form):
        return []
    if not learning.may_sort_matters(request.actor, matter.area_id) or not learning.waits_for(
        request.district, matter.id
    ):
        return []
    return [(c.code, " / ".join((*above, c.title))) for c, above in request.district.pack.catalogue.walk()]


def _happened(district: DistrictView, matter: matters.Matter) -> tuple[str, str]:
    """When it was, and whose word that is; read out of the text where nobody has said (0 statements)."""
    said = matter.extra.get("happened")
    if said is None:
        text = f"{matter.title}。{matter.text}"
        return learning.read_text(district, text, written_at=matter.reported_at).happened, _("从文字读出")
    return said, _("工作人员更正") if matter.extra.get("happened_by") == "staff" else _("反映人写的")
