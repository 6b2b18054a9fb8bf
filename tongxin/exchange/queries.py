"""Reads: how the links stand, what was sent, what stands still, what of it concerns a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Max, Min, Q

from tongxin.exchange.models import Certificate, Endpoint, Message, Received
from tongxin.packs.api import DistrictView

# Of one case and link the oldest that is not settled goes first; what stands still holds back those behind it.
MAY_GO = """exchange_message m JOIN exchange_endpoint e ON e.district_id = m.district_id AND e.link = m.link
WHERE m.state = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM exchange_message b WHERE b.run_id = m.run_id AND b.link = m.link AND b.number < m.number AND b.state IN ('waiting', 'stuck'))"""


@dataclass(frozen=True, slots=True)
class LinkState:
    """One link of the pack and how it stands."""

    key: str
    title: str
    purpose: str
    basis: str
    endpoint: Endpoint | None
    waiting: int
    stuck: int
    sent: int
    oldest_at: datetime | None  # of what waits
    last_at: datetime | None  # received by the other side
    fields: dict[str, list[str]]  # message → the fields that go out


def list_links(district: DistrictView) -> list[LinkState]:
    """Every link of the pack with its counts (2 statements)."""
    endpoints = {one.link: one for one in Endpoint.objects.filter(district_id=district.id)}
    counted = {
        row["link"]: row
        for row in Message.objects.filter(district_id=district.id)
        .values("link")
        .annotate(
            waiting=Count("pk", filter=Q(state="waiting")), stuck=Count("pk", filter=Q(state="stuck")), sent=Count("pk", filter=Q(state="sent")),
            oldest=Min("written_at", filter=Q(state="waiting")), last=Max("settled_at", filter=Q(state="sent")),
        )
    }  # fmt: skip
    none = {"waiting": 0, "stuck": 0, "sent": 0, "oldest": None, "last": None}
    return [
        LinkState(
            key, spec.title, spec.purpose, spec.basis, endpoints.get(key), (row := counted.get(key, none))["waiting"], row["stuck"], row["sent"],
            row["oldest"], row["last"], {one.title: list(one.fields) for one in spec.sends.values()},
        )
        for key, spec in district.pack.exchange.links.items()
    ]  # fmt: skip


def list_messages(
    district: DistrictView, *, state: str = "", ref: str = "", before: int | None = None, rows: int = 50
) -> list[Message]:
    """Messages, the newest first, without their content (1 statement)."""
    found = Message.objects.filter(district_id=district.id).defer("body").order_by("-number")
    if state:
        found = found.filter(state=state)
    if ref:
        found = found.filter(ref=ref)
    if before is not None:
        found = found.filter(number__lt=before)
    return list(found[:rows])


@dataclass(frozen=True, slots=True)
class AboutCase:
    """What of a case was exchanged."""

    certificates: list[Certificate]
    sent: list[Message]
    received: list[Received]


def about_run(run_id: int) -> AboutCase:
    """Certificates, messages out and in of a case, in order (3 statements)."""
    return AboutCase(
        list(Certificate.objects.filter(run_id=run_id).defer("number").order_by("pk")),
        list(Message.objects.filter(run_id=run_id).defer("body").order_by("number")),
        list(Received.objects.filter(run_id=run_id).order_by("pk")),
    )


def count_stuck(district_id: int) -> int:
    """How many messages stand still (1 statement)."""
    return Message.objects.filter(district_id=district_id, state="stuck").count()


def next_due() -> datetime | None:
    """When the next message that may go is due (1 statement); what waits behind one that stands still, or has no address, is not."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(m.next_at) FROM {MAY_GO}")  # noqa: S608
        found: datetime | None = cursor.fetchone()[0]
    return found
