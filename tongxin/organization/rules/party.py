"""The tree of bodies laid over the tree of places (XN-11 … XN-16): what may hang under what, and what is not covered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tongxin.organization.rules.directory import Body, Directory
from tongxin.packs.schema import Pack

if TYPE_CHECKING:
    from tongxin.territory.api import AreaTree, Place


@dataclass(frozen=True, slots=True)
class BodyNode:
    """A body, the places it is laid over, and the bodies under it."""

    body: Body
    kind_title: str
    places: tuple[Place, ...]
    below: tuple[BodyNode, ...]

    def count(self, kind: str) -> int:
        """Return how many bodies of a kind are in this part of the tree, itself included."""
        return (self.body.kind == kind) + sum(node.count(kind) for node in self.below)


@dataclass(frozen=True, slots=True)
class BodyFault:
    """Something in the tree that the pack does not allow; ``body_id`` or ``area_id`` says where."""

    kind: str
    sentence: str
    body_id: int | None = None
    area_id: int | None = None


def body_tree(known: Directory, tree: AreaTree, pack: Pack, families: Sequence[str] = ()) -> list[BodyNode]:
    """Return living bodies from the top, of these families (party, government …) or of all.

    A body whose parent has ended or is of another family stands at the top, so that none is lost from sight.
    """

    def shown(body: Body) -> bool:
        kind = pack.units.bodies.get(body.kind)
        return not body.ended and (not families or (kind is not None and kind.family in families))

    def node(body: Body) -> BodyNode:
        kind = pack.units.bodies.get(body.kind)
        places = tuple(place for area_id in body.covers if (place := tree.get(area_id)) is not None)
        below = tuple(node(child) for child in known.bodies_under(body.id) if shown(child))
        return BodyNode(body, kind.title if kind else body.kind, tuple(sorted(places, key=lambda p: p.code)), below)

    tops = [
        body
        for body in known.bodies.values()
        if shown(body) and ((above := known.body(body.parent_id)) is None or not shown(above))
    ]
    return [node(body) for body in sorted(tops, key=lambda body: (body.kind, body.name, body.id))]


def parent_fault(pack: Pack, kind: str, parent_kind: str | None) -> str | None:
    """Return why a body of that kind may not hang there, or None."""
    kinds = pack.units.bodies
    if kind not in kinds:
        return f"资料包里没有“{kind}”这类组织；有 {'、'.join(kinds)}。"
    allowed = kinds[kind].parents
    title = kinds[kind].title
    if parent_kind is None:
        words = "、".join(kinds[key].title for key in allowed if key in kinds)
        return f"“{title}”要隶属于{words}。" if allowed else None
    if parent_kind not in allowed:
        words = "、".join(kinds[key].title for key in allowed if key in kinds)
        above = kinds[parent_kind].title if parent_kind in kinds else parent_kind
        return f"“{title}”不能隶属于“{above}”，" + (f"只能隶属于{words}。" if allowed else "它是顶层组织。")
    return None


def covers_fault(pack: Pack, kind: str, places: Iterable[Place]) -> str | None:
    """Return why a body of that kind may not be laid over these places, or None."""
    spec = pack.units.bodies[kind]
    titles = {level.key: level.title for level in pack.units.levels}
    for place in places:
        if spec.covers is None:
            return f"“{spec.title}”不覆盖地域，不能覆盖“{place.name}”。"
        if place.level != spec.covers:
            here, wanted = titles.get(place.level, place.level), titles.get(spec.covers, spec.covers)
            return f"“{spec.title}”覆盖的是{wanted}，“{place.name}”是{here}。"
    return None


def check_bodies(known: Directory, tree: AreaTree, pack: Pack) -> list[BodyFault]:
    """Return what is wrong in the tree: wrong parents, wrong levels, places with no body of a kind, or with two."""
    faults: list[BodyFault] = []
    laid: dict[tuple[str, int], list[Body]] = defaultdict(list)
    for body in known.bodies.values():
        if body.ended:
            continue
        parent = known.body(body.parent_id)
        if parent is not None and parent.ended:
            faults.append(BodyFault("ended_parent", f"“{body.name}”的上级“{parent.name}”已撤销。", body.id))
        elif words := parent_fault(pack, body.kind, parent.kind if parent else None):
            faults.append(BodyFault("wrong_parent", f"“{body.name}”：{words}", body.id))
        places = [place for area_id in body.covers if (place := tree.get(area_id)) is not None]
        if body.kind in pack.units.bodies and (words := covers_fault(pack, body.kind, places)):
            faults.append(BodyFault("wrong_level", f"“{body.name}”：{words}", body.id))
        if len(places) < len(body.covers):
            gone = len(body.covers) - len(places)
            faults.append(BodyFault("ended_area", f"“{body.name}”覆盖的地域有 {gone} 个已停用。", body.id))
        for place in places:
            laid[(body.kind, place.id)].append(body)
    for key, kind in pack.units.bodies.items():
        # Only party branches and committees divide the places among them; a property company may share a grid.
        if kind.covers is None or kind.family != "party" or not any(k == key for k, _ in laid):
            continue
        for place in tree.at_level(kind.covers):
            over = laid.get((key, place.id), [])
            name = tree.full_name(place.id)
            if not over:
                faults.append(BodyFault("uncovered", f"“{name}”没有{kind.title}。", area_id=place.id))
            elif len(over) > 1 and kind.covers != tree.levels[0]:  # several may serve the whole district side by side
                names = "、".join(body.name for body in over)
                faults.append(
                    BodyFault("covered_twice", f"“{name}”有 {len(over)} 个{kind.title}：{names}。", area_id=place.id)
                )
    return faults
