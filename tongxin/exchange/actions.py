"""Writes by people and programs: set a link, send again or give up, take in, open a number, forget numbers that are needed no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from tongxin.accounts import api as accounts
from tongxin.exchange import rules
from tongxin.exchange.models import Certificate, Endpoint, Message, Received
from tongxin.kernel import outbound
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.sealing import digest_of, unseal
from tongxin.organization import api as organization
from tongxin.organization.api import Actor, access
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Incoming
from tongxin.procedures import api as procedures
from tongxin.records import api as records

MANAGE = "manage_pack"
KEPT = timedelta(days=30)  # the content of a message that is not received


def set_endpoint(
    *,
    district: DistrictView,
    link: str,
    address: str,
    secret_from: str,
    now: datetime,
    algorithm: str = "sha256",
    key_id: int | None = None,
) -> Endpoint:
    """Say where a link's other system is (3 statements). For whoever runs the installation; nothing is sent here.

    Raises:
        NotFound: the pack names no such link, or there is no such key. Invalid: an address that is not HTTPS, a secret written down.
    """
    if link not in district.pack.exchange.links:
        known = "、".join(district.pack.exchange.links) or "（没有）"
        raise NotFound("no_link", f"资料包里没有和 {link} 的交换。", f"exchange.yaml 里有：{known}。", "link")
    if fault := outbound.fault_of_address(address):
        raise Invalid(
            "address_wrong", f"地址 {address[:100]} {fault}。", "例如 https://share.example.gov.cn/inbox。", "address"
        )
    if not secret_from.startswith(("env:", "file:/")):
        raise Invalid(
            "secret_wrong", "签名密钥不写在这里。", "写它在哪里：env:环境变量名 或 file:/文件路径。", "secret_from"
        )
    if algorithm not in rules.ALGORITHMS:
        raise Invalid(
            "algorithm_wrong", f"没有签名算法 {algorithm}。", f"可用：{'、'.join(rules.ALGORITHMS)}。", "algorithm"
        )
    if key_id is not None and key_id not in {
        key.pk for key in accounts.list_api_keys(district.id) if key.revoked_at is None
    }:
        raise NotFound(
            "no_key",
            "没有这个程序密钥，或者它已经停用。",
            "请在“管理 → 程序密钥”里新建，勾选“与别的系统交换”。",
            "key_id",
        )
    values = {"address": address, "secret_from": secret_from, "algorithm": algorithm, "key_id": key_id, "set_at": now}
    return Endpoint.objects.update_or_create(district_id=district.id, link=link, defaults=values)[0]


def drop_endpoint(*, district: DistrictView, link: str) -> bool:
    """Stop a link (1 statement): what waits goes on waiting, nothing new is written. Returns whether there was one."""
    return bool(Endpoint.objects.filter(district_id=district.id, link=link).delete()[0])


def send_again(*, district: DistrictView, message_id: str, actor: Actor, now: datetime) -> None:
    """Let a message that stands still go once more from the beginning (3 statements). Raises NotFound where it does not."""
    _settle_stuck(
        district,
        message_id,
        actor,
        now,
        "exchange.send_again",
        state="waiting",
        attempts=0,
        next_at=now,
        settled_at=None,
    )


def give_up(*, district: DistrictView, message_id: str, actor: Actor, now: datetime) -> None:
    """Drop a message that stands still; those behind it go (3 statements). Its content is erased."""
    _settle_stuck(district, message_id, actor, now, "exchange.give_up", state="dropped", body="", settled_at=now)


def _settle_stuck(
    district: DistrictView, message_id: str, actor: Actor, now: datetime, action: str, **changes: Any
) -> None:
    _demand(district, actor)
    with transaction.atomic():
        message = (
            Message.objects.select_for_update().filter(pk=message_id, district_id=district.id, state="stuck").first()
        )
        if message is None:
            raise NotFound("no_stuck", "这一条没有停住，或者已经有人处理过了。", "请刷新后再看。")
        Message.objects.filter(pk=message.pk).update(**changes)
        _note(
            actor,
            action,
            message.ref,
            {"link": message.link, "message": str(message.pk), "reason": message.trouble},
            now,
        )


def look_at_number(*, district: DistrictView, run_id: int, certificate_id: int, actor: Actor, now: datetime) -> str:
    """Return a certificate's whole number to somebody who handles the case; who looked is kept (2 statements).

    The caller has seen to it that this person may open the case.

    Raises:
        NotAllowed: not the holder, and no right to see personal data there. NotFound: erased, or never there.
    """
    run = procedures.get_run(district, run_id)
    if run is None or not (access.may(actor, "see_personal", run.area_id) or run.holder_post_id in actor.post_ids):
        raise access.refusal("see_personal")
    with transaction.atomic():
        held = Certificate.objects.filter(pk=certificate_id, run_id=run_id, district_id=district.id).first()
        number = unseal(held.number) if held is not None and held.number else None
        if held is None or number is None:
            raise NotFound("no_number", "号码已按期删除，只剩打码的。", "确有需要请请办事人重新提供。")
        _note(
            actor,
            "exchange.look_at_certificate",
            str(run.card.get("ref", "")),
            {"kind": held.kind, "certificate": held.pk},
            now,
        )
    return number


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking in a message tells; ``replayed`` when it had been taken before."""

    answer: dict[str, Any]
    replayed: bool


def take_in(
    *,
    district: DistrictView,
    link: str,
    key_id: int,
    message_id: str,
    kind: str,
    ref: str,
    data: Mapping[str, Any],
    now: datetime,
) -> Taken:
    """Take in one message of another system, once (4 statements, and those of the step).

    Args:
        key_id: the key it came with: only the link's own may speak for it.
        message_id: the other side's number of it: the same one gets the first answer.
        ref: of the case, which must have been sent over this link.

    Raises:
        NotFound: no such link, kind or case. NotAllowed: another program's key. Conflict: the id came before with something else.
        Invalid, Conflict: the step cannot be taken now; nothing is kept, the other side may try again.
    """
    endpoint = Endpoint.objects.filter(district_id=district.id, link=link).first()
    spec = district.pack.exchange.links.get(link)
    if endpoint is None or spec is None:
        raise NotFound("no_link", "本地方没有和这个系统交换。", "请核对地址。", "link")
    if endpoint.key_id != key_id:
        raise NotAllowed("not_its_key", "这个密钥不是给这个系统的。", "请用约定的密钥。", "api_key")
    incoming = spec.takes.get(kind)
    if incoming is None:
        raise NotFound("no_kind", f"这里不收“{kind[:40]}”。", f"收：{'、'.join(spec.takes) or '（没有）'}。", "type")
    digest = digest_of(json.dumps([kind, ref, data], ensure_ascii=False, sort_keys=True, default=str))
    if (before := _before(district, link, message_id, digest)) is not None:
        return before
    try:
        with transaction.atomic():
            run_id = _run_sent(district, link, ref)
            kept = Received.objects.create(
                district_id=district.id,
                link=link,
                message_id=message_id,
                kind=kind,
                run_id=run_id,
                digest=digest,
                at=now,
            )
            if incoming.certificate:
                state = _check_certificate(run_id, data, now)
            else:
                state = _take_step(district, run_id, incoming, data, f"x:{kept.pk}", spec.title, now)
            kept.answer = {"id": message_id, "ref": ref, "state": state}
            kept.save(update_fields=["answer"])
    except IntegrityError:  # the same message at the same time
        before = _before(district, link, message_id, digest)
        if before is None:
            raise
        return before
    return Taken(kept.answer, replayed=False)


def _before(district: DistrictView, link: str, message_id: str, digest: str) -> Taken | None:
    known = Received.objects.filter(district_id=district.id, link=link, message_id=message_id).first()
    if known is None:
        return None
    if known.digest != digest:
        raise Conflict("id_used", "这个消息号以前用过，内容却不同。", "每条消息请用自己的编号。", "id")
    return Taken(known.answer, replayed=True)


def _run_sent(district: DistrictView, link: str, ref: str) -> int:
    """The case of this number, if something about it went over this link."""
    found = (
        Message.objects.filter(district_id=district.id, link=link, ref=ref)
        .order_by("-number")
        .values_list("run_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound("not_sent", "没有送出过这个编号的件。", "只能答复送出过的件；请核对编号。", "subject")
    return found


def _take_step(
    district: DistrictView,
    run_id: int,
    incoming: Incoming,
    data: Mapping[str, Any],
    request_key: str,
    title: str,
    now: datetime,
) -> str:
    assert incoming.transition is not None
    form = {key: data[name] for key, name in incoming.form.items() if name in data}
    actor = replace(
        organization.system_actor(district), kind="program", name=title, label=title, may=frozenset({"system"})
    )
    acted = procedures.act(
        district=district,
        run_id=run_id,
        transition=incoming.transition,
        form=form,
        actor=actor,
        now=now,
        request_key=request_key,
    )
    return acted.run.state


def _check_certificate(run_id: int, data: Mapping[str, Any], now: datetime) -> str:
    valid, ident, until = data.get("valid"), str(data.get("certificate", "")), data.get("valid_until")
    if not isinstance(valid, bool) or not ident.isdecimal():
        raise Invalid("certificate_answer", "核验回音要有 certificate（引用号）和 valid（true 或 false）。", "", "data")
    changes: dict[str, Any] = {"valid": valid, "checked_at": now}
    if until is not None:
        try:
            changes["valid_until"] = date.fromisoformat(str(until))
        except ValueError:
            raise Invalid("certificate_until", "valid_until 不是日期。", "请写成 2026-01-31 的样子。", "data") from None
    if not Certificate.objects.filter(pk=int(ident), run_id=run_id).update(**changes):
        raise NotFound("no_certificate", "这一件没有这份证照。", "请核对引用号。", "data")
    return "valid" if valid else "not_valid"


def forget_numbers(now: datetime) -> int:
    """Erase the numbers of certificates whose case ended long enough ago (2 statements); returns how many.

    What has stood still or waited for as long as its content may be kept is not sent any more, and its content goes too.
    """
    old = Message.objects.filter(state__in=("waiting", "stuck"), written_at__lt=now - KEPT)
    old.update(state="dropped", body="", settled_at=now, trouble=f"{KEPT.days} 天没有送成，内容已按期删除")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exchange_certificate c SET number = '' FROM procedures_run r WHERE r.id = c.run_id AND c.number <> '' "
            "AND r.finished_at < %s - make_interval(days => c.erase_after_days)",
            [now],
        )
        return int(cursor.rowcount)


def _demand(district: DistrictView, actor: Actor) -> None:
    if actor.district_id != district.id:
        raise access.refusal(MANAGE)
    access.demand_all(actor, MANAGE, ())


def _note(actor: Actor, action: str, target: str, detail: dict[str, Any], now: datetime) -> None:
    records.audit(
        district_id=actor.district_id,
        user_id=actor.user_id,
        actor_label=actor.label,
        action=action,
        target=target,
        detail=detail,
        now=now,
    )
