"""Reads: what may be opened here and by whom, one affair, its relations, the public board. Each says what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tongxin.affairs.models import Affair
from tongxin.affairs.rules import ref_of
from tongxin.kernel import codes, limits
from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.kernel.masking import mask_public
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Opening, Procedure
from tongxin.procedures import api as procedures
from tongxin.procedures.api import RunRow
from tongxin.territory import api as territory

RESIDENT = "resident"


def opening_of(spec: Procedure) -> Opening:
    """Return how a procedure is opened; NotFound for one that never is by itself."""
    if spec.open is None:
        raise NotFound("not_opened", f"“{spec.title}”不能直接开。", "请从列表里选一种事项。")
    return spec.open


def opener_actor(district: DistrictView) -> Actor:
    """Return the actor that stands for whoever holds an affair's receipt."""
    return replace(organization.resident_actor(district), may=frozenset({"reporter"}))


def list_openable(district: DistrictView, actor: Actor) -> list[Procedure]:
    """Return the procedures that this actor may open somewhere, in the pack's order (0 statements)."""
    return [spec for spec in district.pack.procedures.values() if spec.open is not None and _roles(spec, actor)]


def list_procedures(district: DistrictView) -> list[Procedure]:
    """Return all procedures of the district that are opened as affairs (0 statements)."""
    return [spec for spec in district.pack.procedures.values() if spec.open is not None]


def list_boards(district: DistrictView) -> list[Procedure]:
    """Return the procedures that have a public board (0 statements)."""
    return [spec for spec in list_procedures(district) if spec.open is not None and spec.open.public]


def places_for(district: DistrictView, spec: Procedure, actor: Actor) -> list[tuple[int, str]]:
    """Return (id, full name) of the places at which this actor may open it, at the procedure's level (0 statements)."""
    tree, opening = territory.tree(district), opening_of(spec)
    found = [place.id for place in tree.at_level(opening.at or tree.levels[-1]) if runs_at(district, spec, place.id)]
    if actor.kind == "user":
        found = [ident for ident in found if _may_at(district, spec, actor, ident)]
    return [(ident, tree.full_name(ident)) for ident in found]


def runs_at(district: DistrictView, spec: Procedure, area_id: int) -> bool:
    """Whether a procedure is opened at a place at all: some are one community's own (0 statements)."""
    codes, tree = opening_of(spec).areas, territory.tree(district)
    return not codes or any(
        (place := tree.get(above)) is not None and place.code in codes for above in tree.path(area_id)
    )


def demand_opener(district: DistrictView, spec: Procedure, actor: Actor) -> None:
    """Raise NotAllowed unless this actor is one of those who open it at all, wherever that may be (0 statements)."""
    if actor.kind != "system" and not (actor.district_id == district.id and _roles(spec, actor)):
        raise _refusal(district, spec)


def demand_may_open(district: DistrictView, spec: Procedure, actor: Actor, area_id: int | None) -> None:
    """Raise NotAllowed, saying who may, unless this actor may open it at this place (0 statements)."""
    if actor.kind == "system" or _may_at(district, spec, actor, area_id):
        return
    raise _refusal(district, spec)


def _refusal(district: DistrictView, spec: Procedure) -> NotAllowed:
    roles = district.pack.units.roles
    who = "、".join(
        "居民" if opener.role is None else roles[opener.role].title
        for opener in opening_of(spec).by
        if opener.role is None or opener.role in roles
    )
    return NotAllowed(
        "may_not_open",
        f"“{spec.title}”在那里由{who or '别的流程'}来开，您现在的岗位不能开。",
        "请换一个地方，或请他们来开。",
    )


def _roles(spec: Procedure, actor: Actor) -> bool:
    """Whether the actor is one of those who open it, wherever that may be."""
    assert spec.open is not None
    for opener in spec.open.by:
        if opener.who == RESIDENT and actor.kind in (RESIDENT, "program"):
            return True
        if opener.role is not None and actor.holds(opener.role):
            return True
    return False


def _may_at(district: DistrictView, spec: Procedure, actor: Actor, area_id: int | None) -> bool:
    if actor.district_id != district.id or not _roles(spec, actor):
        return False
    return actor.kind != "user" or post_of(district, spec, actor, area_id) is not None


def post_of(district: DistrictView, spec: Procedure, actor: Actor, area_id: int | None) -> int | None:
    """Return the post from which this member of staff opens it at this place, None where they may not (0 statements)."""
    if actor.kind != "user":
        return None
    tree, opening = territory.tree(district), opening_of(spec)
    wanted = {opener.role for opener in opening.by if opener.role is not None}
    path = set(tree.path(area_id)) if area_id is not None else {place.id for place in tree.roots()}
    # a post of a place within the wider place may open what concerns the whole of it
    within = set(tree.under(area_id)) | {area_id} if area_id is not None else set()
    for post in actor.posts:
        if post.role in wanted and not (path | within).isdisjoint(post.grounds):
            return post.id
    return None


def find_by_receipt(district: DistrictView, typed: str) -> Affair:
    """Return the affair of a receipt code as a person typed it (1 statement); NotFound when there is none."""
    code = codes.read_receipt(typed)
    found = Affair.objects.filter(district_id=district.id, receipt=code).first() if code is not None else None
    if found is None:
        raise NotFound("receipt_unknown", "没有查到这个回执码。", "请核对回执码；如是外地的回执，请到当地平台查询。")
    return found


def get_affair(district: DistrictView, affair_id: int) -> Affair:
    """Return an affair of this district (1 statement); NotFound where there is none."""
    found = Affair.objects.filter(district_id=district.id, id=affair_id).first()
    if found is None:
        raise NotFound("no_affair", "没有这一件事项。", "请从列表里重新打开。")
    return found


def list_children(district: DistrictView, kind: str, ident: int) -> list[RunRow]:
    """Return the main runs of the affairs that arose from a subject (2 statements, 1 when there are none)."""
    found = Affair.objects.filter(district_id=district.id, parent_kind=kind, parent_id=ident)
    ids = list(found.order_by("id").values_list("id", flat=True)[: limits.PAGE_ROWS])
    rows = procedures.rows_of(district, "affair", ids) if ids else {}
    return [rows[one] for one in ids if one in rows]


def find_parent(district: DistrictView, affair: Affair) -> RunRow | None:
    """Return the main run of what an affair arose from (1 statement, none without)."""
    if affair.parent_id is None:
        return None
    return procedures.rows_of(district, affair.parent_kind, [affair.parent_id]).get(affair.parent_id)


@dataclass(frozen=True)
class BoardRow:
    """An affair as everybody may see it: the published words, the community, how far it is. No person, no exact place."""

    id: int
    ref: str
    words: str
    place: str
    state: str
    outcome: str
    opened_at: datetime
    can_join: bool


@dataclass(frozen=True)
class BoardPage:
    """Rows and the mark of the next page, empty at the end."""

    rows: list[BoardRow]
    before: str


def list_board(district: DistrictView, procedure: str, *, rows: int, before: str = "") -> BoardPage:
    """Return what was made public of a procedure's affairs, newest first (2 statements)."""
    found = Affair.objects.filter(district_id=district.id, procedure=procedure).exclude(public_words="")
    if before.isdecimal() and len(before) <= 18:
        found = found.filter(id__lt=int(before))
    shown = list(found.order_by("-id")[: rows + 1])
    runs = procedures.rows_of(district, "affair", [one.id for one in shown[:rows]])
    out = [board_row(district, one, runs[one.id]) for one in shown[:rows] if one.id in runs]
    return BoardPage(out, str(shown[rows - 1].id) if len(shown) > rows else "")


def board_row(district: DistrictView, affair: Affair, run: RunRow) -> BoardRow:
    """Return a public affair as the board shows it (0 statements)."""
    tree = territory.tree(district)
    place = tree.ancestor(affair.area_id, _public_level(district)) if affair.area_id is not None else None
    spec: Any = district.pack.procedures.get(affair.procedure)
    steps = spec.transitions.values() if spec is not None else ()
    joins = any(run.state in step.from_ and any(h.who == "anyone" for h in step.by) for step in steps)
    return BoardRow(
        affair.id, ref_of(affair.id, affair.opened_at), mask_public(affair.public_words, cautious=True), place.name if place else "",
        run.plain, run.outcome, affair.opened_at, joins and run.finished_at is None,
    )  # fmt: skip


def _public_level(district: DistrictView) -> str:
    """The level that a board names: one where nobody lives alone: the community, else the level above the last."""
    levels = district.pack.units.level_keys()
    return "community" if "community" in levels else levels[-2]
