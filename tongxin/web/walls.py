"""The big screen as its pages show it: the picture of ``screens`` with words, links and a map. It counts nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from tongxin.kernel import figures
from tongxin.kernel.figures import Measured
from tongxin.procedures.api import Flow
from tongxin.screens import api as screens
from tongxin.territory import api as territory
from tongxin.web import wording
from tongxin.web.request import Request
from tongxin.web.wall_picture import draw

# what a number counts → its words, its tone; the order is that of the wall
NUMBERS = {
    "came_today": (_("今天收到"), "new"), "done_today": (_("今天办结"), "done"), "open": (_("正在办"), "busy"),
    "due_today": (_("今天到期"), "soon"), "overdue": (_("已超时"), "late"),
}  # fmt: skip
# Lines beside the map, the one of what is on no map among them; fewer while something is called out.
WORST, WORST_BESIDE = 6, 3


@dataclass(frozen=True, slots=True)
class Number:
    """One of the great numbers."""

    key: str
    title: str
    tone: str
    value: int
    url: str


@dataclass(frozen=True, slots=True)
class TileRow:
    """A counted figure with its parts."""

    title: str
    text: str
    nothing: str  # in place of the figure
    unit: str
    parts: str
    share: int | None  # per cent, for the bar
    url: str


def wall_context(request: Request, *, linked: bool) -> dict[str, Any]:
    """What the wall shows (as ``screens.show_picture``).

    Args:
        linked: whether figures lead on; not on a wall that a link opened.
    """
    district = request.district
    picture = screens.show_picture(district, request.now)
    flows = {int(key): Flow(**flow) for key, flow in picture["places"].items()}
    drawing, tree, beside = draw(district, picture["level"]), territory.tree(district), Flow(**picture["beside"])
    rows = (WORST_BESIDE if picture["called"] else WORST) - (1 if beside.overdue else 0)
    worst = sorted(
        (one for one in flows.items() if one[1].overdue), key=lambda one: (-one[1].overdue, tree.full_name(one[0]))
    )[:rows]
    most = max([1, *(max(came, done) for _, came, done in picture["hours"])])
    return {
        "taken_at": datetime.fromisoformat(picture["at"]),
        "title": district.pack.wall.title or district.title,
        "linked": linked,
        "numbers": [
            Number(key, title, tone, picture["numbers"][key], cases_url(key) if linked else "") for key, (title, tone) in NUMBERS.items()
        ],
        "drawing": drawing,
        "shapes": [
            (one, flows.get(one.area_id, Flow()), screens.tone_of(flows.get(one.area_id, Flow())), cases_url("open", one.area_id) if linked else "")
            for one in drawing.places
        ],
        "worst": [(name_of(tree, area), flow, cases_url("overdue", area) if linked else "") for area, flow in worst],
        "beside": beside,
        "hours": [(hour, hour * 25, _bar(came, most), hour * 25 + 11, _bar(done, most)) for hour, came, done in picture["hours"]],
        "tiles": [_tile(tile, linked) for tile in picture["tiles"]],
        "called": [
            (one, datetime.fromisoformat(one["sent_at"]), _share(one["answered"], one["called"]), _called_url(one) if linked else "")
            for one in picture["called"]
        ],
    }  # fmt: skip


def name_of(tree: territory.AreaTree, area_id: int) -> str:
    """A place's name as it is told apart from its like elsewhere; one that has ended keeps its own."""
    place = tree.ever(area_id)
    return tree.full_name(area_id) or (place.name if place else "")


def cases_url(what: str, area_id: int | None = None, procedure: str = "") -> str:
    """The page of the cases behind a figure."""
    asked = {"what": what, **({"area": area_id} if area_id else {}), **({"procedure": procedure} if procedure else {})}
    return f"{reverse('lead_cases')}?{urlencode(asked)}"


def _tile(tile: dict[str, Any], linked: bool) -> TileRow:
    measured = Measured(tile["part"], tile["whole"], tile["shape"])
    value = measured.value
    percent = tile["shape"] == "percent"
    nothing = wording.say_nothing(measured, entered=tile.get("entered", False))
    text = (
        ""
        if value is None or nothing
        else figures.say(value, "percent" if percent else "number", 1 if percent else 0).replace(".0%", "%")
    )
    parts = f"{measured.part:,} ÷ {measured.whole:,}" if measured.whole else ""
    url = (
        (cases_url(tile["opens"], None, tile["procedure"]) if tile["opens"] else reverse("resident_programme"))
        if linked
        else ""
    )
    return TileRow(
        tile["title"],
        text,
        nothing,
        "" if percent or nothing else tile["unit"],
        parts,
        _share(measured.part, measured.whole or 0) if percent else None,
        url,
    )


def _bar(count: int, most: int) -> tuple[int, int]:
    """Top and height of a bar of the day's flow."""
    tall = -(-60 * count // most)
    return 66 - tall, tall


def _share(part: int, whole: int) -> int | None:
    return min(100, 100 * part // whole) if whole else None


def _called_url(one: dict[str, Any]) -> str:
    return reverse("work_case", args=[one["run"]]) if one["run"] else ""
