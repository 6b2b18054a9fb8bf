"""One community laid out for planning: its units with their places, loads, parts of now and today; graph and ground on demand.

Plain values between the tables (``queries``) and the core; decides nothing and writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import shapely

from tongxin.places.api import WalkNetwork, Walks, walk_to_bases
from tongxin.planning.adjacency import Barrier, build_graph
from tongxin.planning.cells import dissolve, draw_cells
from tongxin.planning.judge import posts
from tongxin.planning.units import Floats, Ints, LoadBy, Unit, UnitGraph

BLOCKS_COVER = 0.85  # outlines that fill so much of the community touch each other; buildings do not


@dataclass
class Board:
    """A community (or whatever the level above is) with n units.

    ``loads`` are by ``load_by``, None where not known; ``today`` ids of the places of the drawn level that hold the units;
    ``part`` the number of each unit's part, empty before anything was drawn.
    """

    inside: int
    name: str
    outline: Any
    ids: list[int]
    codes: list[str]
    names: list[str]
    points: Floats
    shapes: list[Any | None]
    households: list[int | None]
    people: list[int | None]
    loads: list[float | None]
    today: list[int | None]
    load_by: LoadBy
    barriers: Sequence[Barrier] = ()
    part: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    locked: list[bool] = field(default_factory=list)
    network: WalkNetwork | None = None  # of the district, where it has one

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.ids)

    @cached_property
    def touching(self) -> Literal["points", "polygons"]:
        """Whether neighbours share a border (blocks) or stand beside each other (buildings)."""
        if any(shape is None for shape in self.shapes) or self.outline is None:
            return "points"
        filled = float(shapely.area(np.array(self.shapes, dtype=object)).sum())
        return "polygons" if filled >= BLOCKS_COVER * float(self.outline.area) else "points"

    @cached_property
    def graph(self) -> UnitGraph:
        """Which units touch. Raises ``PlanningError`` naming the units at fault."""
        locked, labels = self.locked or [False] * self.n, self.labels
        units = [
            Unit(
                code=labels[i],
                point=(float(self.points[i, 0]), float(self.points[i, 1])),
                area=self.shapes[i] if self.touching == "polygons" else None,
                today=None if self.today[i] is None else str(self.today[i]),
                locked=locked[i],
                **{self.load_by: self.loads[i]},  # type: ignore[arg-type]
            )
            for i in range(self.n)
        ]
        return build_graph(units, load_by=self.load_by, barriers=self.barriers, touching=self.touching)

    @cached_property
    def cells(self) -> list[Any]:
        """The ground of each unit; together the community's outline."""
        return draw_cells(self.outline, self.points, self.shapes)

    def walks(self, part: Ints) -> Walks:
        """Metres on foot from where each part (n,) is best served to its units, and which of them are estimated."""
        return walk_to_bases(self.points, posts(self.graph, part)[part], self.network)

    @property
    def outlines(self) -> dict[int, Any]:
        """The outline of each part."""
        return dissolve(self.cells, self.part.tolist())

    @cached_property
    def labels(self) -> list[str]:
        """What each unit is called in a sentence: its name, with its code where another has the same name."""
        times = Counter(self.names)
        return [
            code if not name or name == code else name if times[name] == 1 else f"{name}（{code}）"
            for name, code in zip(self.names, self.codes, strict=True)
        ]
