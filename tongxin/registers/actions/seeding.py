"""The lines that a pack itself names are entered once."""

from __future__ import annotations

from datetime import datetime

from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.schema import Register, SeedEntry
from tongxin.registers.actions.checking import NewEntry
from tongxin.registers.actions.entries import enter_many
from tongxin.registers.models import Entry
from tongxin.territory import api as territory


def set_up_registers(district: packs.DistrictView, *, actor: Actor, now: datetime) -> int:
    """Enter the lines that the pack names and that are not there yet, upper registers first; return how many (5 statements a register)."""
    tree, directory = territory.tree(district), organization.directory(district)
    made = 0
    ordered = sorted(district.pack.registers.items(), key=lambda item: item[1].under is not None)
    for key, spec in ordered:
        if not spec.entries:
            continue
        upper = _by_key(district, spec.under) if spec.under else {}
        new = []
        for one in spec.entries:
            place, body = tree.by_code(one.area) if one.area else None, directory.by_key(one.body) if one.body else None
            if (one.area and place is None) or (one.body and body is None):
                continue  # of a place or body that this district does not have
            new.append(
                _seed(spec, one, place.id if place else None, body.id if body else None, upper.get(one.under or ""))
            )
        made += enter_many(district=district, key=key, entries=new, actor=actor, now=now, ground="资料包所列")
    return made


def _seed(spec: Register, one: SeedEntry, area_id: int | None, body_id: int | None, under_id: int | None) -> NewEntry:
    who = one.title if spec.of == "person" else ""
    return NewEntry(
        spec.title if who else one.title, one.klass or "", one.key, one.stage or "", area_id, body_id, None, who, under_id, one.by, one.document or "",
        one.from_, one.to, one.fields, "拟名" in one.title,
    )  # fmt: skip


def _by_key(district: packs.DistrictView, register: str) -> dict[str, int]:
    return dict(Entry.objects.filter(district_id=district.id, register=register).values_list("key", "id"))
