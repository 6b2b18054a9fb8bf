"""What a step may do here: keep a certificate by reference, write a message to another system. Both in the step's own transaction."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from tongxin.exchange import rules
from tongxin.exchange.models import Certificate, Endpoint, Message
from tongxin.kernel.clock import local
from tongxin.kernel.registry import effects
from tongxin.kernel.sealing import digest_of, seal, unseal
from tongxin.procedures.api import Context
from tongxin.territory import api as territory


@effects.register("hold_certificate", "记下一份证照的引用（号码打码）", takes="certificate")
def hold_certificate(context: Context, argument: Any) -> None:
    """Keep kind, number, issuer and validity of a certificate; the step's log holds the masked number only (1–2 statements).

    Raises:
        Invalid: the number does not look like one of this kind, or the certificate is over.
    """
    given = {
        name: context.form.get(str(value).removeprefix("$"))
        for name, value in argument.items()
        if name not in ("kind", "body")
    }
    field = str(argument["number"]).removeprefix("$")
    if not given["number"]:
        return  # not a required field, and nothing given
    kind = context.pack.exchange.certificates[argument["kind"]]
    number = rules.check_number(kind, str(given["number"]), field)
    until = rules.check_until(
        kind, given.get("until"), local(context.now).date(), str(argument.get("until", "")).removeprefix("$")
    )
    body = context.run.parts.get(argument.get("body", ""))
    masked = rules.mask(number, kind.shown)
    kept, _ = Certificate.objects.update_or_create(
        run_id=context.run.id, kind=argument["kind"],
        defaults={
            "district_id": context.district.id, "body_id": body if isinstance(body, int) else None, "masked": masked, "number": seal(number),
            "digest": digest_of(number), "issuer": str(given.get("issuer") or kind.issuer)[:80], "valid_until": until,
            "purpose": kind.purpose, "legal_basis": kind.basis, "held_at": context.now, "checked_at": None, "valid": None,
            "erase_after_days": kind.keep_days,
        },
    )  # fmt: skip
    context.form = {**context.form, field: masked}  # before the log and its commitment are made of it
    context.run.facts = {**context.run.facts, "certificate": kept.pk}


@effects.register("exchange", "送一条消息给别的系统", takes="message")
def send_message(context: Context, argument: Any) -> None:
    """Write a message into the outbox (2 statements, 1 more with a certificate; 1 where the link has no address: nothing is kept)."""
    found = context.pack.exchange.message(str(argument))
    assert found is not None
    link, kind, spec = found
    if not Endpoint.objects.filter(district_id=context.district.id, link=link).exists():
        return
    data = {name: _value(context, source) for name, source in spec.fields.items()}
    fields = [name for name, value in data.items() if value is not None]
    purpose = "；".join(word for word in (context.pack.exchange.links[link].purpose, spec.personal) if word)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('exchange_message_number')")
        number = int(cursor.fetchone()[0])
    ref = str(context.run.card.get("ref", ""))[:40]
    message = Message(
        number=number, district_id=context.district.id, link=link, kind=kind, run_id=context.run.id, ref=ref, purpose=purpose[:400],
        fields=fields, written_at=context.now, next_at=context.now,
    )  # fmt: skip
    body = rules.body_of(
        message_id=str(message.id), district=context.district.key, kind=kind, ref=ref, number=number, at=context.now, purpose=purpose,
        data={name: data[name] for name in fields},
    )  # fmt: skip
    message.body, message.digest = seal(body), digest_of(body)
    message.save(force_insert=True)


def _value(context: Context, source: str) -> Any:
    kind, _, key = source.partition(".")
    if kind == "form":
        return context.form.get(key)
    if kind == "fact":
        value = context.run.facts.get(key)
        return json.loads(json.dumps(value, ensure_ascii=False, default=str))
    if kind == "certificate":
        return _of_certificate(context, key)
    run, area_id = context.run, context.run.area_id
    match source:
        case "ref" | "title" | "place":
            return run.card.get(source)
        case "area_code":
            area = territory.tree(context.district).get(area_id) if area_id is not None else None
            return area.code if area else None
        case "procedure":
            return context.procedure.title
        case "state":
            return context.procedure.states[context.to_state].title
        case "step":
            return context.spec.title if context.spec else None
        case "step_at":
            return local(context.now).isoformat()
        case "started_at" | "due_at":
            moment = getattr(run, source)
            return local(moment).isoformat() if moment else None
        case "outcome":
            return context.procedure.states[context.to_state].final
    return None


def _of_certificate(context: Context, key: str) -> Any:
    ident = context.run.facts.get("certificate")
    held = Certificate.objects.filter(pk=ident, run_id=context.run.id).first() if ident else None
    if held is None:
        return None
    match key:
        case "id":
            return str(held.pk)
        case "kind":
            return context.pack.exchange.certificates[held.kind].title
        case "number":
            return unseal(held.number) if held.number else None
        case "issuer":
            return held.issuer
        case "valid_until":
            return held.valid_until.isoformat() if held.valid_until else None
    return None
