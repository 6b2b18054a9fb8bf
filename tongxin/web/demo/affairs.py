"""Affairs of the demo: a few of each kind, opened by those who may, at different times, and left to the same people to carry on."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tongxin.affairs import api as affairs
from tongxin.kernel.errors import Refusal
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Demo, Procedure
from tongxin.procedures import api as procedures
from tongxin.territory import api as territory
from tongxin.web.demo import choosing
from tongxin.web.demo.cast import Cast
from tongxin.web.demo.phrases import SURNAMES

# how long ago each of the few of a kind was opened, in days: some ended, some on their way, one just come in
AGES = (70.0, 24.0, 6.0, 0.4)


class Affairs:
    """Opens affairs of one district.

    Args:
        home: the leaf around which the logins live; most of the few lie there, so that a visitor finds them.
    """

    def __init__(self, district: DistrictView, demo: Demo, cast: Cast, home: int, chance: random.Random) -> None:
        self._district, self._demo, self._cast, self._home, self._chance = district, demo, cast, home, chance
        self._tree = territory.tree(district)

    def plan(self, since: datetime, until: datetime, at: Callable[[datetime, Callable[[datetime], Any]], None]) -> None:
        """Set when affairs are opened: those whose procedure the demo has words for."""
        for spec in affairs.list_procedures(self._district):
            words = self._demo.affairs.get(spec.procedure, [])
            for number, age in enumerate(AGES):
                opens = until - timedelta(days=age * self._chance.uniform(0.8, 1.1))
                if words and opens > since:
                    at(opens, partial(self.open, spec, words[number % len(words)]))

    def open(self, spec: Procedure, text: str, now: datetime) -> Any:
        """Open one and return its run and whether whoever opened it may act on it later; None when it was refused."""
        opening = affairs.opening_of(spec)
        place = self._place(spec)
        actor = self._opener(spec, place, now)
        if actor is None:
            return None
        fields = procedures.blank_fields(self._district, self._district.pack, opening.form)
        form = choosing.fill(
            fields, demo=self._demo, category="", master="", area_id=place, now=now, chance=self._chance, title=text
        )
        form[opening.headline] = text
        named = actor.kind == "resident" and opening.contact and self._chance.random() < 0.6
        name = f"演示·{self._chance.choice(SURNAMES)}女士" if named else ""
        phone = f"000-0000{self._chance.randrange(10_000):04d}" if named else ""
        try:
            opened = affairs.open_affair(
                district=self._district, actor=actor, now=now,
                start=affairs.Start(spec.procedure, form, place, name, phone),
            )  # fmt: skip
        except Refusal:
            return None
        return procedures.get_run(self._district, opened.run_id)

    def _place(self, spec: Procedure) -> int:
        level = affairs.opening_of(spec).at or self._tree.levels[-1]
        places = [p.id for p in self._tree.at_level(level) if affairs.runs_at(self._district, spec, p.id)]
        home = self._tree.ancestor(self._home, level)
        if places and home is not None and home.id not in places:
            return self._chance.choice(places)
        near = self._chance.random() < 0.75
        leaf = self._home if near else self._chance.choice(self._tree.at_level(self._tree.levels[-1])).id
        found = self._tree.ancestor(leaf, level)
        return found.id if found is not None else leaf

    def _opener(self, spec: Procedure, place: int, now: datetime) -> Actor | None:
        """A resident where residents may, else the first of the named roles that somebody holds there."""
        residents = organization.resident_actor(self._district)
        openers = affairs.opening_of(spec).by
        if any(opener.who for opener in openers) and self._chance.random() < 0.7:
            return residents
        for opener in openers:
            desk = None
            if opener.role is not None:
                desk = organization.resolve_role(self._district, opener.role, place, None, now)
            actor = self._cast.of_post(desk.post_id, now) if desk is not None else None
            if actor is not None and actor.holds(opener.role or ""):
                return actor
        return residents if any(opener.who for opener in openers) else None
