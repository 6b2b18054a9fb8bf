"""The acts that are open to a person, with their forms filled in as far as things are known (norm B-03)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongxin.kernel import limits, registry
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.worktime import Span
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import FormField, Pack, Procedure
from tongxin.procedures import permissions, rules
from tongxin.procedures.actions import procedure_of
from tongxin.procedures.context import Context
from tongxin.procedures.forms import Field, limit_of
from tongxin.procedures.guards import ABOUT_FORM, ABOUT_UNITS
from tongxin.procedures.models import Run
from tongxin.procedures.queries.lists import RunRow
from tongxin.territory import api as territory


@dataclass(frozen=True)
class Option:
    """An act that is open to the person who looks; ``blocked`` tells why it would be refused now."""

    key: str
    title: str
    weight: str
    to_title: str
    fields: list[Field]
    confirm: str
    blocked: str
    bulk: bool


def options(district: DistrictView, run: Run, actor: Actor, now: datetime) -> list[Option]:
    """Return the acts that this person may do on a run now, weightiest first (0 statements plus what its guards cost)."""
    pack = packs.get_pack(run.pack_id)
    procedure = procedure_of(pack, run.procedure)
    out: list[Option] = []
    for key, spec in procedure.transitions.items():
        if run.state not in spec.from_:
            continue
        context = Context(district, pack, procedure, run, key, spec, {}, actor, now, to_state=spec.to)
        acting = permissions.may(context)
        if acting is False:
            continue
        context.acting_as = acting if isinstance(acting, int) and not isinstance(acting, bool) else None
        if spec.within is not None and now > _closes(district, run, spec.within):
            continue
        blocked = _blocked(context)
        target = procedure.states.get(spec.to)
        form = rules.numbers_in_force(spec.form, run.facts)
        fields = [field_of(district, pack, run, name, item) for name, item in form.items()]
        out.append(
            Option(
                key, spec.title, spec.weight, target.title if target else "", fields, spec.confirm, blocked, spec.bulk
            )
        )
    order = {"primary": 0, "plain": 1, "quiet": 2}
    return sorted(out, key=lambda option: order[option.weight])


def _closes(district: DistrictView, run: Run, within: Span) -> datetime:
    return packs.working_calendar(district).add(run.entered_at, rules.in_force(within, run.facts)).at


def bulk_options(district: DistrictView, row: RunRow, actor: Actor) -> list[Option]:
    """Return the steps of a row's state that the pack allows in bulk and that its holder takes (0 statements)."""
    if row.holder is None or row.holder.post_id not in actor.post_ids:
        return []
    spec = packs.get_pack(row.pack_id).procedures[row.procedure]
    out = []
    for key, step in spec.transitions.items():
        if step.bulk and row.state in step.from_ and not step.by:
            fields = [
                Field(name, item.title, item.type, item.required, item.help, days=item.days)
                for name, item in step.form.items()
            ]
            out.append(Option(key, step.title, step.weight, step.to, fields, step.confirm, "", bulk=True))
    return out


def _blocked(context: Context) -> str:
    try:
        permissions.demand_may(context)
    except NotAllowed as refusal:
        return refusal.what
    assert context.spec is not None
    for call in context.spec.guard:
        # a guard over what this very form will name cannot be judged before it is filled in
        if call.name in ABOUT_FORM or (call.name == "has_part" and call.argument in context.spec.form):
            continue
        sentence = registry.guards[call.name].call(context, call.argument)
        if sentence:
            return str(sentence)
    return ""


def unit_steps(procedure: Procedure, state: str) -> list[tuple[str, str]]:
    """Return (transition, participant) of the steps out of a state that name one unit as participant (0 statements)."""
    return [
        (key, name)
        for key, step in procedure.transitions.items()
        if state in step.from_
        for name, item in step.form.items()
        if item.type == "unit" and name in procedure.parts
    ]


def unit_refusal(
    district: DistrictView,
    run: Run,
    transition: str,
    part: str,
    unit_id: int,
    actor: Actor,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Return why the step would refuse a unit as participant, empty when its guards let it in (0 statements).

    Args:
        facts: what the step would know besides, e.g. the category that the same form may set.
    """
    pack = packs.get_pack(run.pack_id)
    procedure = procedure_of(pack, run.procedure)
    spec = procedure.transitions[transition]
    tried = copy.copy(run)
    tried.parts, tried.facts = {**run.parts, part: unit_id}, {**run.facts, **(facts or {})}
    context = Context(district, pack, procedure, tried, transition, spec, {}, actor, now, to_state=spec.to)
    try:
        said = (
            registry.guards[call.name].call(context, call.argument) for call in spec.guard if call.name in ABOUT_UNITS
        )
        return next((str(sentence) for sentence in said if sentence), "")
    except NotAllowed as refusal:
        return refusal.what


def field_of(district: DistrictView, pack: Pack, run: Run, key: str, spec: FormField) -> Field:
    """Return a form field with its choices and what is already known filled in (norm B-03)."""
    choices: list[tuple[str, str]] = []
    if spec.type in ("choice", "several"):
        choices = list((spec.choices or {}).items())
    elif spec.type in ("unit", "units"):
        kinds = spec.kinds or [name for name, kind in pack.units.bodies.items() if kind.desk]
        choices = [(str(unit.id), unit.name) for unit in organization.list_units(district, kinds, run.area_id)]
    elif spec.type == "category":
        choices = [(c.code, " / ".join((*above, c.title))) for c, above in pack.catalogue.walk()]
    elif spec.type == "area":
        choices = _places(district, run)
    return Field(
        key, spec.title, spec.type, spec.required, spec.help, _default(district, pack, run, key, spec), choices, spec.min,
        limit_of(spec) if spec.type in ("text", "longtext", "phone", "matter") else spec.max, spec.purpose or "", spec.days,
    )  # fmt: skip


def _places(district: DistrictView, run: Run) -> list[tuple[str, str]]:
    """The smallest places that one can choose among: of the district, of the largest place around the run, or a level higher up."""
    tree = territory.tree(district)
    for top in tree.path(run.area_id):
        leaves = tree.leaves_under(top)
        if len(leaves) <= limits.CHOICES:
            return [(str(ident), tree.full_name(ident)) for ident in leaves]
    for level in reversed(tree.levels):
        places = tree.at_level(level)
        if len(places) <= limits.CHOICES:
            return [(str(place.id), tree.full_name(place.id)) for place in places]
    return []


def blank_fields(district: DistrictView, pack: Pack, fields: Mapping[str, FormField]) -> list[Field]:
    """Return the fields of a form that nothing runs on yet: an opening (0 statements)."""
    nothing = Run(district_id=district.id, area_id=None, parts={}, facts={})
    return [field_of(district, pack, nothing, key, spec) for key, spec in fields.items()]


def _default(district: DistrictView, pack: Pack, run: Run, key: str, spec: FormField) -> Any:
    if key in run.parts:
        return run.parts[key]
    if spec.default == "category_unit":
        category = next((c for c, _ in pack.catalogue.walk() if c.code == run.facts.get("category")), None)
        wanted = category.unit if category else None
        body = organization.directory(district).by_key(wanted) if wanted else None
        return body.id if body else None
    if spec.type == "category":
        return run.facts.get("category")
    if spec.type == "area":
        return run.area_id
    return run.facts.get(spec.default, spec.default) if spec.default else None
