"""What the parts of a plan are called: as today where they continue a place, else the next free number in the same manner. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_NUMBERED = re.compile(r"^(第?)(\d+)(\D+)$")


def name_parts(
    continued: Sequence[str | None], siblings: Iterable[str], title: str, standing: Iterable[str] = ()
) -> list[str]:
    """Return a name for each part of one community.

    Args:
        continued: the name of the place each part continues, or None. siblings: names of today's places there, for their manner.
        title: what the level is called, for a community that has none yet. standing: names that are taken in any case.
    """
    known = list(siblings)
    manners = [found.groups() for name in known if (found := _NUMBERED.match(name))]
    head, _, tail = manners[0] if manners else ("第", "", re.sub(r"（.*?）|\(.*?\)", "", title) or title)
    taken = {name for name in continued if name} | set(standing)
    names: list[str] = []
    number = 0
    for name in continued:
        if name is None:
            number += 1
            while f"{head}{number}{tail}" in taken:
                number += 1
            name = f"{head}{number}{tail}"
            taken.add(name)
        names.append(name)
    return names
