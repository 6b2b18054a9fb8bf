"""What residents report in the demo: when, where, what, through whom. By chance, repeatable by the seed."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

import shapely

from tongxin.kernel.clock import LOCAL
from tongxin.kernel.worktime import WorkCalendar
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Demo
from tongxin.territory import api as territory
from tongxin.web.demo.cast import Cast
from tongxin.web.demo.phrases import SURNAMES, UNKNOWN_TEXTS

# hour of the day → share: mornings, afternoons, evenings after work
_HOURS = {7: 3, 8: 9, 9: 14, 10: 13, 11: 8, 12: 3, 13: 3, 14: 8, 15: 11, 16: 10, 17: 6, 18: 4, 19: 7, 20: 7, 21: 3}
_REST_DAY = 0.35
_HOME_SHARE = 0.12


def _ticket(channel: str, now: datetime, leaf: int) -> dict[str, Any]:
    """A call to the hotline comes with the number of its ticket there, under which its result goes back."""
    return {"source": "12345", "source_key": f"{now:%Y%m%d%H%M}-{leaf}"} if channel == "hotline" else {}


class Reporting:
    """Makes reports of one district."""

    def __init__(self, district: DistrictView, demo: Demo, cast: Cast, home: int, chance: random.Random) -> None:
        self._district, self._demo, self._cast, self.chance = district, demo, cast, chance
        self._tree = territory.tree(district)
        self._leaves = [place.id for place in self._tree.at_level(self._tree.levels[-1])]
        self._home = home
        self._known: dict[int, list[tuple[str, float | None, float | None]]] = {}
        for place in district.pack.places:
            area = self._tree.by_code(place.area)
            if area is not None:
                self._known.setdefault(area.id, []).append((place.name, place.lon, place.lat))
        intake = district.pack.settings.intake
        assert intake is not None
        self._channels = {
            key: share for key, share in demo.channels.items() if key in intake.channels
        } or dict.fromkeys(intake.channels, 1)
        self._categories = sorted(code for code in demo.texts if demo.texts[code])

    def times(self, first: date, last: datetime, calendar: WorkCalendar) -> list[datetime]:
        """Return when reports come in from a day up to a moment, in order."""
        out: list[datetime] = []
        day = first
        while day <= last.astimezone(LOCAL).date():
            mean = self._demo.matters_per_day * (1.0 if calendar.is_workday(day) else _REST_DAY)
            for _ in range(max(0, round(self.chance.gauss(mean, mean**0.5)))):
                hour = self.chance.choices(list(_HOURS), list(_HOURS.values()))[0]
                at = datetime.combine(day, time(hour, self.chance.randrange(60), self.chance.randrange(60)), LOCAL)
                if at < last:
                    out.append(at)
            day += timedelta(days=1)
        return sorted(out)

    def any_leaf(self) -> int:
        """Return a leaf area by chance."""
        return self.chance.choice(self._leaves)

    def make(
        self, now: datetime, photo_ids: tuple[str, ...] = (), leaf: int | None = None
    ) -> tuple[matters.Report, Actor]:
        """Return a report and who files it."""
        chance = self.chance
        leaf = leaf or (self._home if chance.random() < _HOME_SHARE else chance.choice(self._leaves))
        name, lon, lat = self._spot(leaf)
        code = chance.choice(self._categories) if self._categories else ""
        text = chance.choice(self._demo.texts.get(code) or UNKNOWN_TEXTS).format(place=name)
        channel = chance.choices(list(self._channels), list(self._channels.values()))[0]
        actor = self._filer(channel, leaf, now)
        if actor.kind == "resident":
            channel = channel if channel in ("web", "box") else "web" if "web" in self._channels else channel
        by_address = lon is None or (channel in ("phone", "box") and chance.random() < 0.5)
        report = matters.Report(
            channel=channel, text=text, category=code if actor.kind == "user" and chance.random() < 0.7 else "",
            lon=None if by_address else lon, lat=None if by_address else lat, area_id=leaf if by_address and lon is None else None,
            address=f"{self._tree.full_name(leaf)}{name}" if by_address or chance.random() < 0.4 else "",
            reporter_name=f"演示·{chance.choice(SURNAMES)}女士" if chance.random() < 0.5 else f"演示·{chance.choice(SURNAMES)}先生",
            reporter_phone=f"000-0000{chance.randrange(10_000):04d}" if chance.random() < 0.7 else "",
            public=chance.random() < 0.6, photo_ids=photo_ids, **_ticket(channel, now, leaf),
        )  # fmt: skip
        return report, actor

    def _spot(self, leaf: int) -> tuple[str, float | None, float | None]:
        """A place of the leaf by name with a point near it that lies in the leaf."""
        chance = self.chance
        known = self._known.get(leaf)
        name, lon, lat = chance.choice(known) if known else (self._tree.full_name(leaf), None, None)
        outline = self._tree.outline(leaf)
        if outline is None:
            return name, lon, lat
        if lon is None or lat is None:
            point = outline.representative_point()
            lon, lat = point.x, point.y
        for _ in range(8):
            x, y = lon + chance.gauss(0, 0.0004), lat + chance.gauss(0, 0.0004)
            if shapely.contains_xy(outline, x, y):
                return name, round(x, 6), round(y, 6)
        return name, lon, lat

    def _filer(self, channel: str, leaf: int, now: datetime) -> Actor:
        """Residents file on the web; a grid worker's report and the telephone's are filed by staff of that place."""
        resident = organization.resident_actor(self._district)
        if channel in ("web", "box"):
            return resident
        levels = self._tree.levels
        roles = [
            role
            for role, spec in self._district.pack.units.roles.items()
            if "report_for_others" in spec.may
            and (spec.at == levels[-1] if channel == "grid" else spec.at in levels[:-1][::-1])
        ]
        for role in roles:
            desk = organization.resolve_role(self._district, role, leaf, None, now)
            actor = self._cast.of_post(desk.post_id, now) if desk is not None else None
            if actor is not None and organization.may(actor, "report_for_others", leaf):
                return actor
        return resident
