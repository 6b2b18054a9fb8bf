"""People's work on a plan: move, lock, split, merge, rename, undo, do again. Each answers with the figures as they are then.

A part that comes apart is allowed and told (``score … broken``): hands pass through such states. It cannot be sent on like that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.planning import scoring
from tongxin.planning.actions.plans import locked_draft, rescore
from tongxin.planning.board import Board
from tongxin.planning.findings import PlanningError
from tongxin.planning.models import Plan, PlanMember, PlanMove, PlanPart
from tongxin.planning.naming import name_parts
from tongxin.planning.objective import Wish
from tongxin.planning.plan import propose
from tongxin.planning.queries import plan_boards
from tongxin.territory import api as territory

MOST_UNITS = 2_000  # moved by one act
MOST_UNDONE = 200  # steps that are remembered
NAME_CHARS = 80


@dataclass
class _Hand:
    """One act while it is being done: what it changes, and what it says."""

    plan: Plan
    tree: territory.AreaTree
    title: str
    members: dict[int, PlanMember]
    parts: dict[int, PlanPart]
    units: dict[int, list[list[Any]]] = field(default_factory=dict)
    changed_parts: dict[int, list[Any]] = field(default_factory=dict)
    says: str = ""

    def put(self, unit_id: int, part: int, locked: bool | None = None) -> None:
        member = self.members[unit_id]
        before = [member.part, member.locked]
        member.part, member.locked = part, member.locked if locked is None else locked
        if before != [member.part, member.locked]:
            self.units[unit_id] = [self.units.get(unit_id, [before])[0], [member.part, member.locked]]

    def part(self, number: int) -> PlanPart:
        if number not in self.parts:
            raise NotFound("no_part", f"方案里没有 {number} 号格。", "请刷新后再选。", "to")
        return self.parts[number]

    def new_part(self, inside: int) -> PlanPart:
        number = max(self.parts, default=0) + 1
        here = [part.name for part in self.parts.values() if part.inside_id == inside]
        today = [place.name for place in self.tree.at_level(self.plan.level, inside)]
        name = name_parts([*here, None], [*here, *today], self.title, standing=today)[-1]
        made = PlanPart(plan=self.plan, number=number, name=name, inside_id=inside)
        self.parts[number] = made
        self.changed_parts[number] = [None, _kept(made)]
        return made

    def drop_empty(self) -> None:
        held = {member.part for member in self.members.values()}
        for number in [number for number in self.parts if number not in held]:
            gone = self.parts.pop(number)
            before = self.changed_parts.get(number, [_kept(gone)])[0]
            self.changed_parts[number] = [before, None]

    def free(self, unit_id: int) -> PlanMember:
        member = self.members.get(unit_id)
        if member is None:
            raise NotFound("no_unit", "方案里没有这栋楼。", "请刷新后再选。", "units")
        if member.locked:
            raise Conflict(
                "unit_locked", f"“{member.unit.name or member.unit.code}”已锁定。", "要移动请先解锁。", "units"
            )
        return member


def _kept(part: PlanPart) -> list[Any]:
    return [part.name, part.inside_id, part.continues_id]


@contextmanager
def _hand(
    district: DistrictView, plan_id: int, seen: int | None, actor: Actor, now: datetime, *, remember: bool = True
) -> Iterator[_Hand]:
    """Lock the plan, let the act be done on plain values, write what it changed with its history and the new figures."""
    with transaction.atomic():
        plan = locked_draft(district, plan_id, actor)
        if seen is not None and seen != plan.version:
            raise Conflict(
                "plan_moved_on",
                "这个方案刚被别人改过，这里显示的是旧的。",
                "请刷新看过最新情况再改。",
                version=plan.version,
            )
        members = {
            m.unit_id: m for m in PlanMember.objects.select_related("unit").defer("unit__outline").filter(plan=plan)
        }
        parts = {part.number: part for part in PlanPart.objects.filter(plan=plan)}
        if not members:
            raise Conflict("plan_empty", "方案还是空的。", "请先让机器划分。")
        title = next((one.title for one in district.pack.units.levels if one.key == plan.level), plan.level)
        hand = _Hand(plan, territory.tree(district), title, members, parts)
        yield hand
        hand.drop_empty()
        if not hand.units and not hand.changed_parts:
            raise Invalid("nothing_changed", "这样什么都没有变。", "请选要移动的楼和去处。", "units")
        if remember:
            PlanMove.objects.filter(plan=plan, undone=True).delete()
            last = PlanMove.objects.filter(plan=plan).order_by("-seq").first()
            PlanMove.objects.create(
                plan=plan, seq=last.seq + 1 if last else 1, at=now, by_id=actor.user_id, says=hand.says[:200],
                change={"units": hand.units, "parts": hand.changed_parts},
            )  # fmt: skip
            PlanMove.objects.filter(plan=plan, seq__lte=(last.seq if last else 0) - MOST_UNDONE).delete()
        _write(district, hand, now)


def _write(district: DistrictView, hand: _Hand, now: datetime) -> None:
    plan = hand.plan
    PlanMember.objects.bulk_update([hand.members[i] for i in hand.units], ["part", "locked"], batch_size=2_000)
    gone = [number for number, (_, after) in hand.changed_parts.items() if after is None]
    PlanPart.objects.filter(plan=plan, number__in=gone).delete()
    PlanPart.objects.bulk_create(
        [
            hand.parts[number]
            for number, (before, after) in hand.changed_parts.items()
            if before is None and after is not None
        ]
    )
    PlanPart.objects.bulk_update(
        [
            hand.parts[number]
            for number, (before, after) in hand.changed_parts.items()
            if before is not None and after is not None
        ],
        ["name", "continues"],
    )
    touched = {hand.members[i].inside_id for i in hand.units}
    if touched:
        rescore(district, plan, only=sorted(touched))
    plan.version += 1
    plan.changed_at = now
    plan.save(update_fields=["version", "changed_at", "score"])


def move_units(
    *,
    district: DistrictView,
    plan_id: int,
    units: Sequence[int],
    to: int,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Put buildings into another part of the same community, or (``to`` 0) into a new one (about 16 statements).

    Raises:
        NotFound. NotAllowed. Conflict: locked, or the plan has moved on (``seen`` is the version that was seen). Invalid.
    """
    if not 0 < len(units) <= MOST_UNITS:
        raise Invalid("units", f"请选 1–{MOST_UNITS} 栋楼。", "", "units", limit=MOST_UNITS)
    with _hand(district, plan_id, seen, actor, now) as hand:
        chosen = [hand.free(unit_id) for unit_id in dict.fromkeys(units)]
        insides = {member.inside_id for member in chosen}
        if len(insides) > 1:
            raise Invalid("units_apart", "选的楼不在同一个社区。", "格不能跨社区（G-05），请分开移动。", "units")
        inside = insides.pop()
        target = hand.part(to) if to else hand.new_part(inside)
        if target.inside_id != inside:
            raise Invalid("part_elsewhere", f"“{target.name}”在另一个社区。", "格不能跨社区（G-05），请另选。", "to")
        for member in chosen:
            hand.put(member.unit_id, target.number)
        first = chosen[0].unit
        what = first.name or first.code
        hand.says = f"{what}{f'等 {len(chosen)} 栋' if len(chosen) > 1 else ''}移到 {target.number} 号{target.name}"
    return hand.plan


def lock_units(
    *,
    district: DistrictView,
    plan_id: int,
    units: Sequence[int],
    locked: bool,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Fix buildings where they are, for hands and the machine, or let them go (about 16 statements); NotFound for one outside the plan."""
    with _hand(district, plan_id, seen, actor, now) as hand:
        for unit_id in dict.fromkeys(units):
            if unit_id not in hand.members:
                raise NotFound("no_unit", "方案里没有这栋楼。", "请刷新后再选。", "units")
            hand.put(unit_id, hand.members[unit_id].part, locked)
        hand.says = f"{'锁定' if locked else '解锁'} {len(hand.units)} 栋"
    return hand.plan


def lock_part(
    *,
    district: DistrictView,
    plan_id: int,
    number: int,
    locked: bool,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Fix all buildings of a part, or let them go."""
    units = list(PlanMember.objects.filter(plan_id=plan_id, part=number).values_list("unit_id", flat=True))
    return lock_units(district=district, plan_id=plan_id, units=units, locked=locked, seen=seen, actor=actor, now=now)


def merge_parts(
    *,
    district: DistrictView,
    plan_id: int,
    number: int,
    into: int,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Put all buildings of one part into another of the same community; Invalid for one of another."""
    with _hand(district, plan_id, seen, actor, now) as hand:
        one, other = hand.part(number), hand.part(into)
        if one.inside_id != other.inside_id or number == into:
            raise Invalid("merge_apart", "只能合并同一个社区里的两个格。", "请另选。", "into")
        for member in [m for m in hand.members.values() if m.part == number]:
            hand.free(member.unit_id)
            hand.put(member.unit_id, into)
        hand.says = f"{number} 号{one.name}并入 {into} 号{other.name}"
    return hand.plan


def split_part(
    *, district: DistrictView, plan_id: int, number: int, seen: int | None = None, actor: Actor, now: datetime
) -> Plan:
    """Divide a part into two that are as even as its buildings allow; the heavier keeps the number."""
    with _hand(district, plan_id, seen, actor, now) as hand:
        part = hand.part(number)
        board = next(
            b for b in plan_boards(district, hand.tree, hand.plan, [part.inside_id]) if b.inside == part.inside_id
        )
        going = moved_by_split(board, number)
        target = hand.new_part(part.inside_id)
        for unit_id in going:
            hand.free(unit_id)
            hand.put(unit_id, target.number)
        hand.says = f"{number} 号{part.name}拆成两个"
    return hand.plan


def moved_by_split(board: Board, number: int) -> list[int]:
    """Return the units of a part that go when it is divided in two: the lighter half. Pure.

    Raises:
        Invalid: a single building.
    """
    index = np.flatnonzero(board.part == number)
    if len(index) < 2:
        raise Invalid(
            "part_single", "这个格只有一栋楼，不能再拆。", "一栋楼太大时，请把它按单元分成几条导入。", "number"
        )
    inner = board.graph.subset(index)
    wish = Wish(target=max(float(inner.load.sum()) / 2, 1e-6), parts=2)
    try:
        found = scoring.pieces_of(inner, np.zeros(len(index), dtype=np.int64))[0]
        if len(found) > 1:  # it lies in pieces: that is where it is divided
            return [board.ids[index[i]] for piece in found[1:] for i in piece]
        part = propose(inner, wish, exact_up_to=24).part
    except PlanningError as error:
        raise Invalid("part_split", f"{error.what}{error.means}", error.do, "number") from error
    loads = np.bincount(part, weights=inner.load, minlength=2)
    goes = int(loads.argmin())
    return [board.ids[i] for i, p in zip(index.tolist(), part.tolist(), strict=True) if p == goes]


def rename_part(
    *,
    district: DistrictView,
    plan_id: int,
    number: int,
    name: str,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Call a part otherwise; Invalid without a name or with one too long, Conflict for one that is there."""
    name = name.strip()
    if not 0 < len(name) <= NAME_CHARS:
        raise Invalid("part_name", f"格的名称应为 1–{NAME_CHARS} 个字。", "", "name", limit=NAME_CHARS)
    with _hand(district, plan_id, seen, actor, now) as hand:
        part = hand.part(number)
        if any(p.name == name and p.inside_id == part.inside_id and p.number != number for p in hand.parts.values()):
            raise Conflict("part_there", f"这个社区里已有“{name}”。", "请换一个名称。", "name")
        before = _kept(part)
        part.name = name
        if before != _kept(part):
            hand.changed_parts[number] = [before, _kept(part)]
        hand.says = f"{number} 号改名为{name}"
    return hand.plan


def undo(*, district: DistrictView, plan_id: int, seen: int | None = None, actor: Actor, now: datetime) -> Plan:
    """Take the last act back."""
    return _replay(district, plan_id, seen, actor, now, back=True)


def redo(*, district: DistrictView, plan_id: int, seen: int | None = None, actor: Actor, now: datetime) -> Plan:
    """Do again what was taken back last."""
    return _replay(district, plan_id, seen, actor, now, back=False)


def _replay(district: DistrictView, plan_id: int, seen: int | None, actor: Actor, now: datetime, *, back: bool) -> Plan:
    with _hand(district, plan_id, seen, actor, now, remember=False) as hand:
        found = PlanMove.objects.filter(plan_id=plan_id, undone=not back)
        move = found.order_by("-seq" if back else "seq").first()
        if move is None:
            raise Invalid("nothing_to_undo", "没有可以撤销的了。" if back else "没有可以重做的了。")
        side = 0 if back else 1
        for number, change in move.change["parts"].items():
            _put_part(hand, int(number), change[1 - side], change[side])
        for unit_id, change in move.change["units"].items():
            part, locked = change[side]
            hand.put(int(unit_id), part, locked)
        move.undone = back
        move.save(update_fields=["undone"])
        hand.says = move.says
    return hand.plan


def _put_part(hand: _Hand, number: int, now_is: list[Any] | None, will_be: list[Any] | None) -> None:
    if will_be is None:
        return  # it goes when its last building has gone
    name, inside, continues = will_be
    if number in hand.parts:
        hand.parts[number].name, hand.parts[number].continues_id = name, continues
    else:
        hand.parts[number] = PlanPart(
            plan=hand.plan, number=number, name=name, inside_id=inside, continues_id=continues
        )
    hand.changed_parts[number] = [now_is, will_be]
