"""A place for everybody: the networks laid into it, its six elements, its flags; a body with its seats; how far networks are merged."""

from __future__ import annotations

from tongxin.kernel.clock import local
from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web import elements
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

ROWS = 60
BODIES = 40
SEAT_KINDS = {"full": "专职", "part": "兼职", "": ""}


@page("/places/<slug:code>", audience="resident", title="一格一册", name="resident_place", methods=("GET",))
def place(request: Request, code: str) -> Shown:
    """Show one place: flags, networks, six elements, bodies (about 10 statements, the same for any size)."""
    district, tree, today = request.district, territory.tree(request.district), local(request.now).date()
    here = tree.by_code(code)
    if here is None:
        raise NotFound("no_place", "没有这个地方，或者已经停用。", "请从“大家的网格”里选。")
    card = territory.area_card(district.id, here.id)
    known = organization.directory(district)
    bodies = [known.bodies[ident] for ident in sorted(known.living) if here.id in known.bodies[ident].covers]
    kinds = district.pack.units.bodies
    shown = [body for body in bodies if kinds[body.kind].family != "household"][:BODIES]
    levels = {level.key: level.title for level in district.pack.units.levels}
    return {
        "here": here, "card": card, "full": tree.full_name(here.id), "level": levels[here.level],
        "flags": registers.marks_at(district, today, area_ids=[here.id], body_ids=[body.id for body in shown]),
        "networks": elements.networks_at(request, here), "elements": elements.elements(request, here, card),
        "bodies": [(body, kinds[body.kind].title) for body in shown], "more": len(bodies) - len(shown),
        "above": [found for ident in here.path[:-1] if (found := tree.get(ident)) is not None],
        "below": tree.children(here.id)[:ROWS], "below_count": len(tree.children(here.id)),
        "below_title": levels[tree.children(here.id)[0].level] if tree.children(here.id) else "",
    }  # fmt: skip


@page("/networks", audience="resident", title="大家的网格", name="resident_networks", methods=("GET",))
def networks(request: Request) -> Shown:
    """Show which networks became one grid, and in how many grids each is carried (0 statements when copies are kept)."""
    district, pack = request.district, request.district.pack
    tree, today = territory.tree(district), local(request.now).date()
    start = request.GET.get("from", "")
    first = int(start) if start.isdecimal() and len(start) < 8 else 0
    cover = registers.networks_cover(district, today)
    level = next(iter(pack.units.networks.values())).level if pack.units.networks else tree.levels[-1]
    grids = tree.at_level(level)
    rows = [(key, spec, len(cover[key]), len(tree.at_level(spec.level))) for key, spec in pack.units.networks.items()]
    whole = sum(all(grid.id in cover[key] for key in cover) for grid in grids)
    shown = grids[first : first + ROWS]
    return {
        "rows": rows, "grids": [(grid, tree.full_name(grid.id), [(spec.title, grid.id in cover[key]) for key, spec, _, _ in rows]) for grid in shown],
        "count": len(grids), "whole": whole, "after": first + ROWS if first + ROWS < len(grids) else 0,
    }  # fmt: skip


@page("/bodies/<int:body_id>", audience="resident", title="组织", name="resident_body", methods=("GET",))
def body(request: Request, body_id: int) -> Shown:
    """Show a body: above, below, covered places, its seats full-time and part-time with the unit they come from (1 statement)."""
    district, known, tree = request.district, organization.directory(request.district), territory.tree(request.district)
    found, today = known.body(body_id), local(request.now).date()
    kinds = district.pack.units.bodies
    if found is None or found.ended or found.kind not in kinds or kinds[found.kind].family == "household":
        raise NotFound("no_body", "没有这个组织，或者已经撤销。", "请从“本地模式”里重新打开。")
    roles = district.pack.units.roles
    seats = []
    for post in known.posts_of_body(body_id):
        spec = roles.get(post.role)
        units = [
            unit.name for ident in known.units_from(post.id, today).values() if (unit := known.body(ident)) is not None
        ]
        seats.append((post, SEAT_KINDS[spec.time] if spec else "", bool(known.holders(post.id, today)), units))
    below = [one for one in known.bodies_under(body_id) if one.kind in kinds and kinds[one.kind].family != "household"]
    return {
        "body": found, "kind": kinds[found.kind], "above": [one for one in known.line_of(body_id)[1:] if not one.ended], "below": below[:ROWS],
        "below_count": len(below), "seats": seats, "full": sum(kind == "专职" for _, kind, _, _ in seats),
        "part": sum(kind == "兼职" for _, kind, _, _ in seats), "covers": [(p, tree.full_name(p.id)) for ident in found.covers[:ROWS] if (p := tree.get(ident))],
        "covers_count": len(found.covers), "flags": registers.marks_at(district, today, body_ids=[body_id]),
    }  # fmt: skip
