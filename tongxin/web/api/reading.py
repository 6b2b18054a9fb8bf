"""Reading a request's body: kind, size, encoding, JSON, and the typed form; every fault becomes a sentence. Writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, ValidationError

from tongxin.kernel.errors import Invalid, Invalids
from tongxin.web.api.answers import Malformed, TooLarge, WrongType
from tongxin.web.request import JSON

BODY_BYTES = 256 * 1024
KEY_CHARS = 128

M = TypeVar("M", bound="Given")


class Given(BaseModel):
    """A body that somebody sends: unknown fields are refused, values keep their JSON types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def read_bytes(request: HttpRequest, most: int = BODY_BYTES) -> bytes:
    """Return the body, or refuse it unread when it is longer than ``most`` bytes."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > most:
        raise too_large(most)
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_large(most) from None
    if len(body) > most:
        raise too_large(most)
    return body


def too_large(most: int) -> TooLarge:
    """The refusal of a body beyond ``most`` bytes."""
    shown = f"{most // 1024} KB" if most < 1024 * 1024 else f"{most // 1024 // 1024} MB"
    return TooLarge(
        "body_too_large", f"请求内容太大，最多 {shown}。", "请分开提交；照片请先经 /photos 上传。", limit_bytes=most
    )


def read_json(request: HttpRequest, model: type[M]) -> M:
    """Return the JSON body as ``model``.

    Raises:
        WrongType (415), TooLarge (413), Malformed (400), Invalids (422, one entry for each field).
    """
    if request.content_type != JSON:
        raise WrongType(
            "wrong_type",
            f"请求内容的类型是“{(request.content_type or '没有写明')[:60]}”，这里只读 JSON。",
            "请以 Content-Type: application/json 发送 UTF-8 编码的 JSON。",
        )
    charset = request.content_params.get("charset") if request.content_params else None
    if charset and charset.lower().strip('"') not in ("utf-8", "utf8"):
        raise _encoding()
    body = read_bytes(request)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise refusal_of(error.errors(include_url=False), body) from None


def refusal_of(errors: Iterable[Any], body: bytes = b"") -> Malformed | Invalids:
    """Return what pydantic found as one refusal in plain words."""
    found = list(errors)
    if found and found[0]["type"] == "json_invalid":
        try:
            body.decode()
        except UnicodeDecodeError:
            return _encoding()
        return Malformed(
            "not_json", "请求内容不是正确的 JSON。", "请检查引号、括号和逗号。", detail=str(found[0]["ctx"]["error"])
        )
    return Invalids([_fault(error) for error in found])


def _encoding() -> Malformed:
    return Malformed("not_utf8", "请求内容不是 UTF-8 编码。", "请转成 UTF-8 再发送。")


def _fault(error: Any) -> Invalid:
    where = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path", "header"))
    field, kind, ctx = where[:80], error["type"], error.get("ctx", {})
    given = error.get("input")
    match kind:
        case "missing":
            return Invalid("required", f"缺少“{field}”。", "请补上这一项。", field)
        case "string_too_short":
            return Invalid("required", f"“{field}”太短或没有填。", f"至少 {ctx['min_length']} 个字。", field)
        case "extra_forbidden":
            return Invalid("unknown_field", f"没有“{field}”这一项。", "请去掉它；可用的各项见 /api/。", field)
        case "string_too_long":
            most = ctx["max_length"]
            long = f"有 {len(given)} 个字" if isinstance(given, str) else "太长"
            return Invalid(
                "text_too_long", f"“{field}”{long}，最多 {most} 个字。", "请删减后再提交。", field, limit=most
            )
        case "too_long":
            most = ctx["max_length"]
            return Invalid("too_many", f"“{field}”最多 {most} 个。", "请去掉几个。", field, limit=most)
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            bound = next(iter(ctx.values()))
            word = "不小于" if kind.startswith("greater") else "不大于"
            return Invalid("out_of_range", f"“{field}”应{word} {bound}。", "请改为范围内的数。", field, limit=bound)
        case "string_pattern_mismatch":
            return Invalid("bad_form", f"“{field}”的写法不对。", f"应符合 {ctx['pattern']}。", field)
        case "literal_error" | "enum":
            return Invalid("choice", f"“{field}”没有这个选项。", f"可用的是 {ctx['expected']}。", field)
    wanted = _WANTED.get(kind.split("_")[0], "")
    return Invalid("wrong_kind", f"“{field or '请求内容'}”的值不合要求。", wanted, field, detail=error["msg"][:200])


_WANTED = {
    "string": "这里要填文字。",
    "float": "这里要填数字，不加引号。",
    "int": "这里要填整数，不加引号。",
    "bool": "这里要填 true 或 false。",
    "datetime": "这里要填带时区的时间，例如 2026-01-31T09:30:00+08:00。",
    "timezone": "这里要填带时区的时间，例如 2026-01-31T09:30:00+08:00。",
    "date": "这里要填日期，例如 2026-01-31。",
    "list": "这里要填数组。",
    "dict": "这里要填对象。",
    "model": "这里要填 JSON 对象。",
    "uuid": "这里要填编号。",
    "finite": "这里要填有限的数。",
}


def request_key(request: HttpRequest, scope: str) -> str | None:
    """Return what makes this request the same as an earlier one, from its ``Idempotency-Key`` header; None without one.

    The key counts together with who asks and what is sent: another body under the same key is another request, and nobody
    gets another's receipt by guessing a key.

    Args:
        scope: who asks, e.g. ``key:7`` or ``anonymous``, and what for.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not key:
        return None
    if len(key) > KEY_CHARS or not key.isascii() or not key.isprintable():
        raise Invalid(
            "bad_idempotency_key",
            "Idempotency-Key 的写法不对。",
            f"请用 1 到 {KEY_CHARS} 个可见的英文字符，例如一个 UUID。",
            "Idempotency-Key",
            limit=KEY_CHARS,
        )
    seal = hashlib.blake2b(digest_size=24)
    for part in (scope.encode(), key.encode(), request.body):
        seal.update(len(part).to_bytes(8, "big") + part)
    return seal.hexdigest()


def no_nul(values: Iterable[str]) -> None:
    """Refuse texts of an address or a query that hold the character zero, which no database text can."""
    if "\x00" in "".join(values):
        raise Invalid("nul", "请求里有不可见的零字符。", "请去掉它再提交。")
