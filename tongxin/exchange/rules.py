"""What a message holds, how it is signed, when it is tried again, what an answer means. Pure: no tables, no network, no clock."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tongxin.kernel.errors import Invalid
from tongxin.packs.schema import CertificateKind

WAITS_MINUTES = (1, 2, 5, 10, 30, 60, 120, 240, 360, 360, 360, 360, 360, 360)  # some 44 hours, then it stands still
MOST_WAIT_MINUTES = 360
ALGORITHMS = {"sha256": "v1", "sm3": "v1sm3"}  # of signatures: the international one, and that of GM/T 0004
RECEIPT_CHARS, TROUBLE_CHARS = 64, 300
_AGAIN = frozenset({408, 425, 429})


def body_of(
    *,
    message_id: str,
    district: str,
    kind: str,
    ref: str,
    number: int,
    at: datetime,
    purpose: str,
    data: Mapping[str, Any],
) -> str:
    """Return the message as CloudEvents 1.0 in JSON, the same bytes each time it is sent."""
    event = {
        "specversion": "1.0", "id": message_id, "source": f"tongxin/{district}", "type": kind, "subject": ref, "time": at.isoformat(),
        "sequence": str(number), "purpose": purpose, "datacontenttype": "application/json", "data": dict(data),
    }  # fmt: skip
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def headers_of(*, message_id: str, body: str, secret: str, algorithm: str, now: datetime) -> dict[str, str]:
    """Return the headers that sign a message as Standard Webhooks does: over id, time and body."""
    moment = str(int(now.timestamp()))
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8", "Accept": "application/json", "Idempotency-Key": message_id,
        "webhook-id": message_id, "webhook-timestamp": moment,
        "webhook-signature": signature(message_id=message_id, moment=moment, body=body, secret=secret, algorithm=algorithm),
    }  # fmt: skip


def signature(*, message_id: str, moment: str, body: str, secret: str, algorithm: str = "sha256") -> str:
    """Return ``v1,<base64>``; a secret that begins with ``whsec_`` is base64, any other is taken as it is."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    mac = hmac.new(key, f"{message_id}.{moment}.{body}".encode(), algorithm).digest()
    return f"{ALGORITHMS[algorithm]},{base64.b64encode(mac).decode()}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means: ``sent``, ``again`` or ``stuck``."""

    state: str
    trouble: str = ""
    receipt: str = ""
    wait: timedelta | None = None  # at least, as the other side asked


def judge(status: int, body: bytes, message_id: str, retry_after: str = "") -> Verdict:
    """Say what an answer means. Only 2xx JSON that names the message is a receipt: a gateway's page is none."""
    if 200 <= status < 300:
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return Verdict("again", f"答了 {status}，却不是约定的 JSON，不能算收到")
        if not isinstance(told, dict) or str(told.get("id")) != message_id:
            return Verdict("again", f"答了 {status}，却没有写明收到的是这一条")
        receipt = told.get("receipt")
        return Verdict("sent", receipt=receipt[:RECEIPT_CHARS] if isinstance(receipt, str) else "")
    if status in _AGAIN or status >= 500:
        seconds = int(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else 0
        return Verdict(
            "again", f"答了 {status}", wait=timedelta(seconds=min(seconds, MOST_WAIT_MINUTES * 60)) if seconds else None
        )
    if 300 <= status < 400:
        return Verdict("stuck", f"答了 {status}，要求转到别处；请核对地址")
    return Verdict("stuck", f"不收，答了 {status}：{_said(body)}")


def _said(body: bytes) -> str:
    """What the other side says, short and plain."""
    return (
        re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body[:2_000].decode("utf-8", "replace"))).strip()[:120]
        or "没有说明"
    )


def next_wait(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts; None when it has been tried enough."""
    return timedelta(minutes=WAITS_MINUTES[attempts - 1]) if attempts <= len(WAITS_MINUTES) else None


def mask(number: str, shown: int) -> str:
    """430302199001011234 → **************1234."""
    kept = min(shown, len(number) // 2)
    return "*" * (len(number) - kept) + number[len(number) - kept :]


def check_number(kind: CertificateKind, given: str, field: str) -> str:
    """Return a certificate's number in its one form. Raises Invalid where it cannot be one."""
    number = re.sub(r"\s", "", given).upper()
    if len(number) > 60 or re.fullmatch(kind.number, number) is None:
        raise Invalid("certificate_number", f"这不像{kind.title}的号码。", "请照证照上的原样再填一遍。", field)
    return number


def check_until(kind: CertificateKind, given: Any, today: date, field: str) -> date | None:
    """Return the day until which a certificate is valid. Raises Invalid when that is over."""
    if not given:
        return None
    until = date.fromisoformat(str(given))
    if until < today:
        raise Invalid(
            "certificate_over", f"{kind.title}已于 {until:%Y-%m-%d} 到期。", "请先换证，或换一种办法核验。", field
        )
    return until
