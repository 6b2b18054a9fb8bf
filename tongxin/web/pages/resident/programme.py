"""The model of the locality on one page, and what runs under it: a procedure drawn, the bodies of a kind. Everybody may read them."""

from __future__ import annotations

from django.utils.safestring import mark_safe

from tongxin.kernel import limits
from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web import packwords
from tongxin.web import programme as model
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/programme", audience="resident", title="本地模式", icon="sitemap", nav=45, methods=("GET",))
def programme(request: Request) -> Shown:
    """Show initiatives, mechanisms, what runs under them and their figures (a statement for each measure named)."""
    return {"model": model.view(request)}


@page(
    "/work/programme",
    audience="work",
    title="本地模式",
    name="work_programme",
    icon="sitemap",
    nav=35,
    methods=("GET",),
)
def work_programme(request: Request) -> Shown:
    """The same, for staff."""
    return {"model": model.view(request)}


@page(
    "/programme/procedures/<slug:key>", audience="resident", title="办理流程", name="programme_procedure", methods=("GET",)
)  # fmt: skip
def programme_procedure(request: Request, key: str) -> Shown:
    """Show one procedure as residents may know it: the picture, who acts, until when (0 statements)."""
    content = request.district.pack
    spec = content.procedures.get(key)
    if spec is None:
        raise NotFound("no_procedure", "本地没有这个流程。", "请从“本地模式”里重新打开。")
    return {
        "spec": spec,
        "picture": mark_safe(procedures.picture(spec)),  # noqa: S308 - escaped where drawn
        "rows": packwords.state_rows(content, spec),
        "limit": packwords.say_limit(spec),
        "grounds": registers.grounds(content).get(("procedures", key), ()),
    }


@page("/programme/bodies/<slug:kind>", audience="resident", title="组织", name="programme_bodies", methods=("GET",))
def programme_bodies(request: Request, kind: str) -> Shown:
    """List the bodies of a kind with the places they cover; of households only where they are (0 statements)."""
    spec = request.district.pack.units.bodies.get(kind)
    if spec is None:
        raise NotFound("no_kind", "本地没有这类组织。", "请从“本地模式”里重新打开。")
    start = request.GET.get("from", "")
    first = int(start) if start.isdecimal() and len(start) < 8 else 0
    directory, tree = organization.directory(request.district), territory.tree(request.district)
    found = [directory.bodies[ident] for ident in directory.living if directory.bodies[ident].kind == kind]
    found.sort(key=lambda body: (body.parent_id or 0, body.id))
    rows = []
    for body in found[first : first + limits.PAGE_ROWS]:
        above = directory.bodies.get(body.parent_id) if body.parent_id is not None else None
        places = [tree.full_name(area) for area in body.covers[:5] if tree.get(area) is not None]
        name = spec.title if spec.family == "household" else body.name
        shown = body.id if spec.family != "household" else 0
        rows.append((name, above.name if above else "", places, len(body.covers), shown))
    last = first + len(rows)
    return {"spec": spec, "rows": rows, "count": len(found), "after": last if last < len(found) else 0}
