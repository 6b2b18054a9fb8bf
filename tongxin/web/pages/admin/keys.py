"""Keys of programs: made and shown once, ended."""

from __future__ import annotations

from typing import Any

from tongxin.accounts import api as accounts
from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.kernel.typed import number_in
from tongxin.organization import api as organization
from tongxin.organization.api import PERMISSIONS, PROGRAMS_MAY
from tongxin.web import shown_once
from tongxin.web.fields import Field
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.people import MANAGE
from tongxin.web.request import Request

FIELDS = [
    Field("name", "给谁、做什么用", required=True, max=limits.TITLE_CHARS, help="例如：某局接诉即办系统对接。"),
    Field(
        "may", "可以做什么", "units", required=True, choices=[(key, PERMISSIONS[key]) for key in PROGRAMS_MAY],
        help="只给用得着的。个人信息、人员、地域和资料包不交给程序。",
    ),
    Field("per_minute", "每分钟最多请求", "number", required=True, value=600, min=1, max=100_000),
]  # fmt: skip


@page("/admin/keys", audience="admin", permission=MANAGE, title="程序密钥", icon="key", nav=70)
def keys(request: Request) -> Shown:
    """List the keys; make one, whose secret stands in this answer only; end one (1 statement)."""
    return shown_once.answer(request, KEYS)


def _make(request: Request, given: dict[str, Any]) -> str:
    per_minute = number_in(given.get("per_minute", ""))
    if per_minute is None:
        raise Invalid("per_minute_wrong", "每分钟上限要填一个数。", "例如 600。", "per_minute")
    return organization.issue_key(
        district=request.district, name=given.get("name", ""), may=given.get("may", []), per_minute=per_minute,
        actor=request.actor, now=request.now,
    )[1]  # fmt: skip


def _end(request: Request, ident: int) -> None:
    organization.end_key(district=request.district, key_id=ident, actor=request.actor, now=request.now)


def _rows(request: Request) -> list[Any]:
    found = accounts.list_api_keys(request.district.id)
    return [(key, [PERMISSIONS.get(one, one) for one in key.may]) for key in found]


KEYS = shown_once.Kind(
    page="admin_keys", template="admin/keys.html", fields=FIELDS, make=_make, end=_end, rows=_rows,
    ended="密钥已停用，用它的程序下一次请求就会被拒绝。",
)  # fmt: skip
