"""Which unit handled such matters here, within what the procedure lets a unit take. A suggestion about units (norm S-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tongxin.kernel.caches import VersionedCache
from tongxin.kernel.clock import local
from tongxin.learning.route import Handled, Routes, learn_routes
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.territory import api as territory

LEARNED_DAYS = 365
MOST_SETTLED = 5_000
OFFERED_SHARE, OFFERED_CASES = (
    0.5,
    3,
)  # from so much on the first unit stands chosen in the form; a person still sends it
_routes: VersionedCache[Routes] = VersionedCache(16)


@dataclass(frozen=True, slots=True)
class UnitGuess:
    """A unit that handled such matters. ``share`` of such matters it settled, 0 to 1, the nearer places weighing more."""

    unit_id: int
    name: str
    share: float
    cases: int
    because: str


@dataclass(frozen=True, slots=True)
class Routed:
    """What a form may offer: ``guesses`` likeliest first; ``part`` the participant the step names; ``chosen`` "" or a unit's id.

    ``refused`` one sentence for each unit that handled such matters but that the procedure does not let take this one.
    """

    part: str
    guesses: tuple[UnitGuess, ...]
    chosen: str
    refused: tuple[str, ...]


def suggest_units(district: DistrictView, run: Run, category: str, *, actor: Actor, now: datetime) -> Routed | None:
    """Return which units handled this category near a run's place, if its next step names a unit (1 statement a day).

    Units without a desk, outside the place, or refused by the step's own guard (admission, duty list: norms G-11, J-09)
    are left out before shares are reckoned.
    """
    step = next(iter(procedures.unit_steps(procedures.drawn(run), run.state)), None)
    if step is None or not category:
        return None
    transition, part = step
    here = {unit.id for unit in organization.list_units(district, (), run.area_id)}
    refused: dict[int, str] = {}

    def admissible(unit: str, _category: str) -> bool:
        sentence = "" if int(unit) in here else "-"
        sentence = sentence or procedures.unit_refusal(
            district, run, transition, part, int(unit), actor, now, {"category": category}
        )
        refused[int(unit)] = sentence
        return not sentence

    tree, directory = territory.tree(district), organization.directory(district)
    routes = _routes.get(district.id, (local(now).date(), district.territory_version), lambda: _learn(district, now))
    told = routes.propose(category, tree.path(run.area_id)[1:], admissible=admissible)
    guesses = []
    for one in told:
        body = directory.body(int(one.unit))
        where = tree.full_name(one.area) if one.area is not None else district.title
        if body is not None:
            because = f"{where}同类已办结 {one.of} 件，{one.cases} 件由它主办"
            guesses.append(UnitGuess(body.id, body.name, one.share, one.cases, because))
    sure = guesses and guesses[0].share >= OFFERED_SHARE and guesses[0].cases >= OFFERED_CASES
    sentences = dict.fromkeys(sentence for sentence in refused.values() if sentence not in ("", "-"))
    return Routed(part, tuple(guesses), str(guesses[0].unit_id) if sure else "", tuple(sentences))


def _learn(district: DistrictView, now: datetime) -> Routes:
    tree = territory.tree(district)
    rows = matters.list_settled(district, since=now - timedelta(days=LEARNED_DAYS), most=MOST_SETTLED)
    return learn_routes(Handled(str(row.unit_id), row.category, tree.path(row.area_id)[1:]) for row in rows)
