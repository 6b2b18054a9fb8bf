"""What a text itself says of place, door and time, offered to whoever fills the form. Offers only: nothing is set by itself."""

from __future__ import annotations

from dataclasses import dataclass

from tongxin.learning.extract import Door, extract, mask_public
from tongxin.packs.api import DistrictView
from tongxin.territory import api as territory

_CHARS = 1_000  # of the beginning: places stand there, and longer texts are not typed
_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What was found.

    ``addresses`` to put into the form, likeliest first: a place of the district, with the door where the text tells one.
    ``places`` their full names; ``doors`` and ``times`` as written; ``private``: it holds a telephone, identity, account or
    plate number, which is hidden wherever the text is public; ``tails`` last four digits of telephone numbers, for staff.
    """

    addresses: tuple[str, ...]
    places: tuple[str, ...]
    doors: tuple[str, ...]
    times: tuple[str, ...]
    tails: tuple[str, ...]
    private: bool

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.places or self.doors or self.times or self.tails)


def read_text(district: DistrictView, text: str) -> Written:
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
        found.times[:_OFFERS],
        found.phone_tails,
        mask_public(text) != text,
    )  # fmt: skip


def _door(door: Door) -> str:
    parts = ((door.building, "栋"), (door.unit, "单元"), (door.room, "室"))
    return "".join(value.upper() + word for value, word in parts if value)
