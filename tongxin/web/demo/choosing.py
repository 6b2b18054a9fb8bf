"""What people do next and what they write: choices by chance over what the engine offers. Knows no locality and no procedure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tongxin.kernel.clock import local
from tongxin.packs.schema import Demo, Procedure
from tongxin.procedures.api import Field, Option
from tongxin.web.demo.phrases import ASKED, OTHERWISE, PHRASES

PUBLIC = ("words", "topic")  # fields that say in public what a case is about
_WEIGHTS = {"primary": 6.0, "plain": 0.4, "quiet": 0.15}
_FINAL_WEIGHTS = {"refused": 0.12, "merged": 0.15, "withdrawn": 0.02}


def weight_of(procedure: Procedure, option: Option, *, has_master: bool) -> float:
    """How likely people are to take an act: mostly the main one, seldom one that ends in a refusal, never one they cannot fill in."""
    spec = procedure.transitions[option.key]
    if any(field.type == "matter" and field.required for field in option.fields) and not has_master:
        return 0.0
    if any(
        field.required and field.type in ("unit", "units", "category") and not field.choices for field in option.fields
    ):
        return 0.0
    state = procedure.states.get(spec.to)
    weight = _WEIGHTS[option.weight]
    if state is not None and state.final in _FINAL_WEIGHTS:
        weight = min(weight, _FINAL_WEIGHTS[state.final])
    weight *= 0.3 if option.confirm else 1.0
    return weight * 0.5 if spec.to == "stay" else weight


def fill(
    fields: Sequence[Field],
    *,
    demo: Demo,
    category: str,
    master: str,
    area_id: int,
    now: datetime,
    chance: random.Random,
    title: str = "",
) -> dict[str, Any]:
    """Fill a form in as somebody would: what is asked for, and some of what is not.

    Args:
        title: of the case, for the words with which it is made public.
    """
    form: dict[str, Any] = {}
    for field in fields:
        if field.value not in (None, "", []):
            if field.required or chance.random() < 0.8:
                form[field.key] = field.value
            continue
        likely = {"units": 0.12, "unit": 0.2, "date": 0.2, "longtext": 0.75, "text": 0.6}.get(field.type, 0.5)
        if not field.required and chance.random() > likely:
            continue
        value = _value(
            field, demo=demo, category=category, master=master, area_id=area_id, now=now, chance=chance, form=form
        )
        if field.type == "text" and field.key in PUBLIC and title:
            value = title[: field.max or 80]
        if value is not None:
            form[field.key] = value
    return form


def _value(
    field: Field,
    *,
    demo: Demo,
    category: str,
    master: str,
    area_id: int,
    now: datetime,
    chance: random.Random,
    form: dict[str, Any],
) -> Any:
    match field.type:
        case "text" | "longtext":
            return sentence(field, demo, category, chance)
        case "choice" | "category":
            return chance.choice(field.choices)[0] if field.choices else None
        case "unit":
            return chance.choice(field.choices)[0] if field.choices else None
        case "units":
            others = [ident for ident, _ in field.choices if ident != str(form.get("main_unit"))]
            return chance.sample(others, min(len(others), chance.choice((1, 1, 2)))) or None
        case "several":
            # mostly everybody came
            whole = [value for value, _ in field.choices]
            return whole if chance.random() < 0.8 else chance.sample(whole, max(1, len(whole) - 2))
        case "phone":
            return f"000-0000{chance.randrange(10_000):04d}"
        case "yesno":
            return chance.random() < 0.88
        case "rating":
            return chance.choices((5, 4, 3, 2, 1), (56, 27, 9, 5, 3))[0]
        case "number":
            low = field.min or 0
            return chance.randint(low, min(field.max or low + 3, low + 3))
        case "date" if field.days == "past":
            return (local(now).date() - timedelta(days=chance.randint(0, 2))).isoformat()
        case "date":
            return (local(now).date() + timedelta(days=chance.randint(20, 60))).isoformat()
        case "matter":
            return master or None
        case "area":
            return area_id
    return None


def sentence(field: Field, demo: Demo, category: str, chance: random.Random) -> str:
    """A sentence that fits the field: the locality's own answers for a result, else a common one."""
    if field.key == "result":
        own = demo.answers.get(category) or demo.answers.get(category[:2])
        if own:
            return chance.choice(own)
    asked = next((said for words, said in ASKED if any(word in field.title for word in words)), None)
    return chance.choice(asked or PHRASES.get(field.key, OTHERWISE))


def shortest_ways(procedure: Procedure) -> dict[str, list[str]]:
    """Return for each state the acts that lead there from the start, by people only and preferring the main ones."""
    ways: dict[str, list[str]] = {procedure.start: []}
    costs: dict[str, float] = {procedure.start: 0.0}
    queue = [procedure.start]
    while queue:
        queue.sort(key=lambda state: costs[state])
        here = queue.pop(0)
        for key, spec in procedure.transitions.items():
            by_system = bool(spec.by) and all(holder.who == "system" for holder in spec.by)
            if here not in spec.from_ or spec.to in ("stay", "back") or by_system:
                continue
            cost = costs[here] + (1.0 if spec.weight == "primary" else 1.6)
            if spec.to not in costs or cost < costs[spec.to]:
                costs[spec.to], ways[spec.to] = cost, [*ways[here], key]
                queue.append(spec.to)
    return ways
