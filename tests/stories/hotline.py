"""The small town under a common procedure that a locality adopts by one line, and the walk that its stories take."""

from __future__ import annotations

from typing import Any

from tests.world import World, open_world, pack
from tongxin.kernel import caches
from tongxin.packs.schema import Pack
from tongxin.procedures import api as procedures

GRID = "横江社区第1网格"


def adopting(procedure: str, key: str = "xiuning") -> Pack:
    """A locality's pack whose intake names another procedure: what one line in pack.yaml does."""
    found = pack(key)
    assert found.settings.intake is not None
    intake = found.settings.intake.model_copy(update={"procedure": procedure})
    return found.model_copy(update={"settings": found.settings.model_copy(update={"intake": intake})})


def open_under(procedure: str) -> World:
    """Open the small town under it."""
    caches.clear_all()
    return open_world(with_pack=adopting(procedure))


def state(world: World, reported: Any) -> tuple[str, str]:
    """Where a matter stands, and how it ended."""
    run = world.run(reported)
    return run.state, run.outcome


def told(world: World, reported: Any) -> list[str]:
    """What its reporter was told."""
    return [step.says for step in procedures.timeline(world.district, world.run(reported), audience="reporter")]
