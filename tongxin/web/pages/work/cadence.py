"""What comes round at one's places: to be noted, missed, noted; one occurrence with its form or its generated report; kept or not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.cadence import api as cadence
from tongxin.kernel.clock import local
from tongxin.kernel.days import read_day, today_of
from tongxin.kernel.errors import Invalid, Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization.api import access
from tongxin.procedures import api as procedures
from tongxin.records import api as records
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, new_request_key, read, request_key
from tongxin.web.page import Shown, page
from tongxin.web.pages.anyone.cadence_feed import FEED_SALT
from tongxin.web.pictures import photo_ids
from tongxin.web.request import Request

WINDOWS = (92, 184, 366)
PLACES = 200


def my_places(request: Request) -> list[int] | None:
    """The places at and below which this person may note, None for the whole district (0 statements)."""
    scope = access.scope(request.actor, cadence.KEEP)
    return None if scope.everywhere else list(scope.tops)


@page(
    "/work/cadence",
    audience="work",
    title="日程",
    icon="calendar-event",
    nav=45,
    name="work_cadence",
    template="work/cadence.html",
)
def rounds(request: Request) -> Shown:
    """Show what is due, missed, coming and done at my places (4 statements)."""
    today = local(request.now).date()
    places = my_places(request)
    hosts = [post.body_id for post in request.actor.posts if post.body_id is not None]
    key = request.GET.get("series", "")
    chosen = [key] if key in request.district.pack.cadence else []

    def some(which: str, rows: int) -> list[cadence.Row]:
        return cadence.list_occurrences(
            request.district, under=places, host_ids=hosts, series=chosen, which=which, today=today, rows=rows
        )

    running = some("open", 60)  # their period has begun; on some the day has not come yet
    told = {row.occurrence.pk for row in running}
    later = [
        row for row in some("ahead", 60) if row.state in ("ahead", "plan", "report") and row.occurrence.pk not in told
    ]
    ahead = sorted((row for row in [*running, *later] if row.state != "due"), key=lambda row: row.occurrence.due_on)
    token = signing.dumps([request.district.id, request.actor.user_id], salt=FEED_SALT)
    return {
        "open": [row for row in running if row.state == "due"], "missed": some("missed", 40), "ahead": ahead[:30],
        "kept": some("kept", 20), "series": [(k, one.title) for k, one in request.district.pack.cadence.items()], "chosen": key,
        "feed": request.build_absolute_uri(reverse("cadence_staff", args=[token])), "today": today,
    }  # fmt: skip


def _fields(occurrence: cadence.Occurrence, today: date) -> list[Field]:
    day = min(max(today, occurrence.first_on), occurrence.closes_on)
    if occurrence.due_on <= today:
        day = min(occurrence.due_on, today)
    return [
        Field("done_on", "哪天做的", "date", required=True, days="past", value=min(day, today).isoformat()),
        Field("heads", "多少人参加", "number", max=1_000_000, help="大概的数就行。"),
        Field("note", "记一句", "longtext", max=400),
        Field("photos", "照片", "photos", help="不是必须；没有照片也算做到。"),
    ]


@page(
    "/work/cadence/<int:occurrence_id>",
    audience="work",
    title="日程",
    name="work_occurrence",
    template="work/occurrence.html",
)
def occurrence(request: Request, occurrence_id: int) -> Shown:
    """Show one time of a series; a POST notes, takes back or excuses it (about 6 statements)."""
    district, today = request.district, local(request.now).date()
    one = cadence.get_occurrence(district, occurrence_id)
    fields = _fields(one, today)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _do(request, one, fields)
            return HttpResponseRedirect(reverse("work_occurrence", args=[occurrence_id]))
        except Refusal as caught:
            refusal = caught
    row = cadence.row_of(district, one, today)
    noted = list(one.records.all())
    pictures = records.list_for_many(cadence.SUBJECT, [record.pk for record in noted])
    tried = request.POST.get("do", "") if refusal else ""
    context: dict[str, Any] = {
        "row": row, "one": one, "noted": [(record, pictures.get(record.pk, [])) for record in noted], "refusal": refusal, "tried": tried,
        "may_keep": cadence.may_keep(district, request.actor, one), "by_case": row.series is not None and row.series.kept == "case", "key": request_key(request.POST) or new_request_key(),
        "fields": bind(fields, request.POST if tried == "keep" else None, refusal), "can_note": row.state in ("due", "missed", "kept", "excused") or one.first_on <= today,
    }  # fmt: skip
    if one.run is not None:
        spec = procedures.drawn(one.run)
        context |= {"case": one.run, "case_state": spec.states[one.run.state]}
    if row.state == "report":
        context |= {"cases": cadence.report(district, one), "activities": cadence.report_activities(district, one)}
    return render(request, "work/occurrence.html", context, status=refusal.status if refusal else 200)


def _do(request: Request, one: cadence.Occurrence, fields: list[Field]) -> None:
    district, actor, now, asked = request.district, request.actor, request.now, request.POST
    what = asked.get("do", "")
    if what == "excuse":
        cadence.excuse(district=district, occurrence_id=one.pk, reason=asked.get("reason", ""), actor=actor, now=now)
        messages.success(request, "已写明不办的原因。")
    elif what == "take_back":
        ident = asked.get("record", "")
        cadence.take_back(district=district, record_id=number_in(ident) or 0, actor=actor, now=now)
        messages.success(request, "这一笔已撤回。")
    else:
        given = read(fields, asked)
        day = read_day(given.get("done_on", ""), "哪天做的", "done_on", today=today_of(now))
        heads = given.get("heads", "")
        if heads and number_in(heads) is None:
            raise Invalid("heads", "人数要写数字。", "不清楚可以不填。", "heads")
        cadence.keep(
            district=district, occurrence_id=one.pk, done_on=day, heads=int(heads) if heads else None, note=given.get("note", ""),
            photo_ids=photo_ids(request), actor=actor, now=now, request_key=request_key(asked),
        )  # fmt: skip
        messages.success(request, "已记下，做到了。")


@page(
    "/work/cadence/kept",
    audience="work",
    title="做到没有",
    name="work_cadence_kept",
    methods=("GET",),
    template="work/cadence_kept.html",
)
def kept(request: Request) -> Shown:
    """Show by place how often each series was kept of how often its time was up (1 statement)."""
    district, asked = request.district, request.GET
    today = local(request.now).date()
    pack = district.pack.cadence
    groups: dict[str, list[str]] = {}
    for key, series in pack.items():
        if series.counted:
            groups.setdefault(series.group or key, []).append(key)
    chosen = asked.get("group", "")
    keys = groups.get(chosen) or next(iter(groups.values()), [])
    window = days if (days := number_in(asked.get("days", ""))) in WINDOWS else WINDOWS[0]
    scope = access.scope(request.actor, "see_matters")
    places = None if scope.everywhere else [*scope.tops, *access.scope(request.actor, cadence.KEEP).tops]
    table = cadence.monitor(
        district, series=keys, under=places, since=today - timedelta(days=window), until=today, today=today
    )
    tree = territory.tree(district)
    found = sorted((place for i in table if (place := tree.ever(i)) is not None), key=lambda place: place.code)
    rows = [(tree.full_name(p.id), [(pack[key].title, table[p.id].get(key)) for key in keys]) for p in found[:PLACES]]
    totals = []
    for key in keys:
        tallies = [row[key] for row in table.values() if key in row]
        totals.append((pack[key].title, sum(one.kept for one in tallies), sum(one.total for one in tallies)))
    return {
        "groups": [(key, "、".join(pack[k].title for k in members)) for key, members in groups.items()], "chosen": chosen or next(iter(groups), ""),
        "titles": [pack[key].title for key in keys], "rows": rows, "totals": totals, "windows": WINDOWS, "days": window,
        "hidden": max(len(found) - PLACES, 0),
    }  # fmt: skip
