"""Where a matter is, added after sending by whoever holds its receipt: once, exactly, and not over what a desk has said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tongxin.kernel import limits
from tongxin.kernel.errors import Conflict, Invalid, Invalids
from tongxin.matters.actions import SUBJECT, place_report
from tongxin.matters.models import Matter
from tongxin.matters.queries import find_by_receipt, reporter_actor
from tongxin.matters.rules import Report, clean_text, place_faults
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Procedure
from tongxin.procedures import api as procedures
from tongxin.procedures.api import Run
from tongxin.territory import api as territory

_BY_STEP = "set_area"  # the effect of a step by which desks say where a matter is
_AREA = "area"  # the field of its form


@dataclass(frozen=True, slots=True)
class Placing:
    """Whether the place may still be added by the receipt. ``by_desk``: a desk has said it, and has said no point."""

    may: bool
    by_desk: bool = False


def placing_of(district: DistrictView, matter: Matter, run: Run) -> Placing:
    """Return whether whoever holds the receipt may add where the matter is (0–1 statements)."""
    if run.finished_at is not None or matter.precision == "exact":
        return Placing(may=False)
    if _placed_by_desk(run):
        return Placing(may=False, by_desk=True)
    return Placing(may=not territory.tree(district).is_smallest(run.area_id))


def add_place(
    *, district: DistrictView, receipt: str, said: Report, now: datetime, request_key: str | None = None
) -> str:
    """Say where a matter is that came without a place, or with a wide one; return the place's full name (10 statements).

    Its case goes as if a desk had said so: the state's own step where it has one, an entry in the chain, a note to the holder.

    Args:
        said: of which point, area and address are read; what is written beside a point is added to the address.

    Raises:
        NotFound: no such receipt. Invalid/Invalids: outside, several places, no such place, or not exact enough (``details`` has
        the ``area_id`` to choose within). Conflict: closed, placed before, or placed by a desk. Nothing is changed then.
    """
    matter = find_by_receipt(district, receipt)
    if faults := place_faults(said.lon, said.lat):
        raise Invalids(faults)
    words = clean_text(said.address)
    _with_words(matter.address, words)
    asked = Report(channel="", text="", lon=said.lon, lat=said.lat, area_id=said.area_id, address=words)
    placed = place_report(territory.tree(district), asked)
    actor = reporter_actor(district)
    with transaction.atomic():
        found = procedures.find_run(district, SUBJECT, matter.id)
        assert found is not None
        run = procedures.lock_run(district, found.id)
        if request_key is not None and run.log.filter(request_key=request_key).exists():
            return str(run.card.get("place", ""))
        matter.refresh_from_db(fields=["precision", "address"])
        _demand_open(district, matter, run)
        area_id = _demand_smallest(district, placed.area_id, run, words, pointed=placed.precision == "exact")
        address = _with_words(matter.address, words)
        place = territory.tree(district).full_name(area_id)
        form: dict[str, Any] = {_AREA: area_id, "lon": placed.lon, "lat": placed.lat, "address": words}
        procedures.place_run(
            district=district, run=run, step=_step_of(procedures.drawn(run), run.state), form=form, place=place,
            says=f"反映人补充了地点：{place}", actor=actor, now=now, request_key=request_key,
        )  # fmt: skip
        Matter.objects.filter(id=matter.id, district_id=district.id).update(
            area_id=area_id, lon=placed.lon, lat=placed.lat, precision=placed.precision, address=address
        )
    return place


def _steps_by_desks(procedure: Procedure) -> list[str]:
    return [key for key, spec in procedure.transitions.items() if any(call.name == _BY_STEP for call in spec.do)]


def _step_of(procedure: Procedure, state: str) -> str:
    """The step by which desks say the place in this state, if it asks for nothing else; else ""."""
    for key in _steps_by_desks(procedure):
        spec = procedure.transitions[key]
        if state in spec.from_ and all(name == _AREA or not item.required for name, item in spec.form.items()):
            return key
    return ""


def _placed_by_desk(run: Run) -> bool:
    steps = _steps_by_desks(procedures.drawn(run))
    return bool(steps) and run.log.filter(transition__in=steps, actor_user_id__isnull=False).exists()


def _demand_open(district: DistrictView, matter: Matter, run: Run) -> None:
    placing, place = placing_of(district, matter, run), run.card.get("place") or "已有准确点位"
    if placing.may:
        return
    if placing.by_desk:
        raise Conflict(
            "placed_by_desk", f"工作人员已经标明了地点：{place}，这里不再改动。", "如果不对，请打电话告诉我们，由工作人员更正。"
        )  # fmt: skip
    if run.finished_at is not None:
        raise Conflict("closed", "这一件已经办完，不用再补充地点。", "如果还没有解决，请在进度页说明，或重新反映。")
    raise Conflict("placed", f"这一件的地点已经清楚：{place}。", "如果不对，请打电话告诉我们，由工作人员更正。")


def _demand_smallest(district: DistrictView, area_id: int | None, run: Run, words: str, *, pointed: bool) -> int:
    tree = territory.tree(district)
    if area_id is None and not words:
        raise Invalid(
            "required", "还没有说在哪里。", "请在地图上点一下，或写小区、楼栋、路口，也可以从下面选。", "address",
            within=run.area_id,
        )  # fmt: skip
    if area_id is None:
        several = len(tree.find_place(words)) > 1
        what = f"“{words[:40]}”有几处，分不清是哪一处。" if several else f"地名里没有找到“{words[:40]}”。"
        raise Invalid("which_place", what, "请从下面选一处，或在地图上点一下。", "address", within=run.area_id)
    if not pointed and not tree.is_smallest(area_id):
        raise Invalid(
            "too_wide", f"{tree.full_name(area_id)}比较大，还要知道是其中哪一处。", "请从下面选一处，或在地图上点一下。",
            "address", within=area_id,
        )  # fmt: skip
    return area_id


def _with_words(before: str, words: str) -> str:
    """The address with what was added to it; nothing that was written is dropped."""
    if not words or words in before:
        return before
    both = f"{before}；{words}" if before else words
    if len(both) > limits.ADDRESS_CHARS:
        raise Invalid(
            "text_too_long", f"连同原来写的，地点有 {len(both)} 个字，最多 {limits.ADDRESS_CHARS} 个字。", "请写短一些。",
            "address", limit=limits.ADDRESS_CHARS,
        )  # fmt: skip
    return both
