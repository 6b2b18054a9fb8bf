"""The model of a locality as its page shows it: printed, worked out and counted side by side, never mixed. It counts nothing itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.urls import reverse

from tongxin.kernel import figures, registry
from tongxin.kernel.figures import Measured
from tongxin.organization.api import access
from tongxin.packs import api as packs
from tongxin.packs.schema import Figure, Mechanism, Pack
from tongxin.registers import api as registers
from tongxin.web import wording
from tongxin.web.page import PAGES
from tongxin.web.request import Request

SIGNS = {"*": "×", "/": "÷", "-": "−", "+": "+"}
# section → the pages that show one of its things: for staff, for everybody; a page without variable parts shows all of them
SHOWN_AT: dict[str, tuple[str, ...]] = {
    "procedures": ("programme_procedure",),
    "bodies": ("programme_bodies",),
    "lists": ("work_list", "resident_list"),
    "cadence": ("work_cadence", "resident_calendar"),
    "documents": ("resident_document",),
    "registers": ("work_register_book", "resident_register"),
    "networks": ("resident_networks",),
    "tags": ("grid_tags",),
    "rules": ("admin_pack_rules",),
    "facilities": ("resident_nearby",),
}
# which of a section's things everybody may know of, where not all are public
PUBLIC: dict[str, Callable[[Pack, str], bool]] = {
    "lists": lambda pack, key: pack.lists[key].public,
    "cadence": lambda pack, key: pack.cadence[key].public,
    "registers": lambda pack, key: pack.registers[key].public,
}
# pages that not everybody may open who may open others of their kind
OPEN: dict[str, Callable[[Request, str], bool]] = {
    "work_register_book": lambda request, key: (
        request.district.pack.registers[key].of != "person" or registers.may_see_names(request.actor)
    ),
}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure; an empty text where one of the three is missing."""

    title: str
    means: str
    rows: tuple[str, ...]
    printed: str
    printed_unit: str
    since: str
    line: str
    to_check: bool
    derived: str
    counted: Measured | None
    counted_text: str
    counted_nothing: str  # in its place
    counted_unit: str
    counted_means: str


@dataclass(frozen=True, slots=True)
class Running:
    """What runs under a mechanism: its kind, and each with where it may be seen."""

    title: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MechanismRow:
    """A mechanism with what runs under it and its figures."""

    spec: Mechanism
    running: tuple[Running, ...]
    figures: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True)
class InitiativeRow:
    """A group of mechanisms."""

    key: str
    title: str
    about: str
    rows: tuple[str, ...]
    figures: tuple[FigureRow, ...]
    mechanisms: tuple[MechanismRow, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """The whole page."""

    title: str
    about: str
    source: str
    figures: tuple[FigureRow, ...]
    initiatives: tuple[InitiativeRow, ...]
    counted_at: datetime


def view(request: Request) -> ProgrammeView | None:
    """The locality's model, None where its pack has none (one statement for each measure it names)."""
    pack = request.district.pack
    programme = pack.programme
    if programme is None:
        return None
    counted, at = packs.count_figures(request.district, request.now)
    values = {
        figure.key: figures.read_printed(figure.printed.value).value
        for figure, _ in programme.walk_figures()
        if figure.printed is not None
    }
    said = {figure.key: figure.printed.value for figure, _ in programme.walk_figures() if figure.printed is not None}

    def rows(found: list[Figure]) -> tuple[FigureRow, ...]:
        return tuple(_figure(figure, values, said, counted) for figure in found)

    source = programme.source
    return ProgrammeView(
        programme.title, programme.about,
        "".join((f"{source.publisher}，" if source.publisher else "", f"{source.on:%Y-%m-%d}，" if source.on else "", f"《{source.title}》")),
        rows(programme.figures),
        tuple(
            InitiativeRow(
                initiative.key, initiative.title, initiative.about, tuple(initiative.rows), rows(initiative.figures),
                tuple(MechanismRow(spec, running(request, spec.runs), rows(spec.figures)) for spec in initiative.mechanisms),
            )
            for initiative in programme.initiatives
        ),
        at,
    )  # fmt: skip


def _figure(
    figure: Figure, values: Mapping[str, Fraction], said: Mapping[str, str], counted: Mapping[str, Measured]
) -> FigureRow:
    printed, derived, asked = figure.printed, figure.derived, figure.counted
    measured = counted.get(figure.key)
    entry = registry.measures[asked.measure] if asked else None
    nothing = wording.say_nothing(measured, entered=bool(entry and entry.nothing)) if measured else ""
    reckoned = ""
    if derived is not None:
        shape = derived.as_
        result = figures.say(figures.work_out(derived.sum, values), shape, derived.places)
        reckoned = f"{_say_sum(derived.sum, said)} = {result}{derived.unit}"
    return FigureRow(
        figure.title, figure.means, tuple(figure.rows), printed.value if printed else "", printed.unit if printed else "",
        printed.since if printed else "", printed.line if printed else "", printed is not None and printed.confidence == "K",
        reckoned, measured, "" if nothing else _say_measured(measured), nothing,
        (asked.unit if asked and measured and measured.shape == "count" and not nothing else ""),
        _say_means(asked.means or entry.title, measured, entry.nothing if nothing else "") if asked and entry else "",
    )  # fmt: skip


def _say_sum(sum_: str, said: Mapping[str, str]) -> str:
    """``solved / discussed`` → ``69 ÷ 78``."""
    words = re.sub(r"[A-Za-z_]\w*", lambda match: said.get(match[0], match[0]), sum_)
    return re.sub(r"\s*([*/+-])\s*", lambda match: f" {SIGNS[match[1]]} ", words)


def _say_means(means: str, measured: Measured | None, missing: str) -> str:
    """What the count means, how it was measured where there is more than one way, and what is missing for it."""
    return "；".join(part for part in (means, measured.note if measured else "", missing) if part)


def _say_measured(measured: Measured | None) -> str:
    """The count, or the rate with what it is made of; empty where there is none."""
    value = measured.value if measured is not None else None
    if measured is None or value is None:
        return ""
    match measured.shape:
        case "count":
            return f"{measured.part:,}"
        case "percent":
            return f"{figures.say(value, 'percent', 2)}（{measured.part:,}/{measured.whole:,}）"
    return f"{figures.say(value, 'number', 2)}（{measured.part:,}/{measured.whole:,}）"


def running(request: Request, runs: Mapping[str, list[str]]) -> tuple[Running, ...]:
    """What runs, by kind, each with where this person may see it (0 statements)."""
    found = []
    for section, names in runs.items():
        titles = registry.sections[section].call(request.district.pack)
        shown = tuple((titles.get(name, name), _address(request, section, name)) for name in names)
        found.append(Running(registry.sections[section].title, shown))
    return tuple(found)


def _address(request: Request, section: str, name: str) -> str:
    """Where this person may see it, empty where nowhere."""
    for page in SHOWN_AT.get(section, ()):
        declared = PAGES.get(page)
        if declared is None or (declared.signed_in and request.actor.user_id is None):
            continue
        if not declared.signed_in and section in PUBLIC and not PUBLIC[section](request.district.pack, name):
            continue
        if page in OPEN and not OPEN[page](request, name):
            continue
        if declared.permission is None or access.may(request.actor, declared.permission):
            return reverse(page, args=[name]) if declared.takes_arguments else reverse(page)
    return ""
