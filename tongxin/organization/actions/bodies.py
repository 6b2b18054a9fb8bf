"""Make, change and end bodies: the party tree, departments, companies, resident units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tongxin.kernel.clock import local
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.organization import access
from tongxin.organization.actions.posts import keep_posts
from tongxin.organization.actions.writing import clean, demand_home, get_body, note, writing
from tongxin.organization.models import Body, BodyArea
from tongxin.organization.queries.copies import load_bodies
from tongxin.organization.rules.party import covers_fault, parent_fault
from tongxin.organization.rules.people import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import SeedBody
from tongxin.territory import api as territory

MANAGE = "manage_people"
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class NewBody:
    """A body to be made. ``covers``, ``seat``: area ids; ``uscc``: the unified social credit code, if it has one."""

    kind: str
    name: str
    parent_id: int | None = None
    covers: tuple[int, ...] = ()
    seat: int | None = None
    key: str | None = None
    uscc: str = ""


def add_body(*, district: packs.DistrictView, body: NewBody, actor: Actor, now: datetime) -> int:
    """Make a body and the posts its kind has; return its id (about 16 statements).

    Raises:
        NotAllowed: manage_people is missing at a place it covers, or in the whole district where it covers none.
        NotFound, Invalid: see ``rules.party``. Conflict: the key is taken, or a body of that kind and name is there.
    """
    name = clean(body.name, "name", "组织名称", 80)
    demand_home(district, actor)
    access.demand_all(actor, MANAGE, body.covers)
    pack = district.pack
    with writing(district.id):
        parent = None if body.parent_id is None else get_body(actor, body.parent_id)
        _check(district, body.kind, parent.kind if parent else None, body.covers)
        living = Body.objects.filter(district_id=district.id, ended_on=None)
        if living.filter(kind=body.kind, name=name, parent=parent).exists():
            raise Conflict("body_there", f"已有“{name}”。", "请换一个名称。", "name")
        if body.key and Body.objects.filter(district_id=district.id, key=body.key).exists():
            raise Conflict("body_key", f"键“{body.key}”已经用过。", "请换一个键。", "key")
        made = Body.objects.create(
            district_id=district.id, key=body.key or None, kind=body.kind, name=name, parent=parent, seat_id=body.seat,
            uscc=clean(body.uscc, "uscc", "统一社会信用代码", 18, needed=False), began_on=local(now).date(),
        )  # fmt: skip
        BodyArea.objects.bulk_create(BodyArea(body=made, area_id=area_id) for area_id in dict.fromkeys(body.covers))
        kept = keep_posts(district.id, pack, local(now).date(), [made.pk])
        note(
            actor,
            "add_body",
            name,
            {"id": made.pk, "kind": body.kind, "covers": list(body.covers), "posts": kept.made},
            now,
        )
    return made.pk


def _check(district: packs.DistrictView, kind: str, parent_kind: str | None, covers: Sequence[int]) -> None:
    pack = district.pack
    if words := parent_fault(pack, kind, parent_kind):
        raise Invalid("body_parent", words, "请另选类别或上级。", "parent_id")
    tree = territory.load_places(district.id, pack.units.level_keys())
    places = [tree.get(area_id) for area_id in covers]
    if None in places:
        raise Invalid("unknown_area", "覆盖的地域不存在，或者已经停用。", "请从列出的地域里选。", "covers")
    if words := covers_fault(pack, kind, [place for place in places if place is not None]):
        raise Invalid("body_covers", words, "请另选覆盖的地域。", "covers")


def set_body_covers(
    *, district: packs.DistrictView, body_id: int, covers: Sequence[int], actor: Actor, now: datetime
) -> None:
    """Lay a body over other places; its posts act for those from now on (about 14 statements).

    Raises:
        NotAllowed: manage_people is missing at a place gained or lost. Invalid: a place of the wrong level.
    """
    with writing(district.id):
        demand_home(district, actor)
        body = get_body(actor, body_id)
        before = set(BodyArea.objects.filter(body=body).values_list("area_id", flat=True))
        after = set(covers)
        access.demand_all(actor, MANAGE, before | after)
        _check(district, body.kind, body.parent.kind if body.parent else None, sorted(after))
        BodyArea.objects.filter(body=body, area_id__in=before - after).delete()
        BodyArea.objects.bulk_create(BodyArea(body=body, area_id=area_id) for area_id in sorted(after - before))
        keep_posts(district.id, district.pack, local(now).date(), [body.pk])
        note(
            actor, "set_body_covers", body.name, {"id": body.pk, "before": sorted(before), "after": sorted(after)}, now
        )


def end_body(*, district: packs.DistrictView, body_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """End a body, its posts and their terms from today (about 14 statements).

    Raises:
        NotAllowed. NotFound. Conflict: living bodies hang under it.
    """
    reason = clean(reason, "reason", "事由", 200)
    with writing(district.id):
        demand_home(district, actor)
        body = get_body(actor, body_id)
        access.demand_all(actor, MANAGE, BodyArea.objects.filter(body=body).values_list("area_id", flat=True))
        below = Body.objects.filter(parent=body, ended_on=None).count()
        if below:
            raise Conflict(
                "body_has_children", f"“{body.name}”下面还有 {below} 个组织。", "请先撤销或划转它们。", "body_id"
            )
        today = local(now).date()
        body.ended_on = today
        body.save(update_fields=["ended_on"])
        kept = keep_posts(district.id, district.pack, today, [body.pk])
        note(actor, "end_body", body.name, {"id": body.pk, "reason": reason, "posts_ended": kept.ended}, now)


@dataclass(frozen=True, slots=True)
class BodiesKept:
    """How many bodies were made and changed, and the keys that are there but not in the list (left as they are)."""

    made: int
    changed: int
    beyond: tuple[str, ...]


def set_up_bodies(
    district: packs.DistrictView, bodies: Sequence[SeedBody], now: datetime, *, actor: Actor, since: date | None = None
) -> BodiesKept:
    """Make the bodies that a pack names, by key, and bring names, parents and places up to date; idempotent.

    Bodies without a key, and keys that the list no longer names, are left as they are. About 9 statements and one a
    level of depth. Call :func:`set_up_posts` afterwards.

    Args:
        since: the day new bodies begin; today where not given.

    Raises:
        NotAllowed: manage_people is missing somewhere in the district. Invalid: unknown area codes or parents, all named.
    """
    demand_home(district, actor)
    access.demand_all(actor, MANAGE, ())
    with writing(district.id):
        tree = territory.load_places(district.id, district.pack.units.level_keys())
        _demand_known(bodies, tree)
        rows = {row.key: row for row in Body.objects.filter(district_id=district.id).exclude(key=None)}
        laid = {body.id: set(body.covers) for body in load_bodies(district.id)}
        before = set(rows)
        changed: list[Body] = []
        waiting = list(bodies)
        while waiting:
            ready = [seed for seed in waiting if seed.parent is None or seed.parent in rows]
            if not ready:
                raise Invalid("body_ring", f"“{waiting[0].name}”的隶属关系绕成了圈。", "请改正 parent。", "bodies")
            made = []
            for seed in ready:
                parent = rows[seed.parent] if seed.parent else None
                seat = tree.by_code(seed.seat) if seed.seat else None
                looks = (seed.kind, seed.name, parent.pk if parent else None, seat.id if seat else None)
                row = rows.get(seed.key)
                if row is None:
                    row = Body(district_id=district.id, key=seed.key, began_on=since or local(now).date())
                    made.append(row)
                elif (row.kind, row.name, row.parent_id, row.seat_id) != looks:
                    changed.append(row)
                row.kind, row.name, row.parent_id, row.seat_id = looks
            Body.objects.bulk_create(made, batch_size=BATCH)
            rows.update({str(row.key): row for row in made})
            done = {seed.key for seed in ready}
            waiting = [seed for seed in waiting if seed.key not in done]
        Body.objects.bulk_update(changed, ["kind", "name", "parent", "seat"], batch_size=BATCH)
        _lay(bodies, {str(key): row.pk for key, row in rows.items()}, laid, tree)
        beyond = tuple(sorted(str(key) for key in before - {seed.key for seed in bodies}))
        made_count = len(rows) - len(before)
        note(
            actor,
            "set_up_bodies",
            district.title,
            {"made": made_count, "changed": len(changed), "beyond": list(beyond)[:50]},
            now,
        )
    return BodiesKept(made_count, len(changed), beyond)


def _demand_known(bodies: Sequence[SeedBody], tree: territory.AreaTree) -> None:
    codes = sorted(
        {c for seed in bodies for c in (*seed.covers, *([seed.seat] if seed.seat else [])) if tree.by_code(c) is None}
    )
    if codes:
        shown = "、".join(codes[:20]) + ("等" if len(codes) > 20 else "")
        raise Invalid(
            "unknown_area", f"组织所覆盖或驻在的地域代码不存在：{shown}。", "请先导入地域。", "bodies", codes=codes
        )
    keys = {seed.key for seed in bodies}
    parents = sorted({seed.parent for seed in bodies if seed.parent and seed.parent not in keys})
    if parents:
        raise Invalid("unknown_body", f"上级组织不在名单里：{'、'.join(parents[:20])}。", "请补上它们。", "bodies")


def _lay(bodies: Sequence[SeedBody], ids: dict[str, int], laid: dict[int, set[int]], tree: territory.AreaTree) -> None:
    """Bring the places of the named bodies up to date (0–2 statements)."""
    new: list[BodyArea] = []
    gone: list[tuple[int, int]] = []
    for seed in bodies:
        body_id = ids[seed.key]
        wanted = {place.id for code in seed.covers if (place := tree.by_code(code)) is not None}
        has = laid.get(body_id, set())
        new += [BodyArea(body_id=body_id, area_id=area_id) for area_id in sorted(wanted - has)]
        gone += [(body_id, area_id) for area_id in has - wanted]
    BodyArea.objects.bulk_create(new, batch_size=BATCH)
    if gone:
        rows = BodyArea.objects.filter(body_id__in={body_id for body_id, _ in gone}).values_list(
            "pk", "body_id", "area_id"
        )
        lost = set(gone)
        BodyArea.objects.filter(pk__in=[pk for pk, *pair in rows if tuple(pair) in lost]).delete()


def add_bodies(
    *, district: packs.DistrictView, bodies: Sequence[NewBody], actor: Actor, now: datetime, since: date | None = None
) -> list[int]:
    """Make many bodies without keys at once, such as 220 member households; return their ids (about 7 statements).

    Raises:
        NotAllowed: manage_people is missing somewhere in the district. Invalid: a wrong parent or place, said by name.
    """
    demand_home(district, actor)
    access.demand_all(actor, MANAGE, ())
    with writing(district.id):
        known = {body.id: body for body in load_bodies(district.id) if not body.ended}
        tree = territory.load_places(district.id, district.pack.units.level_keys())
        rows = []
        for new in bodies:
            parent = known.get(new.parent_id) if new.parent_id is not None else None
            places = [place for area_id in new.covers if (place := tree.get(area_id)) is not None]
            words = parent_fault(district.pack, new.kind, parent.kind if parent else None)
            if words or len(places) < len(new.covers) or (words := covers_fault(district.pack, new.kind, places)):
                raise Invalid(
                    "body_wrong", f"“{new.name[:80]}”：{words or '覆盖的地域不存在。'}", "请改正后再试。", "bodies"
                )
            rows.append(
                Body(
                    district_id=district.id, kind=new.kind, name=clean(new.name, "name", "组织名称", 80),
                    parent_id=new.parent_id, seat_id=new.seat, began_on=since or local(now).date(),
                )
            )  # fmt: skip
        Body.objects.bulk_create(rows, batch_size=BATCH)
        BodyArea.objects.bulk_create(
            [
                BodyArea(body=row, area_id=a)
                for row, new in zip(rows, bodies, strict=True)
                for a in dict.fromkeys(new.covers)
            ],
            batch_size=BATCH,
        )
        note(actor, "add_bodies", district.title, {"made": len(rows)}, now)
    return [row.pk for row in rows]
