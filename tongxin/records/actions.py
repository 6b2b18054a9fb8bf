"""Writes: keep a picture, give it to what it belongs to, sweep what nobody claimed, note what administrators change."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.kernel.turns import wait_our_turn
from tongxin.records import pdf, rules, storage
from tongxin.records.models import PDF, Attachment, AuditEntry, Complaint

UNCLAIMED_HOURS = 24


def keep_photo(
    district_id: int, stream: IO[bytes], *, declared_name: str, user_id: int | None, now: datetime
) -> Attachment:
    """Keep an uploaded picture, re-encoded and without metadata; nobody owns it until ``claim``.

    Args:
        stream: the uploaded file; at most ``limits.PHOTO_BYTES`` are read.
        declared_name: the name it came with; not believed and not kept.

    Raises:
        Invalid: see ``rules.make_picture``; nothing is kept then.
    """
    del declared_name  # part of the door so that callers need not know that content alone decides
    data = stream.read(limits.PHOTO_BYTES + 1)
    picture = rules.make_picture(data)
    digest = hashlib.sha256(picture.data).hexdigest()
    with transaction.atomic():
        _hold(district_id, digest)
        storage.write(storage.path_of(district_id, digest, "thumb"), picture.thumb)
        storage.write(storage.path_of(district_id, digest), picture.data)
        return Attachment.objects.create(
            district_id=district_id,
            digest=digest,
            mime="image/jpeg",
            width=picture.width,
            height=picture.height,
            size_bytes=len(picture.data),
            created_at=now,
            created_by_id=user_id,
        )


def keep_scan(district_id: int, stream: IO[bytes], *, user_id: int | None, now: datetime) -> Attachment:
    """Keep a scanned paper: a PDF as it came once it has been looked through, a picture re-encoded as ever; by content, not by name.

    Raises:
        Invalid: see ``pdf.check_pdf`` and ``rules.make_picture``; nothing is kept then.
    """
    data = stream.read(max(limits.SCAN_BYTES, limits.PHOTO_BYTES) + 1)
    if not pdf.is_pdf(data):
        return keep_photo(district_id, io.BytesIO(data), declared_name="", user_id=user_id, now=now)
    pages = pdf.check_pdf(data)
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        _hold(district_id, digest)
        storage.write(storage.path_of(district_id, digest, "pdf"), data)
        return Attachment.objects.create(
            district_id=district_id, digest=digest, kind=PDF, mime="application/pdf", width=0, height=pages, size_bytes=len(data),
            created_at=now, created_by_id=user_id,
        )  # fmt: skip


def claim(attachment_ids: Sequence[UUID | str], *, district_id: int, subject_kind: str, subject_id: int) -> int:
    """Give unclaimed pictures of the district to a subject; returns how many (one statement, none for an empty list).

    Call it in the transaction that makes the subject. Pictures already given to the same subject count again, so that a
    repeated request finds the same answer.

    Raises:
        Invalid: more than ``limits.PHOTOS``, an id that is none, or a picture that is gone or belongs to something else.
    """
    wanted = _ids(attachment_ids)
    if not wanted:
        return 0
    free = Q(subject_kind="") | Q(subject_kind=subject_kind, subject_id=subject_id)
    theirs = Attachment.objects.filter(free, district_id=district_id, pk__in=wanted)
    count = theirs.update(subject_kind=subject_kind, subject_id=subject_id)
    if count < len(wanted):
        raise Invalid(
            "photo_gone", "有照片已经失效（上传后一天内没有提交）。", "请重新选择照片，其他内容不用再填。", "photos"
        )
    return count


def _ids(values: Sequence[UUID | str]) -> list[UUID]:
    try:
        wanted = list(dict.fromkeys(value if isinstance(value, UUID) else UUID(value) for value in values if value))
    except (ValueError, AttributeError):
        raise Invalid("photo_id_wrong", "照片编号不对。", "请重新选择照片。", "photos") from None
    if len(wanted) > limits.PHOTOS:
        raise Invalid(
            "photos_too_many", f"最多放 {limits.PHOTOS} 张照片。", "请去掉几张再提交。", "photos", limit=limits.PHOTOS
        )
    return wanted


def sweep_unclaimed(now: datetime, rows: int = 200) -> int:
    """Delete pictures that nobody claimed within a day, and their files; returns how many rows went."""
    old = Attachment.objects.filter(subject_kind="", created_at__lt=now - timedelta(hours=UNCLAIMED_HOURS))
    gone = 0
    for district_id, digest in list(old.values_list("district_id", "digest").distinct()[:rows]):
        with transaction.atomic():
            _hold(district_id, digest)
            gone += old.filter(district_id=district_id, digest=digest).delete()[0]
            if not Attachment.objects.filter(district_id=district_id, digest=digest).exists():
                for size in ("full", "thumb", "pdf"):
                    storage.remove(storage.path_of(district_id, digest, size))
    return gone


def _hold(district_id: int, digest: str) -> None:
    """One at a time for one content: the sweep must not take a file that is just being kept."""
    wait_our_turn(f"photo:{district_id}:{digest}")


def audit(
    *,
    district_id: int | None,
    user_id: int | None,
    actor_label: str,
    action: str,
    target: str,
    detail: dict[str, Any],
    now: datetime,
) -> AuditEntry:
    """Note one administrative act; call it in the transaction of the act.

    Args:
        action: stable word, ``package.verb_noun``, e.g. ``organization.appoint``.
        target: what was changed, as people call it.
        detail: plain values, before and after; no personal data beyond what the act needs.
    """
    return AuditEntry.objects.create(
        district_id=district_id,
        at=now,
        user_id=user_id,
        actor_label=actor_label[:120],
        action=action,
        target=target[:120],
        detail=detail,
    )


def complain(
    *, district_id: int, user_id: int | None, page: str, text: str, contact: str, request_key: str, now: datetime
) -> Complaint:
    """Keep a complaint about formalism (norm B-05); a repeated ``request_key`` finds the first one.

    Raises:
        Invalid: no text, or too much of it.
    """
    words = text.strip()
    if not words:
        raise Invalid("text_missing", "还没有写下情况。", "请用一两句话说说是什么事、哪张表、哪个要求。", "text")
    if len(words) > limits.NOTE_CHARS:
        raise Invalid(
            "text_too_long", f"写得太长（{len(words)} 字），最多 {limits.NOTE_CHARS} 字。", "请删减一些。", "text"
        )
    if len(contact) > limits.NAME_CHARS:
        raise Invalid("contact_too_long", f"联系方式最多 {limits.NAME_CHARS} 字。", "请只留一个电话。", "contact")
    found, _ = Complaint.objects.get_or_create(
        district_id=district_id,
        request_key=request_key,
        defaults={"user_id": user_id, "page": page[:200], "text": words, "contact": contact.strip(), "at": now},
    )
    return found


def answer_complaint(*, complaint_id: int, district_id: int, user_id: int, answer: str, now: datetime) -> bool:
    """Note what was done about a complaint; returns whether it was still open."""
    open_ones = Complaint.objects.filter(pk=complaint_id, district_id=district_id, answered_at=None)
    return bool(open_ones.update(answer=answer.strip()[: limits.NOTE_CHARS], answered_by_id=user_id, answered_at=now))
