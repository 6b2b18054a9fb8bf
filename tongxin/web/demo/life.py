"""Three months lived through: reports come in and people act, on a simulated clock, by the real engine and its real sweeps.

Nothing is inserted behind the engine's back: what a visitor finds has been refused, passed on, forgotten and escalated by the
same rules that hold for what the visitor does next.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tongxin.affairs import api as affairs
from tongxin.cadence import api as cadence
from tongxin.kernel.clock import LOCAL, local
from tongxin.kernel.errors import Conflict, Refusal
from tongxin.matters import api as matters
from tongxin.notices import api as notices
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Holder
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Option
from tongxin.records import api as records
from tongxin.web.demo import choosing, pictures, rounds
from tongxin.web.demo.affairs import Affairs
from tongxin.web.demo.cast import Cast
from tongxin.web.demo.opening import home_of
from tongxin.web.demo.reporting import Reporting

_SWEEP_EVERY = timedelta(hours=4)
_LATE_SHARE = 0.08  # acts that come after their time
_PHOTO_SHARE = 0.12
_PHOTO_DAYS = 30
_REOPEN_SHARE = 0.03
_TRIES = 4
_READ_AT = time(17, 40)  # when people look through what has come
_READERS = 0.85  # of them, on any day
_UNREAD = timedelta(hours=9)  # before the present nobody has looked, so that something waits
_LEFT = timedelta(days=2)  # so late, somebody takes up what nobody was set to carry on
_PARKED = 3  # cases led to each state and left there, so that no desk is empty


@dataclass(order=True)
class _Event:
    at: datetime
    number: int
    do: Callable[[datetime], None] = field(compare=False)


class Life:
    """One district's months.

    Args:
        until: the real present; nothing happens after it.
    """

    def __init__(self, district: DistrictView, *, since: date, until: datetime, say: Callable[[str], None]) -> None:
        demo = district.pack.demo
        intake = district.pack.settings.intake
        assert demo is not None
        assert intake is not None
        self.district, self.demo, self.since, self.until, self._say = district, demo, since, until, say
        self.procedure = district.pack.procedures[intake.procedure]
        self.chance = random.Random(demo.seed)  # noqa: S311 - a story, not a secret
        self.calendar = packs.working_calendar(district)
        self.cast = Cast(district)
        self.home = home_of(district)
        self.reporting = Reporting(district, demo, self.cast, self.home, self.chance)
        self.affairs = Affairs(district, demo, self.cast, self.home, self.chance)
        self.counts: Counter[str] = Counter()
        self._events: list[_Event] = []
        self._numbers = itertools.count()
        self._reported: set[int] = set()  # runs whose reporter may act
        self._cared: set[int] = set()  # runs that somebody carries on, or that are left where they are on purpose
        self._recent: dict[int, list[tuple[int, int]]] = {}  # area → (matter, run), for merges
        self._opened: list[tuple[int, str, int]] = []  # (post, kind, subject) since the notes were last seen to
        self._ways = choosing.shortest_ways(self.procedure)

    def live(self) -> Counter[str]:
        """Let it all happen; return what happened by kind."""
        for at in self.reporting.times(self.since, self.until - timedelta(hours=1), self.calendar):
            self._at(at, self._report)
        self._plan_parked()
        self._plan_rounds()
        self._plan_reading()
        self.affairs.plan(datetime.combine(self.since, time(), LOCAL), self.until, self._open_affair)
        swept = self._events[0].at if self._events else self.until
        while self._events and self._events[0].at < self.until:
            event = heapq.heappop(self._events)
            while event.at - swept > _SWEEP_EVERY:
                swept += _SWEEP_EVERY
                self._sweep(swept)
            event.do(event.at)
        self._sweep(self.until)
        self._note_opened(self.until)
        return self.counts

    def _at(self, at: datetime, do: Callable[[datetime], None]) -> None:
        heapq.heappush(self._events, _Event(at, next(self._numbers), do))

    def _sweep(self, now: datetime) -> None:
        while served := procedures.sweep(now):
            self.counts["late"] += served

    # -- reporting ---------------------------------------------------------------------------------------------

    def _report(self, now: datetime) -> None:
        reported = self._file(now)
        if reported is not None:
            self._plan(procedures.get_run(self.district, reported.run_id), now)

    def _file(self, now: datetime, leaf: int | None = None) -> matters.Reported | None:
        photos: tuple[str, ...] = ()
        if self.until - now < timedelta(days=_PHOTO_DAYS) and self.chance.random() < _PHOTO_SHARE:
            kept = records.keep_photo(
                self.district.id, pictures.draw(self.chance), declared_name="示意.png", user_id=None, now=now
            )
            photos = (str(kept.pk),)
        report, actor = self.reporting.make(now, photos, leaf)
        try:
            reported = matters.report_matter(district=self.district, report=report, actor=actor, now=now)
        except Refusal as refusal:
            self._say(f"演示反映未被接受：{refusal.sentence}")
            return None
        self.counts["reported"] += 1
        self._reported.add(reported.run_id)
        return reported

    def _open_affair(self, at: datetime, do: Callable[[datetime], Any]) -> None:
        def begin(now: datetime) -> None:
            run = do(now)
            if run is not None:
                self.counts["opened"] += 1
                self._reported.add(run.id)
                self._plan(run, now)

        self._at(at, begin)

    def _plan_rounds(self) -> None:
        """On the days that open a case, open it and let its people carry it on."""
        for day in rounds.take_over(self.district, before=self.since, now=self.until):
            self._at(datetime.combine(day, time(8, 30), LOCAL), self._open_round)

    def _open_round(self, now: datetime) -> None:
        cadence.open_due(self.district, now=now, only=rounds.by_case(self.district))
        for run in cadence.list_opened(self.district, at=now):
            self.counts["opened"] += 1
            self._plan(run, now)

    # -- reading -----------------------------------------------------------------------------------------------

    def _plan_reading(self) -> None:
        """On each working day most people look through their trays; whoever opens a case has read what it told."""
        chance = random.Random(self.demo.seed)  # noqa: S311 - its own, so that who reads changes nothing else
        for n in range((local(self.until).date() - self.since).days + 1):
            day = self.since + timedelta(days=n)
            at = datetime.combine(day, _READ_AT, LOCAL)
            if at < self.until - _UNREAD and self.calendar.is_workday(day):
                self._at(at, lambda now: self._read(now, chance))

    def _read(self, now: datetime, chance: random.Random) -> None:
        """A day's end: notes are read, and what lies late because it came from elsewhere is taken up (4 statements)."""
        for row in procedures.list_runs(self.district, late_at=now - _LEFT, rows=200).rows:
            if row.run_id not in self._cared and row.entered_at <= now:
                self._plan(procedures.get_run(self.district, row.run_id), now)
        self._note_opened(now)
        posts = [post for post in notices.posts_with_unread(self.district.id) if chance.random() < _READERS]
        notices.mark_trays_read(posts, district_id=self.district.id, now=now)

    def _note_opened(self, now: datetime) -> None:
        notices.mark_opened(self._opened, district_id=self.district.id, now=now)
        self._opened.clear()

    # -- acting ------------------------------------------------------------------------------------------------

    def _plan(self, run: Any, now: datetime) -> None:
        """Set when the holder gets round to it: mostly well within the time, now and then too late."""
        chance = self.chance
        self._cared.add(run.id)
        span = (run.due_at - now) if run.due_at is not None and run.due_at > now else timedelta(days=1)
        late = chance.random() < _LATE_SHARE
        share = chance.uniform(1.05, 2.2) if late else min(chance.lognormvariate(-1.1, 0.7), 0.97)
        at = self.calendar.shift(now + span * share + timedelta(minutes=chance.randint(2, 40)), timedelta(0)).at
        self._at(at + timedelta(seconds=chance.randrange(600)), lambda then: self._act(run, then))

    def _act(self, run: Any, now: datetime) -> None:
        """Let somebody do something with a case as last seen; when it has moved on meanwhile, with what it has become."""
        if run.finished_at is not None and self.chance.random() > _REOPEN_SHARE:
            return
        offers = self._offers(run, now)
        for _ in range(_TRIES):
            if not offers:
                break
            actor, option, _weight = self.chance.choices(offers, [offer[2] for offer in offers])[0]
            try:
                acted = self._take(run, option, actor, now)
            except Conflict:
                run = procedures.get_run(self.district, run.id)
                offers = self._offers(run, now) if run.finished_at is None else []
                continue
            except Refusal as refusal:
                self.counts[f"refused:{option.key}:{refusal.code}"] += 1
                offers = [offer for offer in offers if offer[1].key != option.key]
                continue
            self._after(acted, option.key, now)
            return
        if run.finished_at is None:
            self._plan(run, now)

    def _after(self, acted: procedures.Acted, key: str, now: datetime) -> None:
        run = acted.run
        spec = procedures.drawn(run).transitions[key]
        if any(call.name == "open_tasks" for call in spec.do):
            for task in procedures.list_tasks(self.district, run):
                if task.finished_at is None and task.seq == 1:
                    self._plan(procedures.get_run(self.district, task.run_id), now)
        if any(call.name == "open_affair" for call in spec.do):
            for row in affairs.list_children(self.district, run.subject_kind, run.subject_id)[-1:]:
                self._plan(procedures.get_run(self.district, row.run_id), now)
        if run.finished_at is None:
            self._plan(run, now)
        elif run.parent_id is None and run.outcome == "done":
            self._at(now + timedelta(days=self.chance.uniform(0.5, 6)), lambda then: self._act(run, then))

    def _offers(self, run: Any, now: datetime) -> list[tuple[Actor, Option, float]]:
        """What could happen next and by whom, with its weight."""
        procedure = procedures.drawn(run)
        offers: dict[str, tuple[Actor, Option, float]] = {}
        for actor in self._people(run, now):
            for option in procedures.options(self.district, run, actor, now):
                weight = choosing.weight_of(procedure, option, has_master=self._master(run) != "")
                if weight and not option.blocked:
                    offers.setdefault(option.key, (actor, option, weight))
        return list(offers.values())

    def _people(self, run: Any, now: datetime) -> list[Actor]:
        """Those whom the pack lets act here: the holder, the reporter, the roles that an act names."""
        people: list[Actor] = []
        if run.holder_post_id is not None and (own := self.cast.of_post(run.holder_post_id, now)) is not None:
            people.append(own)
        for spec in procedures.drawn(run).transitions.values():
            for holder in spec.by if run.state in spec.from_ else ():
                actor = self._person(run, holder, now)
                if actor is not None and actor not in people:
                    people.append(actor)
        return people

    def _person(self, run: Any, holder: Holder, now: datetime) -> Actor | None:
        desk = None
        if holder.who == "anyone":
            return organization.resident_actor(self.district)
        if holder.who is not None:
            return (
                matters.reporter_actor(self.district) if holder.who == "reporter" and run.id in self._reported else None
            )
        if holder.unit is not None:
            part = run.parts.get(holder.unit)
            desk = organization.resolve_unit(self.district, part, now) if isinstance(part, int) else None
        elif holder.role is not None:
            desk = organization.resolve_role(self.district, holder.role, run.area_id, holder.of, now)
        return self.cast.of_post(desk.post_id, now) if desk is not None else None

    def _take(self, run: Any, option: Option, actor: Actor, now: datetime) -> procedures.Acted:
        """Fill the form in and do it, as the case was last seen.

        Raises:
            Refusal: the engine says no; Conflict when the case has moved on.
        """
        form = choosing.fill(
            option.fields, demo=self.demo, category=str(run.facts.get("category", "")), master=self._master(run),
            area_id=run.area_id or self.reporting.any_leaf(), now=now, chance=self.chance,
            title=str(run.card.get("title", "")),
        )  # fmt: skip
        acted = procedures.act(
            district=self.district,
            run_id=run.id,
            transition=option.key,
            form=form,
            actor=actor,
            now=now,
            seen_seq=run.seq,
        )
        self.counts[f"did:{option.key}"] += 1
        self._opened += [(post.id, acted.run.subject_kind, acted.run.subject_id) for post in actor.posts]
        self._remember(acted.run)
        return acted

    def _remember(self, run: Any) -> None:
        """Keep an open case of each place as the one that a repeat is merged into."""
        if run.parent_id is None and run.finished_at is None and run.area_id is not None and run.seq >= 3:
            kept = self._recent.setdefault(run.area_id, [])
            kept.append((run.subject_id, run.id))
            del kept[:-3]

    def _master(self, run: Any) -> str:
        return next((str(matter) for matter, other in self._recent.get(run.area_id, ()) if other != run.id), "")

    # -- no desk empty -----------------------------------------------------------------------------------------

    def _plan_parked(self) -> None:
        """Lead a few cases to each open state and leave them there, one of them too long."""
        leaves = [self.home, self.home, None]
        for state, way in self._ways.items():
            if self.procedure.states[state].final:
                continue
            for n in range(_PARKED):
                age = timedelta(hours=self.chance.uniform(2, 20)) if n else timedelta(days=self.chance.uniform(2, 4))
                begins = self.until - age
                self._at(begins, lambda now, way=way, leaf=leaves[n % 3], age=age: self._park(now, way, leaf, age))  # type: ignore[misc]

    def _park(self, now: datetime, way: list[str], leaf: int | None, age: timedelta) -> None:
        reported = self._file(now, leaf)
        if reported is not None:
            self._cared.add(reported.run_id)
        if reported is not None and way:
            step = age * 0.6 / len(way)
            self._at(now + step, lambda then: self._lead(reported.run_id, way, step, then))

    def _lead(self, run_id: int, way: list[str], step: timedelta, now: datetime) -> None:
        run = procedures.get_run(self.district, run_id)
        if run is None:
            return
        for actor in self._people(run, now):
            for option in procedures.options(self.district, run, actor, now):
                if option.key != way[0] or option.blocked:
                    continue
                with contextlib.suppress(Refusal):
                    self._take(run, option, actor, now)
                    if way[1:]:
                        self._at(now + step, lambda then: self._lead(run_id, way[1:], step, then))
                    return
