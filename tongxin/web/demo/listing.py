"""Lists of the demo: the editions that the pack's demo.yaml counts, with made-up items, claimed and done as in life."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from tongxin.kernel.clock import LOCAL, local
from tongxin.kernel.errors import Refusal
from tongxin.lists import api as lists
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import DemoEdition, DemoList, ListSpec
from tongxin.procedures import api as procedures
from tongxin.web.demo.cast import Cast

_DAYS = {"quarter": 92, "year": 366}
_CLAIMED, _DONE = 0.7, 0.7
MADE_UP = "（拟名）"


def set_up_lists(district: DistrictView, *, since: date, now: datetime) -> int:
    """Publish what the pack names and what its demo counts; return the number of editions."""
    actor = organization.system_actor(district)
    made = lists.set_up_lists(district, actor=actor, now=now, since=since)
    demo = district.pack.demo
    chance = random.Random(demo.seed if demo else 1)  # noqa: S311 - a story, not a secret
    for one in demo.lists if demo else []:
        spec = district.pack.lists[one.key]
        places = [place.id for place in lists.places_of(district, spec) if one.area in (None, place.code)]
        where: list[int | None] = [*places] if spec.per else [None]
        for area_id in where:
            made += _editions(district, one, spec, area_id, actor, since, now, chance)
    return made


def _editions(
    district: DistrictView, demo: DemoList, spec: ListSpec, area_id: int | None, actor: Actor, since: date,
    now: datetime, chance: random.Random,
) -> int:  # fmt: skip
    today = local(now).date()
    last = len(demo.editions) - 1
    items = _items(district, demo, spec)
    for index, edition in enumerate(demo.editions):
        day = edition.from_on or today - timedelta(days=_DAYS.get(spec.period, 0) * (last - index))
        then = _then(spec, day, now)
        continued = lists.find_draft(district, demo.key, area_id)
        if continued is None:
            classes = {key: one.title or spec.classes[key] for key, one in edition.classes.items()}
            title = "" if spec.period != "none" else edition.title
            made = lists.draft_edition(
                district=district, key=demo.key, area_id=area_id, title=title, from_on=day, actor=actor, now=then, copy=False,
                classes=classes if spec.period == "none" else None,
            )  # fmt: skip
        else:
            made = continued
        # a period goes on numbering; editions of one list keep the number of what stays
        own = items[index] if spec.period == "none" else [_unnumbered(item) for item in items[index]]
        lists.add_items(district=district, edition_id=made.pk, items=own, actor=actor, now=then)
        lists.publish_edition(district=district, edition_id=made.pk, actor=actor, now=then)
        if spec.procedure and spec.period != "none":
            # nobody acts before the day from which people hold their posts
            begun = max(then, datetime.combine(since + timedelta(days=1), time(9), LOCAL))
            _live(district, made.pk, begun, now, chance, Cast(district))
            if index < last:
                lists.close_period(
                    district=district, edition_id=made.pk, actor=actor, now=min(then + timedelta(days=88), now)
                )
    return len(demo.editions)


def _then(spec: ListSpec, day: date, now: datetime) -> datetime:
    """A morning a few days into the edition's period, never in the future."""
    if spec.period == "none":
        at = datetime.combine(day, time(9), LOCAL)
    else:
        first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1) if spec.period == "quarter" else date(day.year, 1, 1)
        at = datetime.combine(first + timedelta(days=4), time(9), LOCAL)
    return min(at, now - timedelta(hours=2))


def _items(district: DistrictView, demo: DemoList, spec: ListSpec) -> list[list[lists.NewItem]]:
    """The items of each edition; those of one number have one name over the editions, that of the last one that has it."""
    departments = [unit.id for unit in organization.list_units(district, ["department"])]
    codes = {category.code: category.title for category, _ in district.pack.catalogue.walk()}
    lines = [list(_lines(edition, spec, codes)) for edition in demo.editions]
    told = {line.title: line for edition in demo.editions for one in edition.classes.values() for line in one.lines}
    out = []
    for number, own in enumerate(lines):
        later = lines[-1] if spec.period == "none" else own
        items = []
        for n, (klass, title, code, share) in enumerate(own):
            if n < len(later):
                _, title, code, share = later[n]
            elif number + 1 < len(lines):
                title = f"原{title}"
            owner = departments[n % len(departments)] if departments and spec.kind == "admission" else None
            shown = share if spec.kind in ("admission", "duty") else ""
            if spec.kind == "duty" and not shown:
                shown = klass if klass in ("assist", "taken_back") else "main"
            line = told.get(title)
            items.append(
                lists.NewItem(
                    title, klass, f"{n + 1:03d}", shown, fields=line.fields if line else {}, owner_id=owner,
                    categories=(code,) if code else (), refers=tuple(line.refers) if line else (),
                )
            )  # fmt: skip
        out.append(items)
    return out


def _lines(edition: DemoEdition, spec: ListSpec, codes: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """(class, title, category code, share) of each item of an edition."""
    for klass, one in edition.classes.items():
        title = one.title or spec.classes[klass]
        for code, share in one.categories.items():
            yield klass, f"{codes[code]}相关事项{MADE_UP}", code, share
        named = [*one.titles, *(line.title for line in one.lines)]
        for given in named:
            yield klass, given, "", ""
        for n in range(len(one.categories) + len(named), one.count):
            yield klass, f"{title}事项{n + 1}{MADE_UP}", "", ""


def _unnumbered(item: lists.NewItem) -> lists.NewItem:
    return replace(item, key="")


def _live(
    district: DistrictView, edition_id: int, then: datetime, now: datetime, chance: random.Random, cast: Cast
) -> None:
    """Let units claim most of the items and finish most of those, in time order."""
    edition = lists.get_edition(district, edition_id)
    units = organization.list_units(district, ["department", "utility"])
    found, _ = lists.list_items(edition)
    runs = procedures.run_ids_of(district, [(lists.SUBJECT, item.case_id) for item in found if item.case_id])
    for item in found:
        run_id = runs.get((lists.SUBJECT, item.case_id or 0))
        if run_id is None or item.stage != "open" or chance.random() > _CLAIMED:
            continue
        unit = chance.choice(units)
        steps: list[tuple[str, dict[str, Any]]] = [
            ("claim", {"unit": unit.id}),
            ("finish", {"result": "已按约定办好，请社区确认。"}),
            ("confirm", {"finding": "已到现场看过。"}),
        ]
        at = then
        for key, form in steps if chance.random() < _DONE else steps[:1]:
            at += timedelta(days=chance.uniform(2, 9))
            run = procedures.get_run(district, run_id)
            if at >= now or run is None or run.holder_post_id is None:
                break
            who = cast.of_post(run.holder_post_id, at)
            if who is None:
                break
            try:
                procedures.act(district=district, run_id=run_id, transition=key, form=form, actor=who, now=at)
            except Refusal:
                break
