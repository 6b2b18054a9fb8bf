"""What a pack must keep beyond its shape: one validator per concern, each adding all it finds."""

from __future__ import annotations

from pathlib import Path

from tongxin.packs.faults import Fault
from tongxin.packs.reading import Reading
from tongxin.packs.schema import Pack


def check_pack(pack: Pack, reading: Reading, folder: Path) -> list[Fault]:
    """Return all faults of a pack whose shape is right."""
    return []
