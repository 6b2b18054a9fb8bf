"""Telling the story of an affair in one line: who takes which step until which end. The forms fill themselves in.

    fulfilled: publish → claim → fulfil → thank@reporter
    expired:   allow_urgent{urgent: yes} → +31d

``step`` is taken by whoever holds the affair, or by the first that its ``by`` names; ``step@who`` by that role, participant,
``reporter`` or ``anyone``; ``step{field: value}`` fills a field in otherwise; ``+31d`` lets days pass and the worker sweep;
``*step`` is taken on each open task by its holder. ``open{…}`` in front fills the opening form in otherwise; ``open@code`` opens
it in the place of that code, or in the first one below it at the procedure's level.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tongxin.affairs import api as affairs
from tongxin.kernel.clock import local
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import FormField, Holder, Procedure
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.territory import api as territory
from tongxin.web.demo.cast import Cast

FOLDER = Path(__file__).parent / "affairs"
_STEP = re.compile(r"(?P<task>\*)?(?P<key>\w+)(?:@(?P<who>\w+))?(?P<form>\{.*\})?$")


@dataclass(frozen=True)
class Story:
    """The stories of one procedure: final state → steps, further walks that show what the ends do not, and steps
    whose last is refused with these words, and the seed rows that all of it proves."""

    pack: str
    procedure: str
    ends: dict[str, str]
    besides: list[str]
    gates: list[tuple[str, str]]
    proves: list[str]


def read_stories() -> list[Story]:
    """Return all stories, pack by pack."""
    found = []
    for file in sorted(FOLDER.glob("*.yaml")):
        key = file.stem  # one object for all its stories: pytest keeps a fixture by the identity of its parameter
        for procedure, told in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            found.append(
                Story(
                    key, procedure, told["ends"], told.get("besides", []), told.get("gates", []), told.get("proves", [])
                )
            )
    return found


@dataclass
class Walk:
    """One affair on its way."""

    district: DistrictView
    spec: Procedure
    now: datetime
    run_id: int = 0
    receipt: str = ""
    code: str = ""  # of the place of the story
    taken: set[tuple[str, str]] = field(default_factory=set)  # (procedure, transition)
    seen: set[tuple[str, str]] = field(default_factory=set)  # (procedure, state)

    @property
    def run(self) -> Run:
        """The run as it now stands."""
        run = procedures.get_run(self.district, self.run_id)
        assert run is not None
        return run

    def go(self, steps: str) -> Run:
        """Walk the steps and return the run at their end."""
        cast = Cast(self.district)
        told = [step.strip() for step in steps.split("→")]
        opening = told.pop(0) if re.match(r"open\b", told[0]) else "open"
        self._open(cast, opening)
        for step in told:
            if step.startswith("+"):
                self._pass(step)
            else:
                self._take(cast, step)
        for run in [self.run, *(self._task(row.run_id) for row in procedures.list_tasks(self.district, self.run))]:
            self.seen |= {(run.procedure, state) for state in procedures.visited(run)}
            self.taken |= {(run.procedure, name) for name in run.log.values_list("transition", flat=True)}
            assert procedures.verify(run) is None
        return self.run

    def _open(self, cast: Cast, told: str) -> None:
        opening = affairs.opening_of(self.spec)
        where, brace, form = told.partition("{")
        self.code = where.removeprefix("open").removeprefix("@")
        given = yaml.safe_load(brace + form) or {}
        fields = procedures.blank_fields(self.district, self.district.pack, opening.form)
        opener = opening.by[0]
        actor = organization.resident_actor(self.district)
        if opener.role is not None:
            actor = self._holder_of(cast, opener.role)
        opened = affairs.open_affair(
            district=self.district, actor=actor, now=self.now,
            start=affairs.Start(self.spec.procedure, filled(opening.form, fields, self.now) | given, self.place()),
        )  # fmt: skip
        self.run_id, self.receipt = opened.run_id, opened.receipt

    def place(self) -> int:
        """The place of the story: where the first leaf of the district lies that the procedure is for, at its level."""
        tree = territory.tree(self.district)
        leaf = next(
            place
            for place in tree.at_level(tree.levels[-1])
            if affairs.runs_at(self.district, self.spec, place.id) and place.code.startswith(self.code)
        )
        level = affairs.opening_of(self.spec).at or tree.levels[-1]
        found = tree.ancestor(leaf.id, level)
        assert found is not None
        return found.id

    def _pass(self, told: str) -> None:
        self.now += timedelta(days=int(told[1:-1]))
        while procedures.sweep(self.now):
            pass

    def take(self, told: str) -> None:
        """Take one more step."""
        self._take(Cast(self.district), told)

    def _take(self, cast: Cast, told: str) -> None:
        match = _STEP.match(told)
        assert match is not None, told
        self.now += timedelta(minutes=1)
        given = yaml.safe_load(match["form"]) if match["form"] else {}
        if match["task"]:
            open_tasks = [row for row in procedures.list_tasks(self.district, self.run) if row.finished_at is None]
            assert open_tasks, f"no task is open before {told}"
            for row in open_tasks:
                self._act(self._task(row.run_id), cast, match["key"], match["who"], given)
        else:
            self._act(self.run, cast, match["key"], match["who"], given)

    def _task(self, run_id: int) -> Run:
        run = procedures.get_run(self.district, run_id)
        assert run is not None
        return run

    def _act(self, run: Run, cast: Cast, key: str, who: str | None, given: dict[str, Any]) -> None:
        spec = procedures.drawn(run)
        step = spec.transitions[key]
        actor = self._actor(run, spec, cast, key, who)
        options = {one.key: one for one in procedures.options(self.district, run, actor, self.now)}
        assert key in options, f"{spec.title}：{run.state} 时 {actor.label} 不能“{step.title}”"
        form = filled(step.form, options[key].fields, self.now) | given
        procedures.act(
            district=self.district,
            run_id=run.id,
            transition=key,
            form=form,
            actor=actor,
            now=self.now,
            seen_seq=run.seq,
        )

    def _actor(self, run: Run, spec: Procedure, cast: Cast, key: str, who: str | None) -> Actor:
        named = spec.transitions[key].by
        if who is None and not named:
            assert run.holder_post_id is not None, f"{spec.title}：{run.state} 没有承办人"
            return self._of(cast, run.holder_post_id)
        if who is None:
            holder = named[0]
        elif who in spec.parts:
            holder = Holder(unit=who)
        elif who in ("reporter", "anyone", "system"):
            holder = Holder.model_validate(who)
        else:
            holder = Holder(role=who)
        if holder.who == "reporter":
            return affairs.opener_actor(self.district)
        if holder.who == "system":
            return organization.system_actor(self.district)
        if holder.who is not None:
            return organization.resident_actor(self.district)
        if holder.unit is not None:
            desk = organization.resolve_unit(self.district, run.parts[holder.unit], self.now)
            assert desk is not None
            return self._of(cast, desk.post_id)
        return self._holder_of(cast, str(holder.role))

    def _holder_of(self, cast: Cast, role: str) -> Actor:
        """Whoever has the role where the story is, or anywhere when no place has it (desks of bodies)."""
        desk = organization.resolve_role(self.district, role, self.place(), None, self.now)
        if desk is not None:
            return self._of(cast, desk.post_id)
        directory = organization.directory(self.district)
        return self._of(cast, next(post.id for post in directory.posts() if post.role == role and post.grounds))

    def _of(self, cast: Cast, post_id: int) -> Actor:
        actor = cast.of_post(post_id, self.now)
        assert actor is not None
        return actor


def filled(spec: dict[str, FormField], fields: list[procedures.Field], now: datetime) -> dict[str, Any]:
    """Fill a form in: what is required, sensibly; units only where they are asked for."""
    shown = {one.key: one for one in fields}
    form: dict[str, Any] = {}
    for key, item in spec.items():
        choices = [value for value, _ in shown[key].choices]
        if not item.required:
            continue
        match item.type:
            case "text" | "longtext":
                form[key] = f"{item.title[:8]}：照实写"
            case "phone":
                form[key] = "000-00001234"
            case "choice" | "unit" | "category":
                form[key] = choices[0]
            case "several" | "units":
                form[key] = choices if item.type == "several" else choices[:2]
            case "number":
                form[key] = max(item.min or 0, 3)
            case "rating":
                form[key] = 5
            case "yesno":
                form[key] = True
            case "date":
                form[key] = (local(now).date() + timedelta(days=-1 if item.days == "past" else 10)).isoformat()
    return form
