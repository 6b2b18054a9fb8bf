"""Where a matter may be that nobody has placed, or only widely: places its words name, and where others were that name the same street.

Offered to whoever has to say where it is; nothing is placed by itself (norm S-04). While a report is being written: ``written``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tongxin.learning.vectors import normalise
from tongxin.matters import api as matters
from tongxin.packs.api import DistrictView
from tongxin.territory import api as territory

_CHARS = 1_000  # of the beginning, as in ``written``
_OFFERS = 4
_PHRASES = 24  # looked up at most
_LOOKED_AT = 40  # matters a phrase
_MEANT = 0.5  # of the matters that say it, so many at one place, or the words say no place (我们小区, 中心小学)
_KINDS = re.compile(r"大道|胡同|小区|花园|家园|新村|公寓|广场|市场|公园|大厦|医院|学校|小学|中学|车站|[路街巷弄苑桥]")
_STEM = re.compile(r"[㐀-鿿]{2,4}$")
_NO_NAME = set("我你您他她它们这那哪该各每某的了着在是有没个条座住到从往去经过把被和跟与及等就都也还很说")
_NUMBER = re.compile(r"\d{1,4}(?:弄\d{1,4})?号")


@dataclass(frozen=True, slots=True)
class Guess:
    """A smallest place where the matter may be, and why, where the name itself does not say it."""

    area_id: int
    name: str
    because: str


@dataclass(frozen=True, slots=True)
class WhereIs:
    """``guesses`` likeliest first. ``within``: names of larger places that the words tell without saying where in them."""

    guesses: tuple[Guess, ...] = ()
    within: tuple[str, ...] = ()


def guess_places(district: DistrictView, matter: matters.Matter) -> WhereIs:
    """Return where a matter without a place, or with a wide one, may be (0 statements where its words name a place, else 0–1).

    Of a matter whose wide place is known only places inside that one are named.
    """
    said = f"{matter.address}|{matter.title}|{matter.text[:_CHARS]}"
    named = _named(district, said, matter.area_id)
    if named.guesses or named.within:
        return named
    phrases = streets(said)
    return WhereIs(_where_others_were(district, phrases, matter)) if phrases else WhereIs()


def place_named(district: DistrictView, words: str) -> str:
    """Return the full name of the one smallest place that words name, empty when they name none or several (0 statements)."""
    found = _named(district, words).guesses
    return found[0].name if len(found) == 1 else ""


def _named(district: DistrictView, said: str, inside: int | None = None) -> WhereIs:
    tree = territory.tree(district)
    smallest: dict[int, Guess] = {}
    within: dict[str, None] = {}
    for match in tree.find_place(said):
        full = tree.full_name(match.area_id)
        if inside is not None and inside not in tree.path(match.area_id)[:-1]:
            continue
        if not tree.children(match.area_id):
            smallest.setdefault(
                match.area_id, Guess(match.area_id, full, f"写到“{match.name}”" if match.name != full else "")
            )
        else:
            within[full] = None
    return WhereIs(tuple(smallest.values())[:_OFFERS], tuple(within)[:_OFFERS])


def streets(said: str) -> list[str]:
    """Return what may be names of streets, estates and the like, longest first at each place; half of them are none.

    幸福路12号门口 gives 幸福路12号 and 幸福路; where a name begins no pattern can tell, so 老人幸福路 is there as well.
    """
    whole, found = normalise(said), []
    for kind in _KINDS.finditer(whole):
        before = _STEM.search(whole, 0, kind.start())
        stem = before.group() if before else ""
        stem = stem[max((at + 1 for at, letter in enumerate(stem) if letter in _NO_NAME), default=0) :]
        number = _NUMBER.match(whole, kind.end())
        names = [stem[cut:] + kind.group() for cut in range(len(stem) - 1)]
        found += [*([name + number.group() for name in names] if number else []), *names]
    return list(dict.fromkeys(found))[:_PHRASES]


def _where_others_were(district: DistrictView, phrases: list[str], matter: matters.Matter) -> tuple[Guess, ...]:
    tree = territory.tree(district)
    counts: dict[str, Counter[int]] = {}
    inside = tree.leaves_under(matter.area_id) if matter.area_id is not None else None
    for phrase, area_id, count in matters.list_placed_saying(
        district, phrases, besides=matter.id, most=_LOOKED_AT, area_ids=inside
    ):
        if tree.get(area_id) is not None:
            counts.setdefault(phrase, Counter())[area_id] += count
    for phrase in sorted(counts, key=lambda one: (-len(one), phrases.index(one))):
        found = counts[phrase].most_common(_OFFERS)
        if found[0][1] < _MEANT * counts[phrase].total():
            continue
        return tuple(
            Guess(area_id, tree.full_name(area_id), f"以往写到“{phrase}”的有 {count} 件在这里")
            for area_id, count in found
        )
    return ()
