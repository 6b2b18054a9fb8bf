"""Ask for a study of the service circles, run what waits, call it off.

A long study waits for a worker. Whoever runs one holds an advisory lock of the database for as long as its process lives, so a
study whose worker died is taken up by the next, and no two run the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from tongxin.kernel.errors import Cancelled, Conflict, Invalid, NotFound
from tongxin.kernel.once import write_once
from tongxin.kernel.turns import our_turn
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.places.models import CircleStudy
from tongxin.places.queries.facilities import list_facilities
from tongxin.places.queries.networks import walk_map_card, walk_network
from tongxin.places.queries.norms import gap_level
from tongxin.places.queries.studies import OPEN, changed_since, newest_study, out_of_date, pack_walks
from tongxin.places.rules.study import Homes, expected_seconds, study
from tongxin.territory import api as territory

AT_ONCE_SECONDS = 1.0
SETTLE = timedelta(minutes=10)
BY = "系统（设施或地域有变化）"
_LOCKS = 0x0C19C1E  # the class of our advisory locks
_TELL_EVERY_SECONDS = 0.5


def ask_study(*, district: packs.DistrictView, actor: organization.Actor, now: datetime) -> int:
    """Ask for a study; a short one is done at once, a long one waits for a worker. Returns its id.

    Raises:
        NotAllowed: manage_facilities is missing. Invalid: nothing to study. Conflict: one waits or runs already.
    """
    organization.demand(actor, "manage_facilities")
    kinds = district.pack.facilities.kinds
    if not kinds:
        raise Invalid("no_kinds", "资料包里没有写设施种类。", "请在 facilities.yaml 里写明种类和分钟数。")
    homes = territory.list_dwellings(district)
    if not len(homes):
        raise Invalid(
            "no_dwellings", "还没有住处：没有带户数和位置的小区、楼栋，网格也没有户数。", "请先导入小区或楼栋。"
        )
    there = Conflict("study_open", "已经在算了。", "请等它算完，或先取消。")
    with write_once(there, "circle_study_one_at_a_time"):
        made = CircleStudy.objects.create(district_id=district.id, asked_by=actor.label[:120], asked_at=now)
    card = walk_map_card(district.id)
    if expected_seconds(len(homes), len(kinds), card.nodes if card else 0) <= AT_ONCE_SECONDS:
        run_study(made.pk, clock=lambda: now)
    return made.pk


def ask_again(now: datetime) -> int:
    """Ask anew wherever facilities, the network or places have changed since the newest study; return how many (1–5 statements).

    Not sooner than ``SETTLE`` after the last one was asked for, so that a clerk's morning of corrections is counted once; a study
    that a person called off, or that could not be done, is not asked for again before facilities change.
    """
    views = {view.id: view for view in packs.list_districts()}
    newest = CircleStudy.objects.order_by("district_id", "-asked_at", "-id").distinct("district_id")
    made = 0
    for row in newest.defer("result", "minutes"):
        district_id, view = row.district_id, views.get(row.district_id)
        if view is None or row.state in OPEN or now - row.asked_at < SETTLE:
            continue
        study = newest_study(district_id)
        if study is None or not out_of_date(view, study):
            continue
        if row.pk != study.id and not changed_since(district_id, row.asked_at):
            continue
        # somebody may have asked in this very moment: then theirs will do
        again = CircleStudy(district_id=district_id, asked_by=BY, asked_at=now)
        CircleStudy.objects.bulk_create([again], ignore_conflicts=True)
        made += 1
    return made


def stop_study(*, district: packs.DistrictView, actor: organization.Actor, now: datetime) -> None:
    """Call off what waits or runs (2 statements); a running one ends at its next step. Raises NotAllowed, NotFound."""
    organization.demand(actor, "manage_facilities")
    waiting = CircleStudy.objects.filter(district_id=district.id, state=CircleStudy.WAITING)
    stopped = waiting.update(state=CircleStudy.STOPPED, ended_at=now)
    running = CircleStudy.objects.filter(district_id=district.id, state=CircleStudy.RUNNING).update(stop=True)
    if not stopped and not running:
        raise NotFound("no_study", "没有正在算的。", "")


def run_waiting(clock: Callable[[], datetime]) -> int:
    """Run every study that waits, and those whose worker died; return how many (1 statement when none)."""
    done = 0
    for study_id in CircleStudy.objects.filter(state__in=OPEN).order_by("asked_at").values_list("id", flat=True):
        done += run_study(study_id, clock=clock)
    return done


def run_study(study_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Run one study unless somebody else does; return whether it was run here."""
    with our_turn(_LOCKS, study_id) as mine:
        row = CircleStudy.objects.filter(pk=study_id, state__in=OPEN).first() if mine else None
        district = next(
            (view for view in packs.list_districts() if row is not None and view.id == row.district_id), None
        )
        if district is None:
            return False
        CircleStudy.objects.filter(pk=study_id).update(state=CircleStudy.RUNNING, began_at=clock(), percent=0)
        try:
            result, walks = _compute(district, _teller(study_id))
        except Cancelled:
            _end(study_id, CircleStudy.STOPPED, clock())
        except Invalid as refusal:
            _end(study_id, CircleStudy.FAILED, clock(), trouble=refusal.sentence[:400])
        else:
            with transaction.atomic():
                older = CircleStudy.objects.filter(district_id=district.id).exclude(pk=study_id)
                older.exclude(minutes=None).update(minutes=None)
                _end(study_id, CircleStudy.DONE, clock(), result=result, minutes=walks, percent=100)
        return True


def _end(study_id: int, state: str, at: datetime, **more: Any) -> None:
    CircleStudy.objects.filter(pk=study_id).update(state=state, ended_at=at, **more)


def _teller(study_id: int) -> Callable[[float], bool]:
    """Write how far it is, twice a second at most, and read whether it is to stop."""
    last = [0.0]

    def tell(done: float) -> bool:
        if time.monotonic() - last[0] < _TELL_EVERY_SECONDS:
            return True
        last[0] = time.monotonic()
        CircleStudy.objects.filter(pk=study_id).update(percent=min(99, round(done * 100)))
        return not CircleStudy.objects.filter(pk=study_id, stop=True).exists()

    return tell


def _compute(district: packs.DistrictView, tell: Callable[[float], bool]) -> tuple[dict[str, Any], bytes]:
    """Read what is needed, study it, and put it in the form that is kept."""
    tree, kinds = territory.tree(district), district.pack.facilities.kinds
    homes = territory.list_dwellings(district)
    level = gap_level(district.pack.units.level_keys(), tree)
    places = tree.at_level(level)
    above = {i: (p.id if (p := tree.ancestor(i, level)) else -1) for i in set(homes.area_ids.tolist())}
    counted = np.array([above[i] for i in homes.area_ids.tolist()], dtype=np.int64)
    known = territory.people_of(district.id, [place.id for place in places])
    per = {i: (people / households if households and people else np.nan) for i, (households, people) in known.items()}
    facilities = list_facilities(district)
    points = {
        key: np.array([(f.lon, f.lat) for f in facilities if f.kind == key], dtype=np.float64).reshape(-1, 2)
        for key in kinds
    }
    card = walk_map_card(district.id)
    result, walks = study(
        Homes(
            homes.names,
            np.column_stack([homes.lons, homes.lats]),
            homes.households,
            counted,
            np.array([per.get(i, np.nan) for i in counted.tolist()]),
        ),
        points,
        {key: kind.minutes for key, kind in kinds.items()},
        walk_network(district.id),
        progress=tell,
    )
    lived_in = set(counted.tolist())
    return {
        "territory_version": district.territory_version,
        "level": level,
        "dwellings": len(homes),
        "households": int(homes.households.sum()),
        "from_areas": int(homes.from_areas.sum()),
        "without_households": homes.without_households,
        "without_point": homes.without_point,
        "empty": [place.id for place in places if place.id not in lived_in][:200],
        "network": None if card is None else {"file": card.file, "nodes": card.nodes},
        "order": list(result),  # of the rows of walks; the database keeps no order of keys
        "kinds": result,
    }, pack_walks(walks)
