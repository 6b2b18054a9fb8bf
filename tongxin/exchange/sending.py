"""Sending what waits in the outbox: claimed under a lease, sent outside any transaction, settled afterwards. At least once; the id makes it once.

A process that dies between sending and settling lets the lease run out; the message goes again with the same id and the other side knows it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction

from tongxin.exchange import rules
from tongxin.exchange.models import Endpoint, Message
from tongxin.exchange.queries import MAY_GO
from tongxin.exchange.rules import Verdict
from tongxin.kernel import limits, outbound
from tongxin.kernel.sealing import named_secret, unseal

LEASE = timedelta(minutes=3)
AT_ONCE = 20
ANSWER_SECONDS = 8.0
log = logging.getLogger("tongxin.exchange")

_CLAIM = f"""
UPDATE exchange_message SET next_at = %s, attempts = attempts + 1 WHERE id IN (
    SELECT m.id FROM {MAY_GO} AND m.next_at <= %s ORDER BY m.next_at, m.number LIMIT %s FOR UPDATE OF m SKIP LOCKED)
RETURNING id
"""  # noqa: S608


def send_due(now: Callable[[], datetime]) -> int:
    """Send what is due, a few at once; return how many were settled (2 statements, 1 more each).

    A link that does not answer is not asked again in the same round: the others of it wait with the first.
    """
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [moment + LEASE, moment, AT_ONCE])
        claimed = [row[0] for row in cursor.fetchall()]
    if not claimed:
        return 0
    settled, silent = 0, set[tuple[int, str]]()
    links = {(one.district_id, one.link): one for one in Endpoint.objects.all()}
    for message in Message.objects.filter(pk__in=claimed).order_by("number"):
        place = (message.district_id, message.link)
        if place in silent or place not in links:
            _put_back(message, moment)
            continue
        verdict, answered = send_one(links[place], message, now())
        if not answered:
            silent.add(place)
        settled += _settle(message, verdict, now())
    return settled


def send_one(endpoint: Endpoint, message: Message, now: datetime) -> tuple[Verdict, bool]:
    """Send one message (no statement, 1 request); return what came of it, and whether the other side answered at all."""
    body = unseal(message.body)
    if body is None:
        return Verdict("stuck", "内容打不开了（SECRET_KEY 换过）"), True
    return post(endpoint, str(message.id), body, now)


def post(endpoint: Endpoint, message_id: str, body: str, now: datetime) -> tuple[Verdict, bool]:
    """Post a body to a link, signed; return what the answer means, and whether there was one."""
    from requests import RequestException, exceptions

    secret = named_secret(endpoint.secret_from)
    if not secret:
        return Verdict("again", f"读不到签名密钥（{endpoint.secret_from}）"), False
    headers = rules.headers_of(message_id=message_id, body=body, secret=secret, algorithm=endpoint.algorithm, now=now)
    try:
        with outbound.open_session(seconds=ANSWER_SECONDS, most_bytes=limits.EXCHANGE_ANSWER_BYTES) as session:
            answer = session.post(endpoint.address, data=body.encode(), headers=headers)
    except exceptions.TooManyRedirects:
        return Verdict("stuck", "要求转到别处；请核对地址"), True
    except exceptions.ContentDecodingError:
        return Verdict("again", "答得太长，不能算收到"), True
    except exceptions.Timeout:
        return Verdict("again", f"{ANSWER_SECONDS:g} 秒没有答完"), False
    except exceptions.SSLError:
        return Verdict("again", "证书核对不上"), False
    except (RequestException, ValueError):
        return Verdict("again", "连接不上，或中途断了"), False
    return rules.judge(answer.status_code, answer.content, message_id, answer.headers.get("Retry-After", "")), True


def _settle(message: Message, verdict: Verdict, now: datetime) -> int:
    """Keep what came of it (1 statement), unless somebody has settled it meanwhile."""
    mine = Message.objects.filter(pk=message.pk, state="waiting", attempts=message.attempts)
    trouble = verdict.trouble[: rules.TROUBLE_CHARS]
    if verdict.state == "sent":
        return mine.update(state="sent", body="", receipt=verdict.receipt, trouble="", settled_at=now)
    wait = rules.next_wait(message.attempts)
    if verdict.state == "stuck" or wait is None:
        log.warning("message %s to %s stands still: %s", message.pk, message.link, trouble[:80])
        return mine.update(state="stuck", trouble=trouble, settled_at=now)
    return mine.update(next_at=now + max(wait, verdict.wait or wait), trouble=trouble)


def _put_back(message: Message, moment: datetime) -> None:
    """Not tried after all: wait a minute, without counting."""
    with transaction.atomic():
        Message.objects.filter(pk=message.pk, attempts=message.attempts).update(
            attempts=message.attempts - 1, next_at=moment + timedelta(minutes=1)
        )
