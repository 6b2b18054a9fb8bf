"""Signatures of documents, noted one by one or taken over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.once import write_once
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs import api as packs
from tongxin.records import api as records
from tongxin.registers.actions.writing import BATCH, KEEP, past_day
from tongxin.registers.models import Signature
from tongxin.registers.queries import copies_of, document_of
from tongxin.registers.rules import newest


@transaction.atomic
def sign(
    *,
    district: packs.DistrictView,
    document: str,
    copy_of: int | None,
    party_id: int,
    signed_on: date,
    actor: Actor,
    now: datetime,
) -> Signature:
    """Note that a party signed the version in force (3 statements).

    Who keeps registers may note it where the copy's owner is; a party's own desk may note its own signature.

    Raises:
        NotFound: no such document or copy. NotAllowed. Conflict: noted before. Invalid: not a party, or a day to come.
    """
    spec = document_of(district, document)
    copy = next((one for one in copies_of(district, document) if one.of == copy_of), None)
    if copy is None or party_id not in copy.parties:
        raise Invalid("no_party", "这个组织不是签署方。", "请从名单里选。", "party")
    own = any(post.body_id == party_id for post in actor.posts)
    if actor.district_id != district.id or not (own or access.may(actor, KEEP)):
        raise access.refusal(KEEP)
    day = past_day(signed_on, now, "signed_on")
    began = spec.current.from_
    if spec.versions[:-1] and began is not None and day < began:
        raise Invalid("signed_before", f"这一版自 {began:%Y-%m-%d} 起施行，不会在那以前签。", "请改日期。", "signed_on")
    version = newest(spec)
    where = {
        "district_id": district.id,
        "document": document,
        "version": version,
        "copy_of_id": copy_of,
        "party_id": party_id,
    }
    with write_once(Conflict("signed_before", "这一方已经记过签署。", "请刷新后再看。"), "signature_once"):
        made = Signature.objects.create(**where, signed_on=day, noted_at=now, noted_by=actor.label[:120])
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="registers.sign", target=spec.title[:80],
        detail={"document": document, "version": version, "copy_of": copy_of, "party": party_id, "on": f"{day}"}, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def sign_many(
    *,
    district: packs.DistrictView,
    document: str,
    signed: Sequence[tuple[int | None, int, date]],
    actor: Actor,
    now: datetime,
) -> int:
    """Take over signatures of the version in force from paper or for a demo: (copy, party, day) (3 statements)."""
    if actor.kind != "system":
        organization.demand_all(actor, KEEP, [])
    spec = document_of(district, document)
    known = {(copy.of, party) for copy in copies_of(district, document) for party in copy.parties}
    rows = [
        Signature(
            district_id=district.id, document=document, version=newest(spec), copy_of_id=copy, party_id=party, signed_on=day,
            noted_at=now, noted_by=actor.label[:120],
        )
        for copy, party, day in signed
        if (copy, party) in known
    ]  # fmt: skip
    made = Signature.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    records.audit(
        district_id=district.id, user_id=actor.user_id, actor_label=actor.label, action="registers.sign_many",
        target=spec.title[:80], detail={"document": document, "count": len(rows)}, now=now,
    )  # fmt: skip
    return len(made)
