"""Reads: pictures of a subject, what administrators did, complaints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongxin.records.models import Attachment, AuditEntry, Complaint


def list_for(subject_kind: str, subject_id: int) -> list[Attachment]:
    """Pictures of one subject in the order they came (1 statement)."""
    return list_for_many(subject_kind, [subject_id]).get(subject_id, [])


def list_for_many(subject_kind: str, subject_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Pictures of several subjects (1 statement, none for an empty list)."""
    found: dict[int, list[Attachment]] = defaultdict(list)
    if subject_ids:
        rows = Attachment.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids)
        for row in rows.order_by("created_at", "pk"):
            found[row.subject_id or 0].append(row)
    return dict(found)


def find_photo(attachment_id: UUID, district_id: int) -> Attachment | None:
    """A picture of the district (1 statement)."""
    return Attachment.objects.filter(pk=attachment_id, district_id=district_id).first()


def list_audit(
    district_id: int,
    *,
    after: int | None = None,
    rows: int = 50,
    action: str = "",
    words: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditEntry]:
    """What administrators did, newest first (1 statement).

    Args:
        after: the id of the last one seen. action: ``package.verb_noun``, or ``package.`` for all of a package.
        words: part of who did it or of what was changed. since, until: the end not included.
    """
    found = AuditEntry.objects.filter(district_id=district_id)
    if after is not None:
        found = found.filter(pk__lt=after)
    if action:
        found = found.filter(action__startswith=action) if action.endswith(".") else found.filter(action=action)
    if words:
        found = found.filter(Q(actor_label__contains=words) | Q(target__contains=words))
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    return list(found.order_by("-pk")[:rows])


def list_complaints(district_id: int, *, after: int | None = None, rows: int = 50) -> list[Complaint]:
    """Complaints about formalism, newest first (1 statement)."""
    found = Complaint.objects.filter(district_id=district_id)
    if after is not None:
        found = found.filter(pk__lt=after)
    return list(found.order_by("-pk")[:rows])


def list_unclaimed(district_id: int, attachment_ids: Sequence[str]) -> list[Attachment]:
    """Return kept pictures that no form has been accepted with yet (1 statement): a refused form shows them again.

    What is no picture's number is left out.
    """
    numbers = [number for ident in attachment_ids if (number := _number(ident)) is not None]
    return list(Attachment.objects.filter(district_id=district_id, id__in=numbers, subject_kind=""))


def _number(ident: str) -> UUID | None:
    try:
        return UUID(ident)
    except ValueError:
        return None
