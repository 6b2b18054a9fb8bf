"""What a text itself says of place, door and time, offered to whoever fills the form. Offers only: nothing is set by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxin.kernel.clock import local
from tongxin.learning.extract import Door, extract, mask_public
from tongxin.learning.when import When, understand
from tongxin.packs.api import DistrictView
from tongxin.territory import api as territory

_CHARS = 1_000  # of the beginning: places stand there, and longer texts are not typed
_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What was found.

    ``addresses`` to put into the form, likeliest first: a place of the district, with the door where the text tells one.
    ``places`` their full names; ``doors`` as written; ``times`` understood, counted from the day of writing; ``private``: it holds a telephone, identity, account or
    plate number, which is hidden wherever the text is public; ``tails`` last four digits of telephone numbers, for staff.
    """

    addresses: tuple[str, ...]
    places: tuple[str, ...]
    doors: tuple[str, ...]
    times: tuple[When, ...]
    tails: tuple[str, ...]
    private: bool

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.places or self.doors or self.times or self.tails)

    @property
    def happened(self) -> str:
        """Its times in plain words, to be put right by whoever wrote it; empty when none is told."""
        return tell_times(self.times)


def tell_times(times: Sequence[When]) -> str:
    """Times in one line of plain words (每天凌晨 2–5 点、3月5日下午)."""
    return "、".join(when.words for when in times)


def read_text(district: DistrictView, text: str, *, written_at: datetime) -> Written:
    """Return what a text says of place, door and time (0 statements). Any text; only its first 1,000 characters are read."""
    text = text[:_CHARS]
    found = extract(text)
    tree = territory.tree(district)
    matches = tree.find_place(text)[:_OFFERS]
    doors = tuple(dict.fromkeys(_door(door) for door in found.doors))
    door = doors[0] if len(doors) == 1 else ""
    return Written(
        tuple(dict.fromkeys(match.name + door for match in matches)),
        tuple(dict.fromkeys(f"{match.name}（{tree.full_name(match.area_id)}）" if match.name != tree.full_name(match.area_id) else match.name for match in matches)),
        doors,
        understand(text, local(written_at).date(), _OFFERS),
        found.phone_tails,
        mask_public(text) != text,
    )  # fmt: skip


def _door(door: Door) -> str:
    parts = ((door.building, "栋"), (door.unit, "单元"), (door.room, "室"))
    return "".join(value.upper() + word for value, word in parts if value)
