"""事项 on the case page: what was asked when it was opened, by whom, and what it arose from or gave rise to."""

from __future__ import annotations

from tongxin.affairs import api as affairs
from tongxin.cadence import api as cadence
from tongxin.kernel.privacy import mask_name, mask_phone
from tongxin.organization import api as organization
from tongxin.packs.schema import Procedure
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.records import api as records
from tongxin.web.request import Request
from tongxin.web.subjects import Described, Panel, described


def answers_of(request: Request, affair: affairs.Affair, spec: Procedure, audience: str) -> list[tuple[str, str]]:
    """Return what the opening form holds as (title, words), as far as this audience may read it (0 statements).

    Args:
        audience: ``staff``, ``reporter`` (who opened it may read all they wrote), ``public``.
    """
    fields = spec.open.form if spec.open is not None else {}
    directory = organization.directory(request.district)
    out = []
    for key, field in fields.items():
        value = affair.answers.get(key)
        if value is None or field.type == "photos" or (audience == "public" and field.shown != "public"):
            continue
        if field.type in ("unit", "units"):
            idents = value if isinstance(value, list) else [value]
            out.append((field.title, "、".join(body.name for i in idents if (body := directory.body(i)) is not None)))
        else:
            out.append((field.title, procedures.plain_words(field, value)))
    return out


@described(affairs.SUBJECT)
def describe(request: Request, run: Run, spec: Procedure, sees_person: bool) -> Described:
    """Return the affair as the page shows it (3–5 statements)."""
    district = request.district
    affair = affairs.get_affair(district, run.subject_id)
    parent, children = (
        affairs.find_parent(district, affair),
        affairs.list_children(district, run.subject_kind, affair.id),
    )
    raised = procedures.rows_of(district, "matter", run.facts["matters"]) if run.facts.get("matters") else {}
    children = [*children, *raised.values()]
    # the procedure of the affair itself: a task of it runs under another
    own = spec if spec.procedure == affair.procedure else district.pack.procedures.get(affair.procedure, spec)
    return Described(
        title=affair.title,
        about=own.title,
        content="subjects/affair_content.html",
        elements="subjects/affair_elements.html",
        panels=(Panel("相关的事项", "subjects/affair_related.html"),)
        if parent or children or affair.parent_kind == cadence.SUBJECT
        else (),
        context={
            "affair": affair,
            "answers": answers_of(request, affair, own, "staff"),
            "photos": records.list_for(affairs.SUBJECT, affair.id),
            "opener_name": affair.opener_name if sees_person else mask_name(affair.opener_name),
            "opener_phone": affair.opener_phone if sees_person else mask_phone(affair.opener_phone),
            "parent": parent,
            # what opened it on its day, when that was a date that comes round
            "occurrence": affair.parent_id if affair.parent_kind == cadence.SUBJECT else None,
            "children": children,
        },
    )
