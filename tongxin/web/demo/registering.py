"""Registers of the demo: what the pack names, then made-up lines in the printed numbers, some signatures, some homes under tags."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tongxin.kernel.clock import local
from tongxin.organization import api as organization
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import DemoRegister, Register
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.demo.cast import made_up_name

MADE_UP = "（拟名）"
_WAYS = ("会议研究通过", "谈话了解", "公示期满无异议", "培训合格", "发文任命")


def set_up_registers(district: DistrictView, *, since: date, now: datetime) -> int:
    """Enter what the pack names and what its demo counts, sign, note tags; return the number of lines."""
    actor, demo = organization.system_actor(district), district.pack.demo
    made = registers.set_up_registers(district, actor=actor, now=now)
    if demo is None:
        return made
    chance = random.Random(demo.seed)  # noqa: S311 - a story, not a secret
    for one in demo.registers:
        spec = district.pack.registers[one.key]
        made += registers.enter_many(
            district=district,
            key=one.key,
            entries=list(_entries(district, one, spec)),
            actor=actor,
            now=now,
            ground="演示",
        )
        _go_on(district, one, spec, actor, now)
    for key, percent in demo.signed.items():
        _sign(district, key, percent, since, now, chance)
    _tag(district, now, chance)
    return made


def _entries(district: DistrictView, demo: DemoRegister, spec: Register) -> Iterator[registers.NewEntry]:
    tree, known = territory.tree(district), organization.directory(district)
    areas = [place.id for place in tree.at_level(demo.over)] if demo.over else []
    bodies = [known.bodies[ident] for ident in sorted(known.living) if known.bodies[ident].kind == demo.kind]
    upper = _upper(district, spec)
    under = [key for key, n in demo.under.items() for _ in range(n)]
    people = _people(district, demo)
    lines = [(klass, n + 1) for klass, count in demo.classes.items() for n in range(count)]
    for index, (klass, n) in enumerate(lines):
        area = areas[index % len(areas)] if areas else None
        body = bodies[index % len(bodies)] if bodies else None
        above = upper.get(under[index]) if under else None
        place = tree.get(area)
        title = demo.name.format(
            **{
                "class": spec.classes[klass],
                "n": n,
                "area": place.name if place else "",
                "under": above[1] if above else "",
            }
        )
        person = people[index] if index < len(people) else (None, made_up_name(index))
        yield registers.NewEntry(
            title=spec.title if spec.of == "person" else f"{title}{MADE_UP}"[:80], klass=klass, area_id=area, body_id=body.id if body else None,
            person_id=person[0] if spec.of == "person" else None, who=person[1] if spec.of == "person" else "", under_id=above[0] if above else None,
            by=demo.by, document=demo.document or "", from_on=demo.from_ or (above[2] if above else None), fields=demo.fields, made_up=True,
        )  # fmt: skip


def _upper(district: DistrictView, spec: Register) -> dict[str, tuple[int, str, date | None]]:
    """Key of each line of the upper register → its id, title and first day."""
    if spec.under is None:
        return {}
    found, _ = registers.list_entries(district, spec.under, date.max, ended=True, rows=2_000)
    return {one.key: (one.pk, one.title, one.from_on) for one in found}


def _people(district: DistrictView, demo: DemoRegister) -> list[tuple[int | None, str]]:
    """Those who hold posts of the named role, each once."""
    if demo.role is None:
        return []
    known = organization.directory(district)
    held = [
        who
        for post in known.posts()
        if post.role == demo.role and not post.ended
        for who in known.holders(post.id, date.max)
    ]
    return list(dict.fromkeys(held))


def _go_on(
    district: DistrictView, demo: DemoRegister, spec: Register, actor: organization.Actor, now: datetime
) -> None:
    """Lead some lines through the stages up to the one named, a week apart, each with its ground."""
    if not demo.stages:
        return
    order = list(spec.stages)
    found, _ = registers.list_entries(district, demo.key, local(now).date(), rows=2_000)
    waiting = iter(found)
    for stage, count in demo.stages.items():
        steps = order[1 : order.index(stage) + 1]
        for _ in range(count):
            one = next(waiting)
            for number, step in enumerate(steps):
                day = local(now).date() - timedelta(weeks=len(steps) - number)
                registers.move(
                    district=district,
                    entry_id=one.pk,
                    stage=step,
                    ground=_WAYS[number % len(_WAYS)],
                    on=day,
                    actor=actor,
                    now=now,
                )


def _sign(district: DistrictView, key: str, percent: int, since: date, now: datetime, chance: random.Random) -> None:
    today, spec = local(now).date(), district.pack.documents[key]
    first = max(since, spec.current.from_ or since)
    span = max((today - first).days, 1)
    signed = [
        (copy.of, party, min(first + timedelta(days=chance.randrange(span)), today))
        for copy in registers.copies_of(district, key)
        for party in copy.parties
        if chance.random() * 100 < percent
    ]
    registers.sign_many(
        district=district, document=key, signed=signed, actor=organization.system_actor(district), now=now
    )


def _tag(district: DistrictView, now: datetime, chance: random.Random) -> None:
    """Homes under each tag, in the first grids; names and addresses are plainly made up."""
    demo, tree, today = district.pack.demo, territory.tree(district), local(now).date()
    grids = tree.at_level(tree.levels[-1])
    marks: list[registers.Mark] = []
    for tag, count in (demo.tagged if demo else {}).items():
        spec = district.pack.tags[tag]
        for n in range(count):
            day = today - timedelta(days=chance.randrange(max(spec.review_days, 2)))
            marks.append(
                registers.Mark(
                    district_id=district.id, tag=tag, area_id=grids[n % min(len(grids), 12)].id, who=made_up_name(n + len(marks)),
                    home=f"演示楼{chance.randint(1, 30)}号{chance.randint(1, 6)}0{chance.randint(1, 4)}室", from_on=day,
                    review_on=day + timedelta(days=spec.review_days), noted_by="演示数据",
                )
            )  # fmt: skip
    if marks:
        registers.mark_many(district=district, marks=marks, actor=organization.system_actor(district))
