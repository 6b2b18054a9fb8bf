"""Changes of packs and places that running cases feel: adopt a version, move cases to it, end a place.

They stand here because only the engine knows what is running: a desk that still holds cases must not vanish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tongxin.kernel.errors import Conflict, Invalid, Refusal
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView, Pack, PackVersion
from tongxin.procedures import rules, store
from tongxin.procedures.actions import enter_state, lock_run, procedure_of, write_entry
from tongxin.procedures.context import Context
from tongxin.procedures.models import Run
from tongxin.procedures.queries.versions import count_in_areas, list_old_runs, preview_migration
from tongxin.records import api as records

MANAGE = "manage_pack"
MOST_MOVES = 200  # one request moves so many cases; the next one goes on


@dataclass(frozen=True)
class Moved:
    """How many cases went over, how many are left, and why single ones stayed."""

    moved: int
    left: int
    refused: tuple[str, ...]


def publish_version(*, district: DistrictView, pack: Pack, note: str, actor: Actor, now: datetime) -> PackVersion:
    """Publish a checked pack of the district and let new cases begin under it (about 20 statements).

    Raises:
        NotAllowed: manage_pack is missing in the whole district. Invalid: another locality's pack. Conflict: see ``adopt_version``.
    """
    organization.demand_all(actor, MANAGE, ())
    if pack.key != district.pack.key:
        raise Invalid("other_pack", f"这是“{pack.settings.title}”的资料包，不是本地的。", "请核对文件夹。")
    with transaction.atomic():
        version = packs.publish_pack(pack, actor_label=actor.label, now=now, note=note)
        adopt_version(district=district, version=version, actor=actor, now=now)
    return version


def adopt_version(*, district: DistrictView, version: PackVersion, actor: Actor, now: datetime) -> None:
    """Let new cases begin under a published version and set up its posts; running ones keep theirs (about 18 statements).

    Raises:
        NotAllowed. Invalid: another locality's pack. Conflict: it does away with desks where cases wait.
    """
    organization.demand_all(actor, MANAGE, ())
    if version.key != district.pack.key:
        raise Invalid("other_pack", "只能采用本地资料包的版本。")
    pack = packs.get_pack(version.pk)
    with transaction.atomic():
        before = district.pack_id
        packs.adopt_pack(district.id, version)
        organization.set_up_posts(district, pack, now, actor=actor)
        _no_case_stranded(district)
        records.audit(
            district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="packs.adopt_pack",
            target=f"{pack.settings.title} 第 {version.number} 版", detail={"before": before, "after": version.pk, "number": version.number},
            now=now,
        )  # fmt: skip
        transaction.on_commit(packs.forget_districts)


def _no_case_stranded(district: DistrictView) -> None:
    stranded = Run.objects.filter(district_id=district.id, finished_at=None, holder_post__ended_on__isnull=False)
    titles = list(stranded.order_by("holder_post_id").values_list("holder_post__title", flat=True).distinct()[:5])
    if titles:
        raise Conflict(
            "cases_stranded",
            f"这样改会撤掉还有在办件的岗位：{'、'.join(titles)}。",
            "请先办完或移交这些岗位的在办件，再采用；什么都没有改。",
        )


@transaction.atomic
def migrate_run(
    *, district: DistrictView, run_id: int, version_id: int, states: Mapping[str, str], actor: Actor, now: datetime
) -> Run:
    """Move one running case to another version of its pack: an explicit, logged act (guarantee 5).

    Args:
        states: where each old state goes; a state of the same key needs no entry. See ``queries.preview_migration``.

    Raises:
        NotAllowed: the actor may not manage packs. Invalid: the state has no counterpart, or the case is finished.
    """
    organization.access.demand(actor, "manage_pack")
    run = lock_run(district, run_id)
    pack = packs.get_pack(version_id)
    if pack.key != packs.get_pack(run.pack_id).key:
        raise Invalid("other_pack", "只能迁到同一资料包的另一个版本。")
    if run.finished_at is not None:
        raise Invalid("finished", "这一件已经办结，不再迁移。")
    spec = procedure_of(pack, run.procedure)
    target = states.get(run.state, run.state)
    if target not in spec.states or spec.states[target].final:
        raise Invalid("no_state", f"新版流程里没有“{target}”这个在办环节。", "请为它指定一个去处。")
    form = {"from_version": run.pack_id, "to_version": version_id}
    was = packs.get_pack(run.pack_id)
    run.facts = rules.carry_rules(
        run.facts,
        old=(procedure_of(was, run.procedure), was.catalogue),
        new=(spec, pack.catalogue),
        begun=run.started_at,
    )
    before, run.pack_id = run.state, version_id
    context = Context(district, pack, spec, run, "migrate", None, form, actor, now, to_state=target)
    enter_state(context, from_state=before)
    entry = write_entry(context, from_state=before, says="", request_key=None, stored_form=form)
    store.update_run(run, entry)
    return run


def move_cases(
    *, district: DistrictView, procedure: str, version_id: int, states: Mapping[str, str], actor: Actor, now: datetime
) -> Moved:
    """Move running cases of a procedure to a version, ``MOST_MOVES`` a call, each logged in its own chain.

    Args:
        states: where each old state goes that the version does not know; see ``preview_migration``.

    Raises:
        NotAllowed. Invalid: a state without a counterpart; nothing has moved then.
    """
    organization.demand_all(actor, MANAGE, ())
    moves = preview_migration(district, procedure, version_id)
    for move in moves:
        if not states.get(move.state) and not move.target:
            raise Invalid(
                "no_state", f"“{move.title}”在新版里没有对应的环节。", "请为它选一个去处。", f"to_{move.state}"
            )
    waiting = sum(move.count for move in moves)
    moved, refused = 0, []
    for run_id in list_old_runs(district, procedure, version_id, MOST_MOVES):
        try:
            with transaction.atomic():
                migrate_run(
                    district=district, run_id=run_id, version_id=version_id, states=states, actor=actor, now=now
                )
            moved += 1
        except Refusal as refusal:
            refused.append(f"{run_id}：{refusal.what}")
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="procedures.move_cases",
        target=procedure, detail={"version": version_id, "states": dict(states), "moved": moved, "refused": refused[:20]}, now=now,
    )  # fmt: skip
    return Moved(moved, waiting - moved, tuple(refused))


def end_place(*, district: DistrictView, area_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """End a place and its posts, once no case is open there (about 22 statements).

    Raises:
        NotAllowed. NotFound. Invalid: no reason. Conflict: places lie in it, or cases are open there.
    """
    organization.demand(actor, "manage_areas", area_id)
    with transaction.atomic():
        if waiting := count_in_areas(district, [area_id]):
            raise Conflict("cases_open", f"这里还有 {waiting} 件在办。", "请先办完，再停用。", "area_id")
        organization.end_place(district=district, area_id=area_id, reason=reason, actor=actor, now=now)
        _no_case_stranded(district)
