"""Messages of other systems: one address a link, the link's own key, the same id acts once."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Path, Router
from pydantic import Field, StringConstraints

from tongxin.exchange import api as exchange
from tongxin.web.api.answers import answer
from tongxin.web.api.callers import LOOKS, admit, caller_of, key_needed
from tongxin.web.api.reading import read_json
from tongxin.web.api.v1.describe import KEY, answers, posts
from tongxin.web.api.v1.given import MessageIn
from tongxin.web.api.v1.shown.base import Shown
from tongxin.web.request import Request

router = Router(tags=["数据交换"])
Link = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class MessageTakenOut(Shown):
    """收到了。"""

    id: str = Field(description="对方的消息号")
    ref: str = Field(description="编号")
    state: str = Field(description="这一件现在的环节；证照核验为 valid 或 not_valid")
    replayed: bool = Field(description="以前收过，答的是第一次的结果")


@router.post(
    "/{link}",
    response=answers(MessageTakenOut, 400, 401, 403, 404, 409, 413, 415, created=True),
    openapi_extra=posts(MessageIn, KEY, resend=False),
    summary="收别的系统送来的一条消息",
)
def take_message(
    request: Request, link: Annotated[Link, Path(description="系统的键，见资料包 exchange.yaml")]
) -> HttpResponse:
    """新的 201，收过的 200。要有“与别的系统交换”、并由运维指定给这个系统的密钥；只能办送出过的件。约 6 条语句，另加走一步的。"""
    caller = caller_of(request)
    admit(request, caller, "exchange", LOOKS)
    if caller.key is None:
        raise key_needed()
    caller.demand("exchange")
    given = read_json(request, MessageIn)
    taken = exchange.take_in(
        district=request.district, link=link, key_id=caller.key.pk, message_id=given.id, kind=given.type, ref=given.subject,
        data=given.data, now=request.now,
    )  # fmt: skip
    return answer(MessageTakenOut(**taken.answer, replayed=taken.replayed), 200 if taken.replayed else 201)
