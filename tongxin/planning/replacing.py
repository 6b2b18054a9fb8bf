"""What a plan in force would change on the ground, community by community: who stays, who ends, who begins, who follows whom. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from tongxin.kernel.errors import Invalid
from tongxin.planning.board import Board
from tongxin.planning.cells import dissolve, draw_cells
from tongxin.planning.proposing import continued
from tongxin.territory.api import AreaTree, Place

WITHIN = 0.99  # of its ground: a place below that lies so far in one new place lies in it
FOLLOWS = 0.01  # of the old place's ground; less is how borders are drawn


@dataclass(frozen=True)
class Begun:
    """A place that begins. ``continues``: the ended place whose staff go on here, or None."""

    number: int
    name: str
    outline: Any
    households: int | None
    people: int | None
    continues: int | None
    before: str = ""  # its name


@dataclass
class Replacing:
    """One community: part number → place that stays as it is; places that end; places that begin; (ended id, number) who follows whom.

    ``untouched`` are places without a single unit (a park, a factory): a plan of dwellings has nothing to say about them.
    """

    inside: int
    name: str
    kept: dict[int, int] = field(default_factory=dict)
    ended: list[Place] = field(default_factory=list)
    begun: list[Begun] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)
    untouched: list[Place] = field(default_factory=list)
    straddling: list[str] = field(default_factory=list)  # places below that would lie across two of the new ones

    @property
    def nothing(self) -> bool:
        """Whether the community stays as it is."""
        return not self.begun


def work_out(board: Board, names: Mapping[int, str], tree: AreaTree, level: str) -> Replacing:
    """Compare a community's parts with its living places.

    A part with exactly the units of a place of today keeps that place: code, outline, posts and all. Places without a unit stay.
    What is left of the community is shared out among the units of the other parts, so that the cover has no gap (G-04, G-05).

    Raises:
        Invalid: a name that two places would have, or a part that gets no ground.
    """
    living = {place.id: place for place in tree.at_level(level, board.inside)}
    units = Counter(place for place in board.today if place is not None)
    part = board.part.tolist()
    sizes = Counter(part)
    shared = Counter((place, number) for place, number in zip(board.today, part, strict=True) if place is not None)
    kept = {
        number: place
        for (place, number), count in shared.items()
        if count == sizes[number] == units[place] and tree.outline(place) is not None
    }
    stay = set(kept.values())
    found = Replacing(board.inside, board.name, kept)
    found.untouched = [place for ident, place in living.items() if not units[ident]]
    found.ended = [place for ident, place in living.items() if units[ident] and ident not in stay]
    _begin(found, board, names, tree)
    found.straddling = [place.name for place in _straddling(found, tree)]
    _check_names(found, tree)
    return found


def _begin(found: Replacing, board: Board, names: Mapping[int, str], tree: AreaTree) -> None:
    changed = np.array([i for i, number in enumerate(board.part.tolist()) if number not in found.kept], dtype=np.int64)
    if not len(changed):
        return
    standing = [tree.outline(ident) for ident in (*found.kept.values(), *(place.id for place in found.untouched))]
    standing = [outline for outline in standing if outline is not None]
    ground = board.outline if not standing else shapely.difference(board.outline, shapely.union_all(standing))
    if not standing:
        cells = [board.cells[i] for i in changed.tolist()]
    else:
        cells = draw_cells(ground, board.points[changed], [board.shapes[i] for i in changed.tolist()])
    numbers = board.part[changed].tolist()
    outlines = dissolve(cells, numbers)
    goes_on = continued(board)
    ended = {place.id: place.name for place in found.ended}
    for number in sorted(set(numbers)):
        outline = outlines.get(number)
        if outline is None or outline.is_empty:
            raise Invalid(
                "part_without_ground", f"“{board.name}”的“{names.get(number, number)}”分不到地面：它的楼都落在别的格的边界里。",
                "请核对这些楼的位置，或把它们并入旁边的格。",
            )  # fmt: skip
        own = [i for i in changed.tolist() if board.part[i] == number]
        households, people = [board.households[i] for i in own], [board.people[i] for i in own]
        heir = goes_on.get(number)
        heir = heir if heir in ended else None
        found.begun.append(
            Begun(
                number, names.get(number, f"第{number}格"), outline, _sum(households), _sum(people), heir, ended[heir] if heir else ""
            )
        )  # fmt: skip
    shared = {(place, number) for place, number in zip(board.today, board.part.tolist(), strict=True) if place in ended}
    for place in found.ended:
        before = tree.outline(place.id)
        for new in found.begun:
            overlap = 0.0 if before is None else float(shapely.intersection(before, new.outline).area)
            if (place.id, new.number) in shared or (before is not None and overlap > FOLLOWS * float(before.area)):
                found.links.append((place.id, new.number))


def _straddling(found: Replacing, tree: AreaTree) -> list[Place]:
    """Places below the ended ones follow by their label point; those whose ground is divided must be drawn anew afterwards."""
    below = [
        (place, outline)
        for old in found.ended
        for ident in tree.under(old.id)
        if ident != old.id and (place := tree.get(ident)) is not None and (outline := tree.outline(ident)) is not None
    ]
    if not below or not found.begun:
        return []
    new = np.array([one.outline for one in found.begun], dtype=object)
    return [
        place for place, outline in below
        if float(shapely.area(shapely.intersection(new, outline)).max()) < WITHIN * float(outline.area)
    ]  # fmt: skip


def _check_names(found: Replacing, tree: AreaTree) -> None:
    standing = [place.name for ident in found.kept.values() if (place := tree.get(ident)) is not None]
    names = Counter([*standing, *(place.name for place in found.untouched), *(new.name for new in found.begun)])
    doubled = sorted(name for name, times in names.items() if times > 1)
    if doubled and found.begun:
        raise Invalid(
            "part_names", f"“{found.name}”里会有两个“{'”、两个“'.join(doubled)}”。", "请给其中一个改名。", "name"
        )


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
